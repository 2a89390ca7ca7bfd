"""Counts that hold for many at once, and the budgets of texts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import override_settings

from common import clock
from ledger.limits import CODES, TEXTS, Limit, drop_allowances, give_back, hidden, take, take_all, used
from ledger.models import Allowance, Message
from ledger.operations import send_message
from tests.concurrency import at_once
from tests.factories import places

HOUR = timedelta(hours=1)
NOW = clock.now()


def uses(count: int, at=NOW, limit: int = 3) -> list[bool]:
    return [take(Limit("test", "a", limit), since=at - HOUR, at=at) for _ in range(count)]


@pytest.mark.django_db
class TestCounting:
    def test_so_many_and_no_more(self):
        assert uses(5) == [True, True, True, False, False]
        assert (used("test", "a").used, used("test", "a").refused) == (3, 2)
        assert take(Limit("test", "b", 1), since=NOW - HOUR, at=NOW)

    def test_a_count_ends_an_hour_after_it_began(self):
        uses(3)
        assert uses(1, NOW + timedelta(minutes=59)) == [False]
        assert uses(4, NOW + timedelta(minutes=61)) == [True, True, True, False]

    def test_what_is_given_back_may_be_used_again(self):
        uses(3)
        give_back("test", "a")
        assert uses(2) == [True, False]
        for _ in range(9):
            give_back("test", "a")
        assert used("test", "a").used == 0

    def test_old_counts_go(self):
        uses(1)
        assert drop_allowances(NOW + HOUR, dry_run=True) == 1
        assert drop_allowances(NOW + HOUR, dry_run=False) == 1
        assert not Allowance.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_exactly_what_there_is():
    outcomes = at_once(*[lambda: take(Limit("test", "a", 7), since=NOW - HOUR, at=NOW)] * 20)
    assert sorted(outcomes) == [False] * 13 + [True] * 7


def text(to: str = "+84912345678", **options) -> Message | None:
    return send_message(channel="sms", purpose="reminder", to=to, body="Chào", **options)


@pytest.mark.django_db
class TestTexts:
    @override_settings(SMS_PER_PHONE=2)
    def test_a_phone_gets_so_many_a_day(self):
        assert [text() is not None for _ in range(3)] == [True, True, False]
        assert text("+84912345679") is not None
        assert Message.objects.count() == 3
        with clock.frozen(clock.now() + timedelta(days=1)):
            assert text() is not None

    @override_settings(SMS_PER_UNIT=1)
    def test_a_unit_sends_so_many_a_day_and_the_others_their_own(self):
        commune = places.commune()
        assert text(unit=commune) is not None
        assert text("+84912345679", unit=commune) is None
        assert text("+84912345680", unit=commune.parent) is not None
        assert used(TEXTS, commune.path).refused == 1
        assert used(TEXTS, hidden("+84912345679")) is None  # nothing is charged for a text that was not sent
        assert used(TEXTS, "").used == 2

    @override_settings(SMS_PER_DAY=0)
    def test_reminders_lock_nobody_out(self):
        assert text() is None
        assert text(is_code=True) is not None
        assert used(CODES, "").used == 1

    def test_no_number_stands_in_a_row(self):
        text()
        assert not [row for row in Allowance.objects.all() if "912345678" in row.key]


@pytest.mark.django_db
def test_a_limit_that_extends_has_no_seam():
    """Ten an hour, wherever the hour begins: a fixed window would let twice as many through around its end."""
    limit = Limit("test", "slides", 10, extend=True)

    def tries(minute: int, count: int) -> int:
        at = NOW + timedelta(minutes=minute)
        return sum(take(limit, since=at - HOUR, at=at) for _ in range(count))

    assert tries(0, 1) == 1
    assert tries(59, 9) == 9
    assert tries(61, 5) == 0
    assert tries(118, 5) == 0
    assert tries(120, 12) == 10


@pytest.mark.django_db
def test_all_or_none():
    wide, narrow = Limit("test", "wide", 5), Limit("test", "narrow", 1)
    assert take_all([wide, narrow], since=NOW - HOUR, at=NOW) is None
    assert take_all([wide, narrow], since=NOW - HOUR, at=NOW) is narrow
    assert used("test", "wide").used == 1
