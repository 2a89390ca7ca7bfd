"""The parts of a lesson page that differ from reader to reader.

Each part is one template in `templates/courses/parts/`, and all it may know is its *state*: a small value that many
readers share. That is what lets `courses.shells` keep a drawn part and put it into anybody's page; the plain page draws
the same templates from the same values.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext

from courses.outlines import LessonOutline, QuestionView
from courses.readers import Reader
from people.learners import AWAY


@dataclass(frozen=True)
class Part:
    """How a part gets its state from a reader, and its template's values from the state."""

    state: Callable[[LessonOutline, Reader, str], Hashable]
    values: Callable[[LessonOutline, Any, str], dict[str, Any]]
    in_course_language: bool = False
    """Drawn in the language of the course: it stands inside the text."""


def part_state(name: str, lesson: LessonOutline, reader: Reader, argument: str = "") -> Hashable:
    """What the part depends on besides the lesson."""
    return PARTS[name].state(lesson, reader, argument)


def draw_part(
    name: str,
    lesson: LessonOutline,
    state: Hashable,
    argument: str = "",
    *,
    csrf_token: Any = "",
    reader_name: str = "",
) -> str:
    """The markup of a part in this state. `csrf_token` and `reader_name` are printed where the template says."""
    part = PARTS[name]
    values = part.values(lesson, state, argument)
    course_language = translation.override(lesson.course.language) if part.in_course_language else nullcontext()
    with course_language:
        return get_template(f"courses/parts/{name}.html").render(
            {"lesson": lesson, "csrf_token": csrf_token, "reader_name": reader_name, **values}
        )


# Header ---------------------------------------------------------------------------------------------------


def _whose_page(lesson: LessonOutline, reader: Reader, argument: str) -> tuple[bool, bool]:
    """Whether somebody is there, and whether the page behind their name is their learning instead of an account."""
    return reader.signed_in, reader.standing in AWAY


def _person_values(lesson: LessonOutline, state: tuple[bool, bool], argument: str) -> dict[str, Any]:
    signed_in, away = state
    return {"signed_in": signed_in, "learner_url": reverse("my_learning") if away else ""}


def _standing(lesson: LessonOutline, reader: Reader, argument: str) -> str:
    return reader.standing


def _learner_values(lesson: LessonOutline, standing: str, argument: str) -> dict[str, Any]:
    return {"standing": standing, "next": lesson.url}


# Progress -------------------------------------------------------------------------------------------------


def _done_numbers(lesson: LessonOutline, reader: Reader, argument: str) -> tuple[int, ...]:
    return tuple(link.number for link in lesson.course.lessons if link.key in reader.done)


def _progress_values(lesson: LessonOutline, done: tuple[int, ...], argument: str) -> dict[str, Any]:
    of = gettext("%(number)d of %(total)d") % {"number": lesson.number, "total": lesson.total}
    place = format_html("{} <b>{}</b>", gettext("Lesson"), of)
    if not done:
        words = place
    else:
        count = ngettext("%(count)d lesson done", "%(count)d lessons done", len(done)) % {"count": len(done)}
        words = format_html("{}, {}", place, count)
    return {"done": len(done), "words": words}


def _list_values(lesson: LessonOutline, done: tuple[int, ...], argument: str) -> dict[str, Any]:
    rows = []
    for link in lesson.course.lessons:
        here = link.number == lesson.number
        state = "now" if here else "done" if link.number in done else "later"
        title = in_course_language(link.title, lesson.course.language)
        rows.append({"link": link, "title": title, "here": here, "state": state})
    return {"rows": rows}


# Questions ------------------------------------------------------------------------------------------------


def _answer(lesson: LessonOutline, reader: Reader, argument: str) -> tuple[int, ...] | None:
    question = lesson.questions.get(int(argument))
    chosen = reader.answers.get(int(argument))
    if question is None or not chosen:
        return None
    # A choice that was deleted since cannot be shown as chosen: the question is asked again.
    known = {choice.id for choice in question.choices}
    return tuple(sorted(chosen)) if known.issuperset(chosen) else None


def _question_values(lesson: LessonOutline, chosen: tuple[int, ...] | None, argument: str) -> dict[str, Any]:
    question = lesson.questions.get(int(argument))
    if question is None:
        return {}
    places = list(lesson.questions)
    values: dict[str, Any] = {
        "question": question,
        "number": places.index(question.id) + 1,
        "total": len(places),
        "action": reverse("practice_answer", args=[lesson.key, question.id]),
        "kind": "checkbox" if question.multiple else "radio",
        "options": [{"value": choice.id, "label": choice.text} for choice in question.choices],
    }
    if chosen is not None:
        values |= {
            "answered": True,
            "right": frozenset(chosen) == question.right,
            "answers": _answers(question, frozenset(chosen)),
        }
    return values


def _answers(question: QuestionView, chosen: frozenset[int]) -> list[dict[str, str]]:
    states = {(True, True): "right", (True, False): "wrong", (False, True): "missed", (False, False): "none"}
    return [
        {
            "label": choice.text,
            "state": states[choice.id in chosen, choice.correct],
            "note": choice.feedback,
        }
        for choice in question.choices
    ]


# Going on -------------------------------------------------------------------------------------------------


def _is_quiet(lesson: LessonOutline, reader: Reader, argument: str) -> bool:
    """The way on is offered quietly until the questions are answered: a loud one invites skipping them."""
    return lesson.key not in reader.done and not set(lesson.questions) <= set(reader.answers)


def _onward_values(lesson: LessonOutline, quiet: bool, argument: str) -> dict[str, Any]:
    course = lesson.course
    following = lesson.next
    if following is not None:
        over = gettext("Next lesson, %(number)d of %(total)d") % {"number": following.number, "total": lesson.total}
        label, target = following.title, following.url
    elif course.quiz_id is not None:
        over, label = gettext("Last lesson read"), gettext("Go to the final test")
        target = reverse("course_test", args=[course.key])
    else:
        over, label, target = gettext("Last lesson read"), gettext("Finish the course"), course.url
    return {
        "over": over,
        "label": in_course_language(label, course.language) if following is not None else label,
        "target": target,
        "kind": "alt" if quiet else "primary",
        "action": reverse("lesson_done", args=[lesson.key]),
    }


def _has_something_to_keep(lesson: LessonOutline, reader: Reader, argument: str) -> bool:
    return reader.has_something_to_keep


def _keep_values(lesson: LessonOutline, keep: bool, argument: str) -> dict[str, Any]:
    return {"keep": keep, "next": lesson.url}


def in_course_language(text: str, language: str) -> Any:
    """The text, marked with its language where the page around it speaks another."""
    return text if language == translation.get_language() else format_html('<span lang="{}">{}</span>', language, text)


PARTS: dict[str, Part] = {
    "person": Part(_whose_page, _person_values),
    "learner": Part(_standing, _learner_values),
    "progress": Part(_done_numbers, _progress_values),
    "list": Part(_done_numbers, _list_values),
    "question": Part(_answer, _question_values, in_course_language=True),
    "onward": Part(_is_quiet, _onward_values),
    "keep": Part(_has_something_to_keep, _keep_values),
}
