"""The villages of a commune at its desk."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ledger.models import AuditEntry
from places.enums import Level, UnitKind
from places.exceptions import TooManyVillages, UnitNotInForce, VillageLineWrong, VillageNameMissing
from places.models import AdministrativeUnit
from places.operations import MOST_VILLAGES, add_villages
from tests.common.workbooks import workbook
from tests.counting import statements
from tests.factories import places
from tests.factories.people import make_official, make_person, make_user

pytestmark = pytest.mark.django_db


def names() -> list[str]:
    return [village.full_name for village in AdministrativeUnit.objects.at_level(Level.VILLAGE)]


class TestAList:
    def add(self, *lines: str, kind=UnitKind.THON):
        return add_villages(commune=places.commune(), lines=lines, kind=kind, by=make_user())

    def test_kinds_numbers_and_empty_lines(self):
        report = self.add("1. Thôn Bến Hạ", "", "  xóm   Đình ", "2) Bản Nậm Lịch", "3", "Tổ dân phố số 5", "Ba Vì")
        assert {village.full_name for village in report.added} == {
            "thôn Bến Hạ", "xóm Đình", "bản Nậm Lịch", "thôn 3", "tổ dân phố số 5", "thôn Ba Vì",
        }  # fmt: skip
        assert report.known == []
        assert AuditEntry.objects.filter(action="places.add_village").count() == 6

    def test_again_adds_nothing(self):
        self.add("Thôn 1", "Thôn 2")
        report = self.add("thon 1", "Thôn 1", "Thôn 3")
        assert [village.full_name for village in report.added] == ["thôn 3"]
        assert [village.full_name for village in report.known] == ["thôn 1"]

    def test_all_or_none(self):
        with pytest.raises(VillageLineWrong) as refused:
            self.add("Thôn 1", "Thôn " + "x" * 200)
        assert refused.value.params["line"] == 2
        assert names() == []

    def test_an_empty_list(self):
        with pytest.raises(VillageNameMissing):
            self.add("", "  ")

    def test_too_many(self):
        with pytest.raises(TooManyVillages):
            self.add(*(f"Thôn {number}" for number in range(MOST_VILLAGES + 1)))
        assert names() == []

    def test_a_commune_that_is_gone(self):
        commune = places.commune()
        AdministrativeUnit.objects.filter(pk=commune.pk).update(valid_until="2026-01-01")
        with pytest.raises(UnitNotInForce):
            add_villages(commune=commune, lines=["Thôn 1"], kind=UnitKind.THON, by=None)


class TestThePage:
    @pytest.fixture
    def official(self, client):
        user = make_official(places.commune())
        client.force_login(user)
        return user

    def address(self, unit=None) -> str:
        return reverse("unit_villages", args=[(unit or places.commune()).uuid])

    def test_a_list_is_pasted(self, client, official):
        answer = client.post(self.address(), {"kind": "xom", "names": "Đình\r\nThôn Bến\r\n"}, follow=True)
        assert sorted(names()) == ["thôn Bến", "xóm Đình"]
        assert "Xóm Đình" in answer.content.decode().replace("\u00a0", " ")

    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({"kind": "thon", "names": ""}, "names"),
            ({"kind": "", "names": "Thôn 1"}, "kind"),
            ({"kind": "xa", "names": "Thôn 1"}, "kind"),
            ({"kind": "thon", "names": "Thôn 1\n" + "x" * 200}, "names"),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, client, official, data, field):
        answer = client.post(self.address(), data)
        assert list(answer.context["form"].errors) == [field]
        assert data["names"][:6] in answer.content.decode()
        assert names() == []

    @pytest.mark.parametrize("count", [1, 3])
    def test_queries(self, client, official, count):
        for number in range(count):
            village = places.village(f"t0{number}", f"Thôn {number}")
            make_person(f"Người {'ABC'[number]}", residence=village)
        address = self.address()
        with statements(7):
            client.get(address)

    def test_only_a_commune_has_villages(self, client):
        client.force_login(make_official(places.province()))
        assert client.get(self.address(places.province())).status_code == 404
        assert client.get(self.address()).status_code == 200

    def test_a_list_comes_as_a_file(self, client, official):
        table = [["DANH SÁCH THÔN, XÓM"], ["STT", "Tên thôn, xóm", "Loại"], [1, "Đình", "xóm"], [2, "Thôn Bến", ""]]
        file = SimpleUploadedFile("thon.xlsx", workbook(table))
        assert client.post(self.address(), {"kind": "thon", "names": "Chợ", "file": file}).status_code == 302
        assert sorted(names()) == ["thôn Bến", "thôn Chợ", "xóm Đình"]

    @pytest.mark.parametrize(
        "file",
        [
            SimpleUploadedFile("thon.xlsx", b""),
            SimpleUploadedFile("thon.xlsx", b"PK\x03\x04 nothing of the kind"),
            SimpleUploadedFile("thon.csv", "Họ và tên,Năm sinh\nBế Thị Hoa,1984\n".encode()),
        ],
    )
    def test_a_file_that_is_none(self, client, official, file):
        answer = client.post(self.address(), {"kind": "thon", "names": "Chợ", "file": file})
        assert list(answer.context["form"].errors) == ["file"]
        assert names() == []


class TestChanges:
    """What happens to villages later, from the page."""

    @pytest.fixture
    def villages(self, client):
        client.force_login(make_official(places.commune()))
        return [places.village("t01", "Bến"), places.village("t02", "Đình")]

    def address(self, village) -> str:
        return reverse("unit_village", args=[places.commune().uuid, village.uuid])

    @pytest.mark.parametrize(
        ("act", "data", "wanted"),
        [
            ("correct", {"kind": "thon", "name": "Bên"}, {"thôn Bên", "thôn Đình"}),
            ("rename", {"kind": "ban", "name": "Mới", "on": "2026-03-01"}, {"bản Mới", "thôn Đình"}),
            ("divide", {"names": "Bến 1\nBến 2", "on": "2026-03-01"}, {"thôn Bến 1", "thôn Bến 2", "thôn Đình"}),
            ("end", {"on": "2026-03-01"}, {"thôn Đình"}),
        ],
    )
    def test_each(self, client, villages, act, data, wanted):
        sent = {f"{act}-{name}": value for name, value in data.items()}
        answer = client.post(self.address(villages[0]), {"act": act, **sent})
        assert answer.url == reverse("unit_villages", args=[places.commune().uuid])
        assert {
            village.full_name for village in AdministrativeUnit.objects.in_force().at_level(Level.VILLAGE)
        } == wanted

    def test_what_is_wrong_is_said_beside_its_form(self, client, villages):
        answer = client.post(self.address(villages[0]), {"act": "rename", "rename-kind": "thon", "rename-name": "Đình"})
        assert answer.context["sent"].errors["on"]
        data = {"act": "rename", "rename-kind": "thon", "rename-name": "Đình", "rename-on": "2026-03-01"}
        answer = client.post(self.address(villages[0]), data)
        assert "Đình" in str(answer.context["sent"].non_field_errors())
        assert client.post(self.address(villages[0]), {"act": "burn"}).status_code == 200

    def test_two_become_one(self, client, villages):
        address = reverse("unit_villages_merge", args=[places.commune().uuid])
        assert "checked" in client.get(address, {"thon": villages[0].uuid}).content.decode()
        data = {"kind": "thon", "name": "Bến Đình", "on": "2026-03-01", "decree": "12/NQ-HĐND"}
        assert client.post(address, {**data, "thon": [villages[0].uuid]}).context["form"].errors
        assert client.post(address, {**data, "thon": [village.uuid for village in villages]}).status_code == 302
        assert [v.name for v in AdministrativeUnit.objects.in_force().at_level(Level.VILLAGE)] == ["Bến Đình"]

    def test_a_village_of_another_commune_is_not_found(self, client, villages):
        other = places.village("t09", "Khác", places.commune("16013", "Bên"))
        assert client.get(self.address(other)).status_code == 404
