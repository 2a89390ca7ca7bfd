"""A second step with a key: set up, asked for at the next sign-in, and the recovery codes beside it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import has_no_sideways_scroll, submit

pytestmark = pytest.mark.e2e
LOGIN, PASSWORD = "khoa-thu-hai", "một câu dễ nhớ 2026"


def test_a_key_as_the_second_step(page: Page, site):
    """The browser keeps the key, as a phone with a fingerprint does; keys need a name, so the site is `localhost`."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    home = site.url.replace("127.0.0.1", "localhost")
    page.goto(f"{home}/tai-khoan/dang-ky/mat-khau/")
    page.fill("input[name=username]", LOGIN)
    page.fill("input[name=password1]", PASSWORD)
    page.fill("input[name=password2]", PASSWORD)
    submit(page.locator("form:has(input[name=password2])"))

    # Set it up: the password once more, a name for the key, the device does the rest.
    page.goto(f"{home}/tai-khoan/buoc-hai/")
    assert has_no_sideways_scroll(page)
    page.locator("main a[href$='/buoc-hai/khoa/moi/']").click()
    page.fill("input[name=password]", PASSWORD)
    submit(page.locator("main form:has(input[name=password])"))
    page.wait_for_url("**/buoc-hai/khoa/moi/")
    page.fill("main input[name=name]", "Điện thoại của tôi")
    submit(page.locator("form[data-passkey]"))
    page.wait_for_url("**/buoc-hai/ma-du-phong/")
    codes = page.locator("ul.slip li").all_inner_texts()
    assert len(codes) == 10
    page.goto(f"{home}/tai-khoan/buoc-hai/khoa/")
    expect(page.locator("main")).to_contain_text("Điện thoại của tôi")

    # Sign out, and in again with the key.
    def sign_in() -> None:
        page.context.clear_cookies()
        page.goto(f"{home}/tai-khoan/dang-nhap/")
        page.fill("input[name=login]", LOGIN)
        page.fill("input[name=password]", PASSWORD)
        submit(page.locator("form:has(input[name=password])"))
        page.wait_for_url("**/buoc-hai/nhap-ma/")

    sign_in()
    assert has_no_sideways_scroll(page)
    submit(page.locator("form[data-passkey]"))
    page.wait_for_url("**/tai-khoan/ai-hoc/**")

    # The phone is lost: a code from the paper.
    sign_in()
    page.fill("input[name=code]", codes[0])
    submit(page.locator("form:has(input[name=code])"))
    page.wait_for_url("**/tai-khoan/ai-hoc/**")


def test_without_script_there_is_the_app(no_script: Page, site):
    """The page of the key says what else there is."""
    page = no_script
    page.goto(f"{site.url}/tai-khoan/dang-ky/mat-khau/")
    page.fill("input[name=username]", "khong-js")
    page.fill("input[name=password1]", PASSWORD)
    page.fill("input[name=password2]", PASSWORD)
    submit(page.locator("form:has(input[name=password2])"))
    page.goto(f"{site.url}/tai-khoan/buoc-hai/khoa/moi/")
    page.fill("input[name=password]", PASSWORD)
    submit(page.locator("main form:has(input[name=password])"))
    expect(page.locator("form[data-passkey]")).to_be_hidden()
    page.locator("main a[href$='/buoc-hai/ung-dung/']").click()
    expect(page.locator("main img")).to_be_visible()
