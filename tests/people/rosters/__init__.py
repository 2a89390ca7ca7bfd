"""Lists of people as they come, good and bad, made when they are asked for.

`GOOD` maps a name to `(file name, content)` and to what must come of it, `BAD` to the beginning of what the manager
is told.
"""

from __future__ import annotations

import datetime
import io
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook

HEADER = ["STT", "Họ và tên", "Năm sinh", "Số điện thoại", "Chức vụ"]
PEOPLE = [
    [1, "Trần Thị Ngọc Ánh", 1988, "0900 000 112", "Kế toán"],
    [2, "Lê Quang Bảy", 1965, "0900 000 135", "Tổ sản xuất 2"],
    [3, "Vũ Thị Bưởi", 1993, "", "Đóng gói"],
]
NAMES = ["Trần Thị Ngọc Ánh", "Lê Quang Bảy", "Vũ Thị Bưởi"]
MEGABYTE = 2**20


@dataclass(frozen=True)
class Good:
    """A file that is understood: names in order, and what matters of the first person."""

    make: Callable[[], bytes]
    filename: str = "ds xa vien.xlsx"
    names: Sequence[str] = tuple(NAMES)
    first: dict[str, Any] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=lambda: {"create": 3})
    codes: Sequence[tuple[int, str]] = ()
    """Row numbers with the problem each must carry."""


@dataclass(frozen=True)
class Bad:
    """A file that is refused, with the code of the refusal and what the sentence must hold."""

    make: Callable[[], bytes]
    filename: str
    code: str
    holds: str = ""


def workbook(rows: Iterable[Sequence[Any]], *, title: str = "Danh sách", more: dict[str, list] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for name, others in (more or {}).items():
        extra = book.create_sheet(name)
        for row in others:
            extra.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def csv_text(rows: Iterable[Sequence[Any]], separator: str = ",") -> str:
    return "".join(separator.join(str(cell) for cell in row) + "\r\n" for row in rows)


def plain() -> bytes:
    return workbook([HEADER, *PEOPLE])


def title_rows_and_merged_cells() -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.append(["HỢP TÁC XÃ BẾN HẠ"])
    sheet.append(["DANH SÁCH XÃ VIÊN NĂM 2026"])
    sheet.append([])
    sheet.append(["STT", "Họ và tên", None, "Năm sinh", "Số ĐT", "Chức vụ"])
    sheet.append([1, "Trần Thị Ngọc", "Ánh", 1988, 900000112, "Kế toán"])
    sheet.append([2, "Lê Quang", "Bảy", 1965, 900000135, "Tổ sản xuất 2"])
    sheet.append([3, "Vũ Thị", "Bưởi", 1993, None, "Đóng gói"])
    sheet.append(["Tổng cộng: 3 người"])
    sheet.append([])
    sheet.append([None, "Người lập biểu", None, None, "Giám đốc"])
    sheet.append([None, "Trần Thị Ngọc Ánh", None, None, "Phạm Văn Dũng"])
    for area in ("A1:F1", "A2:F2", "B4:C4", "A8:F8"):
        sheet.merge_cells(area)
    return saved(book)


def two_columns_of_names() -> bytes:
    rows = [[row[0], row[1].rsplit(" ", 1)[0], row[1].rsplit(" ", 1)[1], row[2], row[3]] for row in PEOPLE]
    return workbook([["TT", "Họ đệm", "Tên", "Ngày sinh", "Điện thoại"], *rows])


def two_header_rows() -> bytes:
    return workbook(
        [
            ["STT", "Họ và tên", "Năm sinh", None, "SĐT/Zalo", "Ghi chú"],
            [None, None, "Nam", "Nữ", None, None],
            [1, 2, 3, 4, 5, 6],
            [1, "Trần Thị Ngọc Ánh", None, 1988, "0900000112", ""],
            [2, "Lê Quang Bảy", 1965, None, "0900000135", ""],
            [3, "Vũ Thị Bưởi", None, 1993, "", ""],
        ]
    )


def merged_header_cells() -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.append(["STT", "Họ và tên", "Năm sinh", "Liên hệ", None, "Địa chỉ", None])
    sheet.append([None, None, None, "Email", "Điện thoại", "Thôn", "Xã"])
    for number, name, year, phone, _title in PEOPLE:
        sheet.append([number, name, year, None, phone, "Thôn 3", None])
    for area in ("A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:G1"):
        sheet.merge_cells(area)
    return saved(book)


def group_below_the_header() -> bytes:
    return workbook([HEADER, ["Thành viên"], *PEOPLE])


def groups_and_repeated_header() -> bytes:
    return workbook(
        [
            HEADER,
            ["I", "Tổ sản xuất 1"],
            PEOPLE[0],
            PEOPLE[1],
            HEADER,
            ["II", "Tổ sản xuất 2"],
            PEOPLE[2],
        ]
    )


def second_sheet() -> bytes:
    return workbook(
        [["Hướng dẫn điền danh sách"], ["Mỗi người một dòng"]],
        title="Hướng dẫn",
        more={"Xã viên": [["Danh sách xã viên"], [], HEADER, *PEOPLE]},
    )


def number_typed_phones() -> bytes:
    return workbook([HEADER, [1, "Trần Thị Ngọc Ánh", 1988.0, 900000112.0, ""], *PEOPLE[1:]])


def old_and_foreign_forms_of_phones() -> bytes:
    return workbook(
        [HEADER, [1, "Trần Thị Ngọc Ánh", 1988, "+84 (0)900.000.112", ""], [2, "Lê Quang Bảy", 1965, "01620000135", ""]]
    )


def decomposed_letters() -> bytes:
    rows = [HEADER, *PEOPLE]
    return workbook(
        [[unicodedata.normalize("NFD", cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
    )


def dates_of_all_kinds() -> bytes:
    return workbook(
        [
            ["Họ tên", "Ngày tháng năm sinh"],
            ["Trần Thị Ngọc Ánh", datetime.date(1988, 3, 15)],
            ["Lê Quang Bảy", "5/3/1965"],
            ["Vũ Thị Bưởi", "1993"],
            ["Phạm Văn Dũng", 26012],
            ["Đặng Văn Bính", "12-08-79"],
            ["Hoàng Văn Cúc", "02/25/1980"],
        ]
    )


def without_header() -> bytes:
    return workbook([row[:4] for row in PEOPLE])


def names_only() -> bytes:
    return workbook([["Danh sách học viên"], ["Họ và tên"], *[[name] for name in NAMES]])


def with_identity_numbers() -> bytes:
    return workbook(
        [
            ["STT", "Họ tên", "Năm sinh", "SĐT", "Số CCCD", "Mã"],
            [1, "Trần Thị Ngọc Ánh", 1988, "0900000112", "038188000111", "038188000111"],
            [2, "Lê Quang Bảy", 1965, "0900000135", 38165000222, ""],
            [3, "Vũ Thị Bưởi", 1993, "", "", ""],
        ]
    )


def with_errors() -> bytes:
    return workbook(
        [
            ["HTX BẾN HẠ"],
            HEADER,
            [1, "Đặng Văn Bính", 1979, "09000004", ""],
            [2, "Hoà", 1990, "0900 000 218", ""],
            [3, "Lê Quang Bảy", "năm con rồng", "0900 000 135", ""],
            [4, "", 1960, "0900 000 139", ""],
            [5, "Vũ Thị Bưởi", 1893, "", ""],
            [6, "Bùi Văn 2", 1980, "", ""],
            PEOPLE[0],
        ]
    )


def with_repetitions() -> bytes:
    return workbook(
        [
            HEADER,
            [1, "Nguyễn Thị Hoa", 1984, "0900 000 163", ""],
            [2, "Nguyen Thi Hoa", 1984, "0900 000 163", ""],
            [3, "Phạm Thị Dung", 1975, "0900 000 277", ""],
            [4, "Phạm Văn Dũng", 1971, "0900 000 277", ""],
            [5, "Nguyễn Thị Hoa", 1991, "", ""],
            [6, "Nguyễn Thị Hoa", "", "", ""],
        ]
    )


def formulas() -> bytes:
    book = Workbook()
    sheet = book.active
    for row in [HEADER, *PEOPLE]:
        sheet.append(row)
    cell = sheet.cell(row=2, column=5, value="=HYPERLINK(1)")
    cell.data_type = "s"
    return saved(book)


def formula_as_name() -> bytes:
    return csv_text([HEADER, [1, "=2+5+cmd|' /C calc'!A0", 1988, "", ""], *PEOPLE[1:]]).encode("utf-8")


def legacy_letters() -> bytes:
    """Windows-1258 stores some tones as marks of their own."""
    out = bytearray()
    for character in csv_text([HEADER, *PEOPLE]):
        try:
            out += character.encode("cp1258")
        except UnicodeEncodeError:
            decomposed = unicodedata.normalize("NFD", character)
            base = unicodedata.normalize("NFC", decomposed[:-1])
            tones = {"\u0323", "\u0301", "\u0300", "\u0309", "\u0303"}
            tone = next(mark for mark in decomposed[1:] if mark in tones)
            base = unicodedata.normalize("NFC", decomposed.replace(tone, ""))
            out += base.encode("cp1258") + tone.encode("cp1258")
    return bytes(out)


def old_workbook_as_csv_name() -> bytes:
    return plain()


def far_cell() -> bytes:
    """A cell at the last corner of the sheet; 5 kB that would unfold to hundreds of gigabytes."""
    book = Workbook()
    sheet = book.active
    for row in [HEADER, *PEOPLE]:
        sheet.append(row)
    content = saved(book)
    source = zipfile.ZipFile(io.BytesIO(content))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for member in source.infolist():
            data = source.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                stray = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                data = data.replace(b"</sheetData>", stray)
            out.writestr(member.filename, data)
    return target.getvalue()


def zip_bomb() -> bytes:
    source = zipfile.ZipFile(io.BytesIO(plain()))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for member in source.infolist():
            data = source.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                data = data.replace(b"</sheetData>", b" " * (200 * MEGABYTE) + b"</sheetData>")
            out.writestr(member.filename, data)
    return target.getvalue()


def too_many_rows() -> bytes:
    return csv_text(
        [HEADER, *([n, f"Nguyễn Văn {'A' * (n % 7 + 1)}", 1980, "", ""] for n in range(1, 20_003))]
    ).encode()


CREATED = {"create": 3}
GOOD: dict[str, Good] = {
    "plain": Good(plain, first={"birth_year": 1988, "phone": "+84900000112", "title": "Kế toán"}),
    "title rows, merged cells, total, signatures": Good(
        title_rows_and_merged_cells, first={"phone": "+84900000112"}, codes=[(5, "phone-zero")]
    ),
    "family and given name apart": Good(two_columns_of_names, first={"full_name": "Trần Thị Ngọc Ánh"}),
    "two header rows": Good(two_header_rows, first={"birth_year": 1988}),
    "cells of the header merged over others": Good(
        merged_header_cells, first={"phone": "+84900000112", "address": "Thôn 3", "birth_year": 1988}
    ),
    "a group right below the header": Good(group_below_the_header, first={"phone": "+84900000112"}),
    "groups, repeated header": Good(groups_and_repeated_header),
    "list on the second sheet": Good(second_sheet),
    "phones typed as numbers": Good(number_typed_phones, first={"phone": "+84900000112"}, codes=[(2, "phone-zero")]),
    "phones of before": Good(
        old_and_foreign_forms_of_phones, names=NAMES[:2], first={"phone": "+84900000112"}, outcomes={"create": 2}
    ),
    "decomposed letters": Good(decomposed_letters, first={"full_name": "Trần Thị Ngọc Ánh"}),
    "dates of all kinds": Good(
        dates_of_all_kinds,
        names=[*NAMES, "Phạm Văn Dũng", "Đặng Văn Bính", "Hoàng Văn Cúc"],
        first={"birth_date": "1988-03-15", "birth_year": 1988},
        outcomes={"create": 6},
        codes=[(7, "birth-swapped")],
    ),
    "no header": Good(without_header, first={"phone": "+84900000112", "birth_year": 1988}),
    "names only": Good(names_only),
    "identity numbers": Good(with_identity_numbers, first={"phone": "+84900000112"}),
    "errors in rows": Good(
        with_errors,
        names=["Đặng Văn Bính", "Hoà", "Lê Quang Bảy", "", "Vũ Thị Bưởi", "Bùi Văn 2", "Trần Thị Ngọc Ánh"],
        outcomes={"error": 6, "create": 1},
        codes=[
            (3, "phone-too-short"),
            (4, "name-one-word"),
            (5, "birth-invalid"),
            (6, "name-missing"),
            (7, "birth-range"),
            (8, "name-characters"),
        ],
    ),
    "repeated people": Good(
        with_repetitions,
        names=[
            "Nguyễn Thị Hoa",
            "Nguyen Thi Hoa",
            "Phạm Thị Dung",
            "Phạm Văn Dũng",
            "Nguyễn Thị Hoa",
            "Nguyễn Thị Hoa",
        ],
        outcomes={"create": 4, "conflict": 2},
        codes=[(3, "duplicate-row"), (5, "phone-shared"), (7, "duplicate-maybe")],
    ),
    "text that starts like a formula": Good(formulas, first={"title": "=HYPERLINK(1)"}),
    "a formula for a name": Good(
        formula_as_name,
        filename="ds.csv",
        names=["=2+5+cmd|' /C calc'!A0", *NAMES[1:]],
        outcomes={"error": 1, "create": 2},
        codes=[(2, "name-characters")],
    ),
    "csv": Good(lambda: csv_text([HEADER, *PEOPLE]).encode("utf-8"), filename="ds.csv"),
    "csv with a mark and semicolons": Good(
        lambda: csv_text([HEADER, *PEOPLE], ";").encode("utf-8-sig"), filename="ds.csv"
    ),
    "csv in windows-1258": Good(legacy_letters, filename="ds.csv", first={"full_name": "Trần Thị Ngọc Ánh"}),
    "csv in utf-16 with tabs": Good(lambda: csv_text([HEADER, *PEOPLE], "\t").encode("utf-16"), filename="ds.txt"),
    "workbook named csv": Good(old_workbook_as_csv_name, filename="ds.csv"),
    "new workbook named like an old one": Good(plain, filename="ds.xls"),
    "names in capitals": Good(
        lambda: workbook([HEADER, *[[r[0], r[1].upper(), *r[2:]] for r in PEOPLE]]), codes=[(2, "name-recased")]
    ),
}

BAD: dict[str, Bad] = {
    "no names": Bad(
        lambda: workbook([["Mã", "Giá"], ["A1", 12000], ["A2", 15000]]), "gia.xlsx", "roster-no-names", "dòng 1"
    ),
    "header and nobody": Bad(lambda: workbook([["HTX"], HEADER]), "ds.xlsx", "roster-no-people", "2"),
    "empty workbook": Bad(lambda: workbook([]), "ds.xlsx", "table-no-rows"),
    "empty csv": Bad(lambda: b"\n\n", "ds.csv", "table-no-rows"),
    "a picture": Bad(lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "ds.xlsx", "table-picture"),
    "a pdf": Bad(lambda: b"%PDF-1.7\n%\xe2\xe3", "ds.xlsx", "table-pdf-document"),
    "a web page": Bad(lambda: b"<html><table><tr><td>1</td></tr></table>", "ds.xls", "table-web-page"),
    "cut off": Bad(lambda: plain()[:-900], "ds.xlsx", "table-damaged"),
    "a cell far away": Bad(far_cell, "ds.xlsx", "table-stray-cell", "1048576"),
    "a zip bomb": Bad(zip_bomb, "ds.xlsx", "table-unpacks-too-large"),
    "too many rows": Bad(too_many_rows, "ds.csv", "table-too-many-rows"),
    "letters of an old font": Bad(
        lambda: csv_text(
            [["STT", "Hä vµ tªn"], [1, "NguyÔn ThÞ Hoa"], [2, "TrÇn V¨n B×nh"], [3, "Lª ThÞ Th¶o"]]
        ).encode("utf-8"),
        "ds.csv",
        "table-legacy-font",
    ),
    "bytes": Bad(lambda: b"Ho ten,SDT\nAn\x01Binh,090\n", "ds.csv", "table-binary", "2"),
}
