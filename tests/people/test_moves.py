"""People, seats and roles after units changed: along with the whole, or where a person says."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from certificates.models import Certificate
from ledger.models import AuditEntry
from people.enums import Role
from people.exceptions import NotAPartOfIt
from people.models import DataRequest, Person, RoleAssignment
from people.operations import grant_role, place_organisation, place_people
from people.operations.data import request_data_change
from people.rules import can_see_person
from places.enums import ChangeKind, Level, UnitKind
from places.models import AdministrativeUnit, UnitChange
from places.operations import settle_units
from tests.counting import statements
from tests.factories import places
from tests.factories.certificates import make_certificate
from tests.factories.people import make_official, make_organisation, make_person, make_user

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 1)


def new_commune(code: str, name: str) -> AdministrativeUnit:
    return AdministrativeUnit.objects.create(
        code=code,
        name=name,
        level=Level.COMMUNE,
        kind=UnitKind.XA,
        parent=places.province(),
        path=f"VN/38/{code}/",
        valid_from=DAY,
    )


def becomes(kind: ChangeKind, *news: AdministrativeUnit, old: AdministrativeUnit | None = None) -> None:
    """The commune ended and this is what took its place."""
    old = old or places.commune()
    AdministrativeUnit.objects.filter(pk=old.pk).update(valid_until=DAY)
    UnitChange.objects.bulk_create([UnitChange(old=old, new=new, kind=kind, effective_on=DAY) for new in news])
    settle_units()


class TestAWholeUnit:
    def test_people_and_seats_come_along(self):
        person = make_person(residence=places.commune())
        organisation = make_organisation(seat=places.commune())
        villager = make_person("Lò Thị Mai", residence=places.village())
        new = new_commune("16099", "Tân Tiến")
        becomes(ChangeKind.MERGE, new)
        for moved in (person, organisation, villager):
            moved.refresh_from_db()
        assert (person.residence, organisation.seat) == (new, new)
        assert (villager.residence.name, villager.residence.parent) == ("Bến Hạ", new)
        assert AuditEntry.objects.filter(action="people.settle_unit").count() == 2

    def test_who_looks_after_the_new_unit_sees_what_was_recorded_under_the_old_one(self):
        certificate = make_certificate(person=make_person(residence=places.village()))
        assert certificate.unit == places.village()
        new = new_commune("16099", "Tân Tiến")
        becomes(ChangeKind.MERGE, new)
        assert list(Certificate.objects.within(new)) == [certificate]
        assert list(Certificate.objects.visible_to(make_official(new))) == [certificate]
        certificate.refresh_from_db()
        assert certificate.unit.parent.name == "Đồng Tiến"

    def test_a_role_goes_along_where_the_place_is_the_same(self):
        user = make_official(places.commune())
        new = new_commune("16099", "Tân Tiến")
        becomes(ChangeKind.RENAME, new)
        assert RoleAssignment.objects.get(user=user).unit == new

    def test_a_role_of_a_merged_commune_does_not_reach_the_others_people(self, client):
        user = make_official(places.commune(), "can-bo-cu")
        stranger = make_person("Người Xã Khác", residence=places.commune("16013", "Khác"))
        new = new_commune("16099", "Tân Tiến")
        becomes(ChangeKind.MERGE, new)
        becomes(ChangeKind.MERGE, new, old=places.commune("16013", "Khác"))
        stranger.refresh_from_db()
        assert not can_see_person(user, stranger)
        assert list(Person.objects.visible_to(user)) == []
        above = make_user("tinh")
        grant_role(user=above, role=Role.ADMINISTRATOR, unit=places.province(), by=None)
        client.force_login(above)
        assert reverse("staff", args=[user.username]) in client.get(reverse("todo")).content.decode()


@pytest.fixture
def parts():
    """The commune was divided between these two."""
    make_person("Bế Thị Hoa", residence=places.commune())
    make_organisation(seat=places.commune())
    found = [new_commune("16098", "Tiến Hạ"), new_commune("16099", "Tiến Thượng")]
    becomes(ChangeKind.SPLIT, *found)
    return found


class TestADividedUnit:
    def test_nobody_is_moved_and_the_province_sees_them(self, parts):
        person = Person.objects.get()
        assert person.residence == places.commune()
        assert list(Person.objects.living_in(places.province())) == [person]
        for part in parts:
            assert list(Person.objects.living_in(part)) == []
            assert not can_see_person(make_official(part, f"can-bo-{part.code}"), person)

    def test_a_request_reaches_the_province(self, parts):
        person = Person.objects.get()
        request_data_change(person=person, kind="erasure", by=make_user())
        above = make_official(places.province(), "tinh")
        assert DataRequest.objects.answerable_by(above).count() == 1

    def test_a_person_says_where(self, parts):
        person, user = Person.objects.get(), make_user()
        assert place_people(people=[person], unit=parts[0], by=user) == [person]
        assert Person.objects.get().residence == parts[0]
        assert place_people(people=[person], unit=parts[1], by=user) == []  # only once: then it is a correction
        assert AuditEntry.objects.filter(action="people.place_person", actor=user).count() == 1

    def test_only_into_a_part(self, parts):
        elsewhere = places.commune("16014", "Ái Sơn")
        with pytest.raises(NotAPartOfIt):
            place_people(people=[Person.objects.get()], unit=elsewhere, by=None)
        with pytest.raises(NotAPartOfIt):
            place_organisation(
                organisation=make_organisation("HTX Hai", seat=places.commune()), unit=elsewhere, by=None
            )


class TestTheDesk:
    @pytest.fixture
    def official(self, client):
        user = make_official(places.province(), "tinh")
        client.force_login(user)
        return user

    def address(self) -> str:
        return reverse("unit_placing", args=[places.province().uuid])

    def test_from_what_waits_to_the_new_place(self, client, official, parts):
        todo = client.get(reverse("todo")).content.decode().replace("\u00a0", " ")
        former = places.commune()
        assert f"{self.address()}?cu={former.uuid}" in todo
        assert "Xã Đồng Tiến" in client.get(self.address()).content.decode().replace("\u00a0", " ")
        page = client.get(self.address(), {"cu": former.uuid}).content.decode()
        assert "Bế Thị Hoa" in page
        assert "HTX Bến Hạ" in page
        person, organisation = Person.objects.get(), former.organisations.get()
        data = {"cu": former.uuid, "nguoi": person.pk, "tochuc": organisation.pk}
        nowhere = client.post(self.address(), data)
        assert nowhere.url == f"{self.address()}?cu={former.uuid}"
        assert client.post(self.address(), {**data, "noi": parts[1].uuid}).url == self.address()
        person.refresh_from_db()
        organisation.refresh_from_db()
        assert (person.residence, organisation.seat) == (parts[1], parts[1])
        assert client.get(self.address(), {"cu": former.uuid}).status_code == 404  # nobody is left there

    @pytest.mark.parametrize("count", [1, 3])
    def test_queries(self, client, official, count):
        for number in range(count):
            old = places.commune(f"1700{number}", f"Cũ {number}")
            for name in "ABC"[:count]:
                make_person(f"Người {name}", residence=old)
            becomes(ChangeKind.SPLIT, new_commune(f"1710{number}", "A"), new_commune(f"1720{number}", "B"), old=old)
        address, former = self.address(), places.commune("17000")
        with statements(7):
            client.get(address)
        with statements(12):
            client.get(address, {"cu": former.uuid})

    def test_an_official_of_one_part_does_not_see_them(self, client, parts):
        client.force_login(make_official(parts[0], "xa"))
        address = reverse("unit_placing", args=[parts[0].uuid])
        assert "Đồng Tiến" not in client.get(address).content.decode()
        assert client.get(address, {"cu": places.commune().uuid}).status_code == 404
        assert client.post(address, {"cu": places.commune().uuid, "noi": parts[0].uuid}).status_code == 404


class TestTheLearner:
    @pytest.fixture
    def learner(self, client, parts):
        user = make_user()
        Person.objects.update(account=user)
        client.force_login(user)
        return Person.objects.get()

    def test_is_asked_and_answers(self, client, learner, parts):
        words = client.get(reverse("my_learning")).content.decode()
        assert reverse("my_place") in words
        page = client.get(reverse("my_place")).content.decode()
        assert parts[0].title in page.replace("\u00a0", " ")
        assert client.post(reverse("my_place"), {}).context["form"].errors["place"]
        assert client.post(reverse("my_place"), {"place": parts[0].uuid}).url == "/hoc-tap/"
        learner.refresh_from_db()
        assert learner.residence == parts[0]
        assert reverse("my_place") not in client.get(reverse("my_learning")).content.decode()

    def test_who_lives_in_a_unit_of_today_is_not_asked(self, client, learner, parts):
        Person.objects.update(residence=parts[0])
        assert client.get(reverse("my_place")).url == "/hoc-tap/"
