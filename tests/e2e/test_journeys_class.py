"""A class at the culture house: planned on a phone, people at the table and on paper, closed, certificates made."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import has_no_sideways_scroll, sign_in, submit

pytestmark = pytest.mark.e2e

NEW = "Vừ Thị Dợ"
LISTED = ["Cứ A Páo", "Hạng Thị Sua"]


def test_a_walk_in_class_from_paper_to_completion(page: Page):
    sign_in(page, "facilitator", then="/don-vi/")
    page.goto("/don-vi/")
    page.locator("main a[href='/lop-hoc/']").click()
    page.locator("main a[href='/lop-hoc/moi/']").click()

    # Planned: an error keeps what was typed.
    form = page.locator("form:has(select[name=course])")
    course = next(text for text in form.locator("select[name=course] option").all_inner_texts() if "công" in text)
    form.locator("select[name=course]").select_option(label=course)
    form.locator("select[name=unit]").select_option(index=2)
    submit(form)
    expect(page.locator("input[name=place]")).to_have_attribute("aria-invalid", "true")
    form.locator("input[name=place]").fill("Nhà văn hoá thôn")
    submit(form)
    page.wait_for_url(re.compile(r"/lop-hoc/[0-9a-f-]{36}/$"))
    address = page.url
    assert has_no_sideways_scroll(page)

    # The sheet to sign is one PDF.
    sheet = page.request.get(f"{address}ky-ten.pdf")
    assert sheet.headers["content-type"] == "application/pdf"
    assert sheet.body().startswith(b"%PDF")

    # Somebody nobody knows sits down: registered and present in one step.
    page.locator("a[href$='/nguoi-moi/']").click()
    form = page.locator("form:has(input[name=full_name])")
    form.locator("input[name=full_name]").fill(NEW)
    form.locator("input[name=birth_year]").fill("1957")
    form.locator("input[name=consent]").check()
    submit(form)
    expect(page.locator("[role=status]")).to_contain_text(NEW)

    # The others signed on paper: typed as it stands, checked, entered.
    page.goto(f"{address}danh-sach/")
    page.locator("textarea[name=lines]").fill(f"1. {LISTED[0]}, 1961\n2. {LISTED[1]}\n{NEW}")
    submit(page.locator("form:has(textarea[name=lines])"))
    choices = page.locator("select[name^=line_]")
    expect(choices).to_have_count(3)
    assert has_no_sideways_scroll(page)
    assert NEW in choices.nth(2).locator("option:checked").inner_text()  # known since a minute ago
    page.locator("input[name=consent]").check()
    page.locator("button[name=confirm]").click()
    expect(page.locator("input[name=present]:checked")).to_have_count(3)

    # One did not come after all; a full name without accents brings somebody back.
    page.get_by_label(LISTED[1]).uncheck()
    page.locator("button[formaction$='/diem-danh/']").click()
    expect(page.locator("input[name=present]:checked")).to_have_count(2)
    page.locator("input[name=q]").fill("hang thi sua")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=present]:checked")).to_have_count(3)

    # Closed: everybody there has completed the course, and the certificate is made by the worker.
    page.locator("button[formaction$='/dong/']").click()
    expect(page.locator("main")).to_contain_text(NEW)
    expect(page.locator("input[name=present]")).to_have_count(0)
    assert has_no_sideways_scroll(page)

    page.context.clear_cookies()
    sign_in(page, "official", then="/don-vi/")
    page.goto("/don-vi/")
    people = page.locator("a[href$='/nguoi-hoc/']").first.get_attribute("href") or ""
    page.goto(f"{people}?q=vu+thi+do")
    row = page.locator("main table tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("1")
    register = people.replace("/nguoi-hoc/", "/so-cap/")
    found = False
    for _try in range(40):
        for turn in ("", "?trang=999"):
            page.goto(register + turn)
            found = found or NEW in page.locator("main").inner_text().replace("\u00a0", " ")
        if found:
            break
        page.wait_for_timeout(500)
    assert found, "no certificate in the register"
