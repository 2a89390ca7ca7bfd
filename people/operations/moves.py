"""Moving to a number of one's own: stated where one learns now, taken by whoever confirms the number and the code."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare

from accounts.models import User
from common import clock
from common.phones import normalise_phone
from ledger.operations import record_audit
from people.exceptions import HouseholdFull, NotYourPhone, OutsideScope, SameNumber
from people.models import Person, PhoneMove
from people.operations.persons import HOUSEHOLD_LIMIT
from people.operations.pins import check_code
from people.rules import can_help_person


@transaction.atomic
def state_move(*, person: Person, phone: str, by: User, at: datetime | None = None) -> PhoneMove:
    """Say with which number a person will learn from now on; another number replaces what was stated before.

    `by` is the login the person learns with, or somebody who looks after them and has them before their eyes.
    Nothing changes until the number's owner signs in with it and types the code. Raises `OutsideScope`,
    `InvalidPhone`, `SameNumber`.
    """
    at = at or clock.now()
    person = Person.objects.select_for_update(of=("self",)).select_related("account", "residence").get(pk=person.pk)
    if person.account_id != by.pk and not can_help_person(by, person):
        raise OutsideScope()
    phone = normalise_phone(phone, mobile_only=True)
    if person.account is not None and person.account.phone == phone:
        raise SameNumber()
    stated = PhoneMove.objects.open(at).filter(person=person, phone=phone).first()
    if stated is not None:  # sent twice
        return stated
    PhoneMove.objects.filter(person=person, closed_at=None).update(closed_at=at)
    move = PhoneMove.objects.create(
        person=person,
        phone=phone,
        code=f"{secrets.randbelow(10**6):06d}",
        stated_by=by,
        stated_at=at,
        expires_at=at + timedelta(days=settings.MOVE_DAYS),
    )
    record_audit(actor=by, action="people.state_move", target=person, unit=person.residence, at=at)
    return move


@transaction.atomic
def cancel_move(*, person: Person, by: User, at: datetime | None = None) -> None:
    """Take it back; when nothing is open it changes nothing. Raises `OutsideScope`."""
    at = at or clock.now()
    if person.account_id != by.pk and not can_help_person(by, person):
        raise OutsideScope()
    if PhoneMove.objects.filter(person=person, closed_at=None).update(closed_at=at):
        record_audit(actor=by, action="people.cancel_move", target=person, unit=person.residence, at=at)


def take_move(*, move: PhoneMove, code: str, user: User, at: datetime | None = None) -> Person:
    """The owner of the number takes the record over, with all it holds; the PIN stays.

    Raises `NotYourPhone` (also when it was taken back or is too old), `CodeWrong`, `CodeLocked`, `HouseholdFull`.
    """
    at = at or clock.now()
    if user.phone_verified_at is None or user.phone != move.phone:
        raise NotYourPhone()
    if not PhoneMove.objects.open(at).filter(pk=move.pk).exists():
        raise NotYourPhone()
    check_code(PhoneMove.objects.filter(pk=move.pk), right=constant_time_compare(code, move.code), at=at)
    with transaction.atomic():
        person = Person.objects.select_for_update(of=("self",)).select_related("residence").get(pk=move.person_id)
        if person.account_id != user.pk and Person.objects.filter(account=user).count() >= HOUSEHOLD_LIMIT:
            raise HouseholdFull(limit=HOUSEHOLD_LIMIT)
        if not PhoneMove.objects.open(at).filter(pk=move.pk).update(closed_at=at, taken_by=user):
            raise NotYourPhone()
        person.account, person.phone = user, move.phone
        person.save(update_fields=["account", "phone"])
        fields = ["account", "phone"]
        record_audit(actor=user, action="people.take_move", target=person, unit=person.residence, fields=fields, at=at)
    return person
