"""Phones that many learn on: a household of three, and a class at the culture house with cards."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.steps import (
    COURSE,
    go_on,
    has_no_sideways_scroll,
    look_again_until,
    say_who,
    sign_in,
    sign_in_by_phone,
    submit,
    take_pdf,
    words_of,
)

pytestmark = pytest.mark.e2e
LESSON = COURSE + "bon-dau-hieu/"


def choose(page: Page, name: str) -> None:
    page.goto("/tai-khoan/ai-hoc/")
    page.locator("button[name=person]").filter(has_text=name).click()
    page.wait_for_url(lambda url: not url.endswith("/ai-hoc/"))


def type_pin(page: Page, pin: str) -> None:
    page.locator("input[name=pin]").fill(pin)
    submit(page.locator("form:has(input[name=pin])"))


def set_pin(page: Page, pin: str) -> None:
    page.goto("/tai-khoan/ma-pin/")
    page.locator("input[name=new_pin]").fill(pin)
    page.locator("input[name=again]").fill(pin)
    submit(page.locator("form:has(input[name=new_pin])"))
    page.wait_for_url("**/hoc-tap/")


def read_a_lesson(page: Page) -> None:
    page.goto(LESSON)
    go_on(page)


def lessons_done(page: Page) -> int:
    page.goto(COURSE)
    return page.locator(".stone.done").count()


def family(page: Page, phone: str, names: list[str]) -> None:
    page.goto("/tai-khoan/dang-nhap/")
    sign_in_by_phone(page, phone)
    for place, name in enumerate(names):
        if place:
            page.goto("/tai-khoan/ai-hoc/moi/")
        commune = page.locator("select[name=residence] option").nth(1).inner_text()
        say_who(page, name=name, born=1950 + 20 * place, commune=commune)


@pytest.mark.parametrize("script", ["with script", "without script"])
def test_a_shared_phone_with_three_learners(browser: Browser, browser_context_args, site, script):
    options = {**browser_context_args, "java_script_enabled": script == "with script"}
    phone = "0987 650 0" + ("11" if script == "with script" else "12")
    context, other = browser.new_context(**options), browser.new_context(**options)
    page = context.new_page()
    family(page, phone, ["Lý Thị Lan", "Lý Văn Bình", "Lý Thị Cúc"])
    for name, pin in (("Lan", "2580"), ("Bình", "7391")):
        choose(page, name)
        set_pin(page, pin)
    choose(page, "Lan")
    type_pin(page, "2580")
    page.wait_for_url("**/hoc-tap/")
    read_a_lesson(page)
    assert lessons_done(page) == 1
    line = page.locator(".learning")
    expect(line).to_contain_text("Lan")
    assert (line.locator("a").bounding_box() or {})["height"] >= 48
    assert has_no_sideways_scroll(page)
    line.locator("a").click()
    page.locator("button[name=person]").filter(has_text="Bình").click()
    page.wait_for_url("**/ma-pin/**")
    type_pin(page, "7391")
    page.wait_for_url(f"**{COURSE}")
    assert lessons_done(page) == 0
    choose(page, "Cúc")
    assert lessons_done(page) == 0

    # A child on another phone guesses; that phone is locked, grandmother's is not.
    child = other.new_page()
    child.goto("/tai-khoan/dang-nhap/")
    sign_in_by_phone(child, phone)
    choose(child, "Lan")
    for _ in range(5):
        type_pin(child, "9090")
    type_pin(child, "2580")
    expect(child.locator("input[name=pin]")).to_have_attribute("aria-invalid", "true")
    choose(page, "Lan")
    type_pin(page, "2580")
    page.wait_for_url("**/hoc-tap/")
    assert lessons_done(page) == 1
    context.close()
    other.close()


def test_a_class_with_cards(page: Page, no_script: Page):
    sign_in(page, "facilitator", then="/don-vi/dang-ky-ho/")
    page.goto("/don-vi/dang-ky-ho/")
    form = page.locator("form:has(input[name=full_name])")
    form.locator("input[name=full_name]").fill("Triệu Thị Pham")
    form.locator("input[name=birth_year]").fill("1949")
    form.locator("select[name=residence]").select_option(index=2)
    form.locator("input[name=consent]").check()
    submit(form)
    expect(page.locator("[role=status]")).to_contain_text("Pham")

    page.goto("/the-hoc/?hom-nay=1")
    submit(page.locator("form:has(input[name=nguoi])"))
    page.wait_for_url(re.compile("/cong-viec/|/viec/|job"))
    link = page.locator("a[download], a[href$='/tep/'], main a.btn")
    look_again_until(page, link)
    words = words_of(take_pdf(page, link.first))
    assert "Triệu Thị Pham" in words
    code = re.search(r"\b[BCDFGHJKMNPQRSTVWXZ2-9]{4}-[BCDFGHJKMNPQRSTVWXZ2-9]{4}\b", words)
    assert code

    page.goto("/hoc-chung/")
    place = page.locator("select[name=place]")
    place.select_option(index=place.locator("option").count() - 1)
    page.locator("input[name=code]").fill("4821")
    submit(page.locator("form:has(input[name=code])"))
    page.wait_for_url("**/ai-hoc/")
    page.locator("input[name=ma]").fill(code[0])
    submit(page.locator("form:has(input[name=ma])"))
    for name, digits in (("new_pin", "2580"), ("again", "2580"), ("code", "4821")):
        page.locator(f"input[name={name}]").fill(digits)
    submit(page.locator("form:has(input[name=new_pin])"))
    page.wait_for_url("**/hoc-tap/")
    read_a_lesson(page)
    assert lessons_done(page) == 1
    page.locator(".learning button").click()
    page.wait_for_url("**/ai-hoc/")

    # From now on card and PIN work on any phone.
    no_script.goto("/the/")
    no_script.locator("input[name=ma]").fill(code[0].lower())
    submit(no_script.locator("form:has(input[name=ma])"))
    type_pin(no_script, "2580")
    no_script.wait_for_url("**/hoc-tap/")
    assert lessons_done(no_script) == 1

    sign_in(page, "facilitator", then="/don-vi/")
    page.goto("/don-vi/")
    assert "/dang-nhap/" not in page.url
