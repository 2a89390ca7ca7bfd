"""A member of the community digital team registers somebody who has no phone, and enrols them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import has_no_sideways_scroll, sign_in, submit

pytestmark = pytest.mark.e2e

NAME = "Vi Thị Nết"


def test_facilitator(page: Page):
    sign_in(page, "facilitator", then="/don-vi/")
    page.goto("/don-vi/")
    assert not page.locator("main a[href$='/chung-nhan/']").count()  # printing is the official's
    page.locator("main a[href='/don-vi/dang-ky-ho/']").first.click()
    form = page.locator("form:has(input[name=full_name])")

    # Without consent nothing is kept, and what was typed stays.
    form.locator("input[name=full_name]").fill(NAME)
    form.locator("input[name=birth_year]").fill("1952")
    form.locator("select[name=residence]").select_option(index=2)
    form.locator("select[name=course]").select_option(label="Tránh lừa đảo trên mạng")
    assert not form.locator("input[name=consent]").is_checked()
    submit(form)
    expect(page.locator("input[name=consent]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("input[name=full_name]")).to_have_value(NAME)
    assert has_no_sideways_scroll(page)

    form.locator("input[name=consent]").check()
    submit(form)
    expect(page.locator("[role=status]")).to_contain_text(NAME)

    # The person is found without accents.
    page.goto("/don-vi/")
    page.locator("a[href$='/nguoi-hoc/']").first.click()
    page.locator("input[type=search]").fill("vi thi net")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    row = page.locator("main table tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(NAME)
