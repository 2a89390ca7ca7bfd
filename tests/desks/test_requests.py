"""Requests about data at the desk, and the list of what waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.translation import gettext

from common import clock
from people.enums import ImportStatus, RequestKind, RequestStatus, Role, RowOutcome
from people.models import Person, RoleAssignment, RosterImport, RosterRow
from people.operations import grant_role
from people.operations.data import request_data_change
from tests.counting import statements
from tests.factories import places
from tests.factories.people import make_manager, make_official, make_organisation, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def official(client):
    user = make_official(places.commune(), "can-bo")
    client.force_login(user)
    return user


def ask(kind=RequestKind.ERASURE, name="Bế Thị Hoa", residence=None, at=None, **details):
    login = make_user()
    person = make_person(name, residence=residence or places.village(), account=login)
    return request_data_change(person=person, kind=kind, by=login, at=at, **details)


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_costs_the_same_whatever_its_length(client, official, count):
    for number in range(count):
        ask(name=f"Người Thứ {'ABC'[number]}")
    commune = places.commune()
    with statements(9):
        client.get(reverse("unit_requests", args=[commune.uuid]))


def test_the_queue_is_of_the_unit_and_says_what_is_late(client, official):
    ask(at=clock.now() - timedelta(days=20))
    ask(name="Người Xã Bên", residence=places.commune("16013", "Bên"))
    words = client.get(reverse("unit_requests", args=[places.commune().uuid])).content.decode()
    assert "Bế Thị Hoa" in words
    assert "quá hạn" in words
    assert "Người Xã Bên" not in words


def test_a_correction_is_prefilled_and_done(client, official):
    item = ask(RequestKind.CORRECTION, wanted={"full_name": "Bế Thị Hòa"}, words="Thiếu dấu")
    address = reverse("data_request", args=[item.uuid])
    words = client.get(address).content.decode()
    assert 'value="Bế Thị Hòa"' in words
    assert "Thiếu dấu" in words
    data = {"act": "answer", "full_name": "Bế Thị Hòa", "birth_year": "1700", "residence": places.commune().code}
    refused = client.post(address, data)
    assert refused.context["form"].errors["birth_year"]
    assert client.post(address, {**data, "birth_year": "1984"}).url == reverse("todo")
    person = Person.objects.get()
    assert (person.full_name, person.residence) == ("Bế Thị Hòa", places.village())  # the commune stayed: so does it
    answered = client.get(reverse("unit_requests", args=[places.commune().uuid]), {"xong": "1"})
    assert "Bế Thị Hòa" in answered.content.decode()
    assert client.get(address).status_code == 200


def test_the_list_says_what_is_asked_and_the_phone_is_as_people_write_it(client, official):
    item = ask(RequestKind.CORRECTION, wanted={"phone": "+84912345678"})
    listed = client.get(reverse("unit_requests", args=[places.commune().uuid]))
    labels = [column["label"] for column in listed.context["columns"]]
    assert labels[1] == gettext("What is asked")
    assert gettext("What") not in labels
    address = reverse("data_request", args=[item.uuid])
    form = client.get(address).context["form"]
    assert form["phone"].value() == "0912 345 678"
    data = {name: form[name].value() or "" for name in ("full_name", "birth_year", "phone", "residence", "answer")}
    assert client.post(address, {**data, "residence": places.commune().code, "act": "answer"}).url == reverse("todo")
    assert Person.objects.get().phone == "+84912345678"


def test_a_person_is_erased(client, official):
    item = ask()
    address = reverse("data_request", args=[item.uuid])
    assert client.post(address, {}).status_code == 200  # nothing said, nothing done
    assert client.post(address, {"act": "answer"}).url == reverse("todo")
    assert not Person.objects.exists()
    assert client.get(address).status_code == 404


def test_not_while_they_work_here(client, official):
    item = ask()
    grant_role(user=item.person.account, role=Role.FACILITATOR, unit=places.commune(), by=None)
    answer = client.post(reverse("data_request", args=[item.uuid]), {"act": "answer"})
    assert answer.status_code == 200
    assert Person.objects.exists()
    assert "vai trò" in answer.content.decode()


def test_a_refusal_needs_its_reason(client, official):
    item = ask()
    address = reverse("data_request", args=[item.uuid])
    assert client.post(address, {"act": "refuse", "reason": " "}).context["refusal"].errors["reason"]
    assert client.post(address, {"act": "refuse", "reason": "Đang có khiếu nại"}).url == reverse("todo")
    item.refresh_from_db()
    assert (item.status, item.answer) == (RequestStatus.REFUSED, "Đang có khiếu nại")
    again = client.post(address, {"act": "refuse", "reason": "Lần nữa"})
    assert again.context["refusal"].errors


class TestToDo:
    def words(self, client) -> str:
        return client.get(reverse("todo")).content.decode().replace("\u00a0", " ")

    def test_nothing_waits(self, client, official):
        assert "Không có việc nào đang chờ" in self.words(client)

    def test_requests_stand_first_with_their_last_day(self, client, official):
        ask(at=clock.now() - timedelta(days=20))
        words = self.words(client)
        assert "Bế Thị Hoa" in words
        assert "quá hạn" in words

    def test_roles_that_end_within_a_month(self, client, official):
        for name, days in (("sap-het", 10), ("con-lau", 60)):
            grant_role(
                user=make_user(name),
                role=Role.FACILITATOR,
                unit=places.village(),
                until=clock.today() + timedelta(days=days),
                by=None,
            )
        RoleAssignment.objects.filter(user=official).update(valid_until=clock.today() + timedelta(days=5))
        words = self.words(client)
        assert "sap-het" in words
        assert "con-lau" not in words
        assert "can-bo" in words

    def test_lists_with_rows_to_mend(self, client):
        coop = make_organisation()
        roster = RosterImport.objects.create(
            organisation=coop, uploaded_at=clock.now(), filename="ds.xlsx", status=ImportStatus.DONE
        )
        for number, outcome in enumerate((RowOutcome.ERROR, RowOutcome.CONFLICT, RowOutcome.CREATE), start=2):
            RosterRow.objects.create(roster=roster, number=number, outcome=outcome)
        client.force_login(make_manager(coop))
        words = self.words(client)
        assert "2 dòng" in words
        assert reverse("roster", args=[roster.uuid]) in words

    def test_only_who_works_here_has_one(self, client):
        client.force_login(make_user())
        assert client.get(reverse("todo")).status_code == 403
