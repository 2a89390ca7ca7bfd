"""Somebody takes a copy of their data, asks to be erased, and their certificate still verifies; who works where."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.steps import (
    has_no_sideways_scroll,
    look_again_until,
    sign_in,
    sign_in_by_phone,
    submit,
    take_file,
)

pytestmark = pytest.mark.e2e

# Somebody of the official's commune with a certificate and without a login, whom nobody else shares the phone with.
FIND = """
from certificates.models import Certificate
from people.models import Person, RoleAssignment
commune = RoleAssignment.objects.get(user__username="official").unit
found = Certificate.objects.within(commune).filter(person__account=None).exclude(person__phone="").order_by("-pk")
for certificate in found.select_related("person"):
    if Person.objects.filter(phone=certificate.person.phone).count() == 1:
        print(certificate.person.phone, certificate.code, certificate.person.full_name, sep="|")
        break
"""


def test_a_copy_an_erasure_and_a_certificate_that_still_verifies(
    page: Page, browser: Browser, browser_context_args, site
):
    printed = site.manage("shell", "--no-imports", "-c", FIND).strip().splitlines()[-1]
    phone, code, name = printed.split("|")
    page.goto("/tai-khoan/dang-nhap/")
    sign_in_by_phone(page, phone)
    page.locator("main a.row[href*='/ai-hoc/']").first.click()
    page.locator("input[name=consent]").check()
    submit(page.locator("form:has(input[name=consent])"))
    page.wait_for_url("**/hoc-tap/")

    # A copy of everything.
    page.goto("/tai-khoan/")
    page.locator("main a[href$='/tai-khoan/du-lieu/']").click()
    expect(page.locator("h1 + .lead")).to_contain_text(name.rsplit(" ", 1)[-1])
    assert has_no_sideways_scroll(page)
    submit(page.locator("form[action$='/ban-sao/']"))
    page.wait_for_url("**/viec/*/")
    file = page.locator("main a[href$='/tep/']")
    look_again_until(page, file)
    archive = zipfile.ZipFile(io.BytesIO(take_file(page, file)))
    stored = json.loads(archive.read("du-lieu.json"))
    rows = {record["model"]: record["rows"] for record in stored["records"]}
    assert rows["people.person"][0]["full_name"] == name
    assert rows["certificates.certificate"]
    assert archive.read("du-lieu-cua-toi.pdf").startswith(b"%PDF")

    # Asking to be erased, on purpose.
    page.goto("/tai-khoan/du-lieu/xoa/")
    submit(page.locator("form:has(input[name=sure])"))
    expect(page.locator("input[name=sure]")).to_have_attribute("aria-invalid", "true")
    page.locator("input[name=sure]").check()
    submit(page.locator("form:has(input[name=sure])"))
    page.wait_for_url("**/tai-khoan/du-lieu/")

    # The official finds it among what is to be done, and does it.
    office = browser.new_context(**browser_context_args)
    desk = office.new_page()
    sign_in(desk, "official", then="/don-vi/")
    desk.goto("/don-vi/")
    desk.locator("main a[href$='/viec-can-lam/']").click()
    desk.locator("main a.row[href*='/yeu-cau-du-lieu/']").filter(has_text=name).click()
    desk.locator("button[name=act][value=answer]").click()
    desk.wait_for_url("**/viec-can-lam/")
    desk.goto("/don-vi/")
    desk.locator("a[href$='/nguoi-hoc/']").first.click()
    desk.locator("input[type=search]").fill(name)
    desk.keyboard.press("Enter")
    desk.wait_for_url("**q=*")
    assert phone not in desk.content()
    office.close()

    # The login is gone; the certificate verifies, with the name and without year and place.
    page.goto("/tai-khoan/")
    page.wait_for_url("**/dang-nhap/**")
    page.goto(f"/xac-minh/{code}/")
    expect(page.locator("main")).to_contain_text(name)
    assert "Sinh năm" not in page.locator("main").inner_text()


def test_a_role_is_given_and_handed_over(page: Page):
    """An official names a facilitator by phone, then hands the role over to somebody else."""
    sign_in(page, "official", then="/don-vi/")
    page.goto("/don-vi/")
    page.locator("main a[href$='/vai-tro/']").click()
    page.wait_for_url("**/don-vi/*/vai-tro/")
    people = page.url
    page.locator("main a[href$='/vai-tro/trao/']").click()
    form = page.locator("form:has(input[name=login])")
    form.locator("input[name=role][value=facilitator]").check()
    form.locator("input[name=login]").fill("0912 000 777")
    submit(form)
    expect(page.locator("input[name=full_name]")).to_have_attribute("aria-invalid", "true")
    page.locator("input[name=full_name]").fill("Ma Thị Xuyến")
    submit(form)
    page.wait_for_url(people)
    assert has_no_sideways_scroll(page)
    page.locator("main table a", has_text="Ma Thị Xuyến").click()
    page.locator("details", has=page.locator("input[name=login]")).locator("summary").click()
    page.locator("input[name=login]").fill("0912 000 778")
    page.locator("input[name=full_name]").fill("Nông Văn Sìn")
    submit(page.locator("form:has(input[name=login])"))
    expect(page.locator("h1")).to_contain_text("Nông Văn Sìn")
    page.goto(people)
    expect(page.locator("main table")).to_contain_text("Nông Văn Sìn")
    assert "Ma Thị Xuyến" not in page.locator("main table").inner_text()
