"""Files that people open in a spreadsheet: nothing in them may run."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import chain, islice
from pathlib import Path
from typing import IO, TextIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from common.clock import VIETNAM

OutValue = str | int | float | date | None
"""What a cell may be given; an aware `datetime` is written in Vietnamese time."""

_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9][0-9 .,]*|[+-]")
_LONGEST_CELL = 32_767
_NAME_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_WIDTH_SAMPLE = 200
_WIDEST = 60


@dataclass(frozen=True, slots=True)
class OutSheet:
    """A sheet to write: a bold header row, then `rows`, which may be a generator."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[OutValue]]
    widths: Sequence[int] = field(default=())
    """Column widths in characters; measured from the first rows where not given."""


def safe_cell(value: OutValue) -> OutValue:
    """`value` with an apostrophe before text that a spreadsheet would run as a formula.

    Numbers, and text that is only a number (+84912345678, -5), stay as they are.
    """
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)[: _LONGEST_CELL - 1]
    if text.startswith(_FORMULA_START) and not _PLAIN_NUMBER.fullmatch(text):
        return "'" + text
    return text


def write_workbook(target: str | Path | IO[bytes], sheets: Sequence[OutSheet]) -> None:
    """Write an .xlsx row by row: bold frozen header, text as text cells, dates as dd/mm/yyyy."""
    workbook = Workbook(write_only=True)
    taken: set[str] = set()
    for sheet in sheets:
        worksheet = workbook.create_sheet(_sheet_name(sheet.name, taken))
        rows = iter(sheet.rows)
        sample = list(islice(rows, _WIDTH_SAMPLE))
        worksheet.freeze_panes = "A2"
        for column, width in enumerate(_widths(sheet, sample), start=1):
            worksheet.column_dimensions[get_column_letter(column)].width = width
        worksheet.append([_header_cell(worksheet, title) for title in sheet.header])
        for row in chain(sample, rows):
            worksheet.append([_cell(worksheet, value) for value in row])
    workbook.save(target)


def write_csv(target: TextIO, header: Sequence[str], rows: Iterable[Sequence[OutValue]]) -> None:
    """Write a CSV with a byte order mark, without which Excel breaks the accents.

    Open `target` with ``encoding="utf-8", newline=""``.
    """
    target.write("\ufeff")
    writer = csv.writer(target)
    writer.writerow([safe_cell(title) for title in header])
    for row in rows:
        writer.writerow([_csv_value(value) for value in row])


def _csv_value(value: OutValue) -> OutValue:
    if isinstance(value, datetime):
        return _local(value).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return safe_cell(value)


def _cell(worksheet: WriteOnlyWorksheet, value: OutValue) -> Cell:
    if isinstance(value, str):
        cell = WriteOnlyCell(worksheet, str(safe_cell(value)))
        cell.data_type = "s"
        cell.number_format = "@"
        return cell
    if isinstance(value, datetime):
        cell = WriteOnlyCell(worksheet, _local(value))
        cell.number_format = "dd/mm/yyyy hh:mm"
        return cell
    if isinstance(value, date):
        cell = WriteOnlyCell(worksheet, datetime.combine(value, time.min))
        cell.number_format = "dd/mm/yyyy"
        return cell
    return WriteOnlyCell(worksheet, value)


def _header_cell(worksheet: WriteOnlyWorksheet, title: str) -> Cell:
    cell = _cell(worksheet, title)
    cell.font = Font(bold=True)
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell


def _local(moment: datetime) -> datetime:
    """Vietnamese wall time without a zone, which is all that a spreadsheet can hold."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(VIETNAM).replace(tzinfo=None)


def _widths(sheet: OutSheet, sample: list[Sequence[OutValue]]) -> list[int]:
    if sheet.widths:
        return list(sheet.widths)
    widths = [len(title) for title in sheet.header]
    for row in sample:
        for column, value in enumerate(row[: len(widths)]):
            length = 16 if isinstance(value, date) else len(str(value or ""))
            widths[column] = max(widths[column], length)
    return [min(width + 2, _WIDEST) for width in widths]


def _sheet_name(name: str, taken: set[str]) -> str:
    """A tab name that spreadsheets accept: 31 characters, no []:*?/\\, none twice."""
    base = _NAME_FORBIDDEN.sub(" ", name).strip("' ")[:31] or "Sheet"
    candidate, number = base, 1
    while candidate.casefold() in taken:
        number += 1
        suffix = f" {number}"
        candidate = base[: 31 - len(suffix)] + suffix
    taken.add(candidate.casefold())
    return candidate
