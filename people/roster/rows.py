"""From the rows of a sheet to people: what is skipped, what is understood, what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.folding import fold
from common.tabular import CellValue, NumberText, Row, Sheet
from people.enums import RowOutcome
from people.models import RosterImport
from people.roster.addresses import AddressBook, written_address
from people.roster.cells import read_entry, read_fields, shown
from people.roster.columns import ENTRY_FIELDS, Layout, field_of
from people.roster.matching import Directory, Match, Repetitions, directory_of
from people.roster.problems import ERROR, Problem, asks_where, level_of
from people.roster.steps import Verdict, check_rows

# With accents: a total is "Tổng cộng", Tống is a family name.
_TOTAL = re.compile(r"^(?:tổng|cộng)\b|^tong (?:cong|so)\b|^cong[: ]*$", re.IGNORECASE)
_FOOTER = re.compile(
    r"^(?:nguoi lap|ke toan|giam doc|chu tich|thu truong|xac nhan|truong (?:ban|phong|thon)|thu quy|ky ten|"
    r"t/?m\.? |.{0,40}ngay .{1,6}thang .{1,6}nam|\(ky|lap bieu|noi nhan|ghi chu:)"
)
_SECTION = re.compile(r"^(?:[ivx]+[.)\s]|thon|xom|ap|ban|buon|to |doi|nhom|khu|phong|bo phan|chi nhanh|cum)\b")
_COUNTING = re.compile(r"\(?(?:\d{1,2}|[A-Z])\)?")
_IDENTITY_NUMBER = re.compile(r"0\d{11}")


@dataclass(slots=True)
class PersonRow:
    """A row that names somebody."""

    number: int
    cells: list[str]
    data: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    match: Match | None = None
    code: str = ""
    """Which row of which list it was, in a result file that comes back."""

    @property
    def has_error(self) -> bool:
        return any(level_of(problem.code) == ERROR for problem in self.problems)


def people_rows(
    sheet: Sheet,
    layout: Layout,
    addresses: AddressBook,
    skipped: list[int],
    of_all: Mapping[str, str] | None = None,
) -> Iterator[PersonRow]:
    """The rows of people below the header; numbers of rows passed over are added to `skipped`.

    `of_all` says that the list is a register on paper: what counts where a line is silent, see `cells.read_entry`.
    """
    over = False
    for row in sheet.rows:
        if row.number < layout.first_row:
            continue
        cells = _Cells(row, layout)
        if not over and cells.is_footer:
            over = True
        if cells.is_noise or (over and not cells.is_certain):
            skipped.append(row.number)
            continue
        over = False
        yield _understand(cells, addresses, of_all)


class _Cells:
    """One row seen through the layout."""

    def __init__(self, row: Row, layout: Layout) -> None:
        self.row = row
        self.layout = layout

    def get(self, name: str) -> CellValue:
        column = self.layout.columns.get(name)
        return self.row.cells[column] if column is not None and column < len(self.row.cells) else ""

    def text(self, name: str) -> str:
        return shown(self.get(name))

    @property
    def name(self) -> str:
        if "full_name" in self.layout.columns:
            return self.text("full_name")
        return f"{self.text('family_name')} {self.text('given_name')}".strip()

    @property
    def birth(self) -> CellValue:
        return self.get("birth") or self.get("birth_women")

    @property
    def code(self) -> str:
        column = self.layout.codes
        return shown(self.row.cells[column]) if column is not None and column < len(self.row.cells) else ""

    @property
    def filled(self) -> list[CellValue]:
        return [cell for cell in self.row.cells if cell != ""]

    @property
    def is_counted(self) -> bool:
        column = self.layout.counter
        cell = self.row.cells[column] if column is not None and column < len(self.row.cells) else ""
        return isinstance(cell, str) and cell.strip(" .").isdecimal()

    @property
    def is_certain(self) -> bool:
        """Whether the row is somebody for certain: a number, phone or birth beside the name, or that of a paper."""
        if self.code or any(map(str.isdigit, self.text("serial"))):
            return True
        digits = sum(letter.isdigit() for letter in self.text("phone"))
        return bool(self.name) and (self.is_counted or digits >= 6 or any(map(str.isdigit, shown(self.birth))))

    @property
    def is_footer(self) -> bool:
        """Whether the lines below the list begin: date, signatures."""
        if self.is_certain:
            return False
        return any(isinstance(cell, str) and _FOOTER.match(fold(cell)) for cell in self.filled)

    @property
    def is_noise(self) -> bool:
        """Whether the row names nobody: total, column numbers, repeated header, heading of a group, empty."""
        if self.code:
            return False
        filled = self.filled
        first = shown(filled[0])
        if _TOTAL.match(first) or _TOTAL.match(self.name):
            return True
        if len(filled) >= 3 and all(_COUNTING.fullmatch(shown(cell)) for cell in filled):
            return True
        fields = self.layout.fields
        if field_of(self.get("full_name"), fields) or field_of(self.get("given_name"), fields):
            return True
        if not self.name:
            # Only what tells of a person makes a row without a name a mistake.
            return self.get("phone") == "" and self.birth == "" and self.get("serial") == ""
        alone = len(filled) == 1 or (len(filled) == 2 and self.layout.counter is not None and not self.is_counted)
        return alone and not self.is_certain and bool(_SECTION.match(fold(self.name)))


def _understand(cells: _Cells, addresses: AddressBook, of_all: Mapping[str, str] | None) -> PersonRow:
    birth, phone = cells.birth, cells.get("phone")
    data, problems = read_fields(
        name=cells.name,
        birth=birth if birth != "" else None,
        phone=phone if phone != "" else None,
        title=cells.text("title"),
    )
    parts = {name: cells.text(name) for name in ("village", "commune", "address")}
    data["address"] = written_address(**parts)
    data["residence"], notes = addresses.find(**parts)
    if of_all is not None:
        add_entry(data, problems, {name: cells.get(name) for name in ENTRY_FIELDS}, of_all)
    return PersonRow(cells.row.number, kept_cells(cells.row, cells.layout), data, [*problems, *notes], code=cells.code)


def add_entry(
    data: dict[str, Any], problems: list[Problem], written: Mapping[str, CellValue], of_all: Mapping[str, str]
) -> None:
    """Add what a line of a register says beside the person."""
    serial, course = shown(written["serial"]), shown(written["course"])
    data["entry"], found = read_entry(serial=serial, issued_on=written["issued_on"], course=course, of_all=of_all)
    data["raw"] |= {"serial": serial, "issued_on": shown(written["issued_on"]), "course": course}
    # An old register is no list to text people by.
    problems[:] = [problem for problem in problems if problem.code != "phone-none"] + found


def kept_cells(row: Row, layout: Layout) -> list[str]:
    """The cells as text, for the result file; numbers of identity papers are not kept."""
    mapped = set(layout.columns.values())
    return [
        "" if column in layout.identity or (column not in mapped and _is_identity_number(cell)) else shown(cell)
        for column, cell in enumerate(row.cells)
    ]


def _is_identity_number(cell: CellValue) -> bool:
    """Twelve digits that start with 0, or eleven in a number cell, which lost it."""
    if not isinstance(cell, str):
        return False
    digits = cell.replace(" ", "")
    return bool(_IDENTITY_NUMBER.fullmatch("0" + digits if isinstance(cell, NumberText) else digits))


def judge(row: PersonRow, repetitions: Repetitions, directory: Directory) -> RowOutcome:
    """What will happen with a row; adds to its problems and sets its match."""
    row.data.pop("otherwise", None)
    if (row.data.get("decision") or {}).get("kind") != "done":
        if row.has_error:
            return RowOutcome.ERROR
        repeated = repetitions.look(row.number, row.data)
        row.problems += repeated
        if any(problem.code.startswith("duplicate") for problem in repeated):
            return RowOutcome.CONFLICT
        if row.has_error:
            return RowOutcome.ERROR
    row.match = directory.match(row.data)
    known = row.match.known
    if known is not None and known.residence_id is not None and row.match.outcome != RowOutcome.CREATE:
        # Where a known person lives is not taken from a list.
        row.problems = [problem for problem in row.problems if problem.field != "residence"]
    row.problems += row.match.problems
    if any(asks_where(problem.code) for problem in row.problems):
        row.data["otherwise"] = str(row.match.outcome)
        return RowOutcome.CONFLICT
    return row.match.outcome


def stored_problems(problems: list[Problem]) -> list[dict[str, Any]]:
    return [problem.as_json() for problem in problems]


def judge_all(rows: Sequence[PersonRow], roster: RosterImport, repetitions: Repetitions) -> list[RowOutcome]:
    """Outcomes of the rows of a list, which get their problems and their match. Few queries for all rows.

    `repetitions` knows the other rows of the file, if these are not all.
    """
    directory = directory_of(roster).load(row.data for row in rows if not row.has_error)
    outcomes = [judge(row, repetitions, directory) for row in rows]
    taken = [place for place, outcome in enumerate(outcomes) if outcome != RowOutcome.ERROR]
    for number, verdict in check_rows([rows[place].data for place in taken], roster).items():
        row = rows[taken[number]]
        outcome = told(verdict)
        if outcome == RowOutcome.SAME:
            row.match, row.problems = None, []
        row.problems += verdict.problems
        outcomes[taken[number]] = outcome or outcomes[taken[number]]
    return outcomes


def told(verdict: Verdict) -> RowOutcome | None:
    """What becomes of a row because of what the steps say of it; None: nothing else than without them."""
    if any(level_of(problem.code) == ERROR for problem in verdict.problems):
        return RowOutcome.ERROR
    return RowOutcome.SAME if verdict.is_done else None


def typed(data: Mapping[str, Any], name: str) -> str:
    """What stands in a field of the correction form: what was typed, else what was understood."""
    raw = str((data.get("raw") or {}).get(name, ""))
    if name in ENTRY_FIELDS:
        known = data["entry"][name] or ""
        return raw or ("/".join(reversed(known.split("-"))) if name == "issued_on" else known)
    return raw or str(data.get(name) or "")
