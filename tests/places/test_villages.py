from datetime import UTC, date, datetime

import pytest

from ledger.models import AuditEntry
from places.enums import Level, UnitKind
from places.exceptions import (
    NotACommune,
    NotAVillageKind,
    UnitNotInForce,
    VillageNameMissing,
    VillageNameTooLong,
)
from places.models import AdministrativeUnit
from places.operations import add_village

AT = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)  # already 2 March in Viet Nam


def add(commune, name="Đông Hòa", kind=UnitKind.THON, at=AT):
    return add_village(commune=commune, name=name, kind=kind, by=None, at=at)


def test_a_village_stands_below_its_commune_and_leaves_a_trail(units):
    village = add(units["16012"])
    assert (village.code, village.path, village.level) == ("16012-t01", "VN/38/16012/t01/", Level.VILLAGE)
    assert village.valid_from == date(2026, 3, 2)
    assert village.full_name == "thôn Đông Hòa"
    entry = AuditEntry.objects.get(action="places.add_village")
    assert (entry.target_id, entry.unit_path) == (str(village.pk), village.path)


def test_the_same_village_is_added_once(units):
    first = add(units["16012"])
    again = add(units["16012"], name="  đông HOÀ ")
    assert again == first
    assert add(units["16012"], kind=UnitKind.XOM) != first
    assert add(units["16013"]) != first
    assert AuditEntry.objects.filter(action="places.add_village").count() == 3


def test_the_kind_is_not_stored_twice(units):
    assert add(units["16012"], name="Thôn 3").full_name == "thôn 3"
    assert add(units["16012"], name="thon 3").name == "3"


def test_a_number_is_never_used_again(units):
    assert add(units["16012"], name="1").path.endswith("/t01/")
    gone = add(units["16012"], name="2")
    AdministrativeUnit.objects.filter(pk=gone.pk).update(valid_until=date(2026, 5, 1))
    later = datetime(2026, 6, 1, tzinfo=UTC)
    assert add(units["16012"], name="2", at=later).path.endswith("/t03/")


def test_villages_are_listed_by_their_numbers(units):
    for name in ("10", "2", "1", "Đoài", "Bắc"):
        add(units["16012"], name=name)
    names = [unit.name for unit in AdministrativeUnit.objects.at_level(Level.VILLAGE)]
    assert names == ["1", "2", "10", "Bắc", "Đoài"]


def test_refusals(units):
    with pytest.raises(NotACommune, match="Thanh Hóa"):
        add(units["38"])
    with pytest.raises(NotAVillageKind):
        add(units["16012"], kind=UnitKind.XA)
    with pytest.raises(VillageNameMissing):
        add(units["16012"], name=" \u200b ")
    with pytest.raises(VillageNameTooLong):
        add(units["16012"], name="a" * 101)
    AdministrativeUnit.objects.filter(code="16012").update(valid_until=date(2026, 1, 1))
    with pytest.raises(UnitNotInForce):
        add(units["16012"])
    assert not AdministrativeUnit.objects.at_level(Level.VILLAGE).exists()
    assert not AuditEntry.objects.filter(action="places.add_village").exists()
