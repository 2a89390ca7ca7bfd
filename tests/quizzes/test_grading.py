"""Grading by table: what is asked, what is chosen, what it is worth."""

from __future__ import annotations

from decimal import Decimal

import pytest

from quizzes.enums import QuestionKind
from quizzes.exceptions import OneChoiceOnly, UnknownChoice
from quizzes.grading import clean_chosen, grade_response, is_passed, needed_points

SINGLE, MULTIPLE = QuestionKind.SINGLE, QuestionKind.MULTIPLE


def asked(*right: int, of: int = 4) -> dict:
    return {"choices": [{"id": n, "text": str(n), "correct": n in right, "feedback": ""} for n in range(1, of + 1)]}


@pytest.mark.parametrize(
    ("kind", "right", "chosen", "points"),
    [
        (SINGLE, [2], [2], 1),
        (SINGLE, [2], [1], 0),
        (SINGLE, [2], [], 0),
        (SINGLE, [2], [2, 1], 0),
        (SINGLE, [2], [2, 2], 0),
        (SINGLE, [2], [99], 0),
        (SINGLE, [1, 2], [1], 0),  # two right ones of a single question: nothing is exactly right
        (SINGLE, [], [], 0),
        (MULTIPLE, [1, 3], [1, 3], 1),
        (MULTIPLE, [1, 3], [3, 1], 1),
        (MULTIPLE, [1, 3], [1], 0),
        (MULTIPLE, [1, 3], [1, 2, 3], 0),
        (MULTIPLE, [1, 3], [1, 2, 3, 4], 0),
        (MULTIPLE, [1, 3], [], 0),
        (MULTIPLE, [4], [4], 1),
        (MULTIPLE, [], [], 0),
        (MULTIPLE, [1, 3], [1, 3, 3], 1),
    ],
)
def test_points(kind, right, chosen, points):
    assert grade_response(kind, asked(*right), chosen) == Decimal(points)


@pytest.mark.parametrize(
    ("points", "of", "mark", "passed"),
    [
        ("7", "10", 70, True),
        ("6", "10", 70, False),
        ("2", "3", 67, False),  # 66.7 per cent is not rounded up
        ("2", "3", 66, True),
        ("0", "10", 1, False),
        ("10", "10", 100, True),
        ("9.99", "10", 100, False),
        ("0", "0", 70, False),
    ],
)
def test_pass_mark(points, of, mark, passed):
    assert is_passed(Decimal(points), Decimal(of), mark) is passed


@pytest.mark.parametrize(("of", "mark", "needed"), [(10, 70, 7), (12, 70, 9), (3, 67, 3), (3, 66, 2), (5, 100, 5)])
def test_points_needed_are_the_fewest_that_pass(of, mark, needed):
    assert needed_points(of, mark) == needed
    assert is_passed(Decimal(needed), Decimal(of), mark)
    assert not is_passed(Decimal(needed - 1), Decimal(of), mark)


def test_chosen_come_in_the_order_offered_without_repetition():
    assert clean_chosen(MULTIPLE, [5, 3, 9], [9, 5, 9]) == [5, 9]
    assert clean_chosen(SINGLE, [5, 3], [3, 3]) == [3]
    assert clean_chosen(SINGLE, [5, 3], []) == []


def test_choices_not_offered_are_refused():
    with pytest.raises(UnknownChoice):
        clean_chosen(MULTIPLE, [1, 2], [2, 3])
    with pytest.raises(OneChoiceOnly):
        clean_chosen(SINGLE, [1, 2], [1, 2])
