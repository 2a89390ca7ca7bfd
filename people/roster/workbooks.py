"""Files handed back: the template of a list, and the list with what became of every row."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import PurePath

from django.core.files import File
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from common.tabular import OutSheet, OutValue, write_workbook
from people.enums import RowOutcome
from people.models import RosterImport, RosterRow
from people.roster.problems import problem_text

TEMPLATE_NAME = "mau-danh-sach.xlsx"


def template_file() -> bytes:
    """An empty list with the columns that are understood and one row that shows how to fill them."""
    header = ["STT", "Họ và tên", "Năm sinh", "Số điện thoại", "Thôn", "Xã", "Chức vụ"]
    example = ["1", "Nguyễn Thị Mẫu", "15/03/1984", "0900 000 112", "Thôn 1", "", "Kế toán"]
    target = io.BytesIO()
    write_workbook(target, [OutSheet("Danh sách", header, [example], widths=[6, 30, 14, 18, 18, 20, 24])])
    return target.getvalue()


def result_file(roster: RosterImport) -> tuple[File, str]:
    """The rows as they stood in the file, with what happened and why; and the name to download it by."""
    headers = list(roster.reading.get("headers") or [])
    width = len(headers)
    for cells in roster.rows.values_list("cells", flat=True).iterator(chunk_size=500):
        width = max(width, len(cells))
    titles = [
        header or _("Column %(letter)s") % {"letter": column_letter(place)}
        for place, header in enumerate(headers + [""] * (width - len(headers)))
    ]
    header = [_("Row"), *titles, _("Result"), _("Reason")]
    target = io.BytesIO()
    write_workbook(target, [OutSheet(_("Result"), header, _result_rows(roster, width))])
    name = f"ket-qua-{PurePath(roster.filename).stem[:80]}.xlsx"
    return ContentFile(target.getvalue()), name


def _result_rows(roster: RosterImport, width: int) -> Iterator[list[OutValue]]:
    for row in roster.rows.order_by("number").iterator(chunk_size=500):
        cells = [str(cell) for cell in row.cells]
        reasons = " ".join(problem_text(problem) for problem in row.problems)
        yield [row.number, *cells, *[""] * (width - len(cells)), outcome_words(row), reasons]


def outcome_words(row: RosterRow) -> str:
    """What happened with a row, or why nothing did."""
    if row.applied_at is None:
        if row.outcome == RowOutcome.ERROR:
            return _("not imported: must be corrected")
        if row.outcome == RowOutcome.CONFLICT:
            return _("not imported: needs your decision")
        return _("not imported yet")
    return {
        RowOutcome.CREATE: _("added"),
        RowOutcome.UPDATE: _("completed"),
        RowOutcome.SAME: _("was there already"),
    }.get(RowOutcome(row.outcome), "")


def column_letter(place: int) -> str:
    """The letters above a column, counted from 0: A, B, …, Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
