"""The one place the time comes from, so that a test can hold it still.

Operations take the moment as ``at=``; whoever calls them from a request or a job asks here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
ONE_DAY = timedelta(days=1)


class FrozenClock:
    """A moment that stands still until a test moves it."""

    def __init__(self, moment: datetime) -> None:
        self.move_to(moment)

    def move_to(self, moment: datetime) -> None:
        """Stand at `moment` (aware) from now on; raises ValueError for a naive one."""
        if moment.tzinfo is None:
            raise ValueError("a frozen clock needs an aware datetime")
        self.moment = moment.astimezone(UTC)

    def tick(self, step: timedelta) -> None:
        """Move on by `step`."""
        self.moment += step


_frozen: FrozenClock | None = None


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen.moment if _frozen is not None else datetime.now(UTC)


def today() -> date:
    """The calendar day in Viet Nam, which is the day every rule and every printed date means."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """The calendar day in Viet Nam at an aware `moment`."""
    return moment.astimezone(VIETNAM).date()


def start_of(day: date) -> datetime:
    """The moment at which a calendar day begins in Viet Nam."""
    return datetime.combine(day, time(), VIETNAM)


def working_days_after(day: date, count: int, holidays: Collection[date] = ()) -> date:
    """The last of `count` working days after `day`: Saturdays, Sundays and `holidays` do not count."""
    while count:
        day += ONE_DAY
        count -= day.weekday() < 5 and day not in holidays
    return day


@contextmanager
def frozen(moment: datetime) -> Iterator[FrozenClock]:
    """Hold `now()` and `today()` at `moment` inside the block, in all threads of this process.

    Global on purpose: a live test server answers from another thread than the test.
    """
    global _frozen
    before = _frozen
    _frozen = FrozenClock(moment)
    try:
        yield _frozen
    finally:
        _frozen = before
