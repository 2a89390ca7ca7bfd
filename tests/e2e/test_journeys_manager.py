"""The manager of a co-op: the Excel file as it is, a red row mended in the page, all enrolled, nothing twice."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import Locator, Page, expect

from tests.e2e.steps import (
    figures,
    has_no_sideways_scroll,
    look_again_until,
    main_action,
    sign_in,
    submit,
    take_file,
)

pytestmark = pytest.mark.e2e

# Name, birth as it is typed, phone as Excel keeps it (a number without its zero, or text), position.
STAFF: list[tuple[str, object, object, str]] = [
    ("Lương Thị Mận", 1968, 912000301, "Xã viên"),
    ("Lương Văn Đào", "15/03/1979", 912000302, "Tổ trưởng"),
    ("Tạ Thị Sen", "1985", "0912.000.303", "Kế toán"),
    ("Tạ Hữu Lúa", 1990, None, "Xã viên"),
    ("Cao Thị Ổi", "02-09-1972", "+84 912 000 305", "Bán hàng"),
    ("Cao Văn Mít", "năm ngoái", 912000306, "Xã viên"),  # the red row
    ("Mạc Thị Bưởi", 1957, 912000307, "Xã viên"),
    ("Mạc Đình Na", 1963, 912000307, "Xã viên"),  # one phone in the family
    ("Thái Thị Chanh", 1999, 912000309, "Bán hàng"),
    ("Thái Văn Quýt", 2001, 912000310, "Xã viên"),
]
HEADER_ROW = 5
RED = HEADER_ROW + 6


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """A list as co-ops keep it: titles over the table, merged cells, a signature under it."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Xã viên"
    sheet["A1"] = "HỢP TÁC XÃ NÔNG NGHIỆP"
    sheet.merge_cells("A1:E1")
    sheet["A2"] = "DANH SÁCH XÃ VIÊN THAM GIA TẬP HUẤN"
    sheet.merge_cells("A2:E2")
    sheet["A3"] = "(Kèm theo thông báo số 07)"
    sheet.append([])
    sheet.append(["STT", "Họ và tên", "Ngày, năm sinh", "Điện thoại", "Chức vụ"])
    for number, (name, birth, phone, title) in enumerate(STAFF, start=1):
        sheet.append([number, name, birth, phone, title])
    sheet.append([])
    sheet.append([None, "Tổng cộng: 10 người"])
    sheet.append([None, None, None, "NGƯỜI LẬP", "GIÁM ĐỐC"])
    path = tmp_path / "Danh sách HTX 2026.xlsx"
    book.save(path)
    return path


def upload(page: Page, organisation: str, file: Path) -> Locator:
    """Upload and wait for the preview; the form that confirms it."""
    page.goto(f"{organisation}danh-sach/")
    page.locator("input[name=file]").set_input_files(file)
    submit(page.locator("form:has(input[name=file])"))
    confirm = page.locator("form#confirm")
    look_again_until(page, confirm)
    return confirm


def confirm_and_wait(page: Page) -> None:
    main_action(page).click()
    look_again_until(page, page.locator("a[href$='/ket-qua/']"))


def members(page: Page, organisation: str) -> int:
    page.goto(organisation)
    return int("".join(filter(str.isdigit, page.locator("#people h2").inner_text())))


def test_manager(page: Page, workbook: Path):
    sign_in(page, "manager", then="/to-chuc/")
    page.wait_for_url("**/to-chuc/*/")  # the only one opens at once
    organisation = page.url
    before = members(page, organisation)

    # What was understood: nine rows are good, the red one stands first and says what is wrong.
    upload(page, organisation, workbook)
    assert figures(page) == [1, 0, 9]
    red = page.locator("main table tbody tr").first
    box = red.locator("input[name=birth]")
    expect(box).to_have_value("năm ngoái")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(page.locator("main table")).to_contain_text("0912 000 301")
    assert has_no_sideways_scroll(page)

    # Mended where it stands.
    box.fill("1994")
    submit(red)
    expect(page.locator("main table input[name=birth]")).to_have_count(0)
    assert figures(page) == [0, 0, 10]

    # A course for all of them; the work goes on by itself.
    page.get_by_role("link", name="Tránh lừa đảo trên mạng").click()
    page.wait_for_url("**khoa=*")
    confirm_and_wait(page)
    assert figures(page) == [0, 0, 10]
    result = load_workbook(BytesIO(take_file(page, page.locator("a[href$='/ket-qua/']"))))
    cells = [str(cell) for row in result.active.iter_rows(values_only=True) for cell in row if cell is not None]
    for name, *_rest in STAFF:
        assert name in cells
    assert "Danh sách HTX 2026.xlsx" in page.locator("main").inner_text()

    # The next day: who has not started, in the course that they were enrolled in.
    assert members(page, organisation) == before + len(STAFF)
    page.get_by_role("link", name="Tránh lừa đảo trên mạng").click()
    page.wait_for_url("**khoa=*")
    assert figures(page) == [len(STAFF), 0, 0]
    page.locator("a.chip[href*='tinh-trang=waiting']").click()
    page.wait_for_url("**tinh-trang=waiting**")
    shown = page.locator("main table tbody th").all_inner_texts()
    assert {name for name, *_rest in STAFF} == set(shown)
    assert shown[0] == "Mạc Thị Bưởi"  # by given name, in Vietnamese order

    # The same file again: nobody is new, nothing is kept twice.
    upload(page, organisation, workbook)
    assert not page.locator("a.chip[href*='xem=moi']").count()
    assert "9" in page.locator("a.chip[href*='xem=da-co']").inner_text()
    confirm_and_wait(page)
    assert members(page, organisation) == before + len(STAFF)


def test_manager_learns_what_is_wrong_with_a_file(page: Page, tmp_path: Path):
    """A file that is no list: a reason in words, and the way back to another try."""
    sign_in(page, "manager", then="/to-chuc/")
    page.wait_for_url("**/to-chuc/*/")
    organisation = page.url
    broken = tmp_path / "danh-sach.xlsx"
    broken.write_bytes(b"%PDF-1.7 no list")
    page.goto(f"{organisation}danh-sach/")
    page.locator("input[name=file]").set_input_files(broken)
    submit(page.locator("form:has(input[name=file])"))
    look_again_until(page, page.locator(".notice.danger"))
    expect(page.locator("main a[href$='/danh-sach/'], main input[name=file]").first).to_be_visible()
