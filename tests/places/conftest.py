from datetime import date

import pytest

from places.enums import Level, UnitKind
from places.formats import UnitRecord
from places.models import AdministrativeUnit
from places.operations import load_units

START = date(2025, 7, 1)


def record(code, level, kind, name, parent, valid_from=START, valid_until=None) -> UnitRecord:
    return UnitRecord(code, level, kind, name, parent, valid_from, valid_until)


RECORDS = [
    record("VN", Level.COUNTRY, UnitKind.QUOC_GIA, "Việt Nam", "", date(1945, 9, 2)),
    record("38", Level.PROVINCE, UnitKind.TINH, "Thanh Hóa", "VN"),
    record("66", Level.PROVINCE, UnitKind.TINH, "Đắk Lắk", "VN"),
    record("16012", Level.COMMUNE, UnitKind.XA, "Đồng Tiến", "38"),
    record("16013", Level.COMMUNE, UnitKind.PHUONG, "Hàm Rồng", "38"),
    record("16014", Level.COMMUNE, UnitKind.XA, "Ái Sơn", "38"),
    record("24184", Level.COMMUNE, UnitKind.XA, "Ea H’Leo", "66"),
    record("24185", Level.COMMUNE, UnitKind.PHUONG, "Đông Tiên", "66"),
]


@pytest.fixture
def units(db) -> dict[str, AdministrativeUnit]:
    """Two provinces with five communes, by code; nothing of the shipped list."""
    load_units(RECORDS)
    return {unit.code: unit for unit in AdministrativeUnit.objects.all()}
