"""What the pages of a facilitator's phone cost, however many people stand on them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from people.enums import Role
from people.operations import grant_role
from tests.counting import statements
from tests.factories import places
from tests.factories.people import make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(client):
    user = make_user("to-cong-nghe")
    grant_role(user=user, role=Role.FACILITATOR, unit=places.commune(), by=None)
    client.force_login(user)
    return client


@pytest.mark.parametrize("people", [1, 3])
class TestQueries:
    """Session, login, roles, settings, who learns; the person with their place; the trail."""

    def neighbours(self, count: int):
        return [make_person(f"Lê Thị Cúc {'abc'[number]}", residence=places.village()) for number in range(count)]

    def test_a_person_s_page(self, phone, people):
        person = self.neighbours(people)[0]
        address = reverse("helped_person", args=[person.uuid])
        phone.get(address)
        with statements(11):
            phone.get(address)

    def test_beginning_to_act_for_somebody(self, phone, people):
        person = self.neighbours(people)[0]
        address = reverse("help_begin", args=[person.uuid])
        phone.get(address)
        with statements(7):
            phone.get(address)

    def test_choosing_cards(self, phone, people):
        self.neighbours(people)
        address = reverse("cards")
        phone.get(address, {"q": "cuc"})
        with statements(9):
            phone.get(address, {"q": "cuc"})

    def test_sharing_a_device(self, phone, people):
        self.neighbours(people)
        address = reverse("shared_open")
        phone.get(address)
        with statements(6):
            phone.get(address)
