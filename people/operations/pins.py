"""PINs: choosing, giving, resetting; and how tries at a secret are counted."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import Case, F, QuerySet, Value, When

from accounts.models import User
from common import clock
from ledger.operations import record_audit
from people.exceptions import CodeLocked, CodeWrong, OutsideScope, PinLocked, PinTooSimple, PinUnfit, PinWrong
from people.models import Person, PinTry
from people.rules import can_help_person

LEAST_DIGITS, MOST_DIGITS = 4, 6
_RUNS = ("01234567890", "09876543210")


def check_new_pin(pin: str, *, birth_year: int | None = None) -> None:
    """Refuse what is no PIN and what everybody tries first. Raises `PinUnfit` and `PinTooSimple`."""
    if not (pin.isascii() and pin.isdigit() and LEAST_DIGITS <= len(pin) <= MOST_DIGITS):
        raise PinUnfit(least=LEAST_DIGITS, most=MOST_DIGITS)
    if len(set(pin)) == 1 or any(pin in run for run in _RUNS) or pin == str(birth_year):
        raise PinTooSimple()


@transaction.atomic
def set_pin(*, person: Person, pin: str, by: Any, at: datetime | None = None) -> None:
    """Give a person a PIN, or another one; what was counted against the old one is forgotten.

    `by` is None on a shared device, where nobody is signed in. Raises `PinUnfit` and `PinTooSimple`.
    """
    check_new_pin(pin, birth_year=person.birth_year)
    _change(person, make_password(pin), by, at)


@transaction.atomic
def remove_pin(*, person: Person, by: Any, at: datetime | None = None) -> None:
    """Let whoever holds the household's phone learn as this person again; without a PIN it changes nothing."""
    if person.has_pin:
        _change(person, "", by, at)


def reset_pin(*, person: Person, pin: str, by: User, at: datetime | None = None) -> None:
    """A forgotten PIN, at the desk of somebody who looks after the person: a new one, or none when `pin` is empty.

    Raises `OutsideScope`, `PinUnfit`, `PinTooSimple`.
    """
    if not can_help_person(by, person):
        raise OutsideScope()
    if pin:
        set_pin(person=person, pin=pin, by=by, at=at)
    else:
        remove_pin(person=person, by=by, at=at)


def give_pin(*, person: Person, pin: str, device: str, at: datetime | None = None) -> None:
    """Check a PIN typed on a device. Raises `PinWrong` with the tries left, and `PinLocked`.

    Tries are counted in rows before anything is compared, so that many at once are no way round. A device on which
    the person was let in before counts alone: nobody else's tries lock it. All others count together as well, so
    that throwing a device's cookie away wins nothing.
    """
    at = at or clock.now()
    own, _created = PinTry.objects.get_or_create(person=person, device=device, defaults={"last_at": at})
    mine = PinTry.objects.filter(pk=own.pk)
    left, locked = take_try(mine, limit=settings.PIN_TRIES, at=at)
    strangers = None
    if locked is None and own.known_at is None:
        PinTry.objects.get_or_create(person=person, device="", defaults={"last_at": at})
        strangers = PinTry.objects.filter(person=person, device="")
        left_to_all, locked = take_try(strangers, limit=settings.PIN_TRIES_OF_STRANGERS, at=at)
        left = min(left, left_to_all)
    if locked is not None:
        raise PinLocked(minutes=_minutes(locked, at))
    if person.has_pin and check_password(pin, person.pin_hash):
        mine.update(failed=0, locked_until=None, known_at=at, last_at=at)
        if strangers is not None:  # the try just counted was none
            strangers.filter(failed__gt=0).update(failed=F("failed") - 1, locked_until=None)
        return
    mine.update(last_at=at)
    if left <= 0:
        raise PinLocked(minutes=settings.PIN_LOCK_MINUTES)
    raise PinWrong(left=left)


def take_try(rows: QuerySet[Any], *, limit: int, at: datetime) -> tuple[int, datetime | None]:
    """Count one try in the row that `rows` names; (tries left, None), or (0, until when it is locked).

    One conditional update decides, so that of many tries at once exactly `limit` are let through.
    """
    rows.filter(locked_until__lte=at).update(failed=0, locked_until=None)
    until = at + timedelta(minutes=settings.PIN_LOCK_MINUTES)
    last = Case(When(failed__gte=limit - 1, then=Value(until)), default=None)
    if not rows.filter(locked_until=None).update(failed=F("failed") + 1, locked_until=last):
        return 0, rows.values_list("locked_until", flat=True).first() or until
    failed = rows.values_list("failed", flat=True).first() or 0
    return max(0, limit - failed), None


def check_code(rows: QuerySet[Any], *, right: bool, at: datetime) -> None:
    """Count a try at the code of a row and refuse a wrong one. Raises `CodeWrong` and `CodeLocked`."""
    left, locked = take_try(rows, limit=settings.PIN_TRIES, at=at)
    if locked is not None:
        raise CodeLocked(minutes=_minutes(locked, at))
    if right:
        rows.update(failed=0, locked_until=None)
    elif left <= 0:
        raise CodeLocked(minutes=settings.PIN_LOCK_MINUTES)
    else:
        raise CodeWrong(left=left)


def _change(person: Person, pin_hash: str, by: Any, at: datetime | None) -> None:
    person.pin_hash = pin_hash
    person.save(update_fields=["pin_hash"])
    PinTry.objects.filter(person=person).delete()
    action = "people.set_pin" if pin_hash else "people.remove_pin"
    record_audit(actor=by, action=action, target=person, unit=person.residence, fields=["pin"], at=at)


def _minutes(until: datetime, at: datetime) -> int:
    return max(1, math.ceil((until - at).total_seconds() / 60))
