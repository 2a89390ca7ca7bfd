"""Who is learning: choosing, taking a record over, being new, with consent."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse
from django.utils import translation

from common import clock
from ledger.models import AuditEntry
from people.enums import ConsentPurpose, PersonSource, Role
from people.models import Consent, Person
from people.operations import grant_role
from people.signals import learner_chosen
from tests.factories import places
from tests.factories.people import make_person, make_user
from tests.people.signing_in import E164, sign_in_by_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return make_user(phone=E164, phone_verified_at=clock.now())


@pytest.fixture
def chosen():
    """What receivers of `learner_chosen` were told: sender, person, and a mark in the session they got."""
    heard = []

    def listen(sender, person, session, **kwargs):
        heard.append((sender, person, session.pop("mark", None)))

    learner_chosen.connect(listen)
    yield heard
    learner_chosen.disconnect(listen)


def new_person_form(**changes) -> dict:
    return {
        "full_name": "Nguyễn Thị Ngọc Ánh",
        "birth_year": "1961",
        "residence": places.commune().code,
        "consent": "on",
        **changes,
    }


@pytest.fixture
def home_province(settings):
    settings.HOME_UNIT = places.province().code
    return places.province()


def test_one_learner_goes_straight_on(client, user, chosen):
    person = make_person(account=user)
    session = client.session
    session["mark"] = "of the guest"
    session.save()
    assert sign_in_by_code(client, next="/khoa-hoc/")["Location"] == "/khoa-hoc/"
    assert chosen == [(Person, person, "of the guest")]
    assert client.session["learner"] == person.pk
    assert "mark" not in client.session


def test_several_learners_are_asked_and_can_change(client, user, chosen):
    anh = make_person("Nguyễn Thị Ngọc Ánh", birth_year=1961, account=user)
    binh = make_person("Trần Văn Bình", birth_year=1958, account=user)
    make_person("Người Khác", account=make_user())
    page = sign_in_by_code(client, next="/khoa-hoc/")["Location"]
    assert page == reverse("who", query={"next": "/khoa-hoc/"})
    assert chosen == []
    html = client.get(page).content.decode()
    assert html.index("Ánh") < html.index("Bình")
    assert "1961" in html
    assert "Khác" not in html
    assert client.post(page, {"person": binh.uuid, "next": "/khoa-hoc/"})["Location"] == "/khoa-hoc/"
    assert client.session["learner"] == binh.pk
    assert client.post(reverse("who"), {"person": anh.uuid})["Location"] == "/hoc-tap/"
    assert [person for _sender, person, _mark in chosen] == [binh, anh]


@pytest.mark.parametrize("value", ["", "x", "7b34b086-8969-4fad-b3f4-2757b544ad24"])
def test_nobody_elses_person_can_be_chosen(client, user, value):
    make_person(account=user)
    client.force_login(user)
    assert client.post(reverse("who"), {"person": value}).status_code == 404
    stranger = make_person(account=make_user())
    assert client.post(reverse("who"), {"person": stranger.uuid}).status_code == 404


def test_pages_of_who_need_a_login(client):
    for url in (reverse("who"), reverse("who_new"), reverse("who_claim", args=[uuid.uuid4()]), reverse("account")):
        assert client.get(url)["Location"].startswith(reverse("account_login"))


def test_staff_without_a_person_are_left_alone(client, user):
    grant_role(user=user, role=Role.EDITOR, by=None)
    assert sign_in_by_code(client)["Location"] == "/admin/"


@pytest.mark.parametrize(
    ("role", "start"),
    [(Role.OFFICIAL, "/don-vi/"), (Role.FACILITATOR, "/don-vi/"), (Role.ORGANISER, "/admin/")],
)
def test_roles_begin_at_their_desk(client, user, role, start):
    unit = places.commune() if role != Role.ORGANISER else None
    grant_role(user=user, role=role, unit=unit, by=None)
    assert sign_in_by_code(client)["Location"] == start


# Records from lists


def test_a_record_with_my_phone_is_offered_and_becomes_mine(client, user, chosen):
    person = make_person("H'Hen Niê", birth_year=1961, phone=E164, residence=places.village())
    page = sign_in_by_code(client, next="/khoa-hoc/")["Location"]
    html = client.get(page).content.decode()
    link = reverse("who_claim", args=[person.uuid])
    assert link in html
    assert "H&#x27;Hen" in html.replace("\u00a0", " ")
    assert "&amp;#x27;" not in html
    claim = reverse("who_claim", args=[person.uuid], query={"next": "/khoa-hoc/"})
    assert "checked" not in client.get(claim).content.decode()
    refused = client.post(claim, {})
    assert refused.context["form"].errors["consent"]
    person.refresh_from_db()
    assert person.account is None
    assert not Consent.objects.exists()
    assert client.post(claim, {"consent": "on"})["Location"] == "/khoa-hoc/"
    person.refresh_from_db()
    assert person.account == user
    assert chosen == [(Person, person, None)]
    consent = Consent.objects.get()
    assert (consent.person, consent.purpose, consent.recorded_by) == (person, ConsentPurpose.LEARNING_RECORD, user)
    assert AuditEntry.objects.filter(action="people.claim_person", actor=user, target_id=person.pk).count() == 1
    assert client.post(claim, {"consent": "on"})["Location"] == "/khoa-hoc/"
    assert Consent.objects.count() == AuditEntry.objects.filter(action="people.claim_person").count() == 1


def test_records_of_others_are_not_found(client, user):
    client.force_login(user)
    others = [
        make_person(phone="+84912000111"),
        make_person(phone=E164, account=make_user()),
        make_person(),
    ]
    for person in others:
        url = reverse("who_claim", args=[person.uuid])
        assert client.get(url).status_code == 404
        assert client.post(url, {"consent": "on"}).status_code == 404


def test_an_unconfirmed_phone_claims_nothing(client):
    person = make_person(phone=E164)
    client.force_login(make_user(phone=E164))
    assert client.get(reverse("who_claim", args=[person.uuid])).status_code == 404


# New people


@pytest.mark.usefixtures("home_province")
def test_a_new_person_says_who_they_are(client, chosen):
    page = sign_in_by_code(client, next="/khoa-hoc/")["Location"]
    page = client.get(page)["Location"]
    assert page == reverse("who_new", query={"next": "/khoa-hoc/"})
    html = client.get(page).content.decode()
    assert "checked" not in html
    assert "2026-01" in html
    assert client.post(page, new_person_form(full_name="  nguyễn  thị ngọc ánh "))["Location"] == "/khoa-hoc/"
    person = Person.objects.get()
    assert person.full_name == "Nguyễn Thị Ngọc Ánh"
    assert (person.birth_year, person.phone, person.source) == (1961, E164, PersonSource.SELF)
    assert person.residence == places.commune()
    assert person.account.phone == E164
    assert Consent.objects.get().text_version == "2026-01"
    assert [p for _sender, p, _mark in chosen] == [person]
    client.post(page, new_person_form(full_name="nguyễn thị ngọc ánh"))
    assert Person.objects.count() == Consent.objects.count() == 1


@pytest.mark.usefixtures("home_province")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"full_name": ""}, "full_name"),
        ({"full_name": "0912345678"}, "full_name"),
        ({"full_name": "Á"}, "full_name"),
        ({"birth_year": "61"}, "birth_year"),
        ({"birth_year": "2999"}, "birth_year"),
        ({"birth_year": "mùi"}, "birth_year"),
        ({"residence": ""}, "residence"),
        ({"residence": "99999"}, "residence"),
        ({"consent": ""}, "consent"),
    ],
)
def test_what_is_missing_is_said_beside_the_field_and_the_rest_is_kept(client, user, changes, field):
    client.force_login(user)
    answer = client.post(reverse("who_new"), new_person_form(**changes))
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    html = answer.content.decode()
    for name, value in new_person_form(**changes).items():
        if name in ("full_name", "birth_year"):
            assert f'value="{value}"' in html or not value
    assert not Person.objects.exists()
    assert not Consent.objects.exists()


def test_the_whole_country_asks_for_the_province_first(client, user, settings):
    settings.HOME_UNIT = ""
    commune = places.commune()
    client.force_login(user)
    first = client.get(reverse("who_new", query={"next": "/khoa-hoc/"}))
    assert "Lam Giang" in first.content.decode()
    assert 'name="full_name"' not in first.content.decode()
    url = reverse("who_new", query={"tinh": places.province().code, "next": "/khoa-hoc/"})
    assert commune.name in client.get(url).content.decode()
    assert client.post(url, new_person_form())["Location"] == "/khoa-hoc/"


@pytest.mark.usefixtures("home_province")
def test_one_from_elsewhere_may_say_so(client, user):
    elsewhere = places.commune("99001", "Xa Lạ", places.province("99", "Ngoài Tỉnh"))
    client.force_login(user)
    url = client.get(reverse("who_new")).context["other_province_url"]
    assert "Ngoài" in client.get(url).content.decode()
    client.post(reverse("who_new", query={"tinh": "99"}), new_person_form(residence=elsewhere.code))
    assert Person.objects.get().residence == elsewhere


@pytest.mark.usefixtures("home_province")
def test_a_household_has_an_end(client, user):
    for number in range(12):
        make_person(f"Người Thứ {'abcdefghijkl'[number]}", account=user)
    client.force_login(user)
    answer = client.post(reverse("who_new"), new_person_form())
    assert answer.context["form"].non_field_errors()
    assert Person.objects.count() == 12


@pytest.mark.usefixtures("home_province")
def test_the_consent_is_kept_in_the_language_it_was_read_in(client, user):
    client.force_login(user)
    with translation.override("en"):
        page = reverse("who_new")
        assert "What is your name?" in client.get(page).content.decode()
        assert client.post(page, new_person_form())["Location"] == "/en/hoc-tap/"
    assert Consent.objects.get().language == "en"


def test_the_question_costs_the_same_for_three_as_for_two(client, user, django_assert_num_queries):
    for name in ("An", "Bình"):
        make_person(name, account=user)
        make_person(name, phone=E164)
    client.force_login(user)
    client.get(reverse("who"))
    with django_assert_num_queries(5):
        client.get(reverse("who"))
    make_person("Chi", account=user)
    make_person("Chi", phone=E164)
    with django_assert_num_queries(5):
        client.get(reverse("who"))
