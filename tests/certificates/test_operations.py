"""Issuing, revoking, asking for a print."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from certificates import operations
from certificates.exceptions import (
    AlreadyRevoked,
    NoIssuingBody,
    NothingToPrint,
    ReasonMissing,
    ReasonTooLong,
    TooManyToPrint,
)
from certificates.models import Certificate, IssuingBody, Register
from ledger.enums import JobStatus
from ledger.models import AuditEntry, Job
from tests.concurrency import at_once
from tests.factories import certificates as make
from tests.factories import places
from tests.factories.people import make_official, make_person

NOVEMBER = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def issue(achievement: str, unit=None, person=None, at=NOVEMBER, **fields) -> Certificate:
    unit = unit or places.village()
    return operations.issue_certificate(
        achievement=achievement,
        subject="course:1",
        person=person or make_person("Nguyễn Thị Ngọc Ánh", birth_year=1961, residence=unit),
        unit=unit,
        achievement_lines=make.ACHIEVEMENT,
        at=at,
        **fields,
    )


@pytest.mark.django_db
class TestIssue:
    def test_words_number_code_and_trail(self):
        make.make_body()
        make.make_body(places.commune())
        official = make_official(places.commune())
        certificate = issue("course-completion:1", by=official)
        assert certificate.serial == "0001/2026/CN-ĐT"
        assert certificate.text["place_and_date"] == "Đồng Tiến, ngày 23 tháng 11 năm 2026"
        assert certificate.issued_on.isoformat() == "2026-11-23"
        assert (certificate.issued_by, certificate.template) == (official, "completion-1")
        entry = AuditEntry.objects.get(action="certificates.issue")
        assert (entry.actor, entry.target_id, entry.unit_path) == (
            official,
            str(certificate.pk),
            places.village().path,
        )

    def test_again_gives_the_same_one(self):
        make.make_body()
        first = issue("course-completion:1")
        assert issue("course-completion:1") == first
        assert Certificate.objects.count() == AuditEntry.objects.filter(action="certificates.issue").count() == 1
        assert Register.objects.get().last_number == 1

    def test_later_changes_of_name_and_body_change_nothing_that_was_issued(self):
        body = make.make_body()
        certificate = issue("course-completion:1")
        certificate.person.full_name = "Tên Khác"
        certificate.person.save()
        body.signatory_name = "Người Khác"
        body.save()
        certificate.refresh_from_db()
        assert certificate.text["holder"] == "Nguyễn Thị Ngọc Ánh"
        assert certificate.text["signatory_name"] == "Trần Văn Khải"

    def test_numbers_run_without_a_gap_in_each_book_and_year(self):
        make.make_body()
        make.make_body(places.commune())
        here, elsewhere = places.village(), places.commune("16099", "Tân Sơn")
        for number in range(3):
            issue(f"here:{number}")
            issue(f"elsewhere:{number}", unit=elsewhere)
        issue("next-year", at=datetime(2026, 12, 31, 17, 0, tzinfo=UTC))  # already 1 January in Viet Nam
        serials = list(Certificate.objects.order_by("register", "number").values_list("text__serial", flat=True))
        assert sorted(serials) == [
            "0001/2026/CN-TS",
            "0001/2026/CN-ĐT",
            "0001/2027/CN-ĐT",
            "0002/2026/CN-TS",
            "0002/2026/CN-ĐT",
            "0003/2026/CN-TS",
            "0003/2026/CN-ĐT",
        ]
        assert Certificate.objects.within(here).count() == 4

    def test_a_rollback_takes_its_number_back(self):
        make.make_body()
        point = transaction.savepoint()
        assert issue("lost").number == 1
        transaction.savepoint_rollback(point)
        assert issue("kept").number == 1

    def test_the_closest_body_issues(self):
        everywhere, province = make.make_body(), make.make_body(places.province(), serial_suffix="CN-LG")
        commune = make.make_body(places.commune())
        neighbour = places.commune("160", "Ngắn")  # a code that begins another's code is not above it
        assert issue("a").register.body == commune
        assert issue("b", unit=neighbour).register.body == province
        assert issue("c", unit=places.province("40", "Nghi Lộc")).register.body == everywhere
        without_place = operations.issue_certificate(
            achievement="d",
            subject="course:1",
            person=make_person(),
            unit=None,
            achievement_lines=make.ACHIEVEMENT,
        )
        assert without_place.register.body == everywhere
        assert without_place.text["about"] == "Sinh năm 1984"

    def test_without_any_body_it_refuses_and_leaves_nothing(self):
        with pytest.raises(NoIssuingBody) as refusal:
            issue("a")
        assert refusal.value.code == "certificates-no-issuing-body"
        assert not Certificate.objects.exists()
        assert not Register.objects.exists()

    def test_one_body_for_everywhere_else(self):
        make.make_body()
        with pytest.raises(IntegrityError), transaction.atomic():
            IssuingBody.objects.create(name="Khác", place="x", signatory_title="x", signatory_name="x")


@pytest.mark.django_db(transaction=True)
def test_issuing_at_once_gives_every_number_once():
    make.make_body()
    people = [make_person(f"Trần Văn {number}", residence=places.village()) for number in range(6)]
    calls = [partial(issue, f"achievement:{number}", person=person) for number, person in enumerate(people)]
    outcomes = at_once(*calls)
    assert sorted(certificate.number for certificate in outcomes) == [1, 2, 3, 4, 5, 6]
    assert Register.objects.get().last_number == 6


@pytest.mark.django_db(transaction=True)
def test_issuing_the_same_at_once_gives_one_certificate():
    make.make_body()
    person = make_person(residence=places.village())
    outcomes = at_once(*[partial(issue, "achievement:1", person=person) for _ in range(4)])
    assert len({certificate.pk for certificate in outcomes}) == 1
    assert Certificate.objects.count() == 1
    assert Register.objects.get().last_number == 1


@pytest.mark.django_db
class TestRevoke:
    def test_it_is_void_with_its_reason_and_keeps_its_number(self):
        certificate = make.make_certificate()
        official = make_official(places.commune())
        operations.revoke_certificate(certificate=certificate, reason="  Ghi sai\nhọ tên ", by=official, at=NOVEMBER)
        certificate.refresh_from_db()
        assert (certificate.revoked_at, certificate.revoked_reason) == (NOVEMBER, "Ghi sai họ tên")
        assert not Certificate.objects.valid().exists()
        assert AuditEntry.objects.get(action="certificates.revoke").actor == official
        assert make.make_certificate().number == 2

    def test_again_keeps_the_first_reason(self):
        certificate = make.make_certificate()
        operations.revoke_certificate(certificate=certificate, reason="Một", by=None)
        operations.revoke_certificate(certificate=certificate, reason="Hai", by=None)
        certificate.refresh_from_db()
        assert certificate.revoked_reason == "Một"
        assert AuditEntry.objects.filter(action="certificates.revoke").count() == 1

    @pytest.mark.parametrize(("reason", "refusal"), [(" \u200b ", ReasonMissing), ("a" * 301, ReasonTooLong)])
    def test_it_needs_a_reason(self, reason, refusal):
        certificate = make.make_certificate()
        with pytest.raises(refusal):
            operations.revoke_certificate(certificate=certificate, reason=reason, by=None)
        certificate.refresh_from_db()
        assert certificate.revoked_at is None

    def test_a_revoked_one_is_not_issued_again_by_itself(self):
        make.make_body()
        certificate = issue("course-completion:1")
        operations.revoke_certificate(certificate=certificate, reason="Nhầm người", by=None)
        with pytest.raises(AlreadyRevoked):
            issue("course-completion:1")
        assert Certificate.objects.count() == 1


@pytest.mark.django_db
class TestRequestPrint:
    def test_one_job_in_the_order_of_the_pile(self):
        upper, lower = places.village("t02", "Đông"), places.village("t01", "An")
        hoa = make.make_certificate("Trần Thị Hoa", unit=upper)
        an = make.make_certificate("Trần Thị Ánh", unit=upper)
        xuan = make.make_certificate("Lê Xuân", unit=lower)
        far = make.make_certificate("Đỗ An", unit=places.commune("16099", "Bắc Sơn"))
        official = make_official(places.province())
        job = operations.request_print(certificate_ids=[hoa.pk, an.pk, xuan.pk, far.pk, hoa.pk], by=official)
        assert job.kind == "certificates.print"
        assert job.params == {"ids": [far.pk, xuan.pk, an.pk, hoa.pk]}
        assert job.created_by == official

    def test_a_second_press_finds_the_first_job(self):
        certificate = make.make_certificate()
        official, other = make_official(places.commune()), make_official(places.commune())
        first = operations.request_print(certificate_ids=[certificate.pk], by=official)
        assert operations.request_print(certificate_ids=[certificate.pk], by=official) == first
        assert operations.request_print(certificate_ids=[certificate.pk], by=other) != first
        Job.objects.filter(pk=first.pk).update(status=JobStatus.DONE, finished_at=NOVEMBER)
        assert operations.request_print(certificate_ids=[certificate.pk], by=official) != first

    def test_refusals(self):
        with pytest.raises(NothingToPrint):
            operations.request_print(certificate_ids=[], by=None)
        with pytest.raises(TooManyToPrint) as refusal, translation.override("en"):
            operations.request_print(certificate_ids=range(1, 5_002), by=None)
        assert refusal.value.code == "certificates-too-many-to-print"
        with translation.override("en"):
            assert "5001" in str(refusal.value)
        assert not Job.objects.exists()
