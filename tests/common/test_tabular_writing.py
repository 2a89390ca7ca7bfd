import io
from datetime import UTC, date, datetime

import openpyxl
import pytest

from common.tabular import OutSheet, read_table, safe_cell, write_csv, write_workbook


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1", '=HYPERLINK("http://x")', "-x"],
)
def test_what_would_run_gets_an_apostrophe(text):
    assert str(safe_cell(text)).startswith("'")


@pytest.mark.parametrize("value", ["Nguyễn Ánh", "+84912345678", "-5", "-", "", 5, -5, 1.5, None, date(2026, 1, 2)])
def test_what_cannot_run_stays(value):
    assert safe_cell(value) == value


def test_control_characters_cannot_break_the_file():
    assert safe_cell("a\x00b\x0bc") == "abc"
    assert len(str(safe_cell("x" * 100_000))) < 32_768


def test_a_workbook_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "out.xlsx"
    rows = ([name, "0912345678", date(1960, 1, 2), 3] for name in ("Ánh", "=cmd()", "-"))
    write_workbook(path, [OutSheet("Kết quả: [1/2]", ["Họ tên", "Điện thoại", "Sinh", "Điểm"], rows)])
    table = read_table(path, filename="out.xlsx")
    assert table.sheets[0].name == "Kết quả   1 2"
    assert [row.cells for row in table.sheets[0].rows[1:]] == [
        ["Ánh", "0912345678", date(1960, 1, 2), "3"],
        ["=cmd()", "0912345678", date(1960, 1, 2), "3"],
        ["-", "0912345678", date(1960, 1, 2), "3"],
    ]


def test_nothing_in_a_workbook_is_a_formula_and_phones_are_text():
    buffer = io.BytesIO()
    moment = datetime(2026, 1, 1, 18, 0, tzinfo=UTC)
    write_workbook(buffer, [OutSheet("a", ["=x", "b"], [["=1+1", "0912345678"], [moment, None]])])
    sheet = openpyxl.load_workbook(io.BytesIO(buffer.getvalue())).active
    assert [cell.data_type for row in sheet.iter_rows(max_row=2) for cell in row] == ["s"] * 4
    assert sheet["A1"].font.bold
    assert sheet.freeze_panes == "A2"
    assert sheet["B2"].number_format == "@"
    assert sheet["A3"].value == datetime(2026, 1, 2, 1, 0)
    assert sheet.column_dimensions["B"].width == 12


def test_text_comes_back_letter_for_letter():
    rows = [["Hoà & <b>", " hai  khoảng trắng ", "dòng 1\ndòng 2", 'nói "vâng"', 1.5, True]]
    buffer = io.BytesIO()
    write_workbook(buffer, [OutSheet("a", list("abcdef"), rows), OutSheet("b", ["a"], [["thứ hai"]])])
    book = openpyxl.load_workbook(io.BytesIO(buffer.getvalue()))
    assert [cell.value for cell in book["a"][2]] == rows[0]
    assert book["b"]["A2"].value == "thứ hai"


def test_sheet_names_are_made_to_fit():
    buffer = io.BytesIO()
    names = ["x" * 40, "x" * 40, "", "Kết quả"]
    write_workbook(buffer, [OutSheet(name, ["a"], [], widths=[9]) for name in names])
    titles = openpyxl.load_workbook(io.BytesIO(buffer.getvalue())).sheetnames
    assert titles == ["x" * 31, "x" * 29 + " 2", "Sheet", "Kết quả"]


def test_csv_opens_in_excel_with_its_accents():
    target = io.StringIO(newline="")
    moment = datetime(2026, 1, 1, 18, 0, tzinfo=UTC)
    write_csv(target, ["Họ tên", "Lúc", "Sinh"], [["=Ánh", moment, date(1960, 2, 1)]])
    assert target.getvalue() == "\ufeffHọ tên,Lúc,Sinh\r\n'=Ánh,02/01/2026 01:00,01/02/1960\r\n"
