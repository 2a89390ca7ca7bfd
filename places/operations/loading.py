"""Bringing the tables to what the official list says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db import transaction

from common.folding import normalise_text
from ledger.operations import record_audit
from places.enums import Level
from places.exceptions import UnitDataBroken
from places.formats import ChangeRecord, UnitRecord
from places.models import AdministrativeUnit, UnitChange

_BATCH = 500
_LOADED_FIELDS = (
    "name",
    "name_folded",
    "sort_key",
    "level",
    "kind",
    "parent",
    "path",
    "valid_until",
)
_LEVEL_ORDER = {level: order for order, level in enumerate(Level)}


def compare_units(records: Iterable[UnitRecord]) -> dict[str, Any]:
    """What loading `records` would do, for somebody to read before: counts, and the units that change or end.

    `created` and `unchanged` are counts; `changed` and `ended` list `code: old → new` and `code name until day`.
    """
    known = {(unit.code, unit.valid_from): unit for unit in AdministrativeUnit.objects.all()}
    created = unchanged = 0
    changed: list[str] = []
    ended: list[str] = []
    for record in records:
        present = known.get((record.code, record.valid_from))
        if present is None:
            created += 1
            continue
        before = (present.kind, present.name, present.valid_until)
        after = (record.kind.value, normalise_text(record.name), record.valid_until)
        if before == after:
            unchanged += 1
        elif before[:2] == after[:2]:
            ended.append(f"{record.code} {present.full_name} until {record.valid_until}")
        else:
            changed.append(f"{record.code}: {present.full_name} → {record.kind.label} {record.name}")
    return {"created": created, "unchanged": unchanged, "changed": changed, "ended": ended}


@dataclass(frozen=True, slots=True)
class LoadReport:
    """How many units a load touched."""

    created: int
    changed: int
    unchanged: int


@transaction.atomic
def load_units(records: Iterable[UnitRecord], *, by: Any = None, at: datetime | None = None) -> LoadReport:
    """Bring the table to what `records` say; doing it again changes nothing.

    A unit is known by its code and first day. Units that `records` do not mention stay as they are: villages
    and the past. Raises `UnitDataBroken` for a parent that is in neither the records nor the table.
    """
    ordered = sorted(records, key=lambda record: _LEVEL_ORDER[record.level])
    known = {(unit.code, unit.valid_from): unit for unit in AdministrativeUnit.objects.all()}
    by_code: dict[str, list[AdministrativeUnit]] = {}
    for unit in known.values():
        by_code.setdefault(unit.code, []).append(unit)
    created = changed = unchanged = 0
    number = 1
    for _level, group in groupby(ordered, key=lambda record: record.level):
        new: list[AdministrativeUnit] = []
        moved: list[AdministrativeUnit] = []
        for record in group:
            number += 1
            wanted = _unit(record, _parent(record, by_code, number))
            present = known.get((record.code, record.valid_from))
            if present is None:
                new.append(wanted)
                known[record.code, record.valid_from] = wanted
                by_code.setdefault(record.code, []).append(wanted)
            elif _differs(present, wanted):
                for field in _LOADED_FIELDS:
                    setattr(present, field, getattr(wanted, field))
                moved.append(present)
            else:
                unchanged += 1
        # First what ends: another unit may begin in its place.
        AdministrativeUnit.objects.bulk_update(moved, _LOADED_FIELDS, batch_size=_BATCH)
        AdministrativeUnit.objects.bulk_create(new, batch_size=_BATCH)
        created += len(new)
        changed += len(moved)
    if created or changed:
        root = next(unit for unit in known.values() if unit.level == Level.COUNTRY)
        record_audit(actor=by, action="places.load_units", target=root, unit=root, count=created + changed, at=at)
    return LoadReport(created=created, changed=changed, unchanged=unchanged)


@transaction.atomic
def load_changes(changes: Iterable[ChangeRecord], *, by: Any = None, at: datetime | None = None) -> LoadReport:
    """Bring the links between old and new units to what `changes` say; doing it again changes nothing.

    Links that `changes` do not mention stay. Raises `UnitDataBroken` for a code that no unit had on that day.
    """
    changes = list(changes)
    ending: dict[tuple[str, date], int] = {}
    starting: dict[str, list[AdministrativeUnit]] = {}
    for unit in AdministrativeUnit.objects.exclude(level=Level.VILLAGE).only("code", "valid_from", "valid_until"):
        starting.setdefault(unit.code, []).append(unit)
        if unit.valid_until is not None:
            ending[unit.code, unit.valid_until] = unit.pk
    known = {(change.old_id, change.new_id, change.effective_on): change for change in UnitChange.objects.all()}
    new: list[UnitChange] = []
    changed: list[UnitChange] = []
    for number, record in enumerate(changes, start=2):
        old = ending.get((record.old, record.effective_on))
        into = next((u.pk for u in starting.get(record.new, ()) if u.is_in_force(record.effective_on)), None)
        if old is None or into is None:
            raise UnitDataBroken(
                row=number, reason=f"no units for {record.old!r} → {record.new!r} on {record.effective_on}"
            )
        present = known.get((old, into, record.effective_on))
        if present is None:
            new.append(
                UnitChange(
                    old_id=old, new_id=into, kind=record.kind, decree=record.decree, effective_on=record.effective_on
                )
            )
        elif (present.kind, present.decree) != (record.kind, record.decree):
            present.kind, present.decree = record.kind, record.decree
            changed.append(present)
    UnitChange.objects.bulk_create(new, batch_size=_BATCH)
    UnitChange.objects.bulk_update(changed, ["kind", "decree"], batch_size=_BATCH)
    if new or changed:
        root = AdministrativeUnit.objects.get(level=Level.COUNTRY)
        record_audit(
            actor=by, action="places.load_changes", target=root, unit=root, count=len(new) + len(changed), at=at
        )
    return LoadReport(created=len(new), changed=len(changed), unchanged=len(changes) - len(new) - len(changed))


def _unit(record: UnitRecord, parent: AdministrativeUnit | None) -> AdministrativeUnit:
    above = parent.path if parent is not None else ""
    segment = record.code
    if parent is not None and record.level == Level.VILLAGE:
        segment = record.code.removeprefix(f"{parent.code}-")
    unit = AdministrativeUnit(
        code=record.code,
        level=record.level,
        kind=record.kind,
        parent=parent,
        path=f"{above}{segment}/",
        present_path=f"{above}{segment}/",
        valid_from=record.valid_from,
        valid_until=record.valid_until,
    )
    unit.set_name(record.name)
    return unit


def _parent(record: UnitRecord, by_code: dict[str, list[AdministrativeUnit]], number: int) -> AdministrativeUnit | None:
    """The unit with the parent's code that is in force on the record's first day."""
    if record.level == Level.COUNTRY:
        return None
    for unit in by_code.get(record.parent, ()):
        if unit.is_in_force(record.valid_from):
            return unit
    raise UnitDataBroken(
        row=number, reason=f"no unit {record.parent!r} on {record.valid_from} to stand above {record.code}"
    )


def _differs(present: AdministrativeUnit, wanted: AdministrativeUnit) -> bool:
    return any(getattr(present, field) != getattr(wanted, field) for field in _LOADED_FIELDS if field != "parent") or (
        wanted.parent is not None and present.parent_id != wanted.parent.pk
    )
