"""The decorators that guard pages, and the first administrator."""

from __future__ import annotations

import io
import sys
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.core.management.base import CommandError
from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from accounts.models import User
from common import clock
from people.access import learner_required, role_required
from people.enums import Role
from people.learners import current_learner
from people.operations import grant_role
from tests.factories import places
from tests.factories.people import make_person, make_user

pytestmark = pytest.mark.django_db
PARTS = {
    "members_enrol": ["uuid"],
    "job_cancel": ["uuid"],
    "member_end": ["uuid", "person"],
    "campaign_close": ["key"],
}
"""Addresses that only take what a button sends, in several apps, and what stands in them."""


def ask(rf, user, *, method="get", path="/hoc-tap/?a=1", **extra):
    request = getattr(rf, method)(path, **extra)
    request.user = user
    request.session = {}
    request.learner = current_learner(request)
    return request


@learner_required
def my_page(request):
    return HttpResponse(request.learner.full_name)


@role_required(Role.OFFICIAL)
def desk(request):
    return HttpResponse("desk")


def test_a_page_for_learners(rf):
    user = make_user()
    assert my_page(ask(rf, AnonymousUser()))["Location"] == "/tai-khoan/dang-nhap/?next=/hoc-tap/%3Fa%3D1"
    assert my_page(ask(rf, user))["Location"] == "/tai-khoan/ai-hoc/?next=%2Fhoc-tap%2F%3Fa%3D1"
    make_person("Vi Thị Mai", account=user)
    assert my_page(ask(rf, user)).content.decode() == "Vi Thị Mai"
    make_person("Vi Văn Nam", account=user)
    assert my_page(ask(rf, user)).status_code == 302


def test_after_a_form_one_returns_to_its_page(rf):
    request = ask(rf, AnonymousUser(), method="post", HTTP_REFERER="http://testserver/khoa-hoc/x/")
    assert my_page(request)["Location"] == "/tai-khoan/dang-nhap/?next=/khoa-hoc/x/"
    request = ask(rf, AnonymousUser(), method="post", HTTP_REFERER="https://evil.example/x/")
    assert my_page(request)["Location"] == "/tai-khoan/dang-nhap/"
    request = ask(rf, AnonymousUser(), method="post", HTTP_REFERER="http://testserver/khoa-hoc/?trang=2#x")
    assert desk(request)["Location"] == "/tai-khoan/dang-nhap/?next=/khoa-hoc/%3Ftrang%3D2"


@pytest.mark.parametrize("name", ["members_enrol", "job_cancel", "member_end", "campaign_close"])
def test_what_a_button_sends_to_is_never_where_one_returns(client, name):
    address = reverse(name, kwargs={part: uuid4() for part in PARTS[name]})
    page = "/to-chuc/?q=ban"
    answer = client.post(address, headers={"Referer": f"http://testserver{page}"})
    assert answer["Location"] == reverse("account_login", query={"next": page}).replace("%2F", "/")
    assert client.post(address)["Location"] == reverse("account_login")
    words = [str(message) for message in client.get(reverse("account_login")).context["messages"]]
    assert gettext("Nothing was sent yet, because you are not signed in. Sign in, then do it once more.") in words


def test_the_door_speaks_the_pages_language(rf):
    with translation.override("en"):
        assert my_page(ask(rf, AnonymousUser(), path="/en/hoc-tap/"))["Location"].startswith("/en/tai-khoan/")


def test_a_page_for_a_role(rf):
    assert desk(ask(rf, AnonymousUser())).status_code == 302
    with pytest.raises(PermissionDenied):
        desk(ask(rf, make_user()))
    facilitator, official, administrator = make_user(), make_user(), make_user()
    grant_role(user=facilitator, role=Role.FACILITATOR, unit=places.commune(), by=None)
    grant_role(user=official, role=Role.OFFICIAL, unit=places.commune(), by=None)
    grant_role(user=administrator, role=Role.ADMINISTRATOR, by=None)
    with pytest.raises(PermissionDenied):
        desk(ask(rf, facilitator))
    assert desk(ask(rf, official)).content == b"desk"
    assert desk(ask(rf, administrator)).content == b"desk"


# create_administrator


@pytest.fixture
def typed(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("thóc vàng mùa gặt\nmore\n"))


def create(*args: str) -> str:
    out = io.StringIO()
    call_command("create_administrator", *args, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("typed")
def test_the_first_administrator(client):
    said = create("quantri", "--phone", "0912 345 678", "--password-stdin")
    user = User.objects.get()
    assert user.check_password("thóc vàng mùa gặt")
    assert (user.is_superuser, user.phone) == (True, "+84912345678")
    assert user.roles.get().role == Role.ADMINISTRATOR
    assert "thóc" not in said
    assert user.phone_verified_at <= clock.now()


@pytest.mark.usefixtures("typed")
def test_a_name_that_is_taken():
    make_user("QuanTri")
    with pytest.raises(CommandError):
        create("quantri", "--password-stdin")
    assert User.objects.count() == 1


@pytest.mark.parametrize("arguments", [["quan tri"], [""], ["quantri", "--phone", "12"]])
@pytest.mark.usefixtures("typed")
def test_what_cannot_be_an_administrator(arguments):
    with pytest.raises(CommandError):
        create(*arguments, "--password-stdin")
    assert not User.objects.exists()


def test_a_weak_password_is_refused(monkeypatch):
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", "12345678")
    with pytest.raises(CommandError):
        create("quantri")
    assert not User.objects.exists()


def test_name_and_password_from_the_environment(monkeypatch):
    monkeypatch.setenv("ADMINISTRATOR_USERNAME", "quantri")
    monkeypatch.setenv("ADMINISTRATOR_PASSWORD", "thóc vàng mùa gặt")
    create()
    assert User.objects.get().check_password("thóc vàng mùa gặt")


def test_without_a_terminal_nothing_is_asked(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(CommandError):
        create("quantri")
