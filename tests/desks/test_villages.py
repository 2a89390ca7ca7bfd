"""The villages of a commune at its desk."""

from __future__ import annotations

import pytest
from django.urls import reverse

from ledger.models import AuditEntry
from places.enums import Level, UnitKind
from places.exceptions import TooManyVillages, UnitNotInForce, VillageLineWrong, VillageNameMissing
from places.models import AdministrativeUnit
from places.operations import MOST_VILLAGES, add_villages
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
