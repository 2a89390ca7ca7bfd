from datetime import date

import pytest

from places.enums import Level
from places.queries import communes_to_choose, count_in_force, home_province, match_units


def test_counts_are_those_of_the_day(units, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert count_in_force(date(2026, 1, 1)) == {"province": 2, "commune": 5}
    assert count_in_force(date(2025, 6, 30)) == {"province": 0, "commune": 0}


def test_the_home_province_is_named_by_its_code(units, settings):
    settings.HOME_UNIT = "38"
    assert home_province() == units["38"]
    settings.HOME_UNIT = "16012"
    assert home_province() is None
    settings.HOME_UNIT = ""
    assert home_province() is None


def test_communes_to_choose_cost_one_query(units, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = [(unit.parent.name, unit.name) for unit in communes_to_choose()]
    assert found == [
        ("Đắk Lắk", "Đông Tiên"),
        ("Đắk Lắk", "Ea H’Leo"),
        ("Thanh Hóa", "Ái Sơn"),
        ("Thanh Hóa", "Đồng Tiến"),
        ("Thanh Hóa", "Hàm Rồng"),
    ]


@pytest.mark.parametrize(
    ("text", "within", "codes"),
    [
        ("16012", None, ["16012"]),
        ("xã Đồng Tiến", None, ["16012"]),
        ("Đồng Tiến", None, ["16012"]),
        ("Đông Tiên", None, ["24185"]),
        ("dong tien", None, ["24185", "16012"]),
        ("dong tien", "38", ["16012"]),
        ("phuong dong tien", None, ["24185"]),
        ("phường Đồng Tiến", "38", []),
        ("Đồng", None, []),
        ("", None, []),
    ],
)
def test_a_written_name_finds_the_unit_it_means(units, text, within, codes):
    found = match_units(text, level=Level.COMMUNE, within=units.get(within))
    assert [unit.code for unit in found] == codes
