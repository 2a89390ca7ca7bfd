"""Who guesses at codes is stopped; a hall of forty is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import User
from common import clock
from ledger.limits import hidden, used
from ledger.models import Message
from people.exceptions import CodeSpent, TooManyWrongCodes, WrongCode
from people.operations.codes import check_sent_code
from tests.concurrency import at_once
from tests.factories.people import make_user
from tests.people.signing_in import ask_for_code, last_code

PHONE = "+84912345678"


def guess(typed: str, expected: str = "123456", phone: str = PHONE, address: str = "10.0.0.1", at=None) -> str:
    try:
        check_sent_code(actual=typed, expected=expected, phone=phone, address=address, at=at)
    except (WrongCode, CodeSpent, TooManyWrongCodes) as error:
        return type(error).__name__
    return "right"


@pytest.mark.django_db
class TestGuessing:
    def test_five_wrong_tries_at_one_code(self):
        assert [guess("000000") for _ in range(5)] == ["WrongCode"] * 4 + ["CodeSpent"]
        assert guess("123456") == "CodeSpent"  # it is of no use any more
        assert guess("654321", expected="654321") == "right"

    def test_ten_wrong_tries_at_one_phone_within_an_hour(self):
        start = clock.now()
        for code in ("111111", "222222"):
            for _ in range(5):
                guess("000000", expected=code, at=start)
        assert guess("333333", expected="333333", at=start) == "TooManyWrongCodes"
        assert guess("333333", expected="333333", phone="+84912345679", at=start) == "right"
        later = start + timedelta(minutes=61)
        assert guess("333333", expected="333333", at=later) == "right"

    def test_right_codes_are_no_tries(self):
        assert [guess("123456") for _ in range(12)] == ["right"] * 12

    @override_settings(CODE_TRIES_PER_ADDRESS=6)
    def test_one_machine_that_tries_many_phones(self):
        outcomes = [guess("000000", phone=f"+8491234560{n}") for n in range(8)]
        assert outcomes == ["WrongCode"] * 6 + ["TooManyWrongCodes"] * 2
        assert guess("123456", phone="+84912345699", address="10.0.0.2") == "right"

    def test_the_wait_is_said(self, client):
        start = clock.now()
        with clock.frozen(start):
            for number in range(10):
                guess("999999", expected=f"{number:06}")
        with clock.frozen(start + timedelta(minutes=20)):
            confirm = ask_for_code(client, "0912345678")["Location"]
            answer = client.post(confirm, {"code": last_code()})
        assert "40 phút" in answer.content.decode()
        assert "_auth_user_id" not in client.session


@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_once_are_no_way_round():
    """Fifty at the same moment: five are compared, no more."""
    outcomes = at_once(*[lambda: guess("000000")] * 20)
    assert outcomes.count("WrongCode") + outcomes.count("CodeSpent") + outcomes.count("TooManyWrongCodes") == 20
    assert outcomes.count("WrongCode") <= 4
    assert used("code", hidden(f"{PHONE}|123456")).used == 5
    assert used("code-phone", hidden(PHONE)).used == 5  # what is refused for the code costs the phone nothing
    assert used("code-address", hidden("10.0.0.1")).used == 5


@pytest.mark.django_db(transaction=True)
def test_forty_people_in_one_hall_sign_up_at_once():
    """From one address, in threads: everybody gets one text and one account."""

    def sign_up(number: int) -> int:
        client = Client()
        phone = f"+849123400{number:02}"
        client.get(reverse("account_login"))
        confirm = client.post(reverse("account_request_login_code"), {"phone": phone})["Location"]
        return client.post(confirm, {"code": last_code(phone)}).status_code

    outcomes = at_once(*[lambda number=number: sign_up(number) for number in range(40)])
    assert outcomes == [302] * 40
    assert User.objects.filter(phone_verified_at__isnull=False).count() == 40
    assert Message.objects.count() == 40


@pytest.mark.django_db(transaction=True)
def test_a_double_click_sends_one_text():
    """Two requests at the same moment, of one browser or of two: the code of the one text is right in both."""
    clients = [Client(), Client()]

    def press(client: Client) -> str:
        return client.post(reverse("account_request_login_code"), {"phone": PHONE})["Location"]

    confirm = at_once(*[lambda client=client: press(client) for client in clients])
    assert Message.objects.count() == 1
    for client, page in zip(clients, confirm, strict=True):
        assert client.post(page, {"code": last_code()}).status_code == 302
        assert "_auth_user_id" in client.session


@pytest.mark.django_db(transaction=True)
def test_a_double_click_on_a_new_number_sends_one_text():
    """The change of a number, in one session."""
    user = make_user("doi-so")
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value

    def press() -> int:
        other = Client()
        other.cookies[settings.SESSION_COOKIE_NAME] = session
        return other.post(reverse("account_change_phone"), {"phone": PHONE}).status_code

    assert at_once(press, press) == [302, 302]
    assert Message.objects.filter(to=PHONE).count() == 1
    answer = client.post(reverse("account_verify_phone"), {"code": last_code()})
    assert answer.status_code == 302
    assert User.objects.get(pk=user.pk).phone == PHONE


@pytest.mark.django_db
def test_a_later_press_sends_a_new_code(client):
    start = clock.now()
    codes = []
    for seconds in (0, 20, 31):
        with clock.frozen(start + timedelta(seconds=seconds)):
            ask_for_code(client, PHONE)
            codes.append(last_code())
    assert codes[0] == codes[1] != codes[2]
    assert Message.objects.count() == 2


@pytest.mark.django_db
class TestBudgets:
    @override_settings(CODES_PER_PHONE=1)
    def test_a_spent_budget_is_said_and_alike_for_known_and_unknown_numbers(self, client):
        User.objects.create(username="nd-x", phone=PHONE)
        start = clock.start_of(clock.today()) + timedelta(hours=9)
        answers = []
        for phone in (PHONE, "+84912345679"):
            for seconds in (0, 31):
                client.cookies.clear()
                with clock.frozen(start + timedelta(seconds=seconds)):
                    answer = client.post(reverse("account_request_login_code"), {"phone": phone})
                answers.append(answer.status_code)
        assert answers == [302, 429, 302, 429]
        assert Message.objects.count() == 2
