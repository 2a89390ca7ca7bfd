"""Limits that hold for many processes at once: tries at codes, texts a day. Each is a row, counted before the act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
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


@dataclass(frozen=True)
class Limit:
    """`uses` of `key` within a period; with `extend` every use begins the period anew, so that no stretch of time
    as long as the period, wherever it begins, has more."""

    purpose: str
    key: str
    uses: int
    extend: bool = False


def take(limit: Limit, *, since: datetime, at: datetime) -> bool:
    """Count one use; False, and counted as refused, when the key was used that often.

    A count begins with its first use and holds until it began before `since`: an hour ago, or today's midnight. One
    conditional update decides, so that of many at once exactly as many are let through.
    """
    rows = Allowance.objects.filter(purpose=limit.purpose, key=limit.key)
    if limit.uses > 0 and rows.filter(since__lt=since).update(since=at, used=1, refused=0):
        return True
    later = {"since": at} if limit.extend else {}
    if rows.filter(used__lt=limit.uses).update(used=F("used") + 1, **later):
        return True
    if rows.filter(used__gte=limit.uses).update(refused=F("refused") + 1):  # not a row that was made just now
        return False
    begin(limit.purpose, limit.key, since=since, at=at)
    return take(limit, since=since, at=at)


def take_all(limits: Sequence[Limit], *, since: datetime, at: datetime) -> Limit | None:
    """Count one use of each limit, or of none; the first that was used up, None when all were counted."""
    for place, limit in enumerate(limits):
        if not take(limit, since=since, at=at):
            for taken in limits[:place]:
                give_back(taken.purpose, taken.key)
            return limit
    return None


def begin(purpose: str, key: str, *, since: datetime, at: datetime) -> datetime:
    """The moment at which the present count of `key` began; one that began before `since` begins anew, unused."""
    rows = Allowance.objects.filter(purpose=purpose, key=key)
    rows.filter(since__lt=since).update(since=at, used=0, refused=0)
    return rows.get_or_create(purpose=purpose, key=key, defaults={"since": at})[0].since


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
        Limit(purpose, "", settings.CODES_PER_DAY if is_code else settings.SMS_PER_DAY),
        *([Limit(purpose, unit_path, settings.SMS_PER_UNIT)] if unit_path and not is_code else []),
        Limit(purpose, hidden(to), settings.CODES_PER_PHONE if is_code else settings.SMS_PER_PHONE),
    ]
    return take_all(budgets, since=clock.start_of(clock.day_of(at)), at=at) is None


def drop_allowances(before: datetime, dry_run: bool) -> int:
    """Remove counts that began before then; how many."""
    rows = Allowance.objects.filter(since__lt=before)
    count = rows.count()
    if not dry_run:
        rows.delete()
    return count
