"""Uploaded tables, read safely: type by content, limits first, workbooks in their own process."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.folding import normalise_text
from common.tabular.delimited import read_delimited
from common.tabular.exceptions import (
    FileDamaged,
    FileEmpty,
    FileProtected,
    FileTooLarge,
    NoRows,
    OtherFileType,
    PdfDocument,
    PictureFile,
    ReadTimedOut,
    ReadTooHeavy,
    TableError,
    WebPage,
    WordDocument,
    error_from,
)
from common.tabular.legacy_text import find_broken_text
from common.tabular.tables import (
    MEGABYTE,
    CellValue,
    Limits,
    NumberText,
    Row,
    Sheet,
    Table,
)

_ROOT = Path(__file__).resolve().parents[2]
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FORMULA_START = ("=", "+", "-", "@")
_MAGIC: tuple[tuple[bytes, type[TableError]], ...] = (
    (b"%PDF", PdfDocument),
    (b"\xff\xd8\xff", PictureFile),
    (b"\x89PNG", PictureFile),
    (b"GIF8", PictureFile),
    (b"BM", PictureFile),
    (b"II*\0", PictureFile),
    (b"MM\0*", PictureFile),
    (b"{\\rtf", WordDocument),
    (b"Rar!", OtherFileType),
    (b"7z\xbc\xaf", OtherFileType),
    (b"\x1f\x8b", OtherFileType),
    (b"MZ", OtherFileType),
    (b"\x7fELF", OtherFileType),
)
_TEXT_SIGNS = {b"BM", b"MZ"}


def read_table(path: str | Path, *, filename: str, limits: Limits | None = None) -> Table:
    """Read an uploaded .xlsx, .xlsm, .xls or .csv at `path`; `filename` is what the person called it.

    What the file holds decides how it is read, not its name. Text comes back in NFC on one line, whole
    numbers as `NumberText` without ``.0``, dates as `date`, formulas as their stored result, and text
    that starts with = + - @ as that text. Raises a `TableError` that says what to do; never lets a file
    take this process with it.
    """
    limits = limits or Limits()
    path = Path(path).resolve()
    size = path.stat().st_size
    if size == 0:
        raise FileEmpty()
    if size > limits.file_bytes:
        raise FileTooLarge(size_mb=-(-size // MEGABYTE), limit_mb=limits.file_bytes // MEGABYTE)
    with path.open("rb") as stream:
        head = stream.read(4096)
    kind = _kind(head, path)
    warnings: list[str | Promise] = []
    if kind == "csv":
        name = Path(filename).stem
        rows, encoding = read_delimited(path.read_bytes(), name, limits)
        sheets = [Sheet(name, rows)]
    else:
        sheets, warnings = _read_workbook(path, kind, limits)
        encoding = kind
    sheets = [Sheet(sheet.name, _tidy(sheet.rows)) for sheet in sheets]
    sheets = [sheet for sheet in sheets if sheet.rows]
    if not sheets:
        raise NoRows()
    broken = find_broken_text(
        (row.number, cell) for sheet in sheets for row in sheet.rows for cell in row.cells if isinstance(cell, str)
    )
    if broken is not None:
        raise broken
    return Table(sheets=sheets, encoding=encoding, warnings=warnings)


def _kind(head: bytes, path: Path) -> str:
    """``xlsx``, ``xls`` or ``csv`` by content; raises the error that names anything else."""
    for magic, error in _MAGIC:
        if head.startswith(magic) and not (magic in _TEXT_SIGNS and _looks_like_text(head)):
            raise error()
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "xlsx"
    if head.startswith(_OLE):
        return _ole_kind(path)
    if head[4:12] in (b"ftypheic", b"ftypmif1", b"ftypheix"):
        raise PictureFile()
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(
        (
            b"<!doctype",
            b"<html",
            b"<table",
            b"<?xml",
            b"<meta",
            b"<head",
            b"mime-version:",
        )
    ):
        raise WebPage()
    return "csv"


def _looks_like_text(head: bytes) -> bool:
    """Whether bytes that start like a picture or a program are only words, such as ``BM,Họ tên``."""
    return not any(byte < 9 or 13 < byte < 32 for byte in head)


def _ole_kind(path: Path) -> str:
    """What a compound file holds: an old workbook, an encrypted new one, or a Word document.

    The names of its streams stand in it as UTF-16.
    """
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise FileProtected()
    if "WordDocument".encode("utf-16-le") in content:
        raise WordDocument()
    if any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        return "xls"
    raise OtherFileType()


def _read_workbook(path: Path, kind: str, limits: Limits) -> tuple[list[Sheet], list[str | Promise]]:
    """Sheets and warnings as the reading process found them; its death becomes an error."""
    try:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "common.tabular.child",
                str(path),
                kind,
                json.dumps(asdict(limits)),
            ],
            cwd=_ROOT,
            env={"PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits.seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ReadTimedOut(seconds=limits.seconds) from error
    if done.returncode == -signal.SIGXCPU:
        raise ReadTimedOut(seconds=limits.seconds)
    if done.returncode < 0:
        # SIGABRT is the parser out of memory, SIGKILL the kernel's or the limit's word.
        raise ReadTooHeavy()
    if done.returncode > 0:
        raise FileDamaged()
    return _sheets(done.stdout.decode("utf-8"))


def _sheets(output: str) -> tuple[list[Sheet], list[str | Promise]]:
    sheets: list[Sheet] = []
    for raw in output.split("\n"):
        if not raw:
            continue
        line: dict[str, Any] = json.loads(raw)
        if "row" in line:
            sheets[-1].rows.append(Row(line["row"], [_value(cell) for cell in line["cells"]]))
        elif "sheet" in line:
            sheets.append(Sheet(line["sheet"], []))
        elif "error" in line:
            raise error_from(line["error"], line["params"])
        else:
            return sheets, _warnings(line)
    raise TableError()


def _warnings(end: dict[str, Any]) -> list[str | Promise]:
    warnings: list[str | Promise] = []
    if end["hidden"]:
        warnings.append(_("Hidden sheets were left out."))
    if end["unresolved"]:
        warnings.append(
            _(
                "Some cells hold a formula whose result is not stored in the file; they were read as empty. "
                "Open the file in Excel and save it once to fill them."
            )
        )
    return warnings


def _value(cell: str | dict[str, str]) -> CellValue:
    if isinstance(cell, str):
        return cell
    ((kind, text),) = cell.items()
    if kind == "number":
        return NumberText(text)
    return date.fromisoformat(text) if kind == "date" else datetime.fromisoformat(text)


def _tidy(rows: list[Row]) -> list[Row]:
    """Text in one form, empty ends and empty rows away."""
    tidy: list[Row] = []
    for row in rows:
        cells = [_tidy_cell(cell) for cell in row.cells]
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            tidy.append(Row(row.number, cells))
    return tidy


def _tidy_cell(cell: CellValue) -> CellValue:
    if not isinstance(cell, str) or isinstance(cell, NumberText):
        return cell
    text = normalise_text(cell)
    # The apostrophe that `safe_cell` and spreadsheets put before such text is no part of it.
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA_START) else text
