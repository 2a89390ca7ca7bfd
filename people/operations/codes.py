"""Codes from a text: one for one press of the button, and whoever guesses is stopped.

By the code, by the phone and by where they are; see docs/adr/0008.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from allauth.core.internal.cryptokit import compare_user_code
from django.conf import settings
from django.utils.crypto import salted_hmac

from common import clock
from ledger.limits import Limit, begin, give_back, hidden, take, take_all, used
from people.exceptions import CodeSpent, TooManyWrongCodes, TooManyWrongDigits, WrongCode

HOUR = timedelta(hours=1)
SAME_PRESS = timedelta(seconds=30)  # a second press within this time is the same press
CODE_DIGITS = 6
_OF_CODE, _OF_PHONE, _OF_ADDRESS = "code", "code-phone", "code-address"
_OF_SECOND_STEP = "second-step"
_PRESS = "code-press"


# Sending


def code_for(phone: str, *, at: datetime | None = None) -> str:
    """The code that belongs to the present press of the button for `phone`, from whichever browser it comes.

    It follows from the phone, the moment of the press and the site's secret key, so nobody keeps it but the session
    that waits for it, and two requests at once agree on it.
    """
    at = at or clock.now()
    pressed = begin(_PRESS, hidden(phone), since=at - SAME_PRESS, at=at)
    digest = salted_hmac("people.codes", f"{phone}|{pressed.timestamp():.6f}", algorithm="sha256").digest()
    return f"{int.from_bytes(digest, 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def begin_text(phone: str, *, at: datetime | None = None) -> bool:
    """Whether the present press is still without its text, which the caller then sends."""
    return take(Limit(_PRESS, hidden(phone), uses=1), since=datetime.min.replace(tzinfo=UTC), at=at or clock.now())


def text_failed(phone: str) -> None:
    """The text did not go out: the next press may try again."""
    give_back(_PRESS, hidden(phone))


# Checking


def check_sent_code(*, actual: str, expected: str, phone: str, address: str, at: datetime | None = None) -> None:
    """Compare a typed code with the one that was sent to `phone`; `address` is the network address it came from.

    A try is counted in rows before anything is compared, so that many at once are no way round, and given back when
    the code is right. Raises `WrongCode` with the tries left, `CodeSpent` after five of them, `TooManyWrongCodes`
    with the minutes to wait after ten for one phone or `CODE_TRIES_PER_ADDRESS` from one address within an hour.
    """
    at = at or clock.now()
    of_code = Limit(_OF_CODE, hidden(f"{phone}|{expected}"), settings.CODE_TRIES, extend=True)
    limits = [
        Limit(_OF_ADDRESS, hidden(address), settings.CODE_TRIES_PER_ADDRESS),  # a hall shares it: it never slides
        of_code,
        Limit(_OF_PHONE, hidden(phone), settings.CODE_TRIES_PER_PHONE, extend=True),
    ]
    spent = take_all(limits, since=at - HOUR, at=at)
    if spent is of_code:
        raise CodeSpent()
    if spent is not None:
        raise TooManyWrongCodes(minutes=_minutes_left(spent, at))
    if compare_user_code(actual=actual, expected=expected):
        for limit in limits:
            give_back(limit.purpose, limit.key)
        return
    row = used(_OF_CODE, of_code.key)
    left = max(0, settings.CODE_TRIES - (row.used if row is not None else 0))
    if not left:
        raise CodeSpent()
    raise WrongCode(left=left)


@contextmanager
def second_step_try(login_id: int, *, at: datetime | None = None) -> Iterator[None]:
    """A try at the digits of a login's second step: counted before it is made, given back when the block ends well.

    Raises `TooManyWrongDigits` with the minutes to wait after `SECOND_STEP_TRIES` within an hour.
    """
    at = at or clock.now()
    limit = Limit(_OF_SECOND_STEP, hidden(f"login {login_id}"), settings.SECOND_STEP_TRIES, extend=True)
    if not take(limit, since=at - HOUR, at=at):
        raise TooManyWrongDigits(minutes=_minutes_left(limit, at))
    yield
    give_back(limit.purpose, limit.key)


def _minutes_left(limit: Limit, at: datetime) -> int:
    row = used(limit.purpose, limit.key)
    until = (row.since if row is not None else at) + HOUR
    return max(1, -int((at - until).total_seconds() // 60))
