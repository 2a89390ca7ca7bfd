"""Pages that are still open when somebody else begins to learn: their forms are refused, nothing goes to the next."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from courses.models import LessonCompletion
from people.models import DataRequest, HelpSession, Person
from people.operations.pins import set_pin
from people.operations.sharing import begin_help, open_shared_session
from people.personal_data import personal_records
from people.sharing_forms import NewPinForm
from tests.factories import places
from tests.factories.courses import make_course
from tests.factories.people import make_person

pytestmark = pytest.mark.django_db
PIN = "2580"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Browser:
    """Tabs of one browser, with tokens checked as outside of tests."""

    def __init__(self, user=None) -> None:
        self.client = Client(enforce_csrf_checks=True)
        if user is not None:
            self.client.force_login(user, backend=BACKEND)

    def open(self, address: str) -> str:
        """A tab: the token its forms carry."""
        page = self.client.get(address)
        assert page.status_code == 200, page.get("Location")
        return re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())[-1]

    def send(self, address: str, token: str, **data: str):
        return self.client.post(address, {"csrfmiddlewaretoken": token, **data})


def refused(response) -> bool:
    if response.status_code != 403:
        return False
    assert "Biểu mẫu này không dùng được nữa" in response.content.decode().replace("\u00a0", " ")
    return True


@pytest.fixture
def two(home) -> list[Person]:
    return [make_person(f"Vi Thị {name}", birth_year=1970, account=home) for name in ("Một", "Hai")]


@pytest.fixture
def lesson() -> str:
    course = make_course("Tránh lừa đảo", lessons=2, slug="tranh-lua-dao")
    return course.get_children().first().get_url()


class TestAHousehold:
    def choose(self, browser: Browser, person: Person) -> None:
        page = reverse("who")
        answer = browser.send(page, browser.open(page), person=str(person.uuid))
        assert answer.status_code == 302

    def test_a_pin_is_not_set_for_another(self, home, two):
        browser, page = Browser(home), reverse("my_pin")
        self.choose(browser, two[0])
        token = browser.open(page)
        self.choose(browser, two[1])
        assert refused(browser.send(page, token, new_pin=PIN, again=PIN))
        assert not Person.objects.exclude(pin_hash="").exists()
        assert browser.send(page, browser.open(page), new_pin=PIN, again=PIN).status_code == 302
        assert Person.objects.exclude(pin_hash="").get() == two[1]

    def test_an_erasure_is_not_asked_for_another(self, home, two):
        browser, page = Browser(home), reverse("my_data_erase")
        self.choose(browser, two[0])
        token = browser.open(page)
        self.choose(browser, two[1])
        assert refused(browser.send(page, token, sure="on"))
        assert not DataRequest.objects.exists()

    def test_choosing_the_same_one_again_spoils_nothing(self, home, two):
        browser, page = Browser(home), reverse("my_pin")
        self.choose(browser, two[0])
        token = browser.open(page)
        self.choose(browser, two[0])
        assert browser.send(page, token, new_pin=PIN, again=PIN).status_code == 302


class TestActingForSomebody:
    def test_a_lesson_is_not_done_for_the_next_nor_for_oneself(self, facilitator, lesson):
        browser = Browser(facilitator)
        make_person("Lê Hạnh", account=facilitator)
        people = [make_person(f"Trần Thị {name}", residence=places.village()) for name in ("Bảy", "Chín")]
        for person in people:
            page = reverse("help_begin", args=[person.uuid])
            form = {"consent": "on", "guardian_name": ""}
            answer = browser.send(page, browser.open(page), **form)
            assert answer.status_code == 302, answer.content.decode()
            if person == people[0]:
                token = browser.open(lesson)
        assert refused(browser.send(lesson, token))
        token = browser.open(lesson)
        end = reverse("help_end")
        assert browser.send(end, token).status_code == 302
        assert refused(browser.send(lesson, token))
        assert not LessonCompletion.objects.exists()

    def test_account_and_data_pages_are_not_about_the_helped(self, client, facilitator):
        make_person("Lê Hạnh", account=facilitator)
        person = make_person("Trần Thị Bảy", residence=places.village())
        client.force_login(facilitator)
        session = begin_help(person=person, consent=True, guardian_name="", language="vi", by=facilitator)
        assert isinstance(session, HelpSession)
        kept = client.session
        kept["helping"] = session.pk
        kept.save()
        page = client.get(reverse("account")).content.decode().replace("\u00a0", " ")
        assert "Bạn đang làm thay cho <b>Trần Thị Bảy</b>" in page
        for name in ("my_pin", "who_move", "my_data", "who_new"):
            assert f'href="{reverse(name)}"' not in page
        for name in ("my_data", "who_move"):
            answer = client.get(reverse(name), follow=True)
            assert answer.redirect_chain[-1][0] == reverse("helped_person", args=[person.uuid])


class TestASharedDevice:
    @pytest.fixture
    def people(self) -> list[Person]:
        people = [make_person(f"Vi Thị {name}", residence=places.village()) for name in ("Lan", "Nga")]
        for person in people:
            set_pin(person=person, pin=PIN, by=None)
        return people

    @pytest.fixture
    def browser(self, facilitator) -> Browser:
        browser = Browser()
        shared = open_shared_session(unit=places.commune(), organisation=None, code="4821", by=facilitator)
        session = browser.client.session
        session["shared"] = shared.pk
        session.save()
        browser.client.cookies["thonso"] = session.session_key
        return browser

    def enter(self, browser: Browser, person: Person) -> None:
        page = reverse("who_pin", args=[person.uuid])
        assert browser.send(page, browser.open(page), pin=PIN).status_code == 302
        assert browser.client.session["learner"] == person.pk

    def test_a_lesson_left_open_is_not_done_for_the_next(self, browser, people, lesson):
        self.enter(browser, people[0])
        token = browser.open(lesson)
        self.enter(browser, people[1])
        assert refused(browser.send(lesson, token))
        assert not LessonCompletion.objects.exists()

    def test_asking_who_is_next_ends_the_turn(self, browser, people):
        self.enter(browser, people[0])
        assert browser.client.get(reverse("who")).status_code == 200
        assert "learner" not in browser.client.session

    def test_opening_another_s_door_ends_the_turn(self, browser, people):
        self.enter(browser, people[0])
        browser.client.get(reverse("who_pin", args=[people[0].uuid]))
        assert "learner" in browser.client.session
        browser.client.get(reverse("who_pin", args=[people[1].uuid]))
        assert "learner" not in browser.client.session

    def test_nothing_is_kept_to_turn_back_to(self, browser, people, lesson):
        for address in (lesson, "/", "/hoc-tap/"):
            self.enter(browser, people[0])
            assert "no-store" in browser.client.get(address)["Cache-Control"]
        assert "no-store" not in Client().get(lesson).get("Cache-Control", "")


def test_words_put_together_at_the_start_follow_the_language():
    hint = NewPinForm().fields["new_pin"].help_text
    kept = [record.kept for record in personal_records()]
    with override("en"):
        assert str(hint) == "4 to 6 digits, not your year of birth"
        assert not any("ngày" in str(words) for words in kept)
    with override("vi"):
        assert str(hint).startswith("Từ 4 đến 6 chữ số")


def test_what_is_not_shown_again_is_not_said_to_be_there(client, home):
    make_person("Vi Thị Lan", account=home)
    client.force_login(home)
    page = client.post(reverse("my_pin"), {"new_pin": "2580", "again": "2581"}).content.decode()
    assert "Những gì bạn đã điền vẫn còn" not in page.replace("\u00a0", " ")
