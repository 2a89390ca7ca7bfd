"""One's account: phone, password, second step, the way out."""

from __future__ import annotations

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import override_settings
from django.urls import reverse
from django.utils import translation

from common import clock
from people.enums import Role
from people.operations import grant_role
from tests.factories import places
from tests.factories.people import make_person, make_user
from tests.people.signing_in import E164, last_code, sign_in_by_code

pytestmark = pytest.mark.django_db

PASSWORD = "thóc vàng mùa gặt"
NEW = "bờ tre quanh làng"


@pytest.fixture
def user():
    user = make_user("ngocanh", phone=E164, phone_verified_at=clock.now())
    user.set_password(PASSWORD)
    user.save()
    return user


def totp_code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_the_account_shows_what_it_is(client, user):
    make_person("Nguyễn Thị Ngọc Ánh", account=user)
    client.force_login(user)
    html = client.get(reverse("account")).content.decode().replace("\u00a0", " ")
    for part in ("Ngọc Ánh", "0912 345 678", reverse("account_change_password"), reverse("account_logout")):
        assert part in html
    assert reverse("mfa_index") not in html
    assert client.get("/tai-khoan/").status_code == 200


def test_staff_see_the_second_step_and_the_admin(client, user):
    grant_role(user=user, role=Role.EDITOR, by=None)
    client.force_login(user)
    html = client.get(reverse("account")).content.decode()
    assert reverse("mfa_index") in html
    assert reverse("wagtailadmin_home") in html


def test_a_password_is_changed_with_the_old_one(client, user):
    client.force_login(user)
    page = reverse("account_change_password")
    wrong = client.post(page, {"oldpassword": "x", "password1": NEW, "password2": NEW})
    assert wrong.context["form"].errors["oldpassword"]
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post(page, form)["Location"] == reverse("account")
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert "_auth_user_id" in client.session


def test_a_forgotten_password_is_set_after_a_code(client, user):
    assert client.get(reverse("account_reset_password"))["Location"] == reverse("account_login")
    sign_in_by_code(client)
    assert reverse("account_set_password") in client.get(reverse("account")).content.decode()
    answer = client.post(reverse("account_set_password"), {"password1": NEW, "password2": NEW})
    assert answer["Location"] == reverse("account")
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_without_a_fresh_code_the_old_password_is_asked_for(client, user):
    client.post(reverse("account_login"), {"login": "ngocanh", "password": PASSWORD})
    assert client.get(reverse("account_set_password"))["Location"] == reverse("account_change_password")
    answer = client.post(reverse("account_set_password"), {"password1": NEW, "password2": NEW})
    assert answer["Location"] == reverse("account_change_password")
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_phone_is_changed_with_a_code(client, user):
    client.force_login(user)
    answer = client.post(reverse("account_change_phone"), {"phone": "0912 000 111"})
    assert answer["Location"] == reverse("account_verify_phone")
    user.refresh_from_db()
    assert user.phone == E164
    confirm = reverse("account_verify_phone")
    page = client.get(confirm).content.decode().replace("\u00a0", " ")
    assert "0912 000 111" in page
    code = last_code("+84912000111")
    wrong = client.post(confirm, {"code": "000000" if code != "000000" else "111111", "action": "verify"})
    assert "4" in wrong.context["form"].errors["code"][0]
    assert client.post(confirm, {"code": code, "action": "verify"})["Location"] == reverse("account")
    user.refresh_from_db()
    assert user.phone == "+84912000111"


def test_a_phone_of_another_account_stays_there(client, user):
    other = make_user(phone="+84912000111", phone_verified_at=clock.now())
    client.force_login(user)
    answer = client.post(reverse("account_change_phone"), {"phone": "0912 000 111"})
    assert answer["Location"] == reverse("account_verify_phone")
    answer = client.post(reverse("account_verify_phone"), {"code": last_code("+84912000111")})
    assert answer.context["form"].has_error("code", "phone_taken")
    for login in (user, other):
        login.refresh_from_db()
    assert (user.phone, other.phone) == (E164, "+84912000111")


def test_a_first_phone_finds_the_record_of_a_list(client):
    user = make_user("khongmay")
    make_person(phone="+84912000111")
    client.force_login(user)
    client.post(reverse("account_change_phone"), {"phone": "0912000111"})
    answer = client.post(reverse("account_verify_phone"), {"code": last_code("+84912000111")})
    assert answer["Location"] == reverse("who")


def test_five_wrong_codes_end_a_change_of_phone(client, user):
    client.force_login(user)
    client.post(reverse("account_change_phone"), {"phone": "0912 000 111"})
    code = last_code("+84912000111")
    wrong = "000000" if code != "000000" else "111111"
    answers = [client.post(reverse("account_verify_phone"), {"code": wrong}) for _try in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 302]
    client.post(reverse("account_verify_phone"), {"code": code})
    user.refresh_from_db()
    assert user.phone == E164


# The second step


@override_settings(FORCE_SECOND_FACTOR=True)
def test_staff_set_up_a_second_step_before_the_admin_and_use_it(client, user):
    grant_role(user=user, role=Role.EDITOR, by=None)
    client.post(reverse("account_login"), {"login": "ngocanh", "password": PASSWORD})
    activate = reverse("mfa_activate_totp")
    index = reverse("mfa_index")
    assert client.get("/admin/")["Location"] == f"{index}?next=%2Fadmin%2F"
    assert client.get("/admin/pages/")["Location"] == f"{index}?next=%2Fadmin%2Fpages%2F"
    assert client.get(f"{index}?next=%2Fadmin%2Fpages%2F")["Location"] == index
    again = client.get(activate)["Location"]
    assert again.startswith(reverse("account_reauthenticate"))
    assert client.get(again).status_code == 200
    assert client.post(again, {"password": PASSWORD, "next": activate})["Location"] == activate
    page = client.get(activate)
    secret = page.context["form"].secret
    assert secret in page.content.decode().replace(" ", "")
    assert client.post(activate, {"code": "x"}).context["form"].errors["code"]
    answer = client.post(activate, {"code": totp_code(secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    codes = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    assert len(codes) == 10
    assert 'href="/admin/pages/"' in client.get(index).content.decode()
    assert client.get("/admin/").status_code == 200

    client.post(reverse("account_logout"))
    answer = client.post(reverse("account_login"), {"login": "ngocanh", "password": PASSWORD, "next": "/admin/pages/"})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    assert client.get(reverse("mfa_authenticate")).status_code == 200
    assert client.post(reverse("mfa_authenticate"), {"code": "wrong"}).status_code == 200
    assert client.post(reverse("mfa_authenticate"), {"code": codes[0]})["Location"] == "/admin/pages/"
    assert client.get("/admin/").status_code == 200


@override_settings(FORCE_SECOND_FACTOR=True)
def test_a_code_by_phone_does_not_replace_the_second_step(client, user):
    grant_role(user=user, role=Role.EDITOR, by=None)
    TOTP.activate(user, "A" * 32)
    assert sign_in_by_code(client)["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session


@override_settings(FORCE_SECOND_FACTOR=True)
def test_facilitators_and_learners_are_not_asked_for_a_second_step(client, user):
    make_person(account=user)
    grant_role(user=user, role=Role.FACILITATOR, unit=places.commune(), by=None)
    client.force_login(user)
    assert client.get(reverse("account")).status_code == 200
    assert client.get(reverse("my_unit")).status_code == 200
    assert reverse("mfa_index") not in client.get("/admin/", follow=True).redirect_chain[-1][0]


def test_the_second_step_is_asked_for_only_where_it_is_forced(client, user):
    grant_role(user=user, role=Role.EDITOR, by=None)
    client.force_login(user)
    assert client.get("/admin/").status_code == 200


def test_every_page_of_the_second_step_opens(client, user):
    client.post(reverse("account_login"), {"login": "ngocanh", "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(reverse("mfa_index")).status_code == 200
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)})
    pages = ["mfa_index", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"]
    for name in [*pages, "mfa_reauthenticate", "mfa_download_recovery_codes"]:
        assert client.get(reverse(name)).status_code == 200, name
    assert client.post(reverse("mfa_generate_recovery_codes"))["Location"] == reverse("mfa_view_recovery_codes")
    assert client.post(reverse("mfa_deactivate_totp"))["Location"] == reverse("mfa_index")


def test_wagtails_own_door_leads_to_ours(client):
    answer = client.get("/admin/login/?next=/admin/pages/")
    assert answer["Location"] == reverse("account_login", query={"next": "/admin/pages/"}).replace("%2F", "/")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_of_the_account_opens(client, language):
    user = make_user()
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    opened = 0
    with translation.override(language):
        for name in ("account", "account_set_password", "account_change_phone", "account_logout", "mfa_index"):
            answer = client.get(reverse(name))
            assert answer.status_code == 200, name
            assert f'<html lang="{language}">' in answer.content.decode()
            opened += 1
    assert opened == 5
