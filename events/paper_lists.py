"""Lists of a class as people have them: lines typed or pasted, or a spreadsheet; and whom they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from common.folding import fold
from common.tabular import CellValue, Limits, read_table
from events.exceptions import ListEmpty, ListTooLong, NoNames
from events.models import ClassSession
from people.models import Person
from people.roster.cells import read_birth, read_name, read_phone, shown
from people.roster.columns import Layout, field_of, find_layout

MOST_LINES = 200
LIMITS = Limits(file_bytes=2 * 1024 * 1024, rows=2_000, seconds=10)
_NUMBERED = re.compile(r"^\s*\d{1,3}\s*[.)\t:-]\s*")
_SEPARATOR = re.compile(r"[\t;,|]+")
_YEAR_AT_END = re.compile(r"^(?P<name>.*?\D)[\s(-]+(?P<year>(?:19|20)\d\d)\)?\s*$")


@dataclass(frozen=True)
class ListLine:
    """One line of a list; `number` counts from 1. With a `problem` nobody can be kept by it."""

    number: int
    full_name: str
    birth_year: int | None = None
    phone: str = ""
    problem: str = ""
    written: str = ""
    """How a line with a problem stands in the list."""

    @property
    def text(self) -> str:
        """The line as `read_lines` reads it again, with its problem if it has one."""
        return self.written or "; ".join(
            part for part in (self.full_name, str(self.birth_year or ""), self.phone) if part
        )


@dataclass(frozen=True)
class Meant:
    """A line and the people it may mean, those of the place first."""

    line: ListLine
    people: list[Person] = field(default_factory=list)


def read_lines(text: str) -> list[ListLine]:
    """Lines such as `1. Nguyễn Thị Ngọc Ánh, 1961, 0912345678`: a name, then year and phone as far as known.

    Raises `ListEmpty`, `ListTooLong`.
    """
    found = [cells for line in text.splitlines() if (cells := _cells(line))]
    if found and field_of(found[0][0]) in ("full_name", "given_name"):
        found = found[1:]
    return _checked(_line(number, cells[0], cells[1:]) for number, cells in enumerate(found, 1))


def read_file(path: Path, *, filename: str) -> list[ListLine]:
    """The people of the first sheet that has a column with names.

    Raises a `TableError` for a file that cannot be read, `NoNames`, `ListEmpty`, `ListTooLong`.
    """
    for sheet in read_table(path, filename=filename, limits=LIMITS).sheets:
        layout = find_layout(sheet)
        if layout.has_names:
            rows = [row.cells for row in sheet.rows if row.number >= layout.first_row]
            named = [(_name(cells, layout), cells) for cells in rows]
            listed = [(name, cells) for name, cells in named if name and not name.isdecimal()]
            return _checked(
                _line(
                    number,
                    name,
                    [cell for key in ("birth", "birth_women", "phone") for cell in _at(cells, layout, key)],
                )
                for number, (name, cells) in enumerate(listed, 1)
            )
    raise NoNames()


def whom_they_mean(lines: Sequence[ListLine], session: ClassSession, user: Any) -> list[Meant]:
    """For each line the people of that name, and year as far as both are known, of those one looks after. One query."""
    names = {fold(line.full_name) for line in lines if not line.problem}
    people: dict[str, list[Person]] = {}
    helped = Person.objects.helped_by(user).learning().filter(name_folded__in=names).select_related("residence__parent")
    for person in helped.order_by("name_key", "birth_year", "pk"):
        people.setdefault(person.name_folded, []).append(person)
    place = session.unit.present_path

    def far(person: Person) -> bool:
        return person.residence is None or not person.residence.present_path.startswith(place)

    return [
        Meant(
            line,
            sorted(
                (person for person in people.get(fold(line.full_name), []) if _may_be(person, line)),
                key=lambda person: (far(person), person.pk),
            ),
        )
        for line in lines
    ]


def _may_be(person: Person, line: ListLine) -> bool:
    return line.birth_year is None or person.birth_year is None or person.birth_year == line.birth_year


def _checked(lines: Iterable[ListLine]) -> list[ListLine]:
    found = list(lines)
    if not found:
        raise ListEmpty()
    if len(found) > MOST_LINES:
        raise ListTooLong(limit=MOST_LINES)
    return found


def _cells(line: str) -> list[str]:
    bare = _NUMBERED.sub("", line)
    cells = [cell.strip() for cell in _SEPARATOR.split(bare) if cell.strip()]
    if len(cells) == 1 and (ended := _YEAR_AT_END.match(cells[0])):
        return [ended["name"].strip(" -("), ended["year"]]
    return cells


def _line(number: int, name: str, others: Sequence[CellValue]) -> ListLine:
    full_name, problems = read_name(name)
    written = "; ".join([name, *(shown(cell) for cell in others)])
    if any(problem.code not in ("name-recased",) for problem in problems):
        return ListLine(number, full_name or name, problem=_("This does not look like a full name."), written=written)
    birth_year, phone = None, ""
    for cell in others:
        year, _day, wrong = read_birth(cell)
        if year is not None and birth_year is None:
            birth_year = year
            continue
        found, _notes = read_phone(cell)
        if found:
            phone = found
        elif wrong:
            words = _("“%(text)s” is neither a year of birth nor a phone number.") % {"text": shown(cell)}
            return ListLine(number, full_name, problem=words, written=written)
    return ListLine(number, full_name, birth_year, phone)


def _name(cells: Sequence[CellValue], layout: Layout) -> str:
    parts = [cell for key in ("full_name", "family_name", "given_name") for cell in _at(cells, layout, key)]
    return " ".join(shown(part) for part in parts).strip()


def _at(cells: Sequence[CellValue], layout: Layout, key: str) -> list[CellValue]:
    place = layout.columns.get(key)
    return [cells[place]] if place is not None and place < len(cells) and cells[place] is not None else []
