"""axe on every kind of page, in both languages, at both widths, contrast included."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.e2e.steps import DESK, PHONE, sign_in

pytestmark = pytest.mark.e2e

PUBLIC = [
    "/",
    "/khoa-hoc/",
    "/khoa-hoc/?q=lua+dao",
    "/khoa-hoc/?q=khong+co+gi+nhu+the",
    "/khoa-hoc/tranh-lua-dao/",
    "/khoa-hoc/tranh-lua-dao/bon-dau-hieu/",
    "/khoa-hoc/ban-nong-san/",
    "/thi-dua/",
    "/thi-dua/45-ngay-ca-xa-hoc-so/",
    "/thi-dua/mua-he-khong-lo-lua-dao/?xep=so-luong",
    "/xac-minh/",
    "/xac-minh/0000-0000-0000/",
    "/tai-khoan/dang-nhap/",
    "/tai-khoan/dang-ky/mat-khau/",
    "/tro-giup/",
    "/du-lieu-cua-ban/",
    "/hoc-tap/",
    "/khong-co-trang-nay/",
    "/styleguide/",
]
SIGNED_IN = {
    "resident": ["/hoc-tap/", "/tai-khoan/", "/tai-khoan/ai-hoc/"],
    "manager": ["/to-chuc/"],
    "official": ["/don-vi/"],
    "facilitator": ["/don-vi/dang-ky-ho/"],
    "organiser": ["/thi-dua/to-chuc/moi/"],
}
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"color-contrast-enhanced": {"enabled": False}},
}


def look(page: Page, path: str) -> list[str]:
    page.goto(path)
    found = Axe().run(page, options=OPTIONS).response["violations"]
    problems = [
        f"{path} {v['id']}: {v['help']} — " + " | ".join(node["html"][:120] for node in v["nodes"][:3]) for v in found
    ]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        problems.append(f"{path} scrolls sideways")
    return problems


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["360", "1280"])
@pytest.mark.parametrize("prefix", ["", "/en"], ids=["vi", "en"])
def test_public_pages(browser: Browser, browser_context_args, site, size, prefix):
    context = browser.new_context(**{**browser_context_args, "viewport": size})
    page = context.new_page()
    problems = [problem for path in PUBLIC for problem in look(page, prefix + path)]
    context.close()
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["360", "1280"])
@pytest.mark.parametrize("prefix", ["", "/en"], ids=["vi", "en"])
@pytest.mark.parametrize("who", SIGNED_IN)
def test_pages_behind_the_door(browser: Browser, browser_context_args, site, size, prefix, who):
    context = browser.new_context(**{**browser_context_args, "viewport": size})
    page = context.new_page()
    sign_in(page, who)
    problems = [problem for path in SIGNED_IN[who] for problem in look(page, prefix + path)]
    context.close()
    assert not problems, "\n".join(problems)
