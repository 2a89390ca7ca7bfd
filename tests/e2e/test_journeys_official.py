"""A commune official: the desk, the certificates to print, one PDF with a page for each, the register."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import (
    figures,
    has_no_sideways_scroll,
    look_again_until,
    sign_in,
    submit,
    take_file,
    take_pdf,
    words_of,
)

pytestmark = pytest.mark.e2e


def number_in(text: str) -> int:
    found = re.search(r"\d[\d.]*", text)
    assert found, text
    return int(found[0].replace(".", ""))


def test_official(page: Page):
    sign_in(page, "official", then="/don-vi/")
    page.goto("/don-vi/")
    assert sum(figures(page)) > 0
    expect(page.locator("main svg[role=img], main figure").first).to_be_visible()
    assert has_no_sideways_scroll(page)
    desk = page.url

    # Which certificates: one course.
    page.locator("main a[href$='/chung-nhan/']").first.click()
    page.wait_for_url("**/chung-nhan/")
    print_form = page.locator("form:has(input[type=hidden][name=subject])")
    everything = number_in(print_form.locator("button").inner_text())
    course = page.locator("select[name=subject]")
    course.select_option(label="Bán nông sản trên mạng và thanh toán an toàn")
    submit(page.locator("form:has(select[name=subject])"))
    page.wait_for_url("**subject=*")
    chosen = number_in(print_form.locator("button").inner_text())
    assert 0 < chosen < everything
    assert has_no_sideways_scroll(page)
    holders = page.locator("main table tbody tr th, main table tbody tr td:first-child").all_inner_texts()

    # One PDF for the printer, as a job that may be left and found again.
    submit(print_form)
    page.wait_for_url("**/viec/*/")
    job = page.url
    page.goto(desk)
    expect(page.locator("main section.job").first).to_be_visible()
    page.goto(job)
    file = page.locator("main a[href$='/tep/']")
    look_again_until(page, file)
    pdf = take_pdf(page, file)
    assert len(pdf.pages) == chosen
    pages = " ".join(words_of(pdf, number) for number in range(chosen))
    assert all(holder.strip() in pages for holder in holders)

    # The register to sign, and the workbook.
    page.goto(desk)
    page.locator("main a[href$='/so-cap/']").first.click()
    page.wait_for_url("**/so-cap/")
    assert page.locator("main table").first.locator("tbody tr").count() > 0
    page.goto(desk)
    assert take_file(page, page.locator("main a[href$='/xuat.xlsx']").first).startswith(b"PK")


def test_official_sees_no_other_commune(page: Page):
    """Another commune's desk and another organisation's people are not there for this official."""
    sign_in(page, "official", then="/don-vi/")
    page.goto("/don-vi/tim/?q=dak+lak")
    assert not page.locator("main a.row[href*='/don-vi/']").count()
