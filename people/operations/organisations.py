"""Organisations: made and changed by administrators, ended or merged by whoever answers for the place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from common import clock
from ledger.operations import record_audit
from people.enums import Role
from people.exceptions import MayNotEndOrganisation, OrganisationEnded, SameOrganisation
from people.models import Membership, Organisation, RoleAssignment, SharedSession
from people.operations.roles import end_role, grant_role


@transaction.atomic
def keep_organisation(
    *, organisation: Organisation, changed: Iterable[str] = (), by: User | None, at: datetime | None = None
) -> Organisation:
    """Store a new organisation, or one of which the fields `changed` were changed, and leave a line of the audit."""
    action = "people.create_organisation" if organisation.pk is None else "people.change_organisation"
    organisation.save()
    record_audit(actor=by, action=action, target=organisation, unit=organisation.seat, fields=changed, at=at)
    return organisation


@transaction.atomic
def end_organisation(
    *, organisation: Organisation, successor: Organisation | None = None, by: User, at: datetime | None = None
) -> Organisation:
    """End an organisation today: its people and managers go over to `successor`, or leave where there is none.

    Nothing of its past changes: memberships, enrolments and lists stay under its name with their days. The same again
    changes nothing. Raises `MayNotEndOrganisation` where `by` does not answer for its seat, `OrganisationEnded` when
    either has ended otherwise, `SameOrganisation`, and `MayNotGrant` where `by` does not stand above the managers of
    both.
    """
    at = at or clock.now()
    today = clock.day_of(at)
    if successor is not None and successor.pk == organisation.pk:
        raise SameOrganisation()
    ids = [organisation.pk] + ([successor.pk] if successor is not None else [])
    rows = Organisation.objects.select_for_update(of=("self",)).select_related("seat").order_by("pk").in_bulk(ids)
    organisation = rows[organisation.pk]
    successor = rows[successor.pk] if successor is not None else None
    if not by.has_perm("people.end_organisation", organisation):
        raise MayNotEndOrganisation()
    if not _lives(organisation, today):
        if organisation.merged_into_id == (successor.pk if successor is not None else None):
            return organisation
        raise OrganisationEnded(name=organisation.name)
    if successor is not None and not _lives(successor, today):
        raise OrganisationEnded(name=successor.name)
    people = _end_memberships(organisation, successor, today)
    for assignment in RoleAssignment.objects.as_of(today).filter(organisation=organisation).select_related("user"):
        if successor is not None:
            grant_role(
                user=assignment.user,
                role=Role(assignment.role),
                organisation=successor,
                until=assignment.valid_until,
                by=by,
                at=at,
            )
        end_role(assignment=assignment, by=by, at=at)
    SharedSession.objects.filter(organisation=organisation, closed_at=None).update(closed_at=at)
    # Of an organisation that lasted one day that day is kept.
    organisation.valid_until = max(today, organisation.valid_from + clock.ONE_DAY)
    organisation.merged_into = successor
    organisation.save(update_fields=["valid_until", "merged_into"])
    fields = ["valid_until", "merged_into"] if successor is not None else ["valid_until"]
    record_audit(
        actor=by,
        action="people.end_organisation",
        target=organisation,
        unit=organisation.seat,
        fields=fields,
        count=people,
        at=at,
    )
    return organisation


def _lives(organisation: Organisation, today: date) -> bool:
    return organisation.valid_until is None or organisation.valid_until > today


def _end_memberships(organisation: Organisation, successor: Organisation | None, today: date) -> int:
    """End the memberships of today and open them in the successor, where somebody does not belong to it already."""
    held = Membership.objects.as_of(today).filter(organisation=organisation)
    members = dict(held.order_by("valid_from").values_list("person", "title"))
    if successor is not None:
        there = set(Membership.objects.as_of(today).filter(organisation=successor).values_list("person", flat=True))
        Membership.objects.bulk_create(
            Membership(person_id=person_id, organisation=successor, title=title, valid_from=today)
            for person_id, title in members.items()
            if person_id not in there
        )
    held.filter(valid_from__gte=today).delete()  # came and went on one day: never in force
    held.update(valid_until=today)
    return len(members)
