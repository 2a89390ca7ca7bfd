"""An editor mends a lesson: draft, preview as a phone shows it, moderation, and then everybody reads it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Site
from tests.e2e.steps import sign_in

pytestmark = pytest.mark.e2e

LESSON = "/khoa-hoc/tranh-lua-dao/chan-va-bao/"
TITLE = "Chặn số lạ và báo số lừa đảo"


def open_for_editing(page: Page) -> None:
    """Find the Vietnamese lesson by its title, as the admin's search offers it."""
    page.goto("/admin/pages/search/?q=Chặn và báo")
    page.locator(f"tr:has(a[href='{LESSON}']) a[href$='/edit/']").first.click()
    expect(page.locator("#id_title")).to_be_visible()


def choose_action(page: Page, button: str) -> None:
    """Open the menu beside "save draft" and press one of its entries."""
    page.locator("footer .w-dropdown__toggle").click()
    page.locator(f"footer {button}").click()


def test_editor(page: Page, browser: Browser, browser_context_args, site: Site):
    reader = browser.new_context(**browser_context_args).new_page()
    reader.goto(LESSON)
    before = reader.locator("main article h1").inner_text()
    assert before != TITLE

    # The editor's draft, seen as on a phone before anybody else sees it.
    sign_in(page, "editor", then="/admin/")
    page.wait_for_url("**/admin/")
    open_for_editing(page)
    page.locator("#id_title").fill(TITLE)
    page.locator("[data-side-panel-toggle=preview]").first.click()
    preview = page.frame_locator("[data-side-panel=preview] iframe:not(.w-preview__proxy)")
    expect(preview.locator("main article h1")).to_have_text(TITLE)
    assert page.locator("[data-side-panel=preview] input[value=phone]").is_checked()
    page.locator("[data-side-panel-toggle=preview]").first.click()

    # Editors do not publish: they hand in.
    assert not page.locator("footer button[name=action-publish]").count()
    choose_action(page, "button[name=action-submit]")
    page.wait_for_url(lambda url: "/edit/" not in url)
    reader.reload()
    expect(reader.locator("main article h1")).to_have_text(before)

    # Whoever moderates approves, and everybody reads it, in both languages' pages.
    context = browser.new_context(**browser_context_args)
    moderator = context.new_page()
    sign_in(moderator, "admin", then="/admin/")
    moderator.wait_for_url("**/admin/")
    open_for_editing(moderator)
    expect(moderator.locator("#id_title")).to_have_value(TITLE)
    choose_action(moderator, "[data-workflow-action-name=approve]:not([data-workflow-action-modal-url])")
    moderator.wait_for_url(lambda url: "/edit/" not in url)
    context.close()
    for address in (LESSON, f"/en{LESSON}"):
        reader.goto(address)
        expect(reader.locator("main article h1")).to_have_text(TITLE)

    # Loading the course files again leaves the editor's words alone.
    site.manage("load_courses")
    reader.goto(LESSON)
    expect(reader.locator("main article h1")).to_have_text(TITLE)
    reader.context.close()
