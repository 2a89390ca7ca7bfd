"""People of an organisation: adding one by hand, inviting, moving, ending a membership, reminding."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from accounts.models import User
from common import clock
from ledger.models import Job
from ledger.operations import enqueue_job, record_audit
from people.enums import PersonSource, RowOutcome
from people.exceptions import NotInvited, OrganisationEnded, SameOrganisation, TextsSpent
from people.models import Membership, Organisation, Person
from people.roster.exceptions import NobodyToRemind, SameNameKnown
from people.roster.matching import Directory
from people.roster.reminding import write_once_a_day


@transaction.atomic
def add_member(
    *,
    organisation: Organisation,
    full_name: str,
    birth_year: int | None,
    birth_date: date | None = None,
    phone: str = "",
    title: str = "",
    is_another: bool = False,
    by: User,
    at: datetime | None = None,
) -> Person:
    """Put somebody on an organisation's list, by the same rules as a row of an uploaded list; again changes nothing.

    Raises `SameNameKnown` when somebody on the list has the name and nothing tells the two apart, unless
    `is_another` says that it is somebody else.
    """
    at = at or clock.now()
    Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    data: dict[str, Any] = {
        "full_name": full_name,
        "birth_year": birth_year,
        "birth_date": birth_date.isoformat() if birth_date else None,
        "phone": phone,
        "title": title,
    }
    if is_another:
        data["decision"] = {"kind": "another"}
    match = Directory(organisation.pk).load([data]).match(data)
    if match.outcome == RowOutcome.CONFLICT:
        raise SameNameKnown(name=full_name)
    if match.known is not None:
        person = Person.objects.get(pk=match.known.pk)
        if match.known.active:
            return person
    else:
        person = Person.objects.create(
            full_name=full_name,
            birth_year=birth_year,
            birth_date=birth_date,
            phone=phone,
            source=PersonSource.ROSTER,
            created_by=by,
            created_at=at,
        )
    membership = Membership.objects.create(
        person=person, organisation=organisation, title=title, valid_from=clock.day_of(at)
    )
    record_audit(actor=by, action="people.add_member", target=membership, unit=organisation.seat, at=at)
    return person


@transaction.atomic
def end_membership(*, person: Person, organisation: Organisation, by: User, at: datetime | None = None) -> bool:
    """Somebody leaves an organisation today; what they learnt stays theirs. Returns whether they belonged to it."""
    at = at or clock.now()
    today = clock.day_of(at)
    held = list(Membership.objects.as_of(today).select_for_update().filter(person=person, organisation=organisation))
    for membership in held:
        record_audit(actor=by, action="people.end_membership", target=membership, unit=organisation.seat, at=at)
        if membership.valid_from >= today:  # came and went on one day: it was never in force
            membership.delete()
        else:
            membership.valid_until = today
            membership.save(update_fields=["valid_until"])
    return bool(held)


@transaction.atomic
def move_member(
    *, person: Person, organisation: Organisation, to: Organisation, by: User, at: datetime | None = None
) -> bool:
    """Somebody leaves an organisation for another one today and keeps the position; whether they belonged to it.

    The door asks for whoever manages both. Raises `SameOrganisation`, `OrganisationEnded`.
    """
    at = at or clock.now()
    today = clock.day_of(at)
    if to.pk == organisation.pk:
        raise SameOrganisation()
    if to.valid_until is not None and to.valid_until <= today:
        raise OrganisationEnded(name=to.name)
    held = Membership.objects.as_of(today).filter(person=person, organisation=organisation).order_by("-valid_from")
    titles = list(held.values_list("title", flat=True))
    if not end_membership(person=person, organisation=organisation, by=by, at=at):
        return False
    Organisation.objects.select_for_update(of=("self",)).get(pk=to.pk)
    if not Membership.objects.as_of(today).filter(person=person, organisation=to).exists():
        membership = Membership.objects.create(person=person, organisation=to, title=titles[0], valid_from=today)
        record_audit(actor=by, action="people.move_member", target=membership, unit=to.seat, at=at)
    return True


@transaction.atomic
def invite_member(
    *, person: Person, organisation: Organisation, url: str, by: User, at: datetime | None = None
) -> None:
    """Text somebody who does not sign in yet that their record is there, with the address at which to begin.

    Counts as the one message of the day. Raises `NotInvited`, `TextsSpent`.
    """
    at = at or clock.now()
    wants = Person.objects.reachable().filter(pk=person.pk, account=None).exists()
    with translation.override(settings.LANGUAGE_CODE):
        body = gettext("%(organisation)s invites %(name)s to learn. Sign in with this phone number: %(url)s") % {
            "organisation": organisation.name,
            "name": person.full_name,
            "url": url,
        }
    sent = write_once_a_day(person, body, organisation=organisation, by_id=by.pk) if wants else None
    if sent is None:
        raise NotInvited(name=person.full_name)
    if not sent:
        raise TextsSpent()
    record_audit(actor=by, action="people.invite", target=person, unit=organisation.seat, at=at)


@transaction.atomic
def remind_members(
    *,
    organisation: Organisation,
    person_ids: Collection[int],
    course_key: UUID,
    course_title: str,
    course_url: str,
    by: User,
    at: datetime | None = None,
) -> Job:
    """Ask for a text to each of these members that asks them to start a course; a job sends them.

    Nobody gets more than one reminder a day: a row of `Reminder` decides when the text is written. Raises
    `NobodyToRemind`.
    """
    at = at or clock.now()
    if not person_ids:
        raise NobodyToRemind()
    record_audit(
        actor=by, action="people.remind", target=organisation, unit=organisation.seat, count=len(person_ids), at=at
    )
    return enqueue_job(
        "people.send_reminders",
        params={
            "organisation_id": organisation.pk,
            "person_ids": sorted(person_ids),
            "course_key": str(course_key),
            "course_title": course_title,
            "course_url": course_url,
        },
        by=by,
        at=at,
    )
