"""What a page costs on the wire, cold and warm, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.steps import sign_in

pytestmark = pytest.mark.e2e

PAGES = {
    "home": "/",
    "catalogue": "/khoa-hoc/",
    "course": "/khoa-hoc/tranh-lua-dao/",
    "lesson": "/khoa-hoc/tranh-lua-dao/bon-dau-hieu/",
    "campaign": "/thi-dua/45-ngay-ca-xa-hoc-so/",
}
MOST_REQUESTS, MOST_BYTES = 6, 50_000
MOST_REQUESTS_WARM, MOST_BYTES_WARM = 2, 15_000


class Meter:
    """Counts what goes over the wire, authors' pictures apart."""

    def __init__(self, page: Page) -> None:
        self.requests: dict[str, str] = {}
        self.bytes: dict[str, float] = {}
        cdp = page.context.new_cdp_session(page)
        cdp.send("Network.enable")
        cdp.on("Network.requestWillBeSent", lambda e: self.requests.__setitem__(e["requestId"], e["request"]["url"]))
        cdp.on("Network.requestServedFromCache", lambda e: self.requests.pop(e["requestId"], None))
        cdp.on("Network.loadingFinished", lambda e: self.bytes.__setitem__(e["requestId"], e["encodedDataLength"]))

    def reset(self) -> None:
        self.requests.clear()
        self.bytes.clear()

    def total(self) -> tuple[int, float]:
        ours = [
            key
            for key, url in self.requests.items()
            if "/media/" not in url and not url.startswith("data:") and self.bytes.get(key, 1) > 0
        ]
        return len(ours), sum(self.bytes.get(key, 0) for key in ours)


@pytest.mark.parametrize("name", PAGES)
def test_budget(browser: Browser, browser_context_args, site, name):
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    meter = Meter(page)
    page.goto(PAGES[name], wait_until="networkidle")
    requests, size = meter.total()
    assert requests <= MOST_REQUESTS, meter.requests
    assert size <= MOST_BYTES
    meter.reset()
    page.goto(PAGES[name], wait_until="networkidle")
    requests, size = meter.total()
    assert requests <= MOST_REQUESTS_WARM, meter.requests
    assert size <= MOST_BYTES_WARM
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_budget_signed_in(browser: Browser, browser_context_args, site, name):
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    sign_in(page, "resident")
    meter = Meter(page)
    page.goto(PAGES[name], wait_until="networkidle")
    _requests, size = meter.total()
    assert size <= MOST_BYTES
    context.close()
