import hashlib
import json
from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.folding import normalise_text
from ledger.models import AuditEntry
from places.enums import Level, UnitKind
from places.exceptions import UnitDataBroken
from places.formats import SHIPPED_UNITS, read_units, write_units
from places.models import AdministrativeUnit
from places.operations import load_units
from tests.places.conftest import RECORDS, record

pytestmark = pytest.mark.django_db

ONE_LINE = '{"province": 34, "commune": 3321}\n'


def load(*arguments) -> str:
    out = StringIO()
    call_command("load_units", *arguments, stdout=out)
    return out.getvalue()


def test_the_shipped_units_load_only_once():
    assert load() == ONE_LINE
    before = {unit.pk: unit.uuid for unit in AdministrativeUnit.objects.all()}
    with CaptureQueriesContext(connection) as queries:
        assert load() == ONE_LINE
    assert len(queries) == 18  # savepoints, all units and changes to load and to settle, who lives there, counts
    assert {unit.pk: unit.uuid for unit in AdministrativeUnit.objects.all()} == before
    assert AuditEntry.objects.filter(action="places.load_units").values_list("count", flat=True).get() == 3356 + 10794


def test_the_line_counts_villages_once_there_are_any(units):
    assert json.loads(load()) == {"province": 35 - 1, "commune": 3321 + 3}
    AdministrativeUnit.objects.create(
        code="16012-t01",
        name="1",
        level=Level.VILLAGE,
        kind=UnitKind.THON,
        parent=units["16012"],
        path="VN/38/16012/t01/",
        valid_from=date(2025, 7, 1),
    )
    assert json.loads(load())["village"] == 1


def test_known_units_are_spelt_and_placed_right():
    load()
    found = {
        unit.code: (unit.title, unit.parent.name)
        for unit in AdministrativeUnit.objects.in_force()
        .select_related("parent")
        .filter(code__in=["00004", "14758", "25270", "24184", "32248", "10543", "31213"])
    }
    assert found == {
        "00004": ("Phường Ba Đình", "Hà Nội"),
        "14758": ("Phường Hàm Rồng", "Thanh Hóa"),
        "25270": ("Phường Lộc Ninh", "Đồng Nai"),
        "24184": ("Xã Ea H’Leo", "Đắk Lắk"),
        "32248": ("Xã Đất Mũi", "Cà Mau"),
        "10543": ("Phường Việt Hòa", "Hải Phòng"),
        "31213": ("Phường Tân Lộc", "Cần Thơ"),
    }
    cities = AdministrativeUnit.objects.in_force().filter(kind=UnitKind.THANH_PHO).values_list("name", flat=True)
    assert list(cities) == [
        "Bắc Ninh", "Cần Thơ", "Đà Nẵng", "Đồng Nai", "Hà Nội", "Hải Phòng", "Hồ Chí Minh", "Huế", "Quảng Ninh",
    ]  # fmt: skip
    assert AdministrativeUnit.objects.filter(kind=UnitKind.DAC_KHU).count() == 13


def test_the_shipped_file_is_tidy():
    records = read_units()
    assert len(records) == 1 + 34 + 3321
    codes = [record.code for record in records]
    assert len(set(codes)) == len(codes)
    assert [r.code for r in records[1:35]] == sorted(r.code for r in records[1:35])
    assert [r.code for r in records[35:]] == sorted(r.code for r in records[35:])
    for unit in records:
        assert unit.name == normalise_text(unit.name)
        assert unit.name[0].isupper() or unit.name[0].isdigit()
    places = {(unit.parent, unit.kind, unit.name) for unit in records}
    assert len(places) == len(records)


def test_reading_and_writing_give_the_same_bytes(tmp_path):
    copy = tmp_path / "units.csv"
    write_units(copy, read_units())
    assert hashlib.sha256(copy.read_bytes()).digest() == hashlib.sha256(SHIPPED_UNITS.read_bytes()).digest()


def test_a_changed_record_changes_its_unit_and_nothing_else(units):
    changed = [replace(r, name="Đồng Tiến Mới") if r.code == "16012" else r for r in RECORDS]
    report = load_units(changed)
    assert (report.created, report.changed, report.unchanged) == (0, 1, 7)
    unit = AdministrativeUnit.objects.get(code="16012")
    assert (unit.pk, unit.name_folded) == (units["16012"].pk, "dong tien moi")


def test_villages_in_the_file_get_their_place_below_the_commune(units):
    load_units([*RECORDS, record("16012-t03", Level.VILLAGE, UnitKind.THON, "3", "16012")])
    village = AdministrativeUnit.objects.get(code="16012-t03")
    assert village.path == "VN/38/16012/t03/"
    assert village.address == "thôn 3, xã Đồng Tiến, tỉnh Thanh Hóa"


def test_a_former_unit_stands_below_the_parent_of_its_time(units):
    day = date(2004, 1, 1)
    end = date(2025, 7, 1)
    old = [
        record("38", Level.PROVINCE, UnitKind.TINH, "Thanh Hóa", "VN", day, end),
        record("380", Level.DISTRICT, UnitKind.HUYEN, "Triệu Sơn", "38", day, end),
        record("15700", Level.COMMUNE, UnitKind.XA, "Đồng Lợi", "380", day, end),
    ]
    load_units([*old, *RECORDS])
    commune = AdministrativeUnit.objects.get(code="15700")
    assert commune.path == "VN/38/380/15700/"
    assert commune.parent.parent.valid_from == day
    assert [u.code for u in AdministrativeUnit.objects.in_force(day)] == ["15700", "38", "380", "VN"]


def test_an_unknown_parent_stops_the_load_and_leaves_nothing():
    with pytest.raises(UnitDataBroken, match="99"):
        load_units([*RECORDS, record("77777", Level.COMMUNE, UnitKind.XA, "Lạc", "99")])
    assert not AdministrativeUnit.objects.exists()


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("38,province,tinh,Thanh Hóa,VN,2025-07-01,\n1,commune,xa,,38,2025-07-01,\n", 3),
        ("38,province,tinh,Thanh Hóa,VN,01/07/2025,\n", 2),
        ("38,province,xa,Thanh Hóa,VN,2025-07-01,\n", 2),
        ("38,nowhere,tinh,Thanh Hóa,VN,2025-07-01,\n", 2),
    ],
)
def test_a_broken_file_is_refused_with_its_row(tmp_path, line, row):
    path = tmp_path / "units.csv"
    path.write_text("code,level,kind,name,parent,valid_from,valid_until\n" + line, encoding="utf-8")
    with pytest.raises(CommandError, match=f"{row}"):
        load(path)
    assert not AdministrativeUnit.objects.exists()


def test_a_file_with_other_columns_is_refused(tmp_path):
    path = tmp_path / "units.csv"
    path.write_text("ma,ten\n1,a\n", encoding="utf-8")
    with pytest.raises(CommandError):
        load(path)
