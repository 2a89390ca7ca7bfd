"""Limits that hold for many processes at once: tries at codes, texts a day. Each is a row, counted before the act."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from common import clock
from ledger.models import Allowance

TEXTS = "texts"
"""Texts of a day, by phone, by unit, and of the whole site under the key ""."""
CODES = "codes"
"""Texts with codes to sign in have an allowance of their own: a drive of reminders locks nobody out."""


HASH_LENGTH = 64


def hidden(text: str) -> str:
    """What stands for a phone or an address in a row: a keyed hash, 64 hexadecimal digits."""
    return salted_hmac("ledger.limits", text, algorithm="sha256").hexdigest()


def take(purpose: str, key: str, *, limit: int, since: datetime, at: datetime) -> bool:
    """Count one use of `key`; False, and counted as refused, when it was used `limit` times.

    A count begins with its first use and holds until it began before `since`: an hour ago, or today's midnight. One
    conditional update decides, so that of many at once exactly `limit` are let through.
    """
    rows = Allowance.objects.filter(purpose=purpose, key=key)
    if rows.filter(since__lt=since).update(since=at, used=1, refused=0) and limit > 0:
        return True
    if rows.filter(used__lt=limit).update(used=F("used") + 1):
        return True
    if rows.filter(used__gte=limit).update(refused=F("refused") + 1):  # not a row that was made just now
        return False
    try:
        with transaction.atomic():
            Allowance.objects.create(purpose=purpose, key=key, since=at)
    except IntegrityError:  # somebody else's first use was faster
        pass
    return take(purpose, key, limit=limit, since=since, at=at)


def give_back(purpose: str, key: str) -> None:
    """What was counted did not happen: a code that was right is no wrong try."""
    Allowance.objects.filter(purpose=purpose, key=key, used__gt=0).update(used=F("used") - 1)


def used(purpose: str, key: str) -> Allowance | None:
    """The present count, None where nothing was counted yet."""
    return Allowance.objects.filter(purpose=purpose, key=key).first()


def charge_text(to: str, *, is_code: bool, unit_path: str, at: datetime) -> bool:
    """Count a text to `to` against the day's budgets of the phone, the unit it is for and the site.

    False when one of them is spent: then none is charged. Limits: `SMS_*` and `CODES_*` of the settings.
    """
    purpose = CODES if is_code else TEXTS
    budgets = [  # the row that all share first, so that two who send to many wait in one order
        ("", settings.CODES_PER_DAY if is_code else settings.SMS_PER_DAY),
        *([(unit_path, settings.SMS_PER_UNIT)] if unit_path and not is_code else []),
        (hidden(to), settings.CODES_PER_PHONE if is_code else settings.SMS_PER_PHONE),
    ]
    midnight = clock.start_of(clock.day_of(at))
    charged: list[str] = []
    for key, limit in budgets:
        if not take(purpose, key, limit=limit, since=midnight, at=at):
            for done in charged:
                give_back(purpose, done)
            return False
        charged.append(key)
    return True


def drop_allowances(before: datetime, dry_run: bool) -> int:
    """Remove counts that began before then; how many."""
    rows = Allowance.objects.filter(since__lt=before)
    count = rows.count()
    if not dry_run:
        rows.delete()
    return count
