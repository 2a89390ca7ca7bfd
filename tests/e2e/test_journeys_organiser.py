"""An organiser: a campaign in one sitting, confirmed numbers of inhabitants, the page the public reads."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.steps import has_no_sideways_scroll, sign_in, submit

pytestmark = pytest.mark.e2e

TITLE = "Mùa gặt không tiền mặt"
CLOSED = "/thi-dua/mua-he-khong-lo-lua-dao/"


def test_organiser(page: Page):
    sign_in(page, "organiser", then="/thi-dua/")
    page.goto("/thi-dua/")
    page.locator("main a[href='/thi-dua/to-chuc/moi/']").click()
    form = page.locator("form:has(input[name=title])")
    today = date.today()

    # Days the wrong way round: said beside the field, and nothing typed is lost.
    form.locator("[name=title]").fill(TITLE)
    form.locator("[name=summary]").fill("Học xong khoá bán hàng là góp một điểm cho xã.")
    form.locator("[name=first_day]").fill(f"{today:%Y-%m-%d}")
    form.locator("[name=last_day]").fill(f"{today - timedelta(days=1):%Y-%m-%d}")
    form.locator("select[name=area]").select_option(index=1)
    form.locator("input[name=courses]").first.check()
    submit(form)
    expect(page.locator("[name=last_day]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=title]")).to_have_value(TITLE)
    page.locator("[name=last_day]").fill(f"{today + timedelta(days=30):%Y-%m-%d}")
    submit(page.locator("form:has(input[name=title])"))

    # The desk: numbers of inhabitants, a page of communes at a time.
    page.wait_for_url("**/thi-dua/to-chuc/*-*/")
    desk = page.url
    boxes = page.locator("input[name^='unit-']")
    assert boxes.count() > 1
    first = page.locator("main form label").first.inner_text()
    boxes.nth(0).fill("1200")
    boxes.nth(1).fill("950")
    submit(page.locator("form:has(input[name^='unit-'])"))
    expect(page.locator("[role=status]")).to_be_visible()
    expect(page.locator("input[name^='unit-']").nth(0)).to_have_value("1200")
    assert has_no_sideways_scroll(page)

    # What everybody sees: rules, courses that count, and the communes with a confirmed number.
    page.locator("main aside a.row").first.click()
    page.wait_for_url("**/thi-dua/mua-gat-khong-tien-mat/")
    expect(page.locator("h1")).to_contain_text(TITLE)
    expect(page.locator("main")).to_contain_text(first)
    assert page.locator("main aside a.row[href^='/khoa-hoc/']").count() == 1
    assert has_no_sideways_scroll(page)
    page.goto(desk)
    workbook = page.request.get(page.locator("main a[href$='.xlsx']").get_attribute("href") or "")
    assert workbook.ok
    assert workbook.body().startswith(b"PK")
    # It runs: closing is for later.
    assert not page.locator("form[action$='/dong/']").count()


def test_organiser_leaves_a_closed_campaign_as_it_is(page: Page):
    page.goto(CLOSED)
    before = page.locator("main table").first.inner_text()
    sign_in(page, "organiser", then=CLOSED)
    page.goto(CLOSED)
    page.locator("main a[href*='/thi-dua/to-chuc/']").click()
    page.wait_for_url("**/thi-dua/to-chuc/*-*/")
    assert not page.locator("input[name^='unit-']").count()
    assert not page.locator("form[action$='/dong/']").count()
    # Nor by a form that was open before it was closed.
    token = page.context.cookies()
    csrf = next(cookie["value"] for cookie in token if "csrf" in cookie["name"])
    answer = page.request.post(f"{page.url}dong/", form={"csrfmiddlewaretoken": csrf}, headers={"Referer": page.url})
    assert answer.ok
    page.goto(CLOSED)
    assert page.locator("main table").first.inner_text() == before
