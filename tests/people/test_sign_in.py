"""Signing in with a code or a password: one door for known and unknown, few texts, few tries."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from common import clock
from ledger.enums import MessageStatus
from ledger.models import Job, Message
from ledger.sms import MemoryOutbox
from people.operations.codes import SAME_PRESS
from tests.factories.people import make_person, make_user
from tests.people.signing_in import E164, PHONE, ask_for_code, last_code, sign_in_by_code

pytestmark = pytest.mark.django_db


def without_tokens(html: bytes) -> str:
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", html.decode()).replace("\u00a0", " ")


def test_the_door_offers_the_code_first_and_the_password_below(client):
    html = client.get(reverse("account_login")).content.decode()
    assert reverse("account_login") == "/tai-khoan/dang-nhap/"
    assert html.index('name="phone"') < html.index('name="login"') < html.index('name="password"')
    assert 'autocomplete="tel"' in html
    assert reverse("account_signup_password") in html
    assert "Gửi" in html or "Send me the code" in html


@pytest.mark.parametrize("name", ["account_request_login_code", "account_signup"])
def test_code_pages_ask_for_the_phone(client, name):
    assert 'name="phone"' in client.get(reverse(name)).content.decode()


def test_a_new_number_gets_an_account_after_the_code_and_not_before(client, run_jobs):
    asked = ask_for_code(client)
    assert asked["Location"] == reverse("account_confirm_login_code")
    assert not User.objects.exists()
    assert run_jobs("ledger.deliver_message") == 1
    (text,) = MemoryOutbox.sent
    assert text["to"] == E164
    message = Message.objects.get()
    assert (message.status, message.body) == (MessageStatus.SENT, "")
    code = re.search(r"[0-9]{6}", text["body"]).group()
    page = client.get(asked["Location"]).content.decode()
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    assert code not in page
    answer = client.post(asked["Location"], {"code": f" {code[:3]} {code[3:]} "})
    user = User.objects.get()
    assert (user.phone, user.has_usable_password()) == (E164, False)
    assert user.phone_verified_at is not None
    assert user.username.startswith("nd-")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert answer["Location"].startswith(reverse("who"))


@pytest.mark.parametrize("typed", ["0912345678", "912345678", "+84 912 345 678", "0084912345678", "0912.345.678"])
def test_a_number_is_known_however_it_is_written(client, typed):
    user = make_user(phone=E164)
    sign_in_by_code(client, typed)
    assert client.session["_auth_user_id"] == str(user.pk)
    user.refresh_from_db()
    assert user.phone_verified_at is not None
    assert User.objects.count() == 1


@pytest.mark.parametrize("typed", ["", "12", "0241234567", "abc", "+1 202 555 0123"])
def test_what_is_no_mobile_number_is_explained_and_kept(client, typed):
    answer = ask_for_code(client, typed)
    assert answer.status_code == 200
    assert answer.context["phone_form"].errors["phone"]
    assert not Message.objects.exists()
    if typed:
        assert f'value="{typed}"' in answer.content.decode()


def test_known_and_unknown_numbers_get_the_same_answer(client):
    make_user(phone="+84912000111", phone_verified_at=clock.now())
    pages = []
    for phone in ("0912 000 111", "0912 000 222"):
        client.cookies.clear()
        asked = ask_for_code(client, phone)
        page = client.get(asked["Location"])
        rest = without_tokens(page.content).replace(phone, "")
        wrong = client.post(asked["Location"], {"code": "x"})
        pages.append((asked.status_code, asked["Location"], rest, wrong.status_code))
        assert Message.objects.filter(to="+84" + phone.replace(" ", "")[1:]).count() == 1
    assert pages[0] == pages[1]
    assert len({len(body) for body in Message.objects.values_list("body", flat=True)}) == 1


def test_a_second_press_sends_no_second_text(client):
    client.get(reverse("account_login"))  # the browser has its cookie
    first = ask_for_code(client)
    code = last_code()
    second = ask_for_code(client, "+84912345678")
    assert first["Location"] == second["Location"]
    assert Message.objects.count() == Job.objects.count() == 1
    assert client.post(second["Location"], {"code": code}).status_code == 302
    assert User.objects.count() == 1


def test_two_presses_at_once_share_one_code_without_a_session(client):
    client.get(reverse("account_login"))
    cookie = client.cookies["csrftoken"].value
    codes = set()
    for _press in range(2):
        client.cookies.clear()
        client.cookies["csrftoken"] = cookie
        ask_for_code(client)
        codes.add(client.session["account_login"]["state"]["stages"]["login_by_code"]["data"]["code"])
    assert len(codes) == Message.objects.count() == 1


def test_asking_again_sends_a_new_code_and_only_that_one_works(client):
    client.get(reverse("account_login"))
    confirm = ask_for_code(client)["Location"]
    old = last_code()
    too_soon = client.post(confirm, {"action": "resend"}, follow=True)
    assert Message.objects.count() == 1
    assert [str(message.level_tag) for message in too_soon.context["messages"]] == ["info"]
    with clock.frozen(clock.now() + SAME_PRESS):
        client.post(confirm, {"action": "resend"})
    assert Message.objects.count() == 2
    new = last_code()
    if old != new:
        assert client.post(confirm, {"code": old}).status_code == 200
    assert client.post(confirm, {"code": new})["Location"].startswith(reverse("who"))


def test_five_wrong_codes_end_it(client):
    confirm = ask_for_code(client, next="/khoa-hoc/")["Location"]
    right = last_code()
    wrong = "000000" if right != "000000" else "111111"
    for left in (4, 3, 2, 1):
        answer = client.post(confirm, {"code": wrong})
        assert answer.status_code == 200
        assert f"{left}" in answer.context["form"].errors["code"][0]
    answer = client.post(confirm, {"code": wrong})
    assert answer["Location"] == reverse("account_login", query={"next": "/khoa-hoc/"})
    assert client.post(confirm, {"code": right})["Location"] == reverse("account_login")
    assert not User.objects.exists()


def test_tries_are_counted_for_the_code_whatever_the_session_says(client):
    """Five at once in one session: each request still reads zero failures, the sixth is refused all the same."""
    confirm = ask_for_code(client)["Location"]
    right = last_code()
    wrong = "000000" if right != "000000" else "111111"
    before = dict(client.session.items())
    for _try in range(5):
        client.post(confirm, {"code": wrong})
        session = client.session
        session.clear()
        session.update(before)
        session.save()
    answer = client.post(confirm, {"code": right})
    assert answer["Location"] == reverse("account_login")
    assert not User.objects.exists()


def test_an_empty_code_costs_no_try(client):
    confirm = ask_for_code(client)["Location"]
    for _try in range(6):
        assert client.post(confirm, {"code": ""}).status_code == 200
    assert client.post(confirm, {"code": last_code()}).status_code == 302


def test_a_code_runs_out(client):
    confirm = ask_for_code(client)["Location"]
    code = last_code()
    session = client.session
    session["account_login"]["state"]["stages"]["login_by_code"]["data"]["at"] -= 601
    session.save()
    assert client.post(confirm, {"code": code})["Location"] == reverse("account_login")
    assert not User.objects.exists()


def test_too_many_codes_for_one_number(client):
    start = clock.now()
    for press in range(5):
        with clock.frozen(start + press * 2 * SAME_PRESS):
            assert ask_for_code(client).status_code == 302
    answer = ask_for_code(client)
    assert answer.status_code == 200
    assert answer.context["phone_form"].has_error("phone", "too_many_codes")
    assert Message.objects.count() == 5
    assert ask_for_code(client, "0912 999 999").status_code == 302


def test_a_class_of_forty_signs_up_from_one_address(client):
    for number in range(40):
        client.cookies.clear()
        phone = f"+849123400{number:02}"
        confirm = ask_for_code(client, phone)["Location"]
        assert client.post(confirm, {"code": last_code(phone)}).status_code == 302
    assert User.objects.filter(phone_verified_at__isnull=False).count() == 40


def test_correcting_the_number(client):
    ask_for_code(client, "0912 345 679")
    assert 'name="phone"' in client.get(reverse("account_login")).content.decode()
    sign_in_by_code(client)
    assert User.objects.get().phone == E164


def test_where_the_visitor_was_going_is_kept(client):
    user = make_user(phone=E164, phone_verified_at=clock.now())
    make_person(account=user)
    door = client.get(reverse("account_login", query={"next": "/khoa-hoc/x/"}))
    assert reverse("account_request_login_code", query={"next": "/khoa-hoc/x/"}) in door.content.decode()
    assert sign_in_by_code(client, next="/khoa-hoc/x/")["Location"] == "/khoa-hoc/x/"


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "http:///evil.example", "\\\\evil.example"],
)
def test_nobody_is_led_to_another_site(client, url):
    user = make_user(phone=E164, phone_verified_at=clock.now())
    make_person(account=user)
    assert "evil" not in client.get(reverse("account_login", query={"next": url})).content.decode()
    assert sign_in_by_code(client, next=url)["Location"] == "/hoc-tap/"
    assert client.get(reverse("account_login", query={"next": url}))["Location"] == "/hoc-tap/"
    choice = {"person": user.learners.get().uuid}
    assert client.post(reverse("who", query={"next": url}), choice)["Location"] == "/hoc-tap/"
    assert "evil" not in client.post(reverse("account_logout"), {"next": url})["Location"]


def test_a_closed_account_is_told_so(client):
    make_user(phone=E164, is_active=False)
    assert sign_in_by_code(client)["Location"] == reverse("account_inactive")
    assert "_auth_user_id" not in client.session
    assert client.get(reverse("account_inactive")).status_code == 200


def test_a_demonstration_shows_the_text(client, settings, run_jobs):
    settings.THONSO_DEMO = True
    confirm = ask_for_code(client)["Location"]
    assert last_code() in client.get(confirm).content.decode()
    run_jobs("ledger.deliver_message")
    assert last_code() in client.get(confirm).content.decode()


def test_what_was_done_as_a_guest_is_promised_and_kept(client):
    client.get(reverse("account_login"))
    session = client.session
    session["guest"] = {"lessons": {"k": ["c", "2026-01-01T00:00:00+00:00"]}, "answers": {}}
    session.save()
    assert client.get(reverse("account_login")).context["kept"]
    sign_in_by_code(client)
    assert client.session["guest"]["lessons"]


# Passwords


def password_user(**fields) -> User:
    user = make_user("ngocanh", **fields)
    user.set_password("thóc vàng mùa gặt")
    user.save()
    return user


def sign_in_by_password(client, login: str, password: str = "thóc vàng mùa gặt", **params):
    return client.post(reverse("account_login", query=params or None), {"login": login, "password": password})


@pytest.mark.parametrize("login", ["ngocanh", "NgocAnh", "0912 345 678", "+84912345678", "84912345678"])
def test_a_password_goes_with_the_name_or_the_phone(client, login):
    user = password_user(phone=E164, phone_verified_at=clock.now())
    make_person(account=user)
    answer = sign_in_by_password(client, login, next="/khoa-hoc/")
    assert answer["Location"] == "/khoa-hoc/"
    assert client.session["learner"] == user.learners.get().pk


def test_the_right_password_is_enough_without_a_phone(client):
    user = password_user()
    assert sign_in_by_password(client, "ngocanh").status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize(("known", "unknown"), [("ngocanh", "nobody"), ("0912345678", "0912345670")])
def test_a_wrong_password_says_nothing_about_the_account(client, known, unknown):
    password_user(phone=E164, phone_verified_at=clock.now())
    answers = [sign_in_by_password(client, login, "wrong") for login in (known, unknown)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].context["form"].errors == answers[1].context["form"].errors
    assert f'value="{known}"' in answers[0].content.decode() or f'value="{E164}"' in answers[0].content.decode()


def test_wrong_passwords_are_counted_however_the_number_is_written(client):
    password_user(phone=E164, phone_verified_at=clock.now())
    writings = ["0912345678", "0912 345 678", "+84912345678", "84912345678", "0912.345.678"]
    for writing in writings * 2:
        assert sign_in_by_password(client, writing, "wrong").context["form"].errors
    answer = sign_in_by_password(client, "0912-345-678")
    assert answer.context["form"].has_error("__all__", "too_many_login_attempts")


def test_too_many_requests_are_a_page_with_the_time_to_wait(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "1/m/ip"}
    sign_in_by_password(client, "a", "b")
    answer = sign_in_by_password(client, "a", "b")
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert "429.html" in [template.name for template in answer.templates]


def test_a_limit_that_allauth_raises_is_the_same_page(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "verify_phone": "1/m/key"}
    client.force_login(make_user())
    assert client.post(reverse("account_change_phone"), {"phone": PHONE}).status_code == 302
    answer = client.post(reverse("account_change_phone"), {"phone": PHONE})
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")


def test_signing_up_without_a_phone(client):
    page = client.get(reverse("account_signup_password"))
    assert 'name="phone"' not in page.content.decode()
    answer = client.post(
        reverse("account_signup_password", query={"next": "/khoa-hoc/"}),
        {"username": "binh1958", "password1": "thóc vàng mùa gặt", "password2": "thóc vàng mùa gặt"},
    )
    assert answer["Location"] == reverse("who", query={"next": "/khoa-hoc/"})
    user = User.objects.get(username="binh1958")
    assert user.check_password("thóc vàng mùa gặt")
    assert user.phone is None


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"username": "0912345678"}, "username"),
        ({"username": "ngocanh"}, "username"),
        ({"username": "hai từ"}, "username"),
        ({"password1": "ngắn", "password2": "ngắn"}, "password1"),
        ({"password2": "khác hẳn đi rồi"}, "password2"),
    ],
)
def test_a_sign_up_that_cannot_be_keeps_nothing(client, data, field):
    password_user()
    form = {"username": "binh1958", "password1": "thóc vàng mùa gặt", "password2": "thóc vàng mùa gặt", **data}
    answer = client.post(reverse("account_signup_password"), form)
    assert answer.context["form"].errors[field]
    assert User.objects.count() == 1


def test_a_sign_up_that_breaks_leaves_no_account(client, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("people.adapters.AccountAdapter.post_login", broken)
    form = {"username": "binh1958", "password1": "thóc vàng mùa gặt", "password2": "thóc vàng mùa gặt"}
    with pytest.raises(RuntimeError):
        client.post(reverse("account_signup_password"), form)
    assert not User.objects.exists()


def test_forty_sign_ups_with_a_password_from_one_address(client):
    for number in range(40):
        client.cookies.clear()
        form = {"username": f"hoc-vien-{number}", "password1": "thóc vàng mùa gặt", "password2": "thóc vàng mùa gặt"}
        assert client.post(reverse("account_signup_password"), form).status_code == 302
    assert User.objects.count() == 40


def test_signing_out_needs_a_form(client):
    client.force_login(make_user())
    assert client.get(reverse("account_logout")).status_code == 200
    assert "_auth_user_id" in client.session
    assert client.post(reverse("account_logout"))["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_english_pages_and_texts(client):
    with translation.override("en"):
        door = reverse("account_login")
        assert door == "/en/tai-khoan/dang-nhap/"
        html = client.get(door).content.decode()
        assert "Sign in with your phone number" in html
        assert 'action="/en/tai-khoan/ma/"' in html
        answer = sign_in_by_code(client)
        assert answer["Location"].startswith("/en/tai-khoan/ai-hoc/?next=%2Fen%2Fhoc-tap%2F")
        assert "Do not read it out" in Message.objects.get().body
        assert client.post(reverse("account_logout"))["Location"] == "/en/"


@pytest.mark.parametrize(
    "name", ["account_email", "account_confirm_email", "mfa_edit_webauthn", "account_email_verification_sent"]
)
def test_what_is_not_offered_has_no_address(name):
    with pytest.raises(Exception, match=name):
        reverse(name)


def test_a_lost_page_below_the_account_is_simply_not_found(client):
    assert client.get("/tai-khoan/khong-co/").status_code == 404


def test_time_of_a_code_is_ten_minutes(settings):
    assert timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT) == timedelta(minutes=10)
