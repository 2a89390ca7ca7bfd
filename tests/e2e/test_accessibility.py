"""axe on every kind of page, in both languages, at both widths, contrast included."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.e2e.steps import DESK, PHONE, look_again_until, sign_in, submit

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
    "/du-lieu-luu-giu/",
    "/dia-phuong/?q=giao+phong",
    "/hoc-tap/",
    "/the/",
    "/the/khong-co-the-nay/",
    "/khong-co-trang-nay/",
    "/styleguide/",
]
SIGNED_IN = {
    "resident": ["/hoc-tap/", "/tai-khoan/", "/tai-khoan/ai-hoc/", "/tai-khoan/ma-pin/", "/tai-khoan/so-rieng/"],
    "manager": ["/to-chuc/"],
    "official": ["/don-vi/", "/lop-hoc/"],
    "facilitator": ["/don-vi/dang-ky-ho/", "/the-hoc/?hom-nay=1", "/hoc-chung/", "/lop-hoc/", "/lop-hoc/moi/"],
    "organiser": ["/thi-dua/", "/thi-dua/to-chuc/moi/", "/thi-dua/45-ngay-ca-xa-hoc-so/"],
}
DESKS = (
    "/hoc-tap/",
    "/tai-khoan/",
    "/to-chuc/",
    "/don-vi/",
    "/thi-dua/",
    "/vai-tro/",
    "/viec-can-lam/",
    "/hoc-cung/",
    "/hoc-chung/",
    "/the-hoc/",
)  # the rest: as a guest
INSIDE = {prefix: tuple(prefix + desk for desk in DESKS) for prefix in ("", "/en")}
KINDS = {"resident": 10, "manager": 8, "official": 11, "facilitator": 4, "organiser": 4}  # at the least
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"color-contrast-enhanced": {"enabled": False}},
    "resultTypes": ["violations"],  # what passed is not written out, which takes longer than looking
}


def look(page: Page, path: str) -> list[str]:
    """What is wrong with a page, on a phone and on a desk."""
    page.goto(path)
    problems = []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        at = f"{path} at {size['width']}"
        for found in Axe().run(page, options=OPTIONS).response["violations"]:
            nodes = " | ".join(node["html"][:120] for node in found["nodes"][:3])
            problems.append(f"{at} {found['id']}: {found['help']} — {nodes}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            problems.append(f"{at} scrolls sideways")
    return problems


@pytest.mark.parametrize("prefix", ["", "/en"], ids=["vi", "en"])
def test_public_pages(browser: Browser, browser_context_args, site, prefix):
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    problems = [problem for path in PUBLIC for problem in look(page, prefix + path)]
    context.close()
    assert not problems, "\n".join(problems)


def shape(path: str) -> str:
    """A path without the numbers and codes in it, nor its query: pages of one kind have one shape."""
    return re.sub(r"/(?=[^/]*\d)[^/]+", "/*", path.partition("?")[0])


def links(page: Page) -> list[str]:
    """Where the page leads to inside the site, files and the editor's desk left out."""
    found = page.eval_on_selector_all(
        "main a[href]:not([download])",
        "all => all.map(a => new URL(a.href)).map(u => [u.origin, u.pathname, u.search])",
    )
    here = page.evaluate("location.origin")
    return [
        path + query
        for origin, path, query in found
        if origin == here and path.endswith("/") and not path.endswith("/pdf/")
    ]


@pytest.fixture(scope="session")
def roster(browser: Browser, browser_context_args, site, tmp_path_factory) -> str:
    """A list that waits for its confirmation, with one red row: the path of its preview."""
    file = tmp_path_factory.mktemp("roster") / "danh-sach.csv"
    file.write_text("Họ và tên,Năm sinh,Điện thoại\nTạ Thị Sen,1985,0912000401\nCao Văn Mít,năm ngoái,\n", "utf-8")
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    sign_in(page, "manager", then="/to-chuc/")
    page.wait_for_url("**/to-chuc/*/")
    page.goto(f"{page.url}danh-sach/")
    page.locator("input[name=file]").set_input_files(file)
    submit(page.locator("form:has(input[name=file])"))
    look_again_until(page, page.locator("main table tbody tr"))
    path = page.evaluate("location.pathname")
    context.close()
    return path


@pytest.mark.parametrize("prefix", ["", "/en"], ids=["vi", "en"])
@pytest.mark.parametrize("who", SIGNED_IN)
def test_pages_behind_the_door(browser: Browser, browser_context_args, site, roster, prefix, who):
    """From the first pages of a role to one page of each kind that they lead to."""
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    sign_in(page, who)
    waiting = [prefix + path for path in SIGNED_IN[who]] + ([prefix + roster] if who == "manager" else [])
    seen: set[str] = set()
    problems: list[str] = []
    while waiting:
        path = waiting.pop(0)
        kind = shape(path)
        if kind in seen or not kind.startswith(INSIDE[prefix]):
            continue
        seen.add(kind)
        problems += look(page, path)
        waiting += links(page)
    context.close()
    assert not problems, "\n".join(problems)
    assert len(seen) >= KINDS[who], sorted(seen)
