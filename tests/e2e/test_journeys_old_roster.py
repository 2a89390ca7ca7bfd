"""An old commune's roster today: names of before July 2025 find their commune, a divided one is asked about."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Browser, Page, expect

from tests.e2e.steps import figures, has_no_sideways_scroll, look_again_until, sign_in, submit
from tests.e2e.test_journeys_manager import confirm_and_wait, upload

pytestmark = pytest.mark.e2e

# Two communes of Thái Nguyên before July 2025: one became a part of one commune, the other was divided between two.
MERGED, MERGED_INTO = "phường Huyền Tụng, thị xã Bắc Kạn, tỉnh Bắc Kạn", "phường Đức Xuân"
DIVIDED, CHOSEN, OTHER = "xã Thượng Đình, huyện Phú Bình, tỉnh Thái Nguyên", "xã Điềm Thụy", "xã Phú Bình"
PEOPLE = [
    ("Ngọ Thị Quế", 1961, MERGED),
    ("Ngọ Văn Hồi", 1958, DIVIDED),
    ("Ngọ Thị Gừng", 1984, DIVIDED),
    ("Ngọ Văn Sả", 1990, DIVIDED),
]


@pytest.fixture
def old_list(tmp_path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.append(["DANH SÁCH HỌC VIÊN NĂM 2024"])
    sheet.append([])
    sheet.append(["STT", "Họ và tên", "Năm sinh", "Nơi thường trú"])
    for number, row in enumerate(PEOPLE, start=1):
        sheet.append([number, *row])
    path = tmp_path / "Danh sách 2024.xlsx"
    book.save(path)
    return path


def residents(page: Page, commune: str) -> set[str]:
    """Who of the list's families lives in the commune, by its desk."""
    page.goto(f"/don-vi/tim/?q={commune}")
    page.get_by_role("link", name=commune).first.click()
    page.wait_for_url(re.compile(r"/don-vi/[0-9a-f-]{36}/"))
    page.goto(page.url + "nguoi-hoc/?q=Ngọ")
    return {name for name, *_rest in PEOPLE if name in page.locator("main").inner_text()}


def test_old_roster(page: Page, old_list: Path, browser: Browser, browser_context_args: dict):
    sign_in(page, "manager", then="/to-chuc/")
    page.wait_for_url("**/to-chuc/*/")
    organisation = page.url

    # What the names became is told; three rows ask.
    upload(page, organisation, old_list)
    roster = page.url
    assert figures(page) == [0, 3, 1]
    table = page.locator("main table")
    expect(table).to_contain_text(MERGED_INTO)
    expect(table).to_contain_text("Thượng Đình")
    assert has_no_sideways_scroll(page)

    # In the row: both communes of today are offered; one answer for all three.
    page.locator("main table tbody a.link").first.click()
    page.wait_for_url("**/dong/*/**")
    expect(page.locator("main")).to_contain_text(DIVIDED)
    form = page.locator("form:has(input[name=where])")
    assert form.locator("input[type=radio]").count() == 3
    assert has_no_sideways_scroll(page)
    form.locator("label", has_text=CHOSEN).locator("input").check()
    form.locator("input[name=alike]").check()
    submit(form)
    page.wait_for_url(lambda url: "/dong/" not in url)
    assert figures(page) == [0, 0, 4]

    # Added; they live in the communes of today, as the province sees it.
    confirm_and_wait(page)
    admin = browser.new_context(**browser_context_args).new_page()
    sign_in(admin, "admin", then="/don-vi/tim/")
    assert residents(admin, MERGED_INTO) == {PEOPLE[0][0]}
    assert residents(admin, CHOSEN) == {row[0] for row in PEOPLE[1:]}
    assert residents(admin, OTHER) == set()

    # Taken back, nobody of them is left.
    page.goto(roster)
    page.locator("details", has_text="Hoàn tác lần nhập này").locator("summary").click()
    page.locator("a[href$='/hoan-tac/']").click()
    page.wait_for_url("**/hoan-tac/")
    expect(page.locator("main")).to_contain_text("4 người")
    assert has_no_sideways_scroll(page)
    submit(page.locator("main form"))
    page.wait_for_url(roster)
    look_again_until(page, page.locator("main h1", has_text="Lần nhập đã được hoàn tác"))
    assert residents(admin, MERGED_INTO) == residents(admin, CHOSEN) == set()
    admin.context.close()
