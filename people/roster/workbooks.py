"""Files handed back: the template of a list, and the list with what became of every row."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

from django.core.files import File
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.tabular import OutSheet, OutValue, write_workbook
from people.enums import RowOutcome
from people.models import RosterImport
from people.roster.columns import STANDARD_TITLES, field_of, fields_of
from people.roster.problems import problem_text
from people.roster.returning import row_code

TEMPLATE_NAME = "mau-danh-sach.xlsx"
REGISTER_TEMPLATE_NAME = "mau-so-cu.xlsx"


def template_file() -> bytes:
    """An empty list with the columns that are understood and one row that shows how to fill them."""
    header = ["STT", "Họ và tên", "Năm sinh", "Số điện thoại", "Thôn", "Xã", "Chức vụ"]
    example = ["1", "Nguyễn Thị Mẫu", "15/03/1984", "0900 000 112", "Thôn 1", "", "Kế toán"]
    return _template(OutSheet("Danh sách", header, [example], widths=[6, 30, 14, 18, 18, 20, 24]))


def register_template_file() -> bytes:
    """The same for an old register."""
    header = ["STT", "Họ và tên", "Năm sinh", "Thôn", "Xã", "Số chứng nhận", "Ngày cấp", "Khóa học"]
    example = ["1", "Nguyễn Thị Mẫu", "15/03/1984", "Thôn 1", "", "12/2025", "20/10/2025", "Dùng dịch vụ công"]
    return _template(OutSheet("Sổ cũ", header, [example], widths=[6, 30, 14, 18, 20, 18, 14, 34]))


def _template(sheet: OutSheet) -> bytes:
    target = io.BytesIO()
    write_workbook(target, [sheet])
    return target.getvalue()


def result_file(roster: RosterImport) -> tuple[File, str]:
    """The rows as they stood in the file, with what happened and why; and the name to download it by.

    It can be corrected and uploaded again: its header is understood without help, see `_title`, and the code of each
    row says which one it is, see `people.roster.returning`.
    """
    rows = list(roster.rows.order_by("number").values_list("number", "cells", "outcome", "problems", "applied_at"))
    headers = list(roster.reading.get("headers") or [])
    width = max([len(headers), *(len(cells) for _number, cells, *_rest in rows)])
    fields = {place: name for name, place in roster.columns.items()}
    understood = fields_of(roster.is_register)
    titles = [
        _title(header, place, fields.get(place), understood)
        for place, header in enumerate(headers + [""] * (width - len(headers)))
    ]
    header = [_("Row"), *titles, _("Result"), _("Reason"), _("Row code")]
    target = io.BytesIO()
    write_workbook(target, [OutSheet(_("Result"), header, _result_rows(roster, rows, width))])
    name = f"ket-qua-{PurePath(roster.filename).stem[:80]}.xlsx"
    return ContentFile(target.getvalue()), name


def _title(header: str, place: int, field: str | None, understood: tuple[str, ...]) -> str:
    """A header that is read as what its column was read as: chosen by hand, empty or of two lines."""
    if field is None:
        is_other = field_of(header, understood) is not None
        return _("Other column: %(title)s") % {"title": header} if is_other else header or _letter_words(place)
    if field_of(header, understood) == field:
        return header
    return f"{STANDARD_TITLES[field]} ({header})" if header else STANDARD_TITLES[field]


def _letter_words(place: int) -> str:
    return _("Column %(letter)s") % {"letter": column_letter(place)}


def _result_rows(roster: RosterImport, rows: Iterable[tuple[Any, ...]], width: int) -> Iterator[list[OutValue]]:
    for number, cells, outcome, problems, applied_at in rows:
        reasons = " ".join(problem_text(problem) for problem in problems)
        words = outcome_words(outcome, is_applied=applied_at is not None, of_register=roster.is_register)
        yield [number, *cells, *[""] * (width - len(cells)), words, reasons, row_code(roster.pk, number)]


_DONE_WORDS = {
    RowOutcome.CREATE: gettext_lazy("added"),
    RowOutcome.UPDATE: gettext_lazy("completed"),
    RowOutcome.SAME: gettext_lazy("was there already"),
}


def outcome_words(outcome: str, *, is_applied: bool, of_register: bool) -> str:
    """What happened with a row, or why nothing did."""
    if not is_applied:
        if outcome == RowOutcome.ERROR:
            return _("not imported: must be corrected")
        if outcome == RowOutcome.CONFLICT:
            return _("not imported: needs your decision")
        return _("not imported yet")
    if of_register and outcome != RowOutcome.SAME:
        return _("entered")
    return str(_DONE_WORDS.get(RowOutcome(outcome), ""))


def column_letter(place: int) -> str:
    """The letters above a column, counted from 0: A, B, …, Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
