"""After units changed: what counts where, villages that go on, and the changes a commune makes to its villages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from common import clock
from ledger.models import AuditEntry
from places.enums import ChangeKind, Level, UnitKind
from places.exceptions import (
    ChangeDayWrong,
    NotAVillage,
    NotOneCommune,
    TooFewVillages,
    UnitNotInForce,
    VillageLineWrong,
    VillageNameTaken,
)
from places.formats import ChangeRecord
from places.lineage import lineage, places_to_choose, successors
from places.models import AdministrativeUnit, UnitChange
from places.operations import (
    add_village,
    correct_village,
    divide_village,
    end_village,
    load_changes,
    load_units,
    merge_villages,
    rename_village,
    settle_units,
)
from tests.factories.people import make_user
from tests.places.conftest import record

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 1)
WARD = record("16099", Level.COMMUNE, UnitKind.PHUONG, "Tân Tiến", "38", DAY)


def ended(code: str, name: str, kind: UnitKind = UnitKind.XA):
    return record(code, Level.COMMUNE, kind, name, "38", valid_until=DAY)


def change(old: str, new: str, kind: ChangeKind) -> ChangeRecord:
    return ChangeRecord(old, new, kind, DAY, "")


def unit(code: str) -> AdministrativeUnit:
    return AdministrativeUnit.objects.get(code=code, valid_until=None)


@pytest.fixture
def villages(units) -> dict[str, AdministrativeUnit]:
    """Two villages in 16012 Đồng Tiến and one of the same name in 16013 Hàm Rồng, there from the start."""
    made = {
        name: add_village(commune=units[code], name=name, kind=UnitKind.THON, by=None)
        for code, name in (("16012", "Bến"), ("16012", "Đình"))
    }
    made["Bến 2"] = add_village(commune=units["16013"], name="Bến", kind=UnitKind.THON, by=None)
    AdministrativeUnit.objects.at_level(Level.VILLAGE).update(valid_from=date(2025, 8, 1))
    for village in made.values():
        village.refresh_from_db()
    return made


def merge_both() -> None:
    """16012 and 16013 become the ward 16099."""
    load_units([ended("16012", "Đồng Tiến"), ended("16013", "Hàm Rồng", UnitKind.PHUONG), WARD])
    load_changes([change(old, "16099", ChangeKind.MERGE) for old in ("16012", "16013")])
    settle_units()


class TestWhereThingsCount:
    def test_in_force_a_unit_counts_where_it_stands(self, units):
        settle_units()
        assert all(unit.present_path == unit.path for unit in AdministrativeUnit.objects.all())

    def test_merged_units_count_in_their_successor(self, villages):
        merge_both()
        for code in ("16012", "16013"):
            assert AdministrativeUnit.objects.get(code=code).present_path == "VN/38/16099/"
        assert {unit.present_path for unit in AdministrativeUnit.objects.filter(code__startswith="16012-")} == {
            "VN/38/16099/t01/",
            "VN/38/16099/t02/",
        }

    def test_a_divided_unit_counts_with_what_stands_above_its_parts(self, units):
        load_units([ended("16012", "Đồng Tiến"), WARD])
        load_changes([change("16012", new, ChangeKind.SPLIT) for new in ("16099", "16014")])
        settle_units()
        assert AdministrativeUnit.objects.get(code="16012").present_path == "VN/38/"

    def test_without_a_successor_it_counts_with_what_stood_above(self, units):
        load_units([ended("16012", "Đồng Tiến")])
        settle_units()
        assert AdministrativeUnit.objects.get(code="16012").present_path == "VN/38/"

    def test_a_list_loaded_ahead_counts_from_its_day(self, units):
        tomorrow = clock.today() + timedelta(days=1)
        load_units(
            [
                record("16012", Level.COMMUNE, UnitKind.XA, "Đồng Tiến", "38", valid_until=tomorrow),
                record("16098", Level.COMMUNE, UnitKind.XA, "Mới", "38", tomorrow),
            ]
        )
        load_changes([ChangeRecord("16012", "16098", ChangeKind.RENAME, tomorrow, "")])
        settle_units()
        old = AdministrativeUnit.objects.get(code="16012")
        assert old.present_path == old.path
        settle_units(at=clock.now() + timedelta(days=1))
        old.refresh_from_db()
        assert old.present_path == "VN/38/16098/"

    def test_again_changes_nothing(self, villages):
        merge_both()
        before = AuditEntry.objects.count()
        assert settle_units() == {"villages": 0, "present_paths": 0, "people": 0}
        assert AuditEntry.objects.count() == before


class TestVillagesOfAMergedCommune:
    def test_they_go_on_under_the_new_one(self, villages):
        merge_both()
        found = AdministrativeUnit.objects.in_force().filter(parent=unit("16099"), level=Level.VILLAGE)
        assert [village.name for village in found] == ["Bến", "Bến (Hàm Rồng)", "Đình"]
        assert successors([villages["Đình"]])[0].name == "Đình"
        old = AdministrativeUnit.objects.get(pk=villages["Bến"].pk)
        assert (old.valid_until, old.parent.code) == (DAY, "16012")

    def test_what_was_recorded_before_counts_for_the_new_commune_and_for_the_old_one(self, villages):
        merge_both()
        codes = set(lineage(unit("16099")).values_list("code", flat=True))
        assert {"16012", "16013", "16012-t01", "16012-t02", "16013-t01"} <= codes
        assert villages["Đình"].path.startswith(AdministrativeUnit.objects.get(code="16012").path)

    def test_a_commune_that_only_changed_its_kind_keeps_them(self, villages):
        ward = record("16012", Level.COMMUNE, UnitKind.PHUONG, "Đồng Tiến", "38", DAY)
        load_units([ended("16012", "Đồng Tiến"), ward])
        load_changes([change("16012", "16012", ChangeKind.RETYPE)])
        settle_units()
        village = AdministrativeUnit.objects.get(pk=villages["Đình"].pk)
        assert village.is_in_force()
        assert village.parent.kind == UnitKind.PHUONG

    def test_those_of_a_divided_commune_wait(self, villages):
        load_units([ended("16012", "Đồng Tiến"), WARD])
        load_changes([change("16012", new, ChangeKind.SPLIT) for new in ("16099", "16014")])
        assert settle_units()["villages"] == 0
        assert AdministrativeUnit.objects.get(pk=villages["Đình"].pk).present_path == "VN/38/"


class TestRename:
    def test_a_new_name_from_a_day_on(self, villages):
        before = villages["Đình"]
        renamed = rename_village(
            village=before, name="Thôn Đình Làng", kind=UnitKind.THON, on=DAY, decree="12/QĐ", by=make_user()
        )
        before.refresh_from_db()
        assert (before.name, before.valid_until) == ("Đình", DAY)
        assert (renamed.name, renamed.path, renamed.valid_from) == ("Đình Làng", before.path, DAY)
        link = UnitChange.objects.get()
        assert (link.kind, link.decree) == (ChangeKind.RENAME, "12/QĐ")
        assert AuditEntry.objects.filter(action="places.rename_village").count() == 1

    def test_another_kind(self, villages):
        rename_village(village=villages["Đình"], name="Đình", kind=UnitKind.TO_DAN_PHO, on=DAY, by=None)
        assert UnitChange.objects.get().kind == ChangeKind.RETYPE

    def test_the_same_name_changes_nothing(self, villages):
        assert rename_village(village=villages["Đình"], name="Đình", kind=UnitKind.THON, on=DAY, by=None).name == "Đình"
        assert not UnitChange.objects.exists()

    def test_a_name_that_is_taken(self, villages):
        with pytest.raises(VillageNameTaken):
            rename_village(village=villages["Đình"], name="Bến", kind=UnitKind.THON, on=DAY, by=None)

    def test_a_day_before_it_began_or_after_today(self, villages):
        tomorrow = clock.today() + timedelta(days=1)  # asked here: a run may go on past midnight
        for on in (date(2025, 8, 1), tomorrow):
            with pytest.raises(ChangeDayWrong):
                rename_village(village=villages["Đình"], name="Mới", kind=UnitKind.THON, on=on, by=None)

    def test_a_commune_is_none_of_these(self, units):
        with pytest.raises(NotAVillage):
            rename_village(village=units["16012"], name="Mới", kind=UnitKind.THON, on=DAY, by=None)

    def test_a_spelling_is_put_right_without_a_past(self, villages):
        correct_village(village=villages["Đình"], name="Định", kind=UnitKind.XOM, by=None)
        village = AdministrativeUnit.objects.get(pk=villages["Đình"].pk)
        assert (village.full_name, village.name_folded) == ("xóm Định", "dinh")
        assert not UnitChange.objects.exists()


class TestMerge:
    def merge(self, villages, name="Bến Đình", **kwargs):
        both = [villages["Bến"], villages["Đình"]]
        return merge_villages(villages=both, name=name, kind=UnitKind.THON, on=DAY, by=make_user(), **kwargs)

    def test_two_become_a_new_one(self, villages):
        into = self.merge(villages)
        assert (into.full_name, into.code) == ("thôn Bến Đình", "16012-t03")
        assert {change.old_id for change in into.changes_from.all()} == {villages["Bến"].pk, villages["Đình"].pk}

    def test_one_takes_the_other_in(self, villages):
        into = self.merge(villages, name="Đình")
        assert into.pk == villages["Đình"].pk
        assert into.is_in_force()
        assert successors([AdministrativeUnit.objects.get(pk=villages["Bến"].pk)]) == [into]

    def test_one_alone(self, villages):
        with pytest.raises(TooFewVillages):
            merge_villages(villages=[villages["Bến"]], name="X", kind=UnitKind.THON, on=DAY, by=None)

    def test_of_two_communes(self, villages):
        both = [villages["Bến"], villages["Bến 2"]]
        with pytest.raises(NotOneCommune):
            merge_villages(villages=both, name="X", kind=UnitKind.THON, on=DAY, by=None)

    def test_twice(self, villages):
        self.merge(villages)
        with pytest.raises(UnitNotInForce):
            self.merge(villages)
        assert AdministrativeUnit.objects.filter(name="Bến Đình").count() == 1


class TestDivideAndEnd:
    def test_parts_one_of_which_keeps_the_name(self, villages):
        parts = divide_village(
            village=villages["Đình"], lines=["1. Đình", "", "Xóm Đình Mới"], kind=UnitKind.THON, on=DAY, by=make_user()
        )
        assert [part.full_name for part in parts] == ["thôn Đình", "xóm Đình Mới"]
        old = AdministrativeUnit.objects.get(pk=villages["Đình"].pk)
        assert old.present_path == "VN/38/16012/"
        assert {place.pk for place in places_to_choose(old)} == {part.pk for part in parts}

    def test_one_part_is_none(self, villages):
        with pytest.raises(TooFewVillages):
            divide_village(village=villages["Đình"], lines=["A", ""], kind=UnitKind.THON, on=DAY, by=None)
        assert AdministrativeUnit.objects.get(pk=villages["Đình"].pk).valid_until is None

    @pytest.mark.parametrize("taken", ["Bến", "a"])
    def test_a_name_that_is_taken(self, villages, taken):
        with pytest.raises(VillageLineWrong) as refused:
            divide_village(village=villages["Đình"], lines=["A", taken], kind=UnitKind.THON, on=DAY, by=None)
        assert refused.value.params["line"] == 2

    def test_a_village_that_nothing_replaced(self, villages):
        end_village(village=villages["Đình"], on=DAY, by=make_user())
        old = AdministrativeUnit.objects.get(pk=villages["Đình"].pk)
        assert (old.valid_until, old.present_path) == (DAY, "VN/38/16012/")
        assert [place.name for place in places_to_choose(old)] == ["Bến"]
