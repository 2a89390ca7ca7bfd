"""A stranger holds a certificate and checks it; no account, nothing but the code."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.steps import has_no_sideways_scroll, plain, sign_in, submit, take_pdf, words_of

pytestmark = pytest.mark.e2e

CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


@pytest.fixture
def paper(browser: Browser, browser_context_args) -> str:
    """What is printed on a certificate of the demonstration's resident."""
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    sign_in(page, "resident", then="/hoc-tap/")
    page.goto("/hoc-tap/")
    text = words_of(take_pdf(page, page.locator("main a[href*='/chung-nhan/']").first))
    context.close()
    return text


def check(page: Page, code: str) -> None:
    page.goto("/xac-minh/")
    page.locator("input[name=code]").fill(code)
    submit(page.locator("form:has(input[name=code])"))


def test_stranger_reads_the_whole_text(page: Page, paper: str):
    code = CODE.search(paper)
    assert code
    # Typed as it comes: small letters, no dashes, letter o for zero.
    check(page, code[0].lower().replace("-", " ").replace("0", "o"))
    page.wait_for_url(f"**/xac-minh/{code[0]}/")
    for line in page.locator("main dl.lines dd").all():
        for part in re.split(r"[\n“”]", line.inner_text()):
            assert plain(part).casefold() in paper.casefold(), part
    assert page.locator("main dl.lines dd").count() >= 6
    assert "noindex" in (page.locator("meta[name=robots]").get_attribute("content") or "")
    assert has_no_sideways_scroll(page)
    # No way from here to the person: the page names nobody's phone, account or other certificates.
    assert not re.search(r"\b0\d{9}\b", page.locator("main").inner_text())


def test_stranger_types_a_wrong_code(page: Page):
    check(page, "7K3M-9QXA-2BTD")
    field = page.locator("input[name=code]")
    expect(field).to_have_value("7K3M-9QXA-2BTD")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert page.goto("/xac-minh/7K3M-9QXA-2BTD/").status == 404


def test_stranger_sees_that_a_certificate_was_revoked(page: Page, browser: Browser, browser_context_args):
    reason = "Ghi nhầm năm sinh, đã cấp lại."
    context = browser.new_context(**browser_context_args)
    official = context.new_page()
    sign_in(official, "official", then="/don-vi/")
    official.goto("/don-vi/")
    official.locator("main a[href$='/chung-nhan/']").first.click()
    official.wait_for_url("**/chung-nhan/")
    row = official.locator("main table tbody tr").last
    paper = words_of(take_pdf(official, row.locator("a[href*='/pdf/']")))
    row.locator("a[href$='/thu-hoi/']").click()
    # Without a reason nothing happens.
    submit(official.locator("form:has(textarea)"))
    expect(official.locator("textarea[name=reason]")).to_have_attribute("aria-invalid", "true")
    official.locator("textarea[name=reason]").fill(reason)
    submit(official.locator("form:has(textarea)"))
    official.wait_for_url("**/chung-nhan/")
    context.close()

    code = CODE.search(paper)
    assert code
    page.goto(f"/xac-minh/{code[0]}/")
    expect(page.locator("main")).to_contain_text(reason)
    expect(page.locator(".band.void")).to_be_visible()
