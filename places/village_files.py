"""Reading a commune's list of villages out of a spreadsheet as people have it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from common.folding import fold
from common.tabular import Limits, Row, read_table
from places.enums import VILLAGE_KINDS
from places.exceptions import NoVillageColumn

LIMITS = Limits(file_bytes=2 * 1024 * 1024, rows=2_000, seconds=10)
HEADER_WITHIN = 15  # rows; title rows come first
_KIND_WORDS = "|".join(sorted((fold(kind.label) for kind in VILLAGE_KINDS), key=len, reverse=True))
_NAME_HEADER = re.compile(rf"^(?:ten|ten goi)?\s*(?:{_KIND_WORDS}|tdp|village|name)?(?:\s*[,/(-].*)?$")
_KIND_HEADER = re.compile(r"^(?:loai|loai hinh|kieu|kind)\b")


def village_lines(path: Path, *, filename: str) -> list[str]:
    """The villages of the first sheet that has a column for them, one line each, the kind in front if it has its own
    column.

    Raises a `TableError` for a file that cannot be read and `NoVillageColumn`.
    """
    for sheet in read_table(path, filename=filename, limits=LIMITS).sheets:
        for place, row in enumerate(sheet.rows[:HEADER_WITHIN]):
            names = [_folded(cell) for cell in row.cells]
            name = next((number for number, text in enumerate(names) if text and _NAME_HEADER.match(text)), None)
            if name is not None:
                kind = next((number for number, text in enumerate(names) if _KIND_HEADER.match(text)), None)
                return [line for row in sheet.rows[place + 1 :] if (line := _line(row, name, kind))]
    raise NoVillageColumn()


def _folded(cell: object) -> str:
    return fold(cell) if isinstance(cell, str) else ""


def _line(row: Row, name: int, kind: int | None) -> str:
    text = _text(row.cells, name)
    written = _text(row.cells, kind) if kind is not None else ""
    return f"{written} {text}".strip() if text else ""


def _text(cells: Sequence[object], number: int) -> str:
    return str(cells[number]).strip() if number < len(cells) else ""
