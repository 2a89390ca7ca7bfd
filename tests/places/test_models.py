from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from places.enums import ChangeKind, Level, UnitKind
from places.models import AdministrativeUnit, UnitChange, fold_name, split_kind

START = date(2025, 7, 1)


def refused(constraint: str, **values):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        AdministrativeUnit.objects.create(**values)


def commune(units, **changes):
    values = {
        "code": "99999",
        "name": "Mới",
        "level": Level.COMMUNE,
        "kind": UnitKind.XA,
        "parent": units["38"],
        "path": "VN/38/99999/",
        "valid_from": START,
    }
    return values | changes


def test_a_period_that_ends_before_it_starts_is_refused(units):
    refused("places_administrativeunit_valid_period", **commune(units, valid_until=START))
    AdministrativeUnit.objects.create(**commune(units, valid_until=START + timedelta(days=1)))


def test_only_the_country_has_no_parent(units):
    refused("places_administrativeunit_parent", **commune(units, parent=None))


def test_a_kind_belongs_to_its_level(units):
    refused("places_administrativeunit_kind_of_level", **commune(units, kind=UnitKind.THON))


def test_a_path_ends_with_a_slash(units):
    refused("places_administrativeunit_path_ends", **commune(units, path="VN/38/99999"))


def test_a_code_starts_only_once_on_a_day(units):
    with pytest.raises(IntegrityError), transaction.atomic():
        AdministrativeUnit.objects.create(**commune(units, code="16012"))


def test_two_units_in_force_never_share_a_path(units):
    taken = commune(units, path="VN/38/16012/", valid_from=date(2026, 9, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        AdministrativeUnit.objects.create(**taken)


def test_a_commune_that_became_a_ward_keeps_code_and_path(units):
    old = units["16012"]
    day = date(2026, 9, 1)
    AdministrativeUnit.objects.filter(pk=old.pk).update(valid_until=day)
    new = AdministrativeUnit.objects.create(
        **commune(units, code="16012", name="Đồng Tiến", kind=UnitKind.PHUONG, path=old.path, valid_from=day)
    )
    UnitChange.objects.create(old=old, new=new, kind=ChangeKind.RETYPE, effective_on=day)

    def then(day):
        return AdministrativeUnit.objects.in_force(day).get(code="16012").full_name

    assert then(day - timedelta(days=1)) == "xã Đồng Tiến"
    assert then(day) == "phường Đồng Tiến"
    assert [change.new for change in old.changes_to.all()] == [new]


def test_a_change_joins_two_different_units_once(units):
    a, b = units["16012"], units["16013"]
    with pytest.raises(IntegrityError, match="places_unitchange_not_itself"), transaction.atomic():
        UnitChange.objects.create(old=a, new=a, kind=ChangeKind.RENAME, effective_on=START)
    UnitChange.objects.create(old=a, new=b, kind=ChangeKind.MERGE, effective_on=START)
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitChange.objects.create(old=a, new=b, kind=ChangeKind.MERGE, effective_on=START)


@pytest.mark.parametrize(
    ("day", "expected"), [(START - timedelta(days=1), False), (START, True), (date(2027, 1, 1), True)]
)
def test_in_force_and_its_twin_agree(units, day, expected):
    unit = units["16012"]
    assert AdministrativeUnit.objects.in_force(day).filter(pk=unit.pk).exists() is expected
    assert unit.is_in_force(day) is expected


def test_within_is_the_unit_and_all_below_it(units):
    inside = AdministrativeUnit.objects.within(units["38"])
    assert {unit.code for unit in inside} == {"38", "16012", "16013", "16014"}
    for unit in AdministrativeUnit.objects.all():
        assert units["38"].contains(unit) is (unit in inside)


def test_lists_come_in_vietnamese_order(units):
    names = [unit.name for unit in AdministrativeUnit.objects.at_level(Level.COMMUNE)]
    assert names == ["Ái Sơn", "Đông Tiên", "Đồng Tiến", "Ea H’Leo", "Hàm Rồng"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("dong tien", ["24185", "16012"]),
        ("Đồng Tiến", ["24185", "16012"]),
        ("xa dong tien", ["16012"]),
        ("phường Đông Tiên", ["24185"]),
        ("ĐỒNG  tiến", ["24185", "16012"]),
        ("tien", ["24185", "16012"]),
        ("ea h'leo", ["24184"]),
        ("ea hleo", ["24184"]),
        ("16013", ["16013"]),
        ("thanh hoa", ["38"]),
        ("tinh thanh hoà", ["38"]),
        ("không có", []),
        ("  ", []),
        ("%", []),
    ],
)
def test_search_needs_no_accents(units, text, codes):
    assert [unit.code for unit in AdministrativeUnit.objects.search(text)] == codes


def test_search_puts_the_exact_name_first(units):
    for code, name in (("20001", "Sơn"), ("20002", "Sơn Ái"), ("20003", "Ba Sơn")):
        AdministrativeUnit.objects.create(**commune(units, code=code, name=name, path=f"VN/38/{code}/"))
    found = AdministrativeUnit.objects.search("sơn")
    assert [unit.name for unit in found] == ["Sơn", "Sơn Ái", "Ái Sơn", "Ba Sơn"]


def test_names_as_people_read_them(units, django_assert_num_queries):
    with django_assert_num_queries(1):
        unit = AdministrativeUnit.objects.select_related("parent__parent").get(code="16012")
        assert (unit.full_name, unit.title) == ("xã Đồng Tiến", "Xã Đồng Tiến")
        assert unit.address == "xã Đồng Tiến, tỉnh Thanh Hóa"
        assert units["VN"].full_name == str(units["VN"]) == "Việt Nam"


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("Xã Đồng Tiến", UnitKind.XA, "Đồng Tiến"),
        ("xa Dong Tien", UnitKind.XA, "Dong Tien"),
        ("Thành phố  Huế", UnitKind.THANH_PHO, "Huế"),
        ("Tổ dân phố 5", UnitKind.TO_DAN_PHO, "5"),
        ("Phường 1 Bảo Lộc", UnitKind.PHUONG, "1 Bảo Lộc"),
        ("Xã", None, "Xã"),
        ("Đồng Tiến", None, "Đồng Tiến"),
    ],
)
def test_the_kind_is_told_from_the_name(text, kind, name):
    assert split_kind(text) == (kind, name)


def test_folding_a_name_drops_what_people_leave_out():
    assert fold_name("Chân Mây - Lăng Cô") == "chan may lang co"
    assert fold_name("Cư M’gar") == fold_name("Cư M'gar") == fold_name("CƯ MGAR") == "cu mgar"
