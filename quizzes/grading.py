"""From answers to points. Pure: no database, no clock."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, TypedDict

from quizzes.enums import QuestionKind
from quizzes.exceptions import OneChoiceOnly, UnknownChoice

RIGHT = Decimal(1)
WRONG = Decimal(0)


class AskedChoice(TypedDict):
    id: int
    text: str
    correct: bool
    feedback: str


class Asked(TypedDict):
    """A question as it was asked, frozen in a response; the choices in the order shown."""

    kind: str
    text: str
    explanation: str
    choices: list[AskedChoice]


def grade_response(kind: str, asked: Mapping[str, Any], chosen: Collection[int]) -> Decimal:
    """One point when exactly the right choices are chosen, else none.

    Several right answers give no part of a point: a contest's "number of right answers" and a test's "9 of 10"
    stay whole numbers that anybody can recount.
    """
    right = {choice["id"] for choice in asked["choices"] if choice["correct"]}
    if not right or (kind == QuestionKind.SINGLE and len(chosen) != 1):
        return WRONG
    return RIGHT if set(chosen) == right else WRONG


def clean_chosen(kind: str, offered: Collection[int], chosen: Collection[int]) -> list[int]:
    """The chosen ids without repetition, in the order offered.

    Raises `UnknownChoice` for an id that was not offered and `OneChoiceOnly` for two of a single choice.
    """
    wanted = set(chosen)
    if not wanted <= set(offered):
        raise UnknownChoice()
    if kind == QuestionKind.SINGLE and len(wanted) > 1:
        raise OneChoiceOnly()
    return [choice for choice in offered if choice in wanted]


def is_passed(points: Decimal, max_points: Decimal, pass_mark: int) -> bool:
    """Whether `points` reach `pass_mark` per cent of `max_points`; compared without rounding."""
    return max_points > 0 and points * 100 >= pass_mark * max_points


def needed_points(max_points: Decimal | int, pass_mark: int) -> int:
    """The smallest whole number of points that passes."""
    return math.ceil(Decimal(max_points) * pass_mark / 100)
