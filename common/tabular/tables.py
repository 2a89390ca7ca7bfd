"""What a read file looks like, and how large it may be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.utils.functional import Promise

MEGABYTE = 1024 * 1024


class NumberText(str):
    """The digits of a cell that the spreadsheet holds as a number: its leading zeros are gone.

    Whole numbers have no ``.0``. A reader who needs the zeros (phones) puts them back; one who cannot
    know them (identity numbers) refuses.
    """

    __slots__ = ()


CellValue = str | date
"""Text ('' for an empty cell, NFC, one line), `NumberText`, a `date`, or a `datetime` with a time of day."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds something; `number` counts from 1 as the spreadsheet shows it."""

    number: int
    cells: list[CellValue]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet and its rows; empty rows are left out, trailing empty cells too."""

    name: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Table:
    """A whole file: at least one sheet with at least one row."""

    sheets: list[Sheet]
    encoding: str
    """Of a CSV: ``utf-8``, ``utf-16``, ``cp1258``; of a workbook: ``xlsx`` or ``xls``."""
    warnings: list[str | Promise] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[Sheet, Row]]:
        """All rows of all sheets in order."""
        for sheet in self.sheets:
            for row in sheet.rows:
                yield sheet, row


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one upload may ask of this machine."""

    file_bytes: int = 10 * MEGABYTE
    unpacked_bytes: int = 150 * MEGABYTE
    unpacked_ratio: int = 250
    """Largest unpacked : packed of one member over 4 MB. Plain sheets stay under 60; a bomb nears 1,000."""
    members: int = 2_000
    sheets: int = 30
    rows: int = 20_000
    columns: int = 256
    text_characters: int = 20_000_000
    """Of all cells of all sheets together."""
    memory_bytes: int = 768 * MEGABYTE
    """Address space of the reading process."""
    seconds: int = 30
