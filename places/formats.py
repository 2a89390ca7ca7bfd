"""The files of units and of what became of them: CSV in UTF-8.

Units: one row each, parents before children.
Columns ``code,level,kind,name,parent,valid_from,valid_until``: `kind` as in `UnitKind`, `name` without the
word for the kind, `parent` the code of a unit in force on `valid_from`, days as YYYY-MM-DD, `valid_until`
empty for a unit without an end.

Changes: columns ``old,new,kind,effective_on,decree``, codes of the unit that ended on `effective_on` and of one that
began then (or went on); a divided unit has several rows.

`manage.py build_units` makes those in `places/data/`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from places.enums import KINDS_OF_LEVEL, ChangeKind, Level, UnitKind
from places.exceptions import UnitDataBroken

COLUMNS = ("code", "level", "kind", "name", "parent", "valid_from", "valid_until")
CHANGE_COLUMNS = ("old", "new", "kind", "effective_on", "decree")
DATA = Path(__file__).parent / "data"
SHIPPED_UNITS = DATA / "units.csv"
FORMER_UNITS = DATA / "former-units.csv"
SHIPPED_CHANGES = DATA / "changes.csv"


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """One unit as the file has it; `parent` is '' for the country alone."""

    code: str
    level: Level
    kind: UnitKind
    name: str
    parent: str
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """What one unit became; codes, because names repeat."""

    old: str
    new: str
    kind: ChangeKind
    effective_on: date
    decree: str


def read_changes(path: Path = SHIPPED_CHANGES) -> list[ChangeRecord]:
    """The changes in the file at `path`; raises `UnitDataBroken` with the row for anything out of order."""
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if tuple(reader.fieldnames or ()) != CHANGE_COLUMNS:
            raise UnitDataBroken(row=1, reason=f"columns must be {','.join(CHANGE_COLUMNS)}")
        return [_change(number, row) for number, row in enumerate(reader, start=2)]


def write_changes(path: Path, changes: Iterable[ChangeRecord]) -> None:
    """Write `changes` in the order given; the same changes give the same bytes."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(CHANGE_COLUMNS)
        for change in changes:
            writer.writerow([change.old, change.new, change.kind.value, change.effective_on.isoformat(), change.decree])


def _change(number: int, row: dict[str, str]) -> ChangeRecord:
    try:
        return ChangeRecord(
            old=row["old"],
            new=row["new"],
            kind=ChangeKind(row["kind"]),
            effective_on=date.fromisoformat(row["effective_on"]),
            decree=row["decree"] or "",
        )
    except (ValueError, TypeError) as error:
        raise UnitDataBroken(row=number, reason=str(error)) from error


def read_units(path: Path = SHIPPED_UNITS) -> list[UnitRecord]:
    """The units in the file at `path`; raises `UnitDataBroken` with the row for anything out of order."""
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise UnitDataBroken(row=1, reason=f"columns must be {','.join(COLUMNS)}")
        return [_record(number, row) for number, row in enumerate(reader, start=2)]


def write_units(path: Path, records: Iterable[UnitRecord]) -> None:
    """Write `records` in the order given; the same records give the same bytes."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for record in records:
            writer.writerow(
                [
                    record.code,
                    record.level.value,
                    record.kind.value,
                    record.name,
                    record.parent,
                    record.valid_from.isoformat(),
                    record.valid_until.isoformat() if record.valid_until else "",
                ]
            )


def _record(number: int, row: dict[str, str]) -> UnitRecord:
    try:
        record = UnitRecord(
            code=row["code"],
            level=Level(row["level"]),
            kind=UnitKind(row["kind"]),
            name=row["name"],
            parent=row["parent"],
            valid_from=date.fromisoformat(row["valid_from"]),
            valid_until=date.fromisoformat(row["valid_until"]) if row["valid_until"] else None,
        )
    except (ValueError, TypeError) as error:
        raise UnitDataBroken(row=number, reason=str(error)) from error
    if not record.code or not record.name:
        raise UnitDataBroken(row=number, reason="code and name must not be empty")
    if record.kind not in KINDS_OF_LEVEL[record.level]:
        raise UnitDataBroken(row=number, reason=f"{record.kind} is no kind of {record.level}")
    return record
