"""What the pages of a facilitator's phone cost, however many people stand on them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from ledger.models import AuditEntry, Job
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
        with statements(10):
            phone.get(address, {"q": "cuc"})

    def test_sharing_a_device(self, phone, people):
        self.neighbours(people)
        address = reverse("shared_open")
        phone.get(address)
        with statements(6):
            phone.get(address)


def test_many_cards_have_pages_and_are_printed_at_once(phone):
    """A hundred on a page; what is printed at once is everybody that the search means, and nobody else."""
    village = places.village()
    make_person("Bế Văn Mới", residence=village)
    for number in range(105):
        make_person(f"Lê Thị Cúc {number}", residence=village)
    address = reverse("cards")
    first = phone.get(address, {"q": "cuc"})
    assert first.content.decode().count('name="nguoi"') == 100
    assert first.context["next_url"] == "?q=cuc&trang=2"
    assert phone.get(address + first.context["next_url"]).content.decode().count('name="nguoi"') == 5
    assert AuditEntry.objects.filter(action="people.read_people").latest("pk").count == 5
    phone.post(f"{address}?q=cuc&trang=2", {"tat-ca": "1"})
    assert len(Job.objects.get(kind="people.print_cards").params["ids"]) == 105
