"""A look into an .xlsx before anything parses it: is it one, how large does it get, how far does it reach.

One cell at XFD1048576 makes the parser ask for 549 GB and abort the process, from a file of 5 kB.
Runs inside the reading process (`common.tabular.child`).
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from xml.parsers import expat

from common.tabular.exceptions import (
    FileDamaged,
    FileProtected,
    OtherFileType,
    StrayCell,
    TooManyRows,
    TooManySheets,
    UnpacksTooLarge,
    WordDocument,
)
from common.tabular.tables import MEGABYTE, Limits

_CHUNK = 256 * 1024
_RATIO_MATTERS_FROM = 4 * MEGABYTE
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})$")


@dataclass(frozen=True, slots=True)
class Survey:
    """What a look at the sheets found."""

    formulas_without_value: int
    """Cells with a formula whose result was never stored: they read as empty."""


def survey_workbook(path: str, limits: Limits) -> Survey:
    """Check the workbook at `path` and how far its cells reach, without unpacking it to disk or memory.

    Raises a `TableError`: damaged, protected, another kind of file, too large unpacked, a stray cell,
    too many rows or sheets.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive, limits)
            sheets = _sheets(archive)
            if len(sheets) > limits.sheets:
                raise TooManySheets(limit=limits.sheets)
            unresolved = 0
            for member, name in sheets.items():
                unresolved += _survey_sheet(archive, member, name, limits)
            return Survey(formulas_without_value=unresolved)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        expat.ExpatError,
        NotImplementedError,
    ) as error:
        raise FileDamaged() from error
    except (KeyError, UnicodeDecodeError, OverflowError) as error:
        raise FileDamaged() from error


def _check_members(archive: zipfile.ZipFile, limits: Limits) -> None:
    members = archive.infolist()
    too_large = UnpacksTooLarge(limit_mb=limits.unpacked_bytes // MEGABYTE)
    if len(members) > limits.members:
        raise too_large
    names = {member.filename for member in members}
    if any(member.flag_bits & 0x1 for member in members):
        raise FileProtected()
    if "xl/workbook.xml" not in names:
        if "xl/workbook.bin" in names:
            raise OtherFileType()
        if any(name.startswith("word/") for name in names):
            raise WordDocument()
        raise OtherFileType()
    if sum(member.file_size for member in members) > limits.unpacked_bytes:
        raise too_large
    for member in members:
        large = member.file_size > _RATIO_MATTERS_FROM
        if large and member.file_size > limits.unpacked_ratio * max(member.compress_size, 1):
            raise too_large


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Archive member of every sheet, with the name people see on its tab."""
    targets: dict[str, str] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("Type", "").endswith(("/worksheet", "/chartsheet")):
            target = attributes.get("Target", "")
            base = "" if target.startswith("/") else "xl"
            targets[attributes.get("Id", "")] = posixpath.normpath(posixpath.join(base, target.removeprefix("/")))

    names: dict[str, str] = {}

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag != "sheet":
            return
        relation_id = next((value for key, value in attributes.items() if key.endswith(":id")), "")
        if relation_id in targets:
            names[targets[relation_id]] = attributes.get("name", "")

    _parse(archive, "xl/_rels/workbook.xml.rels", relation)
    _parse(archive, "xl/workbook.xml", sheet)
    members = set(archive.namelist())
    found = {member: name for member, name in names.items() if member in members}
    for member in sorted(members):
        if member.startswith("xl/worksheets/") and member.endswith(".xml"):
            found.setdefault(member, posixpath.basename(member).removesuffix(".xml"))
    return found


def _parse(
    archive: zipfile.ZipFile,
    member: str,
    on_start: Callable[[str, dict[str, str]], None],
) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = lambda tag, attributes: on_start(tag.rpartition(":")[2], attributes)
    with archive.open(member) as stream:
        parser.ParseFile(stream)


def _refuse_doctype(*_: object) -> None:
    # No spreadsheet program writes one; entities are only good for attacks.
    raise FileDamaged()


class _Extent:
    """Follows one sheet's XML and stops at the first cell that holds a value outside the limits."""

    def __init__(self, sheet: str, limits: Limits) -> None:
        self.sheet = sheet
        self.limits = limits
        self.row = self.column = 0
        self.filled_rows = 0
        self.last_filled = 0
        self.in_value = self.has_formula = self.has_value = False
        self.unresolved = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            self.leave_cell()
            reference = attributes.get("r")
            if reference is None:
                self.column += 1
            else:
                self.row, self.column = _position(reference)
        elif tag in ("v", "t"):
            self.in_value = True
        elif tag == "f":
            self.has_formula = True
            self.in_value = False
        elif tag == "row":
            self.leave_cell()
            number = attributes.get("r", "")
            self.row = int(number) if number.isdecimal() else self.row + 1
            self.column = 0

    def text(self, text: str) -> None:
        if not self.in_value or not text.strip():
            return
        self.in_value = False
        self.has_value = True
        if self.row != self.last_filled:
            self.last_filled = self.row
            self.filled_rows += 1
        if self.filled_rows > self.limits.rows:
            raise TooManyRows(sheet=self.sheet, limit=self.limits.rows)
        # A list may start lower than row 1; four times the limit still costs the parser little.
        if self.column > self.limits.columns or self.row > 4 * self.limits.rows:
            raise StrayCell(
                sheet=self.sheet,
                cell=f"{_letters(self.column)}{self.row}",
                row=self.row,
            )

    def leave_cell(self) -> None:
        if self.has_formula and not self.has_value:
            self.unresolved += 1
        self.in_value = self.has_formula = self.has_value = False


def _survey_sheet(archive: zipfile.ZipFile, member: str, name: str, limits: Limits) -> int:
    extent = _Extent(name, limits)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = extent.start
    parser.CharacterDataHandler = extent.text
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
    parser.Parse(b"", True)
    extent.leave_cell()
    return extent.unresolved


def _position(reference: str) -> tuple[int, int]:
    """Row and column, both from 1, of a reference such as ``B7``."""
    match = _REFERENCE.match(reference)
    if match is None:
        raise FileDamaged()
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
