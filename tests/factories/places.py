"""Administrative units, as few as a test needs."""

from __future__ import annotations

from datetime import date

from places.enums import Level, UnitKind
from places.models import AdministrativeUnit

SINCE = date(2025, 7, 1)


def country() -> AdministrativeUnit:
    unit, _created = AdministrativeUnit.objects.get_or_create(
        code="VN",
        valid_from=date(1945, 9, 2),
        defaults={"name": "Việt Nam", "level": Level.COUNTRY, "kind": UnitKind.QUOC_GIA, "path": "VN/"},
    )
    return unit


def province(code: str = "38", name: str = "Lam Giang") -> AdministrativeUnit:
    return _below(country(), code, name, Level.PROVINCE, UnitKind.TINH)


def commune(
    code: str = "16012", name: str = "Đồng Tiến", parent: AdministrativeUnit | None = None
) -> AdministrativeUnit:
    return _below(parent or province(), code, name, Level.COMMUNE, UnitKind.XA)


def village(code: str = "t01", name: str = "Bến Hạ", parent: AdministrativeUnit | None = None) -> AdministrativeUnit:
    return _below(parent or commune(), code, name, Level.VILLAGE, UnitKind.THON)


def former(parent: AdministrativeUnit, code: str, name: str, level: Level, kind: UnitKind) -> AdministrativeUnit:
    """A unit that ended when the present ones began."""
    return AdministrativeUnit.objects.create(
        code=code,
        name=name,
        level=level,
        kind=kind,
        parent=parent,
        path=f"{parent.path}{code}/",
        valid_from=date(2004, 7, 8),
        valid_until=SINCE,
    )


def _below(parent: AdministrativeUnit, code: str, name: str, level: Level, kind: UnitKind) -> AdministrativeUnit:
    unit, _created = AdministrativeUnit.objects.get_or_create(
        code=code,
        valid_from=SINCE,
        defaults={"name": name, "level": level, "kind": kind, "parent": parent, "path": f"{parent.path}{code}/"},
    )
    return unit
