"""Ranking, as pure functions: from counts to rates and ranks."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

RATE_STEP = Decimal("0.0001")

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Score:
    """What one unit has achieved; `headcount` None means that nobody has confirmed one."""

    unit: int
    completions: int
    points: Decimal
    headcount: int | None

    @property
    def rate(self) -> Decimal | None:
        """Completions per inhabitant, to four places; None without a headcount, which is not zero."""
        if self.headcount is None:
            return None
        return (Decimal(self.completions) / self.headcount).quantize(RATE_STEP, ROUND_HALF_UP)


@dataclass(frozen=True)
class Ranked:
    score: Score
    rank_by_points: int
    rank_by_rate: int | None


def shared_ranks(values: Iterable[tuple[Key, Decimal]]) -> dict[Key, int]:
    """Ranks from the highest value down; equal values share a rank and the next one is skipped (1, 2, 2, 4)."""
    ranks: dict[Key, int] = {}
    last: Decimal | None = None
    rank = 0
    for place, (key, value) in enumerate(sorted(values, key=lambda pair: pair[1], reverse=True), start=1):
        if value != last:
            rank, last = place, value
        ranks[key] = rank
    return ranks


def rank(scores: Iterable[Score]) -> list[Ranked]:
    """Rank units by points and, among those with a headcount, by rate."""
    scores = list(scores)
    by_points = shared_ranks((score.unit, score.points) for score in scores)
    by_rate = shared_ranks((score.unit, score.rate) for score in scores if score.rate is not None)
    return [Ranked(score, by_points[score.unit], by_rate.get(score.unit)) for score in scores]


def needed_to_pass(mine: int, headcount: int | None, ahead: int, ahead_headcount: int | None, by_rate: bool) -> int:
    """How many more completions would put a unit in front of the one before it (at least 1)."""
    if not by_rate:
        return max(1, ahead - mine + 1)
    if not headcount or not ahead_headcount:
        return 0
    return max(1, ahead * headcount // ahead_headcount - mine + 1)
