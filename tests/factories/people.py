"""Logins, organisations, people and their memberships, as few as a test needs."""

from __future__ import annotations

from itertools import count

from accounts.models import User
from common import clock
from common.clock import today
from people.enums import OrganisationKind, PersonSource, Role
from people.models import Membership, Organisation, Person, RoleAssignment
from tests.factories import places

_number = count(1)


def make_user(username: str = "", **fields) -> User:
    """A login that is never signed in by password."""
    return User.objects.create(username=username or f"user-{next(_number)}", **fields)


def make_organisation(name: str = "HTX Bến Hạ", *, seat=None, **fields) -> Organisation:
    fields = {"kind": OrganisationKind.COOPERATIVE, "valid_from": today().replace(month=1, day=1), **fields}
    return Organisation.objects.create(name=name, seat=seat or places.commune(), **fields)


def make_manager(organisation: Organisation, username: str = "") -> User:
    """A login that manages the organisation."""
    user = make_user(username)
    RoleAssignment.objects.create(
        user=user, role=Role.MANAGER, organisation=organisation, valid_from=today().replace(month=1, day=1)
    )
    return user


def make_official(unit, username: str = "") -> User:
    """A login that is an official of the unit."""
    user = make_user(username)
    RoleAssignment.objects.create(user=user, role=Role.OFFICIAL, unit=unit, valid_from=today().replace(month=1, day=1))
    return user


def make_person(
    full_name: str = "Nguyễn Thị Hoa", *, birth_year: int | None = 1984, phone: str = "", **fields
) -> Person:
    fields = {"source": PersonSource.ROSTER, "created_at": clock.now(), **fields}
    return Person.objects.create(full_name=full_name, birth_year=birth_year, phone=phone, **fields)


def make_member(organisation: Organisation, full_name: str = "Nguyễn Thị Hoa", *, title: str = "", **fields) -> Person:
    """A person who belongs to the organisation since the beginning of the year."""
    person = make_person(full_name, **fields)
    Membership.objects.create(
        person=person, organisation=organisation, title=title, valid_from=today().replace(month=1, day=1)
    )
    return person
