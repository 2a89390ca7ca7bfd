import io
import unicodedata
from datetime import date, datetime, timedelta

import pytest
from openpyxl.workbook.protection import WorkbookProtection

from common.tabular import Limits, NumberText, TableError, read_table
from common.tabular import exceptions as errors
from tests.common.workbooks import (
    HEADER,
    NAMES,
    PEOPLE,
    VNI_TEXT,
    compound_file,
    cp1258,
    csv_text,
    old_excel,
    repacked,
    sheet_xml,
    tcvn3,
    text_cell,
    workbook,
    zip_with,
)


@pytest.fixture
def read(tmp_path):
    def read(content: bytes, filename: str = "danh-sach.xlsx", limits: Limits | None = None):
        path = tmp_path / "upload"
        path.write_bytes(content)
        return read_table(path, filename=filename, limits=limits)

    return read


def names(table) -> list[str]:
    """Every cell that is one of the three names, in order."""
    return [cell for _, row in table.rows() for cell in row.cells if cell in NAMES]


def with_titles(book):
    sheet = book.active
    sheet.insert_rows(1, 3)
    sheet["A1"] = "HỢP TÁC XÃ NÔNG NGHIỆP ĐỒNG TIẾN"
    sheet["A2"] = "Danh sách xã viên học lớp kỹ năng số"
    sheet.merge_cells("A1:E1")
    sheet.merge_cells("A2:E2")


def formatted_far_away(book):
    """Cells with a border and nothing in them, down to the last row: common, and harmless."""
    sheet = book.active
    sheet["A1048576"].number_format = "0.00"
    sheet["XFD3"].number_format = "0.00"


def second_sheet_hidden(book):
    book.worksheets[1].sheet_state = "hidden"


def nfd(rows):
    return [[unicodedata.normalize("NFD", v) if isinstance(v, str) else v for v in row] for row in rows]


ROSTER = [HEADER, *PEOPLE]
GOOD = {
    "plain.xlsx": lambda: workbook(ROSTER),
    "macros.xlsm": lambda: workbook(ROSTER),
    "title-rows.xlsx": lambda: workbook(ROSTER, change=with_titles),
    "borders-to-the-end.xlsx": lambda: workbook(ROSTER, change=formatted_far_away),
    "two-sheets.xlsx": lambda: workbook([["Hướng dẫn"]], ROSTER),
    "empty-second.xlsx": lambda: workbook(ROSTER, []),
    "hidden.xlsx": lambda: workbook(ROSTER, [["Bí mật"]], change=second_sheet_hidden),
    "nfd.xlsx": lambda: workbook(nfd(ROSTER)),
    "blank-rows.xlsx": lambda: workbook([[], [], HEADER, [], PEOPLE[0], [None, "  "], *PEOPLE[1:]]),
    "named.csv.xlsx": lambda: workbook(ROSTER),
    "old.xls": lambda: old_excel([["STT", "Họ và tên"], *[[row[0], row[1]] for row in PEOPLE]]),
    "commas.csv": lambda: csv_text().encode(),
    "bom.csv": lambda: csv_text().encode("utf-8-sig"),
    "semicolons.csv": lambda: csv_text(";").encode("utf-8-sig"),
    "tabs.txt": lambda: csv_text("\t").encode(),
    "pipes.csv": lambda: csv_text("|").encode(),
    "utf16.csv": lambda: csv_text("\t").encode("utf-16"),
    "utf16-no-mark.csv": lambda: csv_text(";").encode("utf-16-le"),
    "utf16-big.csv": lambda: csv_text(";").encode("utf-16-be"),
    "cp1258.csv": lambda: cp1258(csv_text(";")),
    "nfd.csv": lambda: unicodedata.normalize("NFD", csv_text()).encode(),
    "sep-line.csv": lambda: b"\xef\xbb\xbfsep=;\r\n" + csv_text(";").encode(),
    "titles.csv": lambda: "HTX Đồng Tiến, huyện cũ, tỉnh;;;;\r\n;;;;\r\n".encode() + csv_text(";").encode(),
    "looks-like-a-picture.csv": lambda: b"BM,x,x,x,x\r\n" + csv_text().encode(),
}


@pytest.mark.parametrize("filename", GOOD)
def test_rosters_that_offices_keep_are_read(read, filename):
    table = read(GOOD[filename](), filename)
    assert names(table) == NAMES
    for _, row in table.rows():
        assert row.cells[-1] != ""


BAD = {
    "empty.xlsx": (lambda: b"", errors.FileEmpty),
    "empty.csv": (lambda: b"", errors.FileEmpty),
    "no-rows.xlsx": (lambda: workbook([]), errors.NoRows),
    "no-rows.csv": (lambda: b"\xef\xbb\xbf\r\n;;;\r\n", errors.NoRows),
    "blank.csv": (lambda: b"   \r\n\r\n", errors.NoRows),
    "letter.docx": (lambda: zip_with(word__document_xml=b"<w/>"), errors.WordDocument),
    "letter-renamed.xlsx": (lambda: zip_with(word__document_xml=b"<w/>"), errors.WordDocument),
    "letter.doc": (lambda: compound_file("WordDocument", b"x"), errors.WordDocument),
    "archive.xlsx": (lambda: zip_with(readme=b"x"), errors.OtherFileType),
    "binary.xlsb": (lambda: zip_with(xl__workbook_bin=b"x") and _xlsb(), errors.OtherFileType),
    "scan.xlsx": (lambda: b"%PDF-1.7\n", errors.PdfDocument),
    "photo.xlsx": (lambda: b"\xff\xd8\xff\xe0" + b"\0" * 90, errors.PictureFile),
    "photo.heic": (lambda: b"\0\0\0\x18ftypheic" + b"\0" * 90, errors.PictureFile),
    "program.csv": (lambda: b"MZ\x90\0\x03\0\0\0", errors.OtherFileType),
    "export.xls": (lambda: b"<html><table><tr><td>1</td></tr></table>", errors.WebPage),
    "xml2003.xls": (lambda: b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', errors.WebPage),
    "locked.xlsx": (lambda: compound_file("EncryptedPackage", b"x"), errors.FileProtected),
    "unknown-ole.xls": (lambda: compound_file("Something", b"x"), errors.OtherFileType),
    "broken.xls": (lambda: compound_file("Workbook", b"\xff" * 5000), errors.FileDamaged),
    "truncated.xlsx": (lambda: workbook(ROSTER)[:-400], errors.FileDamaged),
    "half.xlsx": (lambda: workbook(ROSTER)[:2000], errors.FileDamaged),
    "bad-xml.xlsx": (lambda: repacked(workbook(ROSTER), sheet1=b"<worksheet><row>"), errors.FileDamaged),
    "no-sheet.xlsx": (lambda: repacked(workbook(ROSTER), sheet1=None), errors.TableError),
    "entities.xlsx": (
        lambda: repacked(workbook(ROSTER), sheet1=b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'),
        errors.FileDamaged,
    ),
    "30-megabytes.xlsx": (lambda: b"PK\x03\x04" + b"\0" * 30 * 1024 * 1024, errors.FileTooLarge),
    "corner.xlsx": (
        lambda: repacked(workbook(ROSTER), sheet1=sheet_xml(text_cell("XFD1048576", "x"))),
        errors.StrayCell,
    ),
    "wide.xlsx": (
        lambda: repacked(workbook(ROSTER), sheet1=sheet_xml(text_cell("ZZ7", "x"))),
        errors.StrayCell,
    ),
    "wide.csv": (lambda: b"a" + b",b" * 400, errors.StrayCell),
    "bomb.xlsx": (
        lambda: repacked(workbook(ROSTER), sheet1=sheet_xml(" " * 60_000_000)),
        errors.UnpacksTooLarge,
    ),
    "tcvn3.csv": (lambda: tcvn3(csv_text(";")), errors.LegacyFont),
    "tcvn3.xlsx": (
        lambda: workbook([[v.encode().decode() for v in tcvn3(csv_text(";")).decode("latin-1").split("\r\n")]]),
        errors.LegacyFont,
    ),
    "vni.csv": (lambda: VNI_TEXT.encode("cp1252"), errors.LegacyFont),
    "vni-utf8.csv": (lambda: VNI_TEXT.encode(), errors.LegacyFont),
    "garbled.csv": (
        lambda: csv_text(";").encode().decode("cp1252", "replace").encode(),
        errors.TextGarbled,
    ),
    "zeros.csv": (lambda: b"a,b\r\n1,\0\r\n", errors.ContentBinary),
    "noise.csv": (lambda: bytes(range(1, 256)) * 20, errors.TableError),
    "open-quote.csv": (lambda: b'a,b\r\n1,"' + b"x" * 200_000, errors.CellTooLong),
    "western.csv": (lambda: "Ünïcödé;Æøå;Þórr ßeñor\r\n".encode("latin-1") * 3, errors.TableError),
}


def _xlsb() -> bytes:
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.bin", b"x")
    return buffer.getvalue()


@pytest.mark.parametrize("filename", BAD)
def test_what_cannot_be_read_says_what_to_do(read, filename):
    build, error = BAD[filename]
    with pytest.raises(TableError) as caught:
        read(build(), filename)
    assert type(caught.value) is error or error is TableError
    assert str(caught.value)
    assert "%(" not in str(caught.value)


def test_at_least_25_kinds_of_roster_were_tried():
    assert len(GOOD) + len(BAD) >= 25


@pytest.mark.parametrize(
    ("filename", "row"),
    [("corner.xlsx", 1048576), ("wide.xlsx", 7), ("zeros.csv", 2), ("vni.csv", 1), ("open-quote.csv", 2)],
)
def test_errors_name_the_row(read, filename, row):
    with pytest.raises(TableError) as caught:
        read(BAD[filename][0](), filename)
    assert caught.value.params["row"] == row
    assert str(row) in str(caught.value)


def test_a_stray_cell_is_named_with_its_sheet(read):
    with pytest.raises(errors.StrayCell) as caught:
        read(BAD["corner.xlsx"][0]())
    assert caught.value.params == {"sheet": "Danh sách 1", "cell": "XFD1048576", "row": 1048576}


def test_cells_keep_their_meaning(read):
    moment = datetime(2026, 1, 2, 3, 4)
    row = [912345678, 1.5, date(1960, 2, 3), moment, True, "=A1", "007", -5, 12345678901, timedelta(hours=2)]

    def as_text(book):
        book.active["F1"].data_type = "s"

    cells = read(workbook([row], change=as_text)).sheets[0].rows[0].cells
    assert cells[:9] == ["912345678", "1.5", date(1960, 2, 3), moment, "TRUE", "=A1", "007", "-5", "12345678901"]
    assert [isinstance(cell, NumberText) for cell in cells[:9]] == [
        True, True, False, False, False, False, False, True, True,
    ]  # fmt: skip
    assert not isinstance(cells[2], datetime)


def test_a_formula_gives_its_stored_result_and_a_warning_without_one(read):
    stored = sheet_xml('<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>T("a")</f><v>a</v></c></row>')
    table = read(repacked(workbook(ROSTER), sheet1=stored))
    assert (table.sheets[0].rows[0].cells, table.warnings) == (["2", "a"], [])
    table = read(workbook([["x", "=1+1"]]))
    assert table.sheets[0].rows[0].cells == ["x"]
    assert len(table.warnings) == 1


def test_text_that_looks_like_a_formula_stays_text(read):
    content = b"a,b\r\n=HYPERLINK(1),@x\r\n'=1,'abc\r\n"
    rows = read(content, "f.csv").sheets[0].rows
    assert rows[1].cells == ["=HYPERLINK(1)", "@x"]
    assert rows[2].cells == ["=1", "'abc"]


def test_rows_keep_the_numbers_that_the_spreadsheet_shows(read):
    assert [row.number for row in read(GOOD["blank-rows.xlsx"]()).sheets[0].rows] == [3, 5, 7, 8]
    table = read(b"a;b\r\n\r\n;\r\n1;2\r\n", "x.csv")
    assert [row.number for row in table.sheets[0].rows] == [1, 4]
    assert read(GOOD["sep-line.csv"](), "x.csv").sheets[0].rows[0].number == 2


def test_a_quoted_line_break_stays_in_its_cell(read):
    table = read('Họ tên;Địa chỉ\r\nAn;"thôn 1\nxã 2"\r\n'.encode(), "x.csv")
    assert table.sheets[0].rows[1].cells == ["An", "thôn 1 xã 2"]


@pytest.mark.parametrize(
    ("filename", "encoding"),
    [
        ("plain.xlsx", "xlsx"),
        ("old.xls", "xls"),
        ("bom.csv", "utf-8"),
        ("utf16.csv", "utf-16"),
        ("cp1258.csv", "cp1258"),
    ],
)
def test_the_encoding_is_told(read, filename, encoding):
    assert read(GOOD[filename](), filename).encoding == encoding


def test_a_merged_cell_has_its_value_once(read):
    rows = read(GOOD["title-rows.xlsx"]()).sheets[0].rows
    assert rows[0].cells == ["HỢP TÁC XÃ NÔNG NGHIỆP ĐỒNG TIẾN"]
    assert rows[2].number == 4


def test_hidden_sheets_are_left_out_with_a_warning(read):
    table = read(GOOD["hidden.xlsx"]())
    assert [sheet.name for sheet in table.sheets] == ["Danh sách 1"]
    assert len(table.warnings) == 1


def test_a_workbook_with_locked_structure_is_still_readable(read):
    def lock(book):
        book.security = WorkbookProtection(workbookPassword="x", lockStructure=True)

    assert names(read(workbook(ROSTER, change=lock))) == NAMES


def test_minority_names_are_not_taken_for_an_old_font(read):
    people = [["Y Brêc Niê"], ["H’Hen Niê"], ["K’Brông"], ["Siu Blơt"], ["Rơ Chăm Hyuă"], ["François Müller"]]
    assert len(read(workbook([["Họ tên"], *people])).sheets[0].rows) == 7


def test_row_limits(read):
    limits = Limits(rows=10)
    read(workbook([[n] for n in range(10)]), limits=limits)
    for content, name in (
        (workbook([[n] for n in range(11)]), "a.xlsx"),
        (old_excel([[n] for n in range(11)]), "a.xls"),
        ("".join(f"{n}\r\n" for n in range(11)).encode(), "a.csv"),
    ):
        with pytest.raises(errors.TooManyRows) as caught:
            read(content, name, limits)
        assert caught.value.params["limit"] == 10


def test_other_limits(read):
    with pytest.raises(errors.TooManySheets):
        read(workbook([[1]], [[2]], [[3]]), limits=Limits(sheets=2))
    with pytest.raises(errors.UnpacksTooLarge):
        read(workbook(ROSTER), limits=Limits(members=3))
    with pytest.raises(errors.UnpacksTooLarge):
        read(workbook(ROSTER), limits=Limits(unpacked_bytes=1000))
    with pytest.raises(errors.TooMuchText):
        read(workbook(ROSTER), limits=Limits(text_characters=20))
    with pytest.raises(errors.FileTooLarge):
        read(workbook(ROSTER), limits=Limits(file_bytes=100))


def test_a_cell_that_hides_its_place_is_found(read):
    """Rows and cells may leave out their numbers; then they count on from the last one."""
    cells = '<row r="900000"><c/></row><row>' + "<c/>" * 3 + "<c><v>1</v></c></row>"
    with pytest.raises(errors.StrayCell) as caught:
        read(repacked(workbook(ROSTER), sheet1=sheet_xml(cells)))
    assert caught.value.params["cell"] == "D900001"
    prefixed = sheet_xml("").replace(
        b"<sheetData></sheetData>",
        b'<x:sheetData xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<x:row><x:c r="&#88;FD9"><x:v>1</x:v></x:c></x:row></x:sheetData>',
    )
    with pytest.raises(errors.StrayCell):
        read(repacked(workbook(ROSTER), sheet1=prefixed))


def test_a_parser_that_dies_of_memory_is_an_error_here(read):
    """The same text shared by many cells multiplies in memory only."""
    shared = "<si><t>" + "x" * 30_000 + "</t></si>"
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rows = "".join(
        f'<row r="{r}">' + "".join(f'<c r="{c}{r}" t="s"><v>0</v></c>' for c in "ABCDEFGHIJ") + "</row>"
        for r in range(1, 5001)
    )
    book = repacked(workbook(ROSTER), sheet1=sheet_xml(rows), shared_strings=f"<sst {space}>{shared}</sst>".encode())
    assert len(book) < 200_000
    with pytest.raises((errors.ReadTooHeavy, errors.TooMuchText)):
        read(book)
    with pytest.raises(errors.ReadTooHeavy):
        read(book, limits=Limits(memory_bytes=256 * 1024 * 1024))


def test_a_read_that_takes_too_long_is_stopped(read):
    with pytest.raises(errors.ReadTimedOut) as caught:
        read(workbook(ROSTER), limits=Limits(seconds=0))
    assert caught.value.code == "table-timed-out"
