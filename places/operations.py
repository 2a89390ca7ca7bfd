"""What changes the units: loading the official list, adding a village."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db import transaction

from common import clock
from common.folding import normalise_text
from ledger.operations import record_audit
from places.enums import VILLAGE_KINDS, Level, UnitKind
from places.exceptions import (
    NotACommune,
    NotAVillageKind,
    TooManyVillages,
    UnitDataBroken,
    UnitNotInForce,
    VillageLineWrong,
    VillageNameMissing,
    VillageNameTooLong,
)
from places.formats import ChangeRecord, UnitRecord
from places.models import AdministrativeUnit, UnitChange, split_kind

MOST_VILLAGES = 200  # a commune has some dozens; more in one list is a mistake
_LIST_NUMBER = re.compile(r"^\d+\s*[.)]\s*(?=\S)")
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
        AdministrativeUnit.objects.bulk_create(new, batch_size=_BATCH)
        AdministrativeUnit.objects.bulk_update(moved, _LOADED_FIELDS, batch_size=_BATCH)
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


@transaction.atomic
def add_village(
    *, commune: AdministrativeUnit, name: str, kind: UnitKind, by: Any, at: datetime | None = None
) -> AdministrativeUnit:
    """Add a village to a commune and return it; one of the same kind and name is returned as it is.

    A kind at the start of the name (``Thôn 3`` as a thôn) is not stored twice. Raises `NotACommune`,
    `UnitNotInForce`, `NotAVillageKind`, `VillageNameMissing`, `VillageNameTooLong`.
    """
    at = at or clock.now()
    day = clock.day_of(at)
    # Two officials adding at once must not get the same number.
    commune = AdministrativeUnit.objects.select_for_update().get(pk=commune.pk)
    if commune.level != Level.COMMUNE:
        raise NotACommune(unit=commune.full_name)
    if not commune.is_in_force(day):
        raise UnitNotInForce(unit=commune.full_name)
    if kind not in VILLAGE_KINDS:
        raise NotAVillageKind(kind=UnitKind(kind).label)
    village = AdministrativeUnit(level=Level.VILLAGE, kind=kind, parent=commune, valid_from=day, code="", path="")
    village.set_name(_village_name(name, kind))
    siblings = AdministrativeUnit.objects.filter(parent=commune, level=Level.VILLAGE)
    same = siblings.in_force(day).filter(kind=kind, sort_key=village.sort_key).first()
    if same is not None:
        return same
    segment = _next_segment(siblings.values_list("path", flat=True))
    village.code = f"{commune.code}-{segment}"
    village.path = f"{commune.path}{segment}/"
    village.save(force_insert=True)
    record_audit(actor=by, action="places.add_village", target=village, unit=village, at=at)
    return village


@dataclass(frozen=True, slots=True)
class VillageReport:
    """What became of a list of villages: those added, and those that were there already."""

    added: list[AdministrativeUnit]
    known: list[AdministrativeUnit]


@transaction.atomic
def add_villages(
    *, commune: AdministrativeUnit, lines: Iterable[str], kind: UnitKind, by: Any, at: datetime | None = None
) -> VillageReport:
    """Add a list of villages, one a line: ``Thôn 3``, ``Xóm Bến``; `kind` is for lines that say none.

    Numbers in front (``1. Thôn Bến``) and empty lines are passed over. All or none: raises `VillageLineWrong` with
    the first line that cannot be one, and what `add_village` raises of the commune.
    """
    at = at or clock.now()
    before = set(AdministrativeUnit.objects.filter(parent=commune, level=Level.VILLAGE).values_list("pk", flat=True))
    found: dict[int, AdministrativeUnit] = {}
    count = 0
    for number, line in enumerate(lines, start=1):
        text = normalise_text(_LIST_NUMBER.sub("", normalise_text(line)))
        if not text:
            continue
        count += 1
        if count > MOST_VILLAGES:
            raise TooManyVillages(limit=MOST_VILLAGES)
        written, _rest = split_kind(text)
        wanted = written if written in VILLAGE_KINDS else kind
        try:
            village = add_village(commune=commune, name=text, kind=wanted, by=by, at=at)
        except (VillageNameMissing, VillageNameTooLong) as error:
            raise VillageLineWrong(line=number, text=text[:40], reason=str(error)) from error
        found[village.pk] = village
    if not count:
        raise VillageNameMissing()
    return VillageReport(
        added=[village for pk, village in found.items() if pk not in before],
        known=[village for pk, village in found.items() if pk in before],
    )


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


def _village_name(name: str, kind: UnitKind) -> str:
    written, rest = split_kind(name)
    bare = rest if written == kind else normalise_text(name)
    if not bare:
        raise VillageNameMissing()
    limit = AdministrativeUnit._meta.get_field("name").max_length or 0
    if len(bare) > limit:
        raise VillageNameTooLong(limit=limit)
    return bare


def _next_segment(paths: Iterable[str]) -> str:
    """``t01``, ``t02`` …, never one that was used before, also by a village that is gone."""
    used = [path.rstrip("/").rpartition("/")[2].removeprefix("t") for path in paths]
    return f"t{max((int(number) for number in used if number.isdecimal()), default=0) + 1:02d}"
