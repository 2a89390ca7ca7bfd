"""The page on which a facilitator registers somebody without a phone."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import translation

from people import registry
from people.enums import Role
from people.models import Consent, Person
from people.operations import grant_role
from tests.factories import places
from tests.factories.people import make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def facilitator():
    places.village()
    user = make_user()
    grant_role(user=user, role=Role.FACILITATOR, unit=places.commune(), by=None)
    return user


@pytest.fixture
def asked(monkeypatch):
    """A question of an upper app, with what was done for it."""
    done = []
    monkeypatch.setattr(registry, "_walk_in_choices", {})
    registry.register_walk_in_choice(
        "course",
        label="Course",
        choices=lambda user: [("c1", "Tránh lừa đảo")],
        apply=lambda **kwargs: done.append(kwargs),
    )
    return done


def form(**changes) -> dict:
    return {
        "full_name": "Vi Thị Mai",
        "birth_year": "1955",
        "phone": "",
        "residence": places.village().pk,
        "consent": "on",
        **changes,
    }


def test_the_address():
    assert reverse("register_walk_in") == "/don-vi/dang-ky-ho/"


def test_visitors_sign_in_and_others_are_refused(client, facilitator):
    page = reverse("register_walk_in")
    assert client.get(page)["Location"] == f"/tai-khoan/dang-nhap/?next={page}"
    manager = make_user()
    grant_role(user=manager, role=Role.MANAGER, organisation=make_organisation(), by=None)
    for user in (make_user(), manager):
        client.force_login(user)
        assert client.get(page).status_code == 403
        assert client.post(page, form()).status_code == 403
    assert not Person.objects.exists()


def test_somebody_is_registered_and_enrolled(client, facilitator, asked):
    client.force_login(facilitator)
    page = reverse("register_walk_in")
    html = client.get(page).content.decode()
    assert "checked" not in html
    assert "Bến Hạ" in html.replace("\u00a0", " ")
    answer = client.post(page, form(course="c1"), follow=True)
    person = Person.objects.get()
    assert person.full_name in answer.content.decode().replace("\u00a0", " ")
    assert Consent.objects.get().recorded_by == facilitator
    (applied,) = asked
    assert (applied["person"], applied["value"], applied["by"]) == (person, "c1", facilitator)
    client.post(page, form())
    assert Person.objects.count() == 1
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"consent": ""}, "consent"),
        ({"full_name": "12"}, "full_name"),
        ({"birth_year": "1800"}, "birth_year"),
        ({"phone": "123"}, "phone"),
        ({"residence": ""}, "residence"),
        ({"course": "unknown"}, "course"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(client, facilitator, asked, changes, field):
    client.force_login(facilitator)
    answer = client.post(reverse("register_walk_in"), form(**changes))
    assert list(answer.context["form"].errors) == [field]
    assert not Person.objects.exists()
    assert asked == []


def test_a_place_elsewhere_cannot_be_chosen(client, facilitator):
    elsewhere = places.commune("16013", "Xã Bên")
    client.force_login(facilitator)
    answer = client.post(reverse("register_walk_in"), form(residence=elsewhere.pk))
    assert answer.context["form"].errors["residence"]
    assert "Xã Bên" not in client.get(reverse("register_walk_in")).content.decode().replace("\u00a0", " ")


def test_when_the_enrolment_breaks_nobody_is_kept(client, facilitator, monkeypatch):
    def broken(**kwargs):
        raise RuntimeError

    monkeypatch.setattr(registry, "_walk_in_choices", {})
    registry.register_walk_in_choice("course", label="Course", choices=lambda user: [("c1", "C")], apply=broken)
    client.force_login(facilitator)
    with pytest.raises(RuntimeError):
        client.post(reverse("register_walk_in"), form(course="c1"))
    assert not Person.objects.exists()


def test_a_question_is_registered_once(asked):
    with pytest.raises(ValueError, match="course"):
        registry.register_walk_in_choice("course", label="", choices=lambda user: [], apply=lambda **kwargs: None)


def test_an_official_of_a_province_chooses_a_commune(client, facilitator):
    official = make_user()
    grant_role(user=official, role=Role.OFFICIAL, unit=places.province(), by=None)
    client.force_login(official)
    client.post(reverse("register_walk_in"), form(residence=places.commune().pk))
    assert Person.objects.get().residence == places.commune()


def test_the_page_in_english(client, facilitator):
    client.force_login(facilitator)
    with translation.override("en"):
        html = client.get(reverse("register_walk_in")).content.decode()
    assert "Register someone" in html
