"""What makes a question fit to be asked; the admin's form and the course loader ask the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from quizzes.enums import QuestionKind


@dataclass(frozen=True)
class ChoiceProblem:
    """What is wrong with the choices; `position` (from 0) is None when it concerns all of them."""

    code: str
    message: str | Promise
    position: int | None = None


def choice_problems(kind: str, choices: Sequence[tuple[str, bool, str]]) -> list[ChoiceProblem]:
    """Problems of `choices`, each (text, is right, feedback); none when the question may be asked.

    Single: exactly one right. Multiple: at least one right and one wrong. Every choice says why.
    """
    problems = []
    right = sum(correct for _text, correct, _feedback in choices)
    if len(choices) < 2:
        problems.append(ChoiceProblem("too-few", _("Give at least two choices.")))
    elif kind == QuestionKind.SINGLE and right != 1:
        problems.append(ChoiceProblem("one-right", _("Mark exactly one choice as right.")))
    elif kind == QuestionKind.MULTIPLE and not 0 < right < len(choices):
        problems.append(
            ChoiceProblem("right-and-wrong", _("Mark at least one choice as right and leave at least one wrong."))
        )
    seen: set[str] = set()
    for position, (text, _correct, feedback) in enumerate(choices):
        folded = " ".join(text.split()).casefold()
        if folded and folded in seen:
            problems.append(ChoiceProblem("twice", _("This choice is there twice."), position))
        seen.add(folded)
        if not feedback.strip():
            problems.append(ChoiceProblem("no-feedback", _("Say why this choice is right or wrong."), position))
    return problems
