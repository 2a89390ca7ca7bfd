"""Where it is used: without a mouse or a finger, on a slow line, with large letters, on the narrowest phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.steps import COURSE, PASSWORD, answer, has_no_sideways_scroll, plain, right_answers

pytestmark = pytest.mark.e2e

LESSON = f"{COURSE}bon-dau-hieu/"
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 25_000}  # 3G, bytes/s
PAGES = ("/", "/khoa-hoc/", COURSE, LESSON, "/thi-dua/45-ngay-ca-xa-hoc-so/", "/xac-minh/", "/tai-khoan/dang-nhap/")
MOST_STEPS = 120  # presses of Tab before a page counts as a trap


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, and see that the focus shows."""
    for _step in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            shown = page.evaluate(
                """() => {
                    const at = document.activeElement;
                    return [at, at.nextElementSibling].some((element) => {
                        const style = element && getComputedStyle(element);
                        return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
                    });
                }"""
            )
            assert shown, f"nothing shows that {selector} has the focus"
            return
    pytest.fail(f"Tab does not reach {selector}")


def test_signing_in_by_keyboard(page: Page):
    page.goto("/tai-khoan/dang-nhap/")
    page.keyboard.press("Tab")  # the first stop leads past the header
    expect(page.locator("a.skip")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "input[name=login]")
    page.keyboard.type("resident")
    page.keyboard.press("Tab")
    expect(page.locator("input[name=password]")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "dang-nhap" not in url)


def test_answering_by_keyboard(page: Page):
    page.goto(LESSON)
    question = page.locator("section[id^=cau-]").first
    name = question.get_attribute("id")
    right = right_answers()[plain(question.locator("legend").inner_text())]
    tab_to(page, f"#{name} input[name=choice]")
    page.keyboard.press("Space")
    for _choice in question.locator("input[name=choice]").all():
        if plain(page.locator(f"#{name} label:has(input:focus)").inner_text()) in right:
            break
        page.keyboard.press("ArrowDown")
    tab_to(page, f"#{name} button")
    page.keyboard.press("Enter")
    expect(page.locator(f"#{name} .notice.success")).to_be_visible()
    # On to the next lesson.
    tab_to(page, ".thumb button")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: LESSON not in url)


def test_a_lesson_over_a_slow_line(page: Page):
    """A reader on 3G sees the text of a lesson within four seconds and can answer."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)
    page.goto(LESSON, wait_until="commit")
    expect(page.locator("main article h1")).to_be_visible()
    painted = page.evaluate(
        """() => new Promise((resolve) => {
            const ask = () => {
                const entry = performance.getEntriesByName("first-contentful-paint")[0];
                entry ? resolve(entry.startTime) : requestAnimationFrame(ask);
            };
            ask();
        })"""
    )
    assert painted < 4000, f"{painted} ms"
    question = page.locator("section[id^=cau-]").first
    answer(question.locator("fieldset"))
    question.locator("button[type=submit]").click()
    expect(question.locator(".notice.success")).to_be_visible(timeout=15_000)


@pytest.mark.parametrize(
    ("width", "size"), [(320, "100%"), (360, "200%"), (1280, "200%")], ids=["320px", "360px-double", "1280px-double"]
)
def test_narrow_and_large(browser: Browser, browser_context_args, site, width: int, size: str):
    """Nothing is cut off at 320 px, nor with letters of twice the size."""
    context = browser.new_context(**{**browser_context_args, "viewport": {"width": width, "height": 740}})
    page = context.new_page()
    page.add_init_script(
        f"addEventListener('DOMContentLoaded', () => document.documentElement.style.fontSize = '{size}')"
    )
    wide = []
    for path in PAGES:
        page.goto(path)
        if not has_no_sideways_scroll(page):
            wide.append(path)
    context.close()
    assert not wide
