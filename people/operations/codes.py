"""Checking a code from a text: who guesses is stopped, by the code, by the phone and by where they are."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.core.internal.cryptokit import compare_user_code
from django.conf import settings

from common import clock
from ledger.limits import give_back, hidden, take, used
from people.exceptions import CodeSpent, TooManyWrongCodes, WrongCode

HOUR = timedelta(hours=1)
_OF_CODE, _OF_PHONE, _OF_ADDRESS = "code", "code-phone", "code-address"


def check_sent_code(*, actual: str, expected: str, phone: str, address: str, at: datetime | None = None) -> None:
    """Compare a typed code with the one that was sent to `phone`; `address` is the network address it came from.

    A try is counted in rows before anything is compared, so that many at once are no way round, and given back when
    the code is right. Raises `WrongCode` with the tries left, `CodeSpent` after five of them, `TooManyWrongCodes`
    with the minutes to wait after ten for one phone or `CODE_TRIES_PER_ADDRESS` from one address within an hour.
    """
    at = at or clock.now()
    code_key, phone_key, address_key = hidden(f"{phone}|{expected}"), hidden(phone), hidden(address)
    for purpose, key, limit in (
        (_OF_PHONE, phone_key, settings.CODE_TRIES_PER_PHONE),
        (_OF_ADDRESS, address_key, settings.CODE_TRIES_PER_ADDRESS),
    ):
        if not take(purpose, key, limit=limit, since=at - HOUR, at=at):
            raise TooManyWrongCodes(minutes=_minutes_left(purpose, key, at))
    if not take(_OF_CODE, code_key, limit=settings.CODE_TRIES, since=at - HOUR, at=at):
        raise CodeSpent()
    if compare_user_code(actual=actual, expected=expected):
        for purpose, key in ((_OF_CODE, code_key), (_OF_PHONE, phone_key), (_OF_ADDRESS, address_key)):
            give_back(purpose, key)
        return
    row = used(_OF_CODE, code_key)
    left = max(0, settings.CODE_TRIES - (row.used if row is not None else 0))
    if not left:
        raise CodeSpent()
    raise WrongCode(left=left)


def _minutes_left(purpose: str, key: str, at: datetime) -> int:
    row = used(purpose, key)
    until = (row.since if row is not None else at) + HOUR
    return max(1, -int((at - until).total_seconds() // 60))
