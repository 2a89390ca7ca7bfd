"""A result file that comes back: what was imported from it before, and what its manager has mended since.

Each row of a result file carries a code that says which row of which list it was, so that rows may be sorted,
deleted and copied into another file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from people.models import RosterImport, RosterRow
from people.roster.columns import Layout
from people.roster.rows import PersonRow

_CODE = re.compile(r"D(\d{1,12})-(\d{1,7})")
_BATCH = 500


def row_code(roster_id: int, number: int) -> str:
    """The code of a row in a result file. Never a number or a date, which a spreadsheet would rewrite."""
    return f"D{roster_id}-{number}"


def recognise_rows(people: Sequence[PersonRow], layout: Layout, roster: RosterImport) -> None:
    """Decide the rows that were imported before: done as they are, or mended and of a person who is known.

    A query for each list and 500 rows; codes of lists that others own say nothing.
    """
    wanted: dict[int, dict[int, PersonRow]] = defaultdict(dict)
    for row in people:
        if match := _CODE.fullmatch(row.code):
            wanted[int(match[1])].setdefault(int(match[2]), row)
    lists = RosterImport.objects.filter(**roster.owner).in_bulk(list(wanted))
    for pk, other in lists.items():
        numbers = list(wanted[pk])
        for start in range(0, len(numbers), _BATCH):
            done = other.rows.filter(number__in=numbers[start : start + _BATCH], applied_at__isnull=False)
            for former in done:
                _decide(wanted[pk][former.number], former, layout, other.columns)


def _decide(row: PersonRow, former: RosterRow, layout: Layout, columns: Mapping[str, int]) -> None:
    mine = _written(row.cells, layout.columns, layout.fields)
    theirs = _written(former.cells, columns, layout.fields)
    if all(mine[name] == theirs.get(name, "") for name in mine):
        row.data = {**former.data, "decision": {"kind": "done", "person": former.person_id}}
        row.problems = []
    elif former.person_id is not None:
        row.data["decision"] = {"kind": "mended", "person": former.person_id}


def _written(cells: Sequence[str], columns: Mapping[str, int], fields: tuple[str, ...]) -> dict[str, str]:
    """What stands in the columns that are understood."""
    return {name: cells[columns[name]] if columns[name] < len(cells) else "" for name in fields if name in columns}
