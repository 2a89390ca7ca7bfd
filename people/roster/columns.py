"""Finding the table in a sheet: which row is the header, which column is what.

Lists of co-operatives carry title rows above the header, merged cells, columns with many names, family and
given name apart, years of birth in two columns (men, women). Names of columns are compared without accents.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise

from common.folding import fold
from common.phones import InvalidPhone, normalise_phone
from common.tabular import CellValue, Row, Sheet

FIELDS = (
    "full_name",
    "family_name",
    "given_name",
    "birth",
    "birth_women",
    "phone",
    "title",
    "village",
    "commune",
    "address",
)
"""What a column may hold; `family_name` and `given_name` together replace `full_name`."""
ENTRY_FIELDS = ("serial", "issued_on", "course")
"""What a register on paper says besides: the number, the day, what was learnt."""
REGISTER_FIELDS = (*(name for name in FIELDS if name != "title"), *ENTRY_FIELDS)


def fields_of(is_register: bool) -> tuple[str, ...]:
    """What the columns of an old register, or of another list, may hold."""
    return REGISTER_FIELDS if is_register else FIELDS


_NAMES: dict[str, tuple[str, ...]] = {
    "full_name": (
        "ho va ten", "ho ten", "ho va ten xa vien", "ho va ten thanh vien", "ten xa vien", "ten thanh vien",
        "ten nhan vien", "ten nguoi lao dong", "ten can bo", "ten hoc vien", "hoc vien", "xa vien", "thanh vien",
        "nhan vien", "can bo", "ho va ten khai sinh", "ho chu dem va ten", "ho ten chu ho", "ho va ten chu ho",
        "chu ho", "ten chu ho", "ho va ten nguoi hoc", "ten nguoi hoc", "nguoi hoc", "nguoi lao dong", "hoi vien",
        "ten hoi vien", "doan vien", "ten doan vien", "dai bieu", "nguoi tham gia",
        "ten day du", "full name", "fullname", "name", "member", "member name", "employee", "employee name",
    ),
    "family_name": ("ho", "ho dem", "ho va dem", "ho lot", "ho va ten dem", "ho va chu dem", "ho va chu lot",
                    "ho chu dem", "ho ten dem", "ho va ten lot", "ho va lot", "family name", "last name", "surname"),
    "given_name": ("ten", "given name", "first name"),
    "birth": ("nam sinh", "ngay sinh", "ngay thang nam sinh", "ngay nam sinh", "ngay thang sinh", "sinh nam",
              "sinh ngay", "ns", "nam thang ngay sinh", "sinh ngay thang nam", "ntns", "nam sinh nam",
              "ngay sinh nam", "nam sinh cua nam", "sn", "date of birth", "dob", "birthday", "birthdate",
              "birth date", "year of birth", "birth year", "born"),
    "birth_women": ("nam sinh nu", "ngay sinh nu", "nam sinh cua nu"),
    "phone": ("so dien thoai", "dien thoai", "sdt", "so dt", "dt", "dtdd", "so dtdd", "di dong", "so di dong",
              "dien thoai di dong", "so may", "so lien lac", "so lien he", "lien he", "zalo", "so zalo", "sdt zalo",
              "dien thoai lien he", "dt lien he", "sdt lien he", "dien thoai lien lac", "dien thoai zalo", "hotline",
              "phone", "phone number", "phone no", "mobile", "mobile phone", "mobile number", "cell phone", "tel",
              "telephone"),
    "title": ("chuc vu", "chuc danh", "chuc vu chuc danh", "vi tri", "vi tri cong viec", "cong viec", "nhiem vu",
              "bo phan", "phong ban", "to doi", "to san xuat", "chuc vu cong tac", "vai tro",
              "position", "job title", "title", "role", "department"),
    "village": ("thon", "xom", "ap", "ban", "buon", "lang", "khu pho", "to dan pho", "thon xom", "thon ban",
                "thon ap", "thon to", "thon xom to", "thon to dan pho", "thon ban to dan pho", "khu dan cu", "khom",
                "khoi pho", "khoi", "khu", "soc", "plei", "thon ap ban", "thon buon", "thon lang", "thon khu pho",
                "ap khu pho", "tdp", "thon tdp", "ten thon", "village", "hamlet"),
    "commune": ("xa", "phuong", "xa phuong", "phuong xa", "xa thi tran", "xa phuong thi tran", "xa phuong dac khu",
                "xa phuong tt", "xa p tt", "thi tran", "dac khu", "ten xa", "commune", "ward"),
    "address": ("dia chi", "noi o", "cho o", "noi cu tru", "noi o hien nay", "cho o hien nay", "thuong tru",
                "noi thuong tru", "ho khau", "ho khau thuong tru", "dia chi thuong tru", "dia chi lien he",
                "dia chi hien tai", "dia chi cu tru", "dia chi noi o", "noi dang ky ho khau", "noi dkhk", "hktt",
                "noi sinh song", "address", "home address", "residence"),
    "serial": ("so chung nhan", "so giay chung nhan", "so hieu", "so hieu chung nhan", "so hieu giay chung nhan",
               "so gcn", "so chung chi", "so hieu chung chi", "so vao so", "so vao so cap", "so vao so goc",
               "so vao so chung nhan", "so cap", "so giay", "ma chung nhan", "certificate number", "certificate no",
               "serial", "serial number"),
    "issued_on": ("ngay cap", "ngay cap chung nhan", "ngay cap giay", "ngay cap giay chung nhan", "ngay cap chung chi",
                  "ngay cap gcn", "cap ngay", "ngay hoc", "ngay tap huan", "ngay hoan thanh", "ngay ket thuc",
                  "thoi gian",
                  "thoi gian hoc", "thoi gian tap huan", "ngay", "ngay thang", "issued on", "issue date",
                  "date of issue", "date"),
    "course": ("khoa hoc", "ten khoa hoc", "khoa", "lop", "ten lop", "lop hoc", "lop tap huan", "noi dung",
               "noi dung hoc", "noi dung tap huan", "noi dung dao tao", "noi dung boi duong", "chuyen de",
               "khoa dao tao", "khoa tap huan", "course", "course title", "training"),
}  # fmt: skip
STANDARD_TITLES = {
    "full_name": "Họ và tên", "family_name": "Họ và tên đệm", "given_name": "Tên", "birth": "Năm sinh",
    "birth_women": "Năm sinh nữ", "phone": "Số điện thoại", "title": "Chức vụ", "village": "Thôn", "commune": "Xã",
    "address": "Địa chỉ", "serial": "Số chứng nhận", "issued_on": "Ngày cấp", "course": "Khóa học",
}  # fmt: skip
"""A header that is always understood, for each field."""
_CODES = {"ma dong", "row code"}  # of a result file of ours, see `people.roster.workbooks`
_COUNTERS = {"stt", "tt", "so tt", "so thu tu", "no"}
_OTHERS = {*_COUNTERS, "ghi chu", "gioi tinh", "nam nu", "gioi", "dan toc", "email", "e mail", "mail", "que quan"}
_NUMBER = "so"  # of the paper in a register, if the column does not number the lines or hold phones
_IDENTITY = re.compile(
    r"\b(cccd|cmnd|cmtnd|cmt|can cuoc|chung minh|dinh danh|so giay to|ho chieu|passport|bao hiem|bhxh|bhyt|ma so thue|"
    r"tai khoan|stk)\b"
)
_NOT_THE_PERSON = re.compile(
    r"\b(email|mail|don vi|co quan|cong ty|hop tac xa|htx|con|vo|chong|bo me|ngay cap|noi cap)\b"
)
_BY_NAME = {name: found for found, names in _NAMES.items() for name in names}
_HEADER_LIMIT = 60  # characters; a longer cell is a title
_HEADER_WITHIN = 60  # rows looked at from the top
_SAMPLE = 40  # rows looked at when columns are guessed by what they hold

_NAME_LIKE = re.compile(r"[^\W\d_]+(?:[ '’.-]+[^\W\d_]+){1,6}")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the list is on a sheet. Columns count from 0, `header_row` is the spreadsheet's number or 0."""

    sheet: str
    header_row: int
    columns: dict[str, int]
    headers: list[str]
    identity: list[int] = field(default_factory=list)
    first_row: int = 1
    """Number of the first row below the header."""
    score: int = 0
    counter: int | None = None
    """The column that numbers the rows."""
    codes: int | None = None
    """The column of a result file that says which row of which list this one was."""
    header_key: str = ""
    """What the header row is remembered by; '' without one."""
    is_chosen: bool = False
    """Whether somebody has said what the columns are, now or for an earlier file."""
    fields: tuple[str, ...] = FIELDS
    """What columns were looked for."""

    @property
    def has_names(self) -> bool:
        return "full_name" in self.columns or "given_name" in self.columns


def header_words(cell: CellValue) -> str:
    """A header as it is compared: ``Số ĐT (*)`` gives ``so dt``."""
    text = re.sub(r"\([^)]*\)", " ", str(cell)) if isinstance(cell, str) else ""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", fold(text)).split())


def header_key(cells: Sequence[CellValue], fields: tuple[str, ...] = FIELDS) -> str:
    """What a header row is remembered by: the same for the same words in the same columns of such a list."""
    words = [] if fields == FIELDS else ["register"]
    return hashlib.sha256("\t".join([*words, *map(header_words, cells)]).encode()).hexdigest()


def is_identity(cell: CellValue) -> bool:
    """Whether a header announces numbers of identity, insurance or bank papers, which are not kept."""
    return isinstance(cell, str) and bool(_IDENTITY.search(header_words(cell)))


def field_of(cell: CellValue, fields: tuple[str, ...] = FIELDS) -> str | None:
    """The field among `fields` that a header announces; None for anything else."""
    if not isinstance(cell, str) or not cell or len(cell) > _HEADER_LIMIT:
        return None
    words = header_words(cell)
    if _BY_NAME.get(words) in fields:
        return _BY_NAME[words]
    if _IDENTITY.search(words) or _NOT_THE_PERSON.search(words):
        return None
    # "Họ và tên xã viên tham gia", "Số điện thoại liên hệ": what begins with a known name of several words.
    parts = words.split()
    for length in range(len(parts) - 1, 0, -1):
        beginning = " ".join(parts[:length])
        if _BY_NAME.get(beginning) in fields and (length > 1 or beginning in {"sdt", "dtdd"}):
            return _BY_NAME[beginning]
    return None


def find_layout(sheet: Sheet, header_row: int | None = None, fields: tuple[str, ...] = FIELDS) -> Layout:
    """The layout of one sheet by these `fields`; with `header_row` that row is the header, whatever it holds (0: none).

    Without a row that looks like a header the columns are guessed by what they hold.
    """
    best: Layout | None = None
    if header_row is None:
        for position, row in enumerate(sheet.rows[:_HEADER_WITHIN]):
            candidate = _as_header(sheet, position, row, fields)
            if candidate.has_names and candidate.score >= 2 and (best is None or candidate.score > best.score):
                best = candidate
        if best is None:
            best = _lonely_header(sheet, fields)
        return best or _guess(sheet, fields)
    if header_row == 0:
        return _guess(sheet, fields)
    for position, row in enumerate(sheet.rows):
        if row.number == header_row:
            return _as_header(sheet, position, row, fields)
    return replace(_guess(sheet, fields), header_row=0)


def remembered_layout(
    sheet: Sheet, remembered: Mapping[str, dict[str, int]], fields: tuple[str, ...] = FIELDS
) -> Layout | None:
    """The layout by a header whose columns are remembered: `remembered` maps its key to them."""
    for position, row in enumerate(sheet.rows[:_HEADER_WITHIN] if remembered else ()):
        columns = remembered.get(header_key(row.cells, fields))
        if columns is not None:
            return replace(_as_header(sheet, position, row, fields), columns=dict(columns), is_chosen=True)
    return None


def best_layout(layouts: Sequence[Layout], rows: Sequence[int]) -> Layout:
    """The sheet most likely to hold the list: with names, most columns understood, most rows."""
    order = sorted(
        zip(layouts, rows, strict=True),
        key=lambda pair: (pair[0].has_names, pair[0].header_row > 0, min(pair[0].score, 3), pair[1], pair[0].score),
        reverse=True,
    )
    return order[0][0]


def _as_header(sheet: Sheet, position: int, row: Row, fields: tuple[str, ...]) -> Layout:
    columns: dict[str, int] = {}
    identity: list[int] = []
    counter = codes = None
    others = 0
    for column, cell in enumerate(row.cells):
        if is_identity(cell):
            identity.append(column)
        elif (found := field_of(cell, fields)) is not None and not _of_the_paper(cell, column, identity):
            columns.setdefault(found, column)
        elif header_words(cell) in _CODES:
            codes = column
        elif (words := header_words(cell)) in _OTHERS:
            others += 1
            if words in _COUNTERS:
                counter = column
    below = sheet.rows[position + 1] if position + 1 < len(sheet.rows) else None
    first_row = row.number + 1
    headers = [str(cell) if isinstance(cell, str) else "" for cell in row.cells]
    numbers = [column for column, cell in enumerate(row.cells) if header_words(cell) == _NUMBER]
    if below is not None and (subheads := _second_line(row, below, fields)) is not None:
        first_row = below.number + 1
        numbers += [column for column, cell in enumerate(below.cells) if header_words(cell) == _NUMBER]
        for column, (found, title) in subheads.items():
            if found not in columns or columns[found] != column:
                # What stands below says it more exactly: "Điện thoại" under "Liên hệ".
                columns = {name: place for name, place in columns.items() if place != column}
            if found:
                columns[found] = column
            headers += [""] * (column + 1 - len(headers))
            headers[column] = f"{headers[column]} {title}".strip()
        if "full_name" in columns and "given_name" in columns:
            columns.pop("full_name")
    if "full_name" in columns:
        columns.pop("family_name", None)  # "Hộ" reads like "Họ" without its accents
        columns.pop("given_name", None)
    if "given_name" in columns and "family_name" not in columns:
        # A column "Tên" alone holds whole names.
        columns["full_name"] = columns.pop("given_name")
    if "serial" in fields and "serial" not in columns:
        first = [line.cells for line in sheet.rows[position + 1 :] if line.number >= first_row][:_SAMPLE]
        for column in numbers:
            if counter is None and _counts(first, column):
                counter = column
            elif column not in columns.values() and _holds_numbers(first, column):
                columns.setdefault("serial", column)
    score = len(columns) + bool(identity) + bool(others)
    key = header_key(row.cells, fields)
    layout = Layout(
        sheet.name, row.number, columns, headers, identity, first_row, score, counter, codes, key, fields=fields
    )
    return _split_names(sheet, layout)


def _of_the_paper(cell: CellValue, column: int, identity: list[int]) -> bool:
    """Whether "ngày cấp" stands beside a number of identity, and tells the day of that paper."""
    return column - 1 in identity and header_words(cell) == "ngay cap"


def _second_line(header: Row, below: Row, fields: tuple[str, ...]) -> dict[int, tuple[str, str]] | None:
    """Columns that a second header line divides: year of birth into men and women, name into two, what stands under a
    merged cell. The field is '' for a column of none; None when the row below is no header.
    """
    found: dict[int, tuple[str, str]] = {}
    words = [header_words(cell) for cell in below.cells]
    if "nam" in words and "nu" in words:
        found[words.index("nam")] = ("birth", str(below.cells[words.index("nam")]))
        found[words.index("nu")] = ("birth_women", str(below.cells[words.index("nu")]))
    tells = {"family_name", "given_name"}
    divided = _divided(header, below)
    for column, cell in enumerate(below.cells):
        above = header.cells[column] if column < len(header.cells) else ""
        if (kind := field_of(cell, fields)) is not None and (kind in tells or above == "" or column in divided):
            found.setdefault(column, (kind, str(cell)))
        elif column in divided and words[column] in {*_OTHERS, _NUMBER}:
            found.setdefault(column, ("", str(cell)))
    # Data never consists of column names alone.
    filled = [cell for cell in below.cells if cell != ""]
    fits = all(field_of(cell, fields) or header_words(cell) in {*_OTHERS, _NUMBER, "nam", "nu"} for cell in filled)
    return found if fits and found else None


def _divided(header: Row, below: Row) -> set[int]:
    """The columns under header cells that are merged over several, each of which has a name of its own below."""
    found: set[int] = set()
    for column, cell in enumerate(header.cells):
        end = column + 1
        while end < len(below.cells) and below.cells[end] != "" and (end >= len(header.cells) or not header.cells[end]):
            end += 1
        if cell != "" and end > column + 1 and column < len(below.cells) and below.cells[column] != "":
            found.update(range(column, end))
    return found


def _values(rows: Sequence[Sequence[CellValue]], column: int) -> list[CellValue]:
    return [cells[column] for cells in rows if column < len(cells) and cells[column] != ""]


def _counts(rows: Sequence[Sequence[CellValue]], column: int) -> bool:
    """Whether a column numbers the lines: 1, 2, 3, …, perhaps anew in each group."""
    values = _values(rows, column)
    numbers = [int(cell) for cell in values if isinstance(cell, str) and cell.isdecimal()]
    if len(numbers) * 2 <= len(values) or 1 not in numbers[:2]:
        return False
    return 2 * sum(after - before == 1 for before, after in pairwise(numbers)) >= len(numbers) - 1


def _holds_numbers(rows: Sequence[Sequence[CellValue]], column: int) -> bool:
    """Whether a column holds numbers of papers, in most lines that have something there, and no phones."""
    values = _values(rows, column)
    numbers = [cell for cell in values if any(map(str.isdigit, str(cell))) and not _looks_like_phone(cell)]
    return len(numbers) * 2 > len(values)


def _split_names(sheet: Sheet, layout: Layout) -> Layout:
    """A header "Họ và tên" merged over two columns: the family name stands under it, the given name beside."""
    column = layout.columns.get("full_name")
    if column is None:
        return layout
    beside = column + 1
    if beside in layout.columns.values() or (beside < len(layout.headers) and layout.headers[beside]):
        return layout
    rows = [row.cells for row in sheet.rows if row.number >= layout.first_row][:_SAMPLE]
    named = [cells for cells in rows if len(cells) > column and isinstance(cells[column], str) and cells[column]]
    given = [cells for cells in named if len(cells) > beside and str(cells[beside]).isalpha()]
    if len(given) * 2 > len(named):
        columns = {name: place for name, place in layout.columns.items() if name != "full_name"}
        return replace(layout, columns={**columns, "family_name": column, "given_name": beside})
    return layout


def _lonely_header(sheet: Sheet, fields: tuple[str, ...]) -> Layout | None:
    """A list of names and nothing else, under one header cell."""
    for position, row in enumerate(sheet.rows[:_HEADER_WITHIN]):
        filled = [cell for cell in row.cells if cell != ""]
        if len(filled) <= 2:
            layout = _as_header(sheet, position, row, fields)
            if layout.has_names:
                return layout
    return None


def _guess(sheet: Sheet, fields: tuple[str, ...]) -> Layout:
    """Columns by what they hold, for a list without a header."""
    rows = sheet.rows[:_SAMPLE]
    width = max((len(row.cells) for row in rows), default=0)
    columns: dict[str, int] = {}
    shares: dict[str, dict[int, float]] = {"full_name": {}, "phone": {}, "birth": {}}
    for column in range(width):
        cells = [row.cells[column] for row in rows if len(row.cells) > column and row.cells[column] != ""]
        if len(cells) * 3 < len(rows) or not cells:
            continue
        for name, test in (("full_name", _looks_like_name), ("phone", _looks_like_phone), ("birth", _looks_like_birth)):
            shares[name][column] = sum(map(test, cells)) / len(cells)
    for name, found in shares.items():
        if found and max(found.values()) > 0.6:
            columns[name] = max(found, key=lambda place: found[place])
    first = sheet.rows[0].number if sheet.rows else 1
    return Layout(sheet.name, 0, columns, [""] * width, [], first, len(columns), fields=fields)


def _looks_like_name(cell: CellValue) -> bool:
    return isinstance(cell, str) and len(cell) <= 60 and bool(_NAME_LIKE.fullmatch(cell)) and cell.strip()[:1].isupper()


def _looks_like_phone(cell: CellValue) -> bool:
    if not isinstance(cell, str):
        return False
    try:
        return bool(normalise_phone(cell))
    except InvalidPhone:
        return False


def _looks_like_birth(cell: CellValue) -> bool:
    if isinstance(cell, date):
        return True
    return bool(re.fullmatch(r"(19|20)\d\d|\d{1,2}[./-]\d{1,2}[./-](19|20)\d\d", cell))
