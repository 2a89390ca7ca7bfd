"""Web server and worker as one: a killed worker comes back, and what it did goes on."""

from __future__ import annotations

import os
import re
import signal
import time
from collections import Counter

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Site
from tests.e2e.steps import look_again_until, sign_in, submit, take_pdf, words_of

pytestmark = pytest.mark.e2e

ENOUGH = 200  # certificates of the whole province in the demonstration, at least
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


def progress(page: Page, job: str) -> dict:
    return page.request.get(f"{job}tien-do/").json()


def test_a_print_job_survives_a_killed_worker(page: Page, site: Site):
    """Two hundred certificates; kill -9 in the middle; every one is in the file, none twice, the counts are right."""
    sign_in(page, "admin", then="/don-vi/tim/?q=thai+nguyen")
    page.goto("/don-vi/tim/?q=thai+nguyen")
    page.locator("main a.row[href*='/don-vi/']").first.click()  # the largest unit comes first
    page.locator("main a[href$='/chung-nhan/']").first.click()
    page.wait_for_url("**/chung-nhan/")
    submit(page.locator("form:has(input[type=hidden][name=subject])"))
    page.wait_for_url("**/viec/*/")
    job = page.url
    deadline = time.monotonic() + 60
    while not (before := progress(page, job))["done"]:
        assert time.monotonic() < deadline, before
    total = before["total"]
    assert total >= ENOUGH
    assert 0 < before["done"] < total, "the job was over before the worker could be killed"
    os.killpg(site.worker_pid(), signal.SIGKILL)

    file = page.locator("main a[href$='/tep/']")
    look_again_until(page, file, within=150)
    after = progress(page, job)
    assert (after["state"], after["done"], after["total"]) == ("done", total, total)
    pdf = take_pdf(page, file)
    codes = Counter(CODE.findall(" ".join(words_of(pdf, number) for number in range(len(pdf.pages)))))
    assert len(pdf.pages) == total
    assert len(codes) == total
    assert set(codes.values()) == {1}
