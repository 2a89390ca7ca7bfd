"""What people do again and again: signing in, answering, waiting for work in the background, taking a file away."""

from __future__ import annotations

import re
import time
import unicodedata
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import yaml
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

LIBRARY = Path(__file__).resolve().parents[2] / "courses" / "library"
PASSWORD = "thonso-demo"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
WORK_WITHIN = 90  # seconds for work in the background on a busy machine
COURSE = "/khoa-hoc/tranh-lua-dao/"


# Pressing and waiting -----------------------------------------------------------------------------------


def main_action(page: Page) -> Locator:
    """The button near the thumb."""
    return page.locator(".thumb .btn")


def submit(form: Locator) -> None:
    """Press the form's own button."""
    form.locator("button[type=submit]").last.click()


def go_on(page: Page) -> None:
    """Press the button near the thumb and arrive at another page."""
    here = page.url.partition("#")[0]
    main_action(page).click()
    page.wait_for_url(lambda url: url.partition("#")[0] != here)


def look_again_until(page: Page, wanted: Locator, within: float = WORK_WITHIN) -> None:
    """Load the page anew until something is there, as people do where no script does it for them."""
    deadline = time.monotonic() + within
    while not wanted.count():
        assert time.monotonic() < deadline, page.locator("main").inner_text()
        page.reload()


def take_file(page: Page, link: Locator) -> bytes:
    """The file behind a link: pressed where it downloads, fetched where the browser would show it."""
    if link.get_attribute("download") is None:
        found = page.request.get(link.get_attribute("href") or "")
        assert found.ok
        return found.body()
    with page.expect_download() as coming:
        link.click()
    return Path(coming.value.path()).read_bytes()


def take_pdf(page: Page, link: Locator) -> PdfReader:
    content = take_file(page, link)
    assert content.startswith(b"%PDF")
    return PdfReader(BytesIO(content))


def words_of(reader: PdfReader, number: int = 0) -> str:
    """The text of a page with single spaces, composed."""
    return " ".join(unicodedata.normalize("NFC", reader.pages[number].extract_text()).split())


def figures(page: Page) -> list[int]:
    """The big figures of the page, from the first to the last."""
    return [int(text.replace(".", "")) for text in page.locator(".stat .big").all_inner_texts()]


def has_no_sideways_scroll(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


# Signing in ---------------------------------------------------------------------------------------------


def sign_in(page: Page, login: str, password: str = PASSWORD, then: str = "") -> None:
    """Sign in by user name and password, as the demonstration's people do."""
    page.goto("/tai-khoan/dang-nhap/" + (f"?next={then}" if then else ""))
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(password)
    submit(page.locator("form:has(input[name=password])"))
    page.wait_for_url(lambda url: "dang-nhap" not in url)


def sign_in_by_phone(page: Page, phone: str) -> None:
    """From the sign-in page: ask for a code, read it on the page as the demonstration shows it, type it."""
    page.locator("input[name=phone]").fill(phone)
    submit(page.locator("form:has(input[name=phone])"))
    code = page.locator("input[name=code]")
    expect(code).to_be_visible()
    found = re.search(r"\b\d{6}\b", page.locator(".notice.info").inner_text())
    assert found, "the demonstration shows the code"
    code.fill(found[0])
    page.locator("button[name=action][value=verify]").click()
    page.wait_for_url(lambda url: "/tai-khoan/ma/" not in url)


def say_who(page: Page, *, name: str, born: int, commune: str) -> None:
    """The form for somebody new."""
    expect(page.locator("input[name=full_name]")).to_be_visible()
    consent = page.locator("input[name=consent]")
    assert not consent.is_checked(), "consent is never ticked beforehand"
    page.locator("input[name=full_name]").fill(name)
    page.locator("input[name=birth_year]").fill(str(born))
    page.locator("select[name=residence]").select_option(label=commune)
    consent.check()
    submit(page.locator("form:has(input[name=full_name])"))
    page.wait_for_url(lambda url: "/ai-hoc/" not in url)


# Learning -----------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Text as it is compared: composed, with single ordinary spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


@lru_cache
def right_answers() -> dict[str, frozenset[str]]:
    """Question → its right choices, from the files of the courses."""
    found = {}
    for file in LIBRARY.glob("*/questions.yaml"):
        for question in yaml.safe_load(file.read_text(encoding="utf-8"))["questions"]:
            right = {plain(choice["text"]) for choice in question["choices"] if choice.get("correct")}
            found[plain(question["text"])] = frozenset(right)
    return found


def answer(asked: Locator, *, rightly: bool = True) -> None:
    """Tick the right choices of a question, or the first wrong one."""
    right = right_answers()[plain(asked.locator("legend").inner_text())]
    choices = asked.locator("label.choice").all()
    wanted = [choice for choice in choices if (plain(choice.inner_text()) in right) == rightly]
    assert wanted
    for choice in wanted if rightly else wanted[:1]:
        choice.locator("input").check()


def take_test(page: Page, *, wrong: int = 0) -> None:
    """From the rules of a test to its result, with so many wrong answers."""
    main_action(page).click()
    page.wait_for_url(re.compile(r"/hoc-tap/luot/[^/]+/"))
    while page.locator("#answer").count():
        number = int(page.locator("input[name=position]").get_attribute("value") or 0)
        answer(page.locator("#answer fieldset"), rightly=number > wrong)
        go_on(page)
    expect(page.locator("#hand-in")).to_be_attached()
    main_action(page).click()
    page.wait_for_url("**/ket-qua/")
