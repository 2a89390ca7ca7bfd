"""An old register: an official enters last year's paper book, a stranger checks one of its papers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from tests.e2e.steps import figures, has_no_sideways_scroll, look_again_until, main_action, sign_in, submit

pytestmark = pytest.mark.e2e

ISSUER = "Phòng Nông nghiệp huyện Phú Bình"
LINES = [
    ("Đàm Thị Sim", 1961, "101/NN", "18/10/2024", "Bán hàng trên mạng"),
    ("Đàm Văn Trám", 1958, "102/NN", "16-18/10/2024", "Bán hàng trên mạng"),
    ("Đàm Thị Vối", 1984, "103/NN", "", "Bán hàng trên mạng"),
    ("Đàm Thị Sim", 1961, "", "02/12/2024", "Nhận biết lừa đảo"),
]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.append(["SỔ CẤP GIẤY CHỨNG NHẬN NĂM 2024"])
    sheet.append(["STT", "Họ và tên", "Năm sinh", "Số giấy chứng nhận", "Ngày cấp", "Nội dung tập huấn"])
    for number, line in enumerate(LINES, start=1):
        sheet.append([number, *line])
    sheet.append(["", "Tổng cộng: 03 giấy"])
    path = tmp_path / "Sổ cấp 2024.xlsx"
    book.save(path)
    return path


def test_old_register(page: Page, book: Path, no_script: Page):
    # From the desk to the form; who gave the papers is forgotten at first, and the page says so.
    sign_in(page, "official", then="/don-vi/")
    page.goto("/don-vi/")
    page.locator("main a[href$='/so-cu/']").click()
    page.wait_for_url("**/so-cu/")
    assert has_no_sideways_scroll(page)
    register = page.url
    page.locator("main a[href$='/so-cu/nhap/']").click()
    page.wait_for_url("**/nhap/")
    form = page.locator("form:has(input[name=file])")
    form.locator("input[name=file]").set_input_files(book)
    submit(form)
    expect(page.locator("#id_issuer-error, [aria-invalid=true]").first).to_be_visible()
    form.locator("input[name=issuer]").fill(ISSUER)
    form.locator("input[name=file]").set_input_files(book)
    submit(form)
    page.wait_for_url("**/danh-sach/*/")
    look_again_until(page, page.locator("form#confirm"))
    assert figures(page) == [1, 0, 3]
    expect(page.locator("main")).to_contain_text(ISSUER)
    assert has_no_sideways_scroll(page)

    # The line without a day is mended where it stands.
    box = page.locator("main table input[name=issued_on]")
    box.fill("18/10/2024")
    form_id = box.get_attribute("form")
    page.locator(f"form#{form_id} button").click()
    page.wait_for_url("**/danh-sach/*/**")
    assert figures(page) == [0, 0, 4]
    main_action(page).click()
    look_again_until(page, page.locator("a[href$='/ket-qua/']"))
    assert figures(page) == [0, 0, 4]

    # It stands in the register, found without accents.
    page.goto(f"{register}?q=dam thi sim")
    expect(page.locator("main table tbody tr")).to_have_count(2)
    assert has_no_sideways_scroll(page)

    # A stranger without JavaScript has one of the papers.
    no_script.goto("/xac-minh/")
    no_script.locator("main a[href$='/xac-minh/theo-so/']").click()
    form = no_script.locator("form:has(input[name=serial])")
    form.locator("input[name=serial]").fill("102/nn")
    form.locator("input[name=name]").fill("dam van tram")
    submit(form)
    expect(no_script.locator("h1")).to_have_text(re.compile("Có trong sổ cũ"))
    expect(no_script.locator("main")).to_contain_text(ISSUER)
    expect(no_script.locator("main")).to_contain_text("18/10/2024")
    assert has_no_sideways_scroll(no_script)

    # It was a mistake; whoever checks it from now on reads why.
    page.goto(f"{register}?q=102")
    page.locator("main table a[href$='/rut/']").click()
    page.locator("textarea[name=reason]").fill("Chép nhầm dòng của người khác")
    submit(page.locator("form:has(textarea[name=reason])"))
    page.wait_for_url("**/so-cu/")
    no_script.goto("/xac-minh/theo-so/")
    form = no_script.locator("form:has(input[name=serial])")
    form.locator("input[name=serial]").fill("102/NN")
    form.locator("input[name=name]").fill("Đàm Văn Trám")
    submit(form)
    expect(no_script.locator("main")).to_contain_text("Chép nhầm dòng của người khác")
