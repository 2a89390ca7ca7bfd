"""Who works where: the list of a unit, of an organisation, and the page of one login."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from accounts.models import User
from common import clock
from people.enums import Role
from people.models import RoleAssignment
from people.operations import grant_role
from tests.counting import statements
from tests.factories import places
from tests.factories.people import make_official, make_organisation, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def official(client):
    user = make_official(places.commune(), "can-bo")
    client.force_login(user)
    return user


def page(client, name: str, *args, **query) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def fill(unit, count: int) -> None:
    for number in range(count):
        user = make_user(f"nguoi-{number}", first_name=f"Người Thứ {number}")
        grant_role(user=user, role=Role.FACILITATOR, unit=unit, by=None)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(client, official, count):
    fill(places.village(), count)
    commune = places.commune()
    with statements(9):
        page(client, "unit_roles", commune.uuid)


def test_it_lists_the_unit_and_below_with_managers(client, official):
    fill(places.village(), 1)
    coop = make_organisation(seat=places.commune())
    grant_role(user=make_user("giam-doc"), role=Role.MANAGER, organisation=coop, by=None)
    grant_role(user=make_user("nguoi-xa-ben"), role=Role.FACILITATOR, unit=places.commune("16013", "Bên"), by=None)
    grant_role(user=make_user("nguoi-tinh"), role=Role.OFFICIAL, unit=places.province(), by=None)
    words = page(client, "unit_roles", places.commune().uuid)
    assert "Người Thứ 0" in words
    assert "giam-doc" in words
    assert "nguoi-xa-ben" not in words
    assert "nguoi-tinh" not in words
    only = page(client, "unit_roles", places.commune().uuid, **{"vai-tro": "manager"})
    assert "giam-doc" in only
    assert "Người Thứ 0" not in only


def test_colleagues_are_found_by_what_one_knows_of_them(client, official):
    user = make_user("nd-abc", phone="+84912345678")
    make_person("Bế Thị Hoa", account=user)
    grant_role(user=user, role=Role.FACILITATOR, unit=places.village(), by=None)
    fill(places.village(), 1)
    for text in ("nd-abc", "0912345678", "be thi", "hoa"):
        words = page(client, "unit_roles", places.commune().uuid, q=text)
        assert "nd-abc" in words, text
        assert "Người Thứ 0" not in words, text


def test_former_roles_stand_apart(client, official):
    user = make_user("da-chuyen")
    RoleAssignment.objects.create(
        user=user, role=Role.FACILITATOR, unit=places.village(), valid_from="2026-01-01", valid_until="2026-02-01"
    )
    assert "da-chuyen" not in page(client, "unit_roles", places.commune().uuid)
    words = page(client, "unit_roles", places.commune().uuid, **{"da-het": "1"})
    assert "da-chuyen" in words
    assert "31/01/2026" in words


def test_a_role_is_given_to_a_new_phone(client, official):
    address = reverse("unit_role_new", args=[places.commune().uuid])
    data = {"role": "facilitator", "login": "0912 345 678", "full_name": "", "last_day": ""}
    refused = client.post(address, data)
    assert refused.status_code == 200
    assert "full_name" in refused.context["form"].errors
    assert "0912 345 678" in refused.content.decode()
    last = clock.today() + timedelta(days=30)
    answer = client.post(address, {**data, "full_name": "Bế Thị Hoa", "last_day": last.isoformat()}, follow=True)
    assert "Bế Thị Hoa" in answer.content.decode()
    role = RoleAssignment.objects.get(user__phone="+84912345678")
    assert (role.role, role.unit, role.granted_by) == ("facilitator", places.commune(), official)
    assert role.valid_until == last + timedelta(days=1)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"role": "facilitator", "login": ""}, "login"),
        ({"role": "facilitator", "login": "khong-co"}, "login"),
        ({"role": "facilitator", "login": "da-dong"}, "login"),
        ({"role": "official", "login": "co-day"}, "role"),
        ({"role": "", "login": "co-day"}, "role"),
        ({"role": "facilitator", "login": "co-day", "last_day": "2020-01-01"}, "last_day"),
        ({"role": "facilitator", "login": "co-day", "last_day": "hôm qua"}, "last_day"),
        ({"role": "facilitator", "login": "0912345678", "full_name": "12345"}, "full_name"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field(client, official, data, field):
    make_user("co-day")
    make_user("da-dong", is_active=False)
    answer = client.post(reverse("unit_role_new", args=[places.commune().uuid]), data)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert RoleAssignment.objects.count() == 1
    assert not User.objects.filter(phone="+84912345678").exists()


def test_the_country_gives_roles_of_the_whole_site(client):
    client.force_login(make_user(is_superuser=True))
    places.commune()
    assert client.get(reverse("roles")).url == reverse("unit_roles", args=[places.country().uuid])
    make_user("bien-tap")
    client.post(reverse("unit_role_new", args=[places.country().uuid]), {"role": "reviewer", "login": "bien-tap"})
    role = RoleAssignment.objects.get()
    assert (role.role, role.unit, role.organisation) == ("reviewer", None, None)
    assert "bien-tap" in page(client, "unit_roles", places.country().uuid)


def test_a_manager_is_named_for_an_organisation(client, official):
    coop = make_organisation(seat=places.commune())
    make_user("giam-doc")
    address = reverse("organisation_roles", args=[coop.uuid])
    answer = client.post(address, {"role": "manager", "login": "giam-doc"}, follow=True)
    assert "giam-doc" in answer.content.decode()
    assert RoleAssignment.objects.get(organisation=coop).user.username == "giam-doc"


class TestOneLogin:
    def test_a_role_is_ended(self, client, official):
        colleague = make_user("to-vien")
        role = grant_role(user=colleague, role=Role.FACILITATOR, unit=places.village(), by=None)
        RoleAssignment.objects.filter(pk=role.pk).update(valid_from="2026-01-01")
        assert reverse("staff_end_role", args=["to-vien"]) in page(client, "staff", "to-vien")
        answer = client.post(reverse("staff_end_role", args=["to-vien"]), {"role": role.pk}, follow=True)
        assert answer.status_code == 200
        role.refresh_from_db()
        assert role.valid_until == clock.today()

    @pytest.mark.parametrize("number", ["", "x", "0", "99999999999999999999", "-1"])
    def test_a_role_that_is_not_there(self, client, official, number):
        grant_role(user=make_user("to-vien"), role=Role.FACILITATOR, unit=places.village(), by=None)
        assert client.post(reverse("staff_end_role", args=["to-vien"]), {"role": number}).status_code == 404

    def test_a_role_given_and_taken_back_today_leaves_the_list(self, client, official):
        role = grant_role(user=make_user("to-vien"), role=Role.FACILITATOR, unit=places.village(), by=None)
        answer = client.post(reverse("staff_end_role", args=["to-vien"]), {"role": role.pk})
        assert answer.url == reverse("roles")

    def test_one_hands_over(self, client, official):
        old, new = make_user("nguoi-cu"), make_user("nguoi-moi")
        role = grant_role(user=old, role=Role.FACILITATOR, unit=places.commune(), by=None)
        RoleAssignment.objects.filter(pk=role.pk).update(valid_from="2026-01-01")
        address = reverse("staff_hand_over", args=["nguoi-cu"])
        refused = client.post(address, {"login": "nguoi-cu"})
        assert refused.context["form"].errors["login"]
        answer = client.post(address, {"login": "nguoi-moi"})
        assert answer.url == reverse("staff", args=["nguoi-moi"])
        assert new.roles.active().get().unit == places.commune()
        assert not old.roles.active().exists()

    def test_one_moves_away(self, client, official):
        old = make_user("nguoi-cu")
        role = grant_role(user=old, role=Role.FACILITATOR, unit=places.commune(), by=None)
        RoleAssignment.objects.filter(pk=role.pk).update(valid_from="2026-01-01")
        answer = client.post(reverse("staff_deactivate", args=["nguoi-cu"]), follow=True)
        assert answer.status_code == 200
        assert not old.roles.active().exists()
        assert client.post(reverse("staff_deactivate", args=["nguoi-cu"])).status_code == 403

    def test_a_second_step_is_reset(self, client, official):
        colleague = make_user("to-vien")
        grant_role(user=colleague, role=Role.FACILITATOR, unit=places.commune(), by=None)
        address = reverse("staff_reset_second_factor", args=["to-vien"])
        assert address in page(client, "staff", "to-vien")
        Authenticator.objects.create(user=colleague, type=Authenticator.Type.TOTP, data={"secret": "x"})
        for _time in range(2):
            assert client.post(address).url == reverse("staff", args=["to-vien"])
        assert not Authenticator.objects.exists()

    def test_one_s_own_page_offers_nothing(self, client, official):
        words = page(client, "staff", "can-bo")
        assert "<form" not in words.split("<main")[1].split("</main>")[0]

    def test_a_login_out_of_sight_is_not_there(self, client, official):
        make_user("nguoi-la")
        grant_role(user=make_user("xa-ben"), role=Role.FACILITATOR, unit=places.commune("16013", "Bên"), by=None)
        for username in ("nguoi-la", "xa-ben", "khong-co"):
            assert client.get(reverse("staff", args=[username])).status_code == 404
