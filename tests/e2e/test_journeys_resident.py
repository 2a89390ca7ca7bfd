"""A resident's first visit: reads as a guest, signs in when there is something to keep, goes home with a certificate.

With JavaScript on and off; on PostgreSQL and Redis too (`make test-services` selects this file by its name).
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import (
    COURSE,
    answer,
    go_on,
    has_no_sideways_scroll,
    look_again_until,
    main_action,
    say_who,
    sign_in_by_phone,
    submit,
    take_pdf,
    take_test,
    words_of,
)

pytestmark = pytest.mark.e2e

LESSONS = 6
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


def lessons_done(page: Page) -> int:
    """On the page of a course."""
    return page.locator("main .rows .stone.done").count()


def journey(page: Page, *, name: str, phone: str) -> None:
    # A guest finds a course on the first screen and begins.
    page.goto("/")
    page.locator(f"main a.row[href='{COURSE}']").click()
    page.locator("main .rows a.row").first.click()
    expect(page.locator("main article h1")).to_be_visible()
    assert has_no_sideways_scroll(page)

    # A wrong answer is explained and can be given again; a right one is praised.
    question = page.locator("section[id^=cau-]").first
    answer(question.locator("form fieldset"), rightly=False)
    submit(question.locator("form"))
    expect(question.locator(".notice.warning")).to_be_visible()
    question.locator("summary").click()
    answer(question.locator("form fieldset"))
    submit(question.locator("form"))
    expect(question.locator(".notice.success")).to_be_visible()

    # Two lessons are done without an account.
    for _lesson in range(2):
        go_on(page)
    page.goto(COURSE)
    assert lessons_done(page) == 2

    # The test needs a name: sign in by phone, say who learns, and come back to the test.
    page.locator("main a.row[href$='/kiem-tra/']").click()
    page.wait_for_url("**/tai-khoan/dang-nhap/**")
    expect(page.locator(".notice.success")).to_be_visible()  # what was done is still there
    sign_in_by_phone(page, phone)
    page.wait_for_url("**/ai-hoc/**")
    commune = page.locator("select[name=residence] option:not([value=''])").first.inner_text()
    say_who(page, name=name, born=1961, commune=commune)
    page.wait_for_url("**/kiem-tra/")
    assert page.locator("main .rows a.row").count() == LESSONS - 2  # lessons still to be read

    # What was done before is kept; the other lessons follow.
    page.goto(COURSE)
    assert lessons_done(page) == 2
    main_action(page).click()
    for _lesson in range(LESSONS - 2):
        expect(page.locator("main article h1")).to_be_visible()
        go_on(page)

    # The test, with one wrong answer, and its result.
    if "/kiem-tra/" not in page.url:
        page.goto(COURSE)
        page.locator("main a.row[href$='/kiem-tra/']").click()
    take_test(page, wrong=1)
    expect(page.locator("h1")).to_contain_text("11")
    assert page.locator("section.card[id^=cau-]").count() == 1  # the wrong one, with the reason
    assert has_no_sideways_scroll(page)

    # The certificate comes within seconds, spells the name right, and can be checked by anybody.
    certificate = page.locator("a[href*='/chung-nhan/'][href$='/pdf/']").first
    look_again_until(page, certificate)
    pdf = take_pdf(page, certificate)
    assert len(pdf.pages) == 1
    text = words_of(pdf)
    assert name in text
    code = CODE.search(text)
    assert code
    page.goto(f"/xac-minh/{code[0]}/")
    expect(page.locator("main")).to_contain_text(name)

    # At home in "my learning": the certificate, and one step to the next course.
    page.goto("/hoc-tap/")
    expect(page.locator("main a[href*='/chung-nhan/']")).to_be_visible()


def test_resident(page: Page):
    journey(page, name="Hoàng Thị Thuỷ", phone="0912 345 678")


def test_resident_without_javascript(no_script: Page):
    journey(no_script, name="Ngô Đức Thắng", phone="0987654321")
