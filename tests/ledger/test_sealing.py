"""The audit trail is a chain: whoever changes it by hand is found, and where."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse

from accounts.models import User
from common import clock
from ledger.models import AuditChain, AuditEntry, AuditHead
from ledger.operations import record_audit
from ledger.sealing import check_chain, checkpoint, drop_entries, publish_head, seal_entries, seal_everything
from tests.concurrency import at_once
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


def write(count: int, actor: User | None = None, action: str = "ledger.cancel_job") -> list[AuditEntry]:
    target = actor or make_user(f"nguoi-{AuditEntry.objects.count()}")
    return [record_audit(actor=actor, action=action, target=target, fields=["phone", "name"]) for _ in range(count)]


def faults() -> list[tuple[int, str]]:
    return [(fault.number, fault.words) for fault in check_chain().faults]


def verify(*args: str) -> str:
    out = io.StringIO()
    call_command("verify_audit", *args, stdout=out, stderr=io.StringIO())
    return out.getvalue()


class TestSealing:
    def test_entries_are_numbered_without_gaps_in_the_order_they_were_written(self):
        write(3)
        with transaction.atomic():
            write(1)
            transaction.set_rollback(True)  # takes an id that is never used
        write(2)
        assert seal_entries(most=4) == 4
        assert seal_everything() == 1
        assert seal_everything() == 0
        assert list(AuditEntry.objects.order_by("pk").values_list("number", flat=True)) == [1, 2, 3, 4, 5]
        assert len(set(AuditEntry.objects.values_list("digest", flat=True))) == 5
        assert faults() == []

    def test_what_is_not_sealed_yet_is_counted(self):
        write(2)
        seal_everything()
        write(3)
        report = check_chain()
        assert (report.first, report.last, report.unsealed, report.faults) == (1, 2, 3, [])

    def test_an_empty_chain_holds(self):
        assert "entries 0 to 0, 0 not sealed yet" in verify()

    def test_an_unknown_action_is_refused(self):
        with pytest.raises(ValueError, match=r"no app registered the action people\.no_such"):
            write(1, action="people.no_such")
        assert not AuditEntry.objects.exists()

    def test_an_erased_login_does_not_break_it(self):
        user = make_user("sap-xoa")
        number = user.pk
        write(2, actor=user)
        seal_everything()
        user.delete()
        assert AuditEntry.objects.filter(actor_id=number).count() == 2
        assert AuditEntry.objects.select_related("actor").first().actor is None
        assert faults() == []


@pytest.fixture
def sealed() -> list[AuditEntry]:
    entries = write(6)
    seal_everything()
    return entries


class TestTampering:
    @pytest.mark.parametrize("number", [1, 3, 6])
    @pytest.mark.parametrize(
        "change",
        [
            {"action": "people.grant_role"},
            {"actor_id": 4711},
            {"target_id": "9"},
            {"unit_path": "/1/2/"},
            {"fields": []},
            {"count": 7},
            {"at": clock.now() - timedelta(days=3)},
        ],
    )
    def test_a_changed_row_is_named(self, sealed, number, change):
        AuditEntry.objects.filter(number=number).update(**change)
        assert faults() == [(number, "không khớp niêm phong: dòng này đã bị sửa")]
        with pytest.raises(CommandError, match=f"broken at entry {number}$"):
            verify()

    @pytest.mark.parametrize("number", [1, 4])
    def test_a_deleted_row_is_named(self, sealed, number):
        AuditEntry.objects.filter(number=number).delete()
        assert faults() == [(number, "đã bị mất")]

    def test_the_last_one_included(self, sealed):
        AuditEntry.objects.filter(number=6).delete()
        assert faults() == [(6, "đã bị mất")]
        with pytest.raises(CommandError, match=r"broken at entry 6$"):
            verify()

    def test_all_of_them(self, sealed):
        AuditEntry.objects.all().delete()
        assert faults() == [(1, "đã bị mất, cùng mọi dòng tới 6")]

    def test_the_last_one_together_with_the_record_of_the_end(self, sealed):
        """Somebody who knows how it works: the published head still names the entry."""
        publish_head()
        AuditEntry.objects.filter(number=6).delete()
        fifth = AuditEntry.objects.get(number=5)
        AuditChain.objects.update(number=5, digest=fifth.digest)
        assert [number for number, _words in faults()] == [6]

    def test_a_row_put_in_or_sealed_by_hand(self, sealed):
        entry = write(1)[0]
        AuditEntry.objects.filter(pk=entry.pk).update(number=7, digest="f" * 64)
        assert [number for number, _words in faults()] == [7, 7]  # does not fit, and stands after the end

    def test_rows_that_changed_places(self, sealed):
        second, third = (AuditEntry.objects.get(number=n) for n in (2, 3))
        AuditEntry.objects.filter(pk=second.pk).update(number=99)
        AuditEntry.objects.filter(pk=third.pk).update(number=2)
        AuditEntry.objects.filter(pk=second.pk).update(number=3)
        assert faults()[0][0] == 2

    def test_a_chain_made_anew_is_caught_by_a_noted_seal(self, sealed):
        """Everything rewritten, all seals computed again: only a copy outside knows."""
        noted = publish_head()
        AuditEntry.objects.filter(number=2).update(action="people.grant_role")
        AuditEntry.objects.update(number=None, digest="")
        AuditChain.objects.all().delete()
        AuditHead.objects.all().delete()
        seal_everything()
        assert faults() == []
        with pytest.raises(CommandError, match=r"broken at entry 6$"):
            verify("--head", f"6:{noted.digest}")
        with pytest.raises(CommandError, match="--head"):
            verify("--head", "6:abc")


class TestPublishing:
    def test_one_head_a_day_that_fits(self, sealed):
        head = publish_head()
        write(2)
        assert publish_head() == head
        assert (head.number, head.first_fault) == (6, None)
        assert "holds" in verify("--head", f"6: {head.digest[:30]} {head.digest[30:]}")
        assert f"head 8:{AuditEntry.objects.get(number=8).digest}" in verify("--head", f"6:{head.digest}")

    def test_a_broken_chain_is_published_as_broken(self, sealed, client):
        AuditEntry.objects.filter(number=3).delete()
        assert publish_head().first_fault == 3
        assert "hỏng tại dòng 3" in client.get(reverse("audit_seals")).content.decode()

    def test_everybody_reads_the_seals(self, sealed, client, django_assert_num_queries):
        head = publish_head()
        page = client.get(reverse("audit_seals")).content.decode()
        assert " ".join(head.digest[start : start + 8] for start in range(0, 64, 8)) in page
        with django_assert_num_queries(1):
            data = client.get(reverse("audit_seals_data")).json()
        assert data["seals"] == [
            {"day": clock.today().isoformat(), "number": 6, "digest": head.digest, "first_fault": None}
        ]


class TestKeeping:
    def test_old_entries_go_and_the_chain_goes_on_from_the_checkpoint(self, sealed):
        old = publish_head(at=clock.now() - timedelta(days=400))
        write(3)
        publish_head()
        before = clock.now() - timedelta(days=365)
        assert drop_entries(before, dry_run=True) == 6
        assert AuditEntry.objects.count() == 9
        assert drop_entries(before, dry_run=False) == 6
        assert drop_entries(before, dry_run=False) == 0
        assert checkpoint() == AuditHead.objects.get(pk=old.pk)
        report = check_chain()
        assert (report.first, report.last, report.faults) == (7, 9, [])

    def test_more_than_the_rule_removed_is_found(self, sealed):
        publish_head(at=clock.now() - timedelta(days=400))
        write(3)
        publish_head()
        drop_entries(clock.now() - timedelta(days=365), dry_run=False)
        AuditEntry.objects.filter(number=7).delete()
        assert [number for number, _words in faults()] == [7]

    def test_evidence_stays(self, sealed):
        publish_head(at=clock.now() - timedelta(days=400))
        AuditEntry.objects.filter(number=2).update(count=9)
        publish_head()
        assert drop_entries(clock.now() - timedelta(days=365), dry_run=False) == 0
        assert AuditEntry.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_two_at_once_seal_every_entry_once():
    write(40)

    def seal() -> int:
        total = 0
        while sealed := seal_entries(most=3):
            total += sealed
        return total

    assert sum(at_once(seal, seal, seal)) == 40
    assert sorted(AuditEntry.objects.values_list("number", flat=True)) == list(range(1, 41))
    assert check_chain().faults == []
