"""CSV as it comes out of spreadsheets in Viet Nam: several encodings, several separators."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections import Counter

from common.tabular.exceptions import (
    CellTooLong,
    ContentBinary,
    EncodingUnknown,
    StrayCell,
    TooManyRows,
)
from common.tabular.legacy_text import find_broken_text, vietnamese_share
from common.tabular.tables import Limits, Row

_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 60
_VIETNAMESE_ENOUGH = 0.7


def read_delimited(content: bytes, sheet: str, limits: Limits) -> tuple[list[Row], str]:
    """Rows (raw text cells, row numbers as a spreadsheet counts them) and the encoding of a CSV.

    Raises a `TableError` for content that is no text, has an unknown encoding, an unclosed quotation
    mark, or more rows or columns than `limits` allow.
    """
    text, encoding = decode(content)
    lines = text.splitlines(keepends=True)
    offset = 0
    delimiter = None
    if lines and lines[0].lower().startswith("sep=") and len(lines[0].strip()) == 5:
        # Excel's own hint about the separator, on a line of its own.
        delimiter = lines[0][4]
        offset = 1
    body = "".join(lines[offset:])
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter or _delimiter(body))
    rows: list[Row] = []
    number = offset
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return rows, encoding
        except csv.Error as error:
            raise CellTooLong(row=number) from error
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        if len(cells) > limits.columns:
            raise StrayCell(sheet=sheet, cell=f"R{number}C{len(cells)}", row=number)
        rows.append(Row(number, list(cells)))
        if len(rows) > limits.rows:
            raise TooManyRows(sheet=sheet, limit=limits.rows)


def decode(content: bytes) -> tuple[str, str]:
    """The text in NFC, and its encoding: ``utf-8``, ``utf-16`` or ``cp1258``."""
    text, encoding = _decode(content)
    for number, line in enumerate(text.splitlines(), start=1):
        if any(character < " " and character not in "\t\r\n\f\v" for character in line):
            raise ContentBinary(row=number)
    return unicodedata.normalize("NFC", text), encoding


def _decode(content: bytes) -> tuple[str, str]:
    wide = _utf16(content)
    if wide is not None:
        try:
            return content.decode(wide).removeprefix("\ufeff"), "utf-16"
        except UnicodeDecodeError as error:
            raise EncodingUnknown(row=1) from error
    if b"\0" in content:
        raise ContentBinary(row=content[: content.index(b"\0")].count(b"\n") + 1)
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
    return _decode_legacy(content, row)


def _utf16(content: bytes) -> str | None:
    """The byte order of UTF-16, by its mark or, without one, by where the zero bytes are."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = content[:2000]
    if len(head) < 8 or b"\0" not in head:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) // 5 and even == 0:
        return "utf-16-le"
    if even > len(head) // 5 and odd == 0:
        return "utf-16-be"
    return None


def _decode_legacy(content: bytes, row: int) -> tuple[str, str]:
    """Windows-1258, or the error that names what else it is; `row` is the first that is not UTF-8."""
    try:
        text = unicodedata.normalize("NFC", content.decode("cp1258"))
    except UnicodeDecodeError:
        text = None
    if text is not None and vietnamese_share(text) >= _VIETNAMESE_ENOUGH:
        return text, "cp1258"
    as_stored = content.decode("latin-1")
    broken = find_broken_text(enumerate(as_stored.splitlines(), start=1))
    raise broken or EncodingUnknown(row=row)


def _delimiter(text: str) -> str:
    """The separator that splits most rows of the beginning into the same number of cells."""
    sample = "".join(text.splitlines(keepends=True)[:_SAMPLE_ROWS])
    best, best_score = ",", (0, 0)
    for delimiter in _DELIMITERS:
        widths: Counter[int] = Counter()
        try:
            for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
                widths[len(cells)] += 1
        except csv.Error:
            continue
        for width, count in widths.items():
            if width > 1 and (count, width) > best_score:
                best, best_score = delimiter, (count, width)
    return best
