"""The audit trail as auditors read it: their units, in words, by days and kinds; taken away as a workbook."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from common import clock
from ledger.models import AuditEntry, AuditHead
from ledger.operations import record_audit
from ledger.sealing import publish_head
from people.enums import Role
from people.operations.roles import grant_role
from people.personal_data import personal_records
from people.trail import can_see_entry, entries_visible_to
from tests.factories import places
from tests.factories.people import make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def commune():
    return places.commune()


@pytest.fixture
def auditor(commune):
    user = make_user("kiem-soat")
    grant_role(user=user, role=Role.AUDITOR, unit=commune.parent, by=None)
    return user


def read(client, user, **query) -> str:
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.get(reverse("trail"), query).content.decode()


class TestWhoReadsWhat:
    def test_one_s_own_units_former_ones_included(self, auditor, commune):
        former = places.commune("70001", "Xã cũ", commune.parent)
        type(former).objects.filter(pk=former.pk).update(present_path=commune.path)
        elsewhere = places.commune("90001", "Xã xa", places.province("90", "Tỉnh khác"))
        here, before, away, nowhere = (
            record_audit(actor=auditor, action="people.set_pin", target=auditor, unit=unit)
            for unit in (commune, former, elsewhere, None)
        )
        seen = set(entries_visible_to(auditor))
        assert {here, before} <= seen
        assert not {away, nowhere} & seen
        everything = make_user("tat-ca", is_superuser=True)
        assert {here, before, away, nowhere} <= set(entries_visible_to(everything))

    def test_the_list_and_the_rule_agree(self, auditor, commune):
        official = make_user("can-bo")
        grant_role(user=official, role=Role.OFFICIAL, unit=commune, by=None)
        for unit in (commune, commune.parent, places.province("90", "Tỉnh khác"), None):
            record_audit(actor=official, action="people.set_pin", target=official, unit=unit)
        pairs = 0
        for user in (auditor, official, make_user("khach"), make_user("tat-ca", is_superuser=True)):
            listed = set(entries_visible_to(user))
            for entry in AuditEntry.objects.all():
                pairs += 1
                assert can_see_entry(user, entry) == (entry in listed)
        assert pairs == 4 * 6

    def test_an_official_does_not_read_about_their_own_deeds(self, client, commune):
        official = make_user("can-bo")
        grant_role(user=official, role=Role.OFFICIAL, unit=commune, by=None)
        client.force_login(official, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert client.get(reverse("trail")).status_code == 403


class TestThePage:
    def test_it_says_who_did_what_to_whom(self, client, auditor, commune, django_assert_num_queries):
        person = make_person("Lê Thị Cúc", residence=commune)
        official = make_user("can-bo", first_name="Phạm Văn Đức")
        for _ in range(3):
            record_audit(
                actor=official,
                action="people.correct_person",
                target=person,
                unit=commune,
                fields=["phone", "full_name"],
            )
        client.force_login(auditor, backend="allauth.account.auth_backends.AuthenticationBackend")
        with django_assert_num_queries(11):
            page = client.get(reverse("trail")).content.decode()
        for words in ("Phạm Văn Đức", "Đính chính hồ sơ một người", "Họ và tên, Số điện thoại", "Lê Thị Cúc"):
            assert words in page
        assert AuditEntry.objects.filter(actor=auditor, action="desks.read_trail").count() == 1

    def test_days_kinds_and_names_narrow_it(self, client, auditor, commune):
        official = make_user("can-bo", first_name="Phạm Văn Đức")
        old = clock.now() - timedelta(days=10)
        record_audit(actor=official, action="people.set_pin", target=official, unit=commune, at=old)
        record_audit(actor=None, action="desks.export_unit", target=commune, unit=commune)
        day = clock.today().isoformat()
        cells = '<td role="cell" data-l="Việc đã làm">{}</td>'
        pin, export = cells.format("Đặt mã PIN"), cells.format("Tải danh sách người của đơn vị")
        for query, found in (
            ({}, {pin, export}),
            ({"tu": day}, {export}),
            ({"den": (clock.today() - timedelta(days=5)).isoformat()}, {pin}),
            ({"loai": "export"}, {export}),
            ({"viec": "people.set_pin"}, {pin}),
            ({"ai": "duc pham"}, {pin}),
            ({"ai": "PHẠM ĐỨC"}, {pin}),
            ({"ai": "can-bo"}, {pin}),
            ({"ai": "duong"}, set()),
            ({"ai": "Đức"}, {pin}),
        ):
            page = read(client, auditor, **query)
            assert {words for words in (pin, export) if words in page} == found, query

    def test_a_day_that_is_none_is_said(self, client, auditor):
        assert "Hãy nhập ngày" in read(client, auditor, tu="hôm qua")

    def test_a_login_that_was_erased_keeps_its_number(self, client, auditor, commune):
        gone = make_user("da-xoa")
        number = gone.pk
        record_audit(actor=gone, action="people.set_pin", target=gone, unit=commune)
        gone.delete()
        assert f"tài khoản số {number}, đã xoá" in read(client, auditor)

    def test_a_broken_chain_is_told_and_waits_for_the_administrator(self, client, auditor, commune):
        publish_head(at=clock.now() - timedelta(days=1))
        AuditEntry.objects.filter(number=1).update(count=5)
        publish_head()
        assert AuditHead.objects.first().first_fault == 1
        assert "hỏng tại dòng 1" in read(client, auditor)
        administrator = make_user("quan-tri")
        grant_role(user=administrator, role=Role.ADMINISTRATOR, by=None)
        client.force_login(administrator, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert "Nhật ký bị sửa tại dòng 1" in client.get(reverse("todo")).content.decode()


def test_the_workbook_holds_the_seals(client, auditor, commune):
    record_audit(actor=auditor, action="people.set_pin", target=auditor, unit=commune)
    publish_head()
    client.force_login(auditor, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.get(reverse("trail_export"), {"viec": "people.set_pin"})
    rows = list(load_workbook(BytesIO(response.content)).active.iter_rows(values_only=True))
    entry = AuditEntry.objects.get(action="people.set_pin")
    assert len(rows) == 2
    assert (rows[1][0], rows[1][3], rows[1][8]) == (entry.number, "Đặt mã PIN", entry.digest)
    assert AuditEntry.objects.get(action="desks.export_trail").count == 1


def test_a_person_reads_what_was_done_with_their_record(client, commune):
    """Their copy lists it."""
    person = make_person("Lê Thị Cúc", residence=commune)
    record_audit(actor=make_user("can-bo"), action="people.read_person", target=person, unit=commune)
    record = next(record for record in personal_records() if record.model is AuditEntry)
    assert [entry.title for entry in record.of(person)] == ["Xem trang của một người"]
