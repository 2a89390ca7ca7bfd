"""The process that opens a workbook: ``python -m common.tabular.child PATH KIND LIMITS``.

A parser in native code that runs out of memory aborts, and nothing in Python can catch that; so it does
so here, alone, under a limit of memory and of processor time. Prints JSON lines: sheets, rows, an end
mark, or one error with its code. Loads no settings and holds no secret.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine

from common.tabular.archive import survey_workbook
from common.tabular.exceptions import (
    FileDamaged,
    FileProtected,
    ReadTooHeavy,
    StrayCell,
    TableError,
    TooManyRows,
    TooManySheets,
    TooMuchText,
)
from common.tabular.tables import Limits


def main(arguments: list[str]) -> None:
    path, kind, raw_limits = arguments
    limits = Limits(**json.loads(raw_limits))
    # The reader's own libraries are mapped by now, so a broken file is what meets the limit.
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        for line in _lines(path, kind, limits):
            _print(line)
    except TableError as error:
        _print({"error": error.code, "params": error.params})
    except MemoryError:
        _print({"error": ReadTooHeavy.code, "params": {}})


def _print(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def _lines(path: str, kind: str, limits: Limits) -> Iterator[dict[str, Any]]:
    unresolved = survey_workbook(path, limits).formulas_without_value if kind == "xlsx" else 0
    try:
        # From the content: by a path its suffix would decide, and many an .xlsx is named .xls.
        with open(path, "rb") as content:
            workbook = python_calamine.load_workbook(content)
        metadata = workbook.sheets_metadata
    except python_calamine.PasswordError as error:
        raise FileProtected() from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise FileDamaged() from error
    worksheets = [sheet for sheet in metadata if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet]
    visible = [s for s in worksheets if s.visible == python_calamine.SheetVisibleEnum.Visible]
    chosen = visible or worksheets
    if len(chosen) > limits.sheets:
        raise TooManySheets(limit=limits.sheets)
    characters = 0
    for sheet in chosen:
        yield {"sheet": sheet.name}
        for number, cells in _rows(workbook, sheet.name, limits):
            characters += sum(len(cell) for cell in cells if isinstance(cell, str))
            if characters > limits.text_characters:
                raise TooMuchText(sheet=sheet.name, row=number)
            yield {"row": number, "cells": cells}
    yield {
        "end": True,
        "hidden": len(worksheets) - len(chosen),
        "unresolved": unresolved,
    }


def _rows(workbook: python_calamine.CalamineWorkbook, name: str, limits: Limits) -> Iterator[tuple[int, list[Any]]]:
    """Rows that hold something, with their number from 1, as JSON-ready cells without empty ends."""
    try:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.end is not None:
            _check_extent(sheet.end, name, limits)
        rows = sheet.to_python(skip_empty_area=False)
    except python_calamine.CalamineError as error:
        raise FileDamaged() from error
    filled = 0
    for number, values in enumerate(rows, start=1):
        cells = [_cell(value) for value in values]
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            filled += 1
            if filled > limits.rows:
                raise TooManyRows(sheet=name, limit=limits.rows)
            yield number, cells


def _check_extent(end: tuple[int, int], name: str, limits: Limits) -> None:
    """For .xls, which has no look beforehand; `end` counts from 0."""
    row, column = end[0] + 1, end[1] + 1
    if column > limits.columns or row > 4 * limits.rows:
        raise StrayCell(sheet=name, cell=f"R{row}C{column}", row=row)


def _cell(value: Any) -> str | dict[str, str]:
    """Text as it is; numbers and dates as an object with one key that tells which."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        whole = isinstance(value, int) or value.is_integer()
        return {"number": str(int(value)) if whole else repr(value)}
    if isinstance(value, datetime):
        if value.time() == time.min:
            return {"date": value.date().isoformat()}
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, timedelta):
        return str(value)
    return ""


if __name__ == "__main__":
    main(sys.argv[1:])
