"""Ranking by hand-worked tables."""

from decimal import Decimal

import pytest

from campaigns.standings import Score, needed_to_pass, rank, shared_ranks


def score(unit, completions, headcount=None, points=None):
    return Score(unit, completions, Decimal(points if points is not None else completions), headcount)


def test_equal_values_share_a_rank_and_the_next_is_skipped():
    assert shared_ranks([("a", Decimal(5)), ("b", Decimal(7)), ("c", Decimal(5)), ("d", Decimal(1))]) == {
        "b": 1,
        "a": 2,
        "c": 2,
        "d": 4,
    }


def test_the_rate_orders_otherwise_than_the_count():
    ranked = {
        r.score.unit: (r.rank_by_points, r.rank_by_rate) for r in rank([score(1, 100, 10_000), score(2, 50, 1_000)])
    }
    assert ranked == {1: (1, 2), 2: (2, 1)}


def test_without_a_headcount_there_is_no_rate_and_no_rank_by_rate():
    [found] = rank([score(1, 30)])
    assert (found.rank_by_points, found.rank_by_rate, found.score.rate) == (1, None, None)


def test_nobody_completed_is_a_rate_of_zero_not_a_missing_one():
    [found] = rank([score(1, 0, 500)])
    assert (found.score.rate, found.rank_by_rate) == (Decimal("0.0000"), 1)


@pytest.mark.parametrize(
    ("mine", "headcount", "ahead", "ahead_headcount", "by_rate", "needed"),
    [
        (10, None, 15, None, False, 6),
        (10, None, 10, None, False, 1),
        (10, 100, 30, 200, True, 6),  # 16/100 > 30/200
        (15, 100, 30, 200, True, 1),
        (10, None, 30, 200, True, 0),
    ],
)
def test_how_many_more_to_overtake(mine, headcount, ahead, ahead_headcount, by_rate, needed):
    assert needed_to_pass(mine, headcount, ahead, ahead_headcount, by_rate) == needed
