"""Where people live and organisations sit after units changed: along with the whole, or where a person says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from common import clock
from ledger.operations import record_audit
from people.exceptions import NotAPartOfIt
from people.models import Organisation, Person, RoleAssignment
from places.lineage import only_successor, places_to_choose
from places.models import AdministrativeUnit


@transaction.atomic
def settle_people(at: datetime) -> int:
    """Move residents and seats from units that ended to the one successor; count them.

    Roles go along only where the unit is the same place by another name: whoever looked after a commune that was
    merged is not thereby entitled to the people of the others, and somebody above has to say so. Of a divided unit
    nobody is moved.
    """
    day = clock.day_of(at)
    ended = AdministrativeUnit.objects.filter(valid_until__lte=day)
    held = RoleAssignment.objects.as_of(day).exclude(unit=None)
    standing = Q(pk__in=Person.objects.exclude(residence=None).order_by().values("residence"))
    standing |= Q(pk__in=Organisation.objects.order_by().values("seat")) | Q(pk__in=held.values("unit"))
    moved = 0
    for unit in ended.filter(standing):
        into = only_successor(unit, day)
        if into is None:
            continue
        count = Person.objects.filter(residence=unit).update(residence=into)
        count += Organisation.objects.filter(seat=unit).update(seat=into)
        if only_successor(unit, day, alone=True) is not None:
            count += _carry_roles(unit, into, held)
        if count:
            record_audit(actor=None, action="people.settle_unit", target=unit, unit=into, count=count, at=at)
        moved += count
    return moved


def _carry_roles(unit: AdministrativeUnit, into: AdministrativeUnit, held: Any) -> int:
    """Roles in `unit` become roles in `into`, but for those that somebody holds there already."""
    there = set(held.filter(unit=into).values_list("user_id", "role"))
    mine = [role.pk for role in held.filter(unit=unit) if (role.user_id, role.role) not in there]
    return RoleAssignment.objects.filter(pk__in=mine).update(unit=into)


@transaction.atomic
def place_people(
    *, people: Iterable[Person], unit: AdministrativeUnit, by: Any, at: datetime | None = None
) -> list[Person]:
    """Say in which of the units that took the place of theirs these people live; returns those that moved.

    Who lives in a unit in force stays: sent twice, nothing changes. Raises `NotAPartOfIt` for a unit that is none of
    the successors.
    """
    at = at or clock.now()
    day = clock.day_of(at)
    ids = [person.pk for person in people]
    waiting = Person.objects.select_for_update(of=("self",)).filter(pk__in=ids, residence__valid_until__lte=day)
    moved = list(waiting.select_related("residence").order_by("pk"))
    for former in {person.residence for person in moved}:
        _refuse_elsewhere(former, unit, day)
    Person.objects.filter(pk__in=[person.pk for person in moved]).update(residence=unit)
    for person in moved:
        person.residence = unit
        record_audit(actor=by, action="people.place_person", target=person, unit=unit, fields=["residence"], at=at)
    return moved


@transaction.atomic
def place_organisation(
    *, organisation: Organisation, unit: AdministrativeUnit, by: Any, at: datetime | None = None
) -> Organisation:
    """Say in which of the units that took the place of its seat an organisation sits. Raises `NotAPartOfIt`."""
    at = at or clock.now()
    day = clock.day_of(at)
    organisation = Organisation.objects.select_for_update(of=("self",)).select_related("seat").get(pk=organisation.pk)
    if organisation.seat.is_in_force(day):
        return organisation
    _refuse_elsewhere(organisation.seat, unit, day)
    organisation.seat = unit
    organisation.save(update_fields=["seat"])
    record_audit(actor=by, action="people.place_organisation", target=organisation, unit=unit, fields=["seat"], at=at)
    return organisation


def _refuse_elsewhere(former: AdministrativeUnit | None, unit: AdministrativeUnit, day: Any) -> None:
    """A village of a successor is as good as the successor itself."""
    if former is not None and not any(unit.path.startswith(place.path) for place in places_to_choose(former, day)):
        raise NotAPartOfIt(unit=unit.full_name, former=former.full_name)
