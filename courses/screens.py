"""The page of a course for one reader: lessons with their state, the test, and the one thing to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext

from common.templatetags.ui import kilobytes
from courses.guests import GuestRecord
from courses.models import CoursePage
from courses.outlines import CourseOutline, LessonLink, TestRules, audience_words, course_outline
from courses.overview import LearningFacts, QuizRecord, guest_facts, learning_facts
from courses.parts import in_course_language


@dataclass(frozen=True)
class Action:
    """The button of the page: a link, or a form to `post` that comes back to `target`."""

    over: str
    label: str
    target: str
    post: str = ""


@dataclass(frozen=True)
class CourseScreen:
    course: CourseOutline
    audience: str
    rows: list[dict[str, Any]]
    test_row: dict[str, Any] | None
    done: int
    current: int | None
    words: str
    action: Action | None
    facts: list[dict[str, str]]
    completed_url: str
    signed_in: bool
    keep: bool
    """A visitor without a login who has done something."""


def facts_of(request: HttpRequest | None) -> LearningFacts:
    """What the request's learner or guest did; at most one query besides finding the learner."""
    if request is None:
        return LearningFacts()
    learner = getattr(request, "learner", None)
    if learner:
        return learning_facts(learner)
    return guest_facts(GuestRecord(getattr(request, "session", {})))


def course_screen(page: CoursePage, request: HttpRequest | None) -> CourseScreen:
    """Everything the course page shows besides the course's own text."""
    course = course_outline(page, getattr(page, "content_token", None))
    facts = facts_of(request)
    done = {course.numbers[key] for key in facts.done.get(course.key, ()) if key in course.numbers}
    quiz = facts.quizzes.get(course.quiz_id, QuizRecord()) if course.quiz_id is not None else QuizRecord()
    completed = facts.completed.get(course.key)
    current = next((link for link in course.lessons if link.number not in done), None)
    signed_in = bool(getattr(request, "learner", None))
    enrol_first = signed_in and course.key not in facts.enrolled and not done
    return CourseScreen(
        course=course,
        audience=audience_words(page.audience),
        rows=[_row(link, course, done, current) for link in course.lessons],
        test_row=_test_row(course, quiz, ready=current is None),
        done=len(done),
        current=current.number if current and done else None,
        words=_words(len(done), len(course.lessons), quiz, completed is not None),
        action=_action(course, quiz, current, bool(done), enrol_first, completed is not None),
        facts=_facts(course),
        completed_url=reverse("course_completed", args=[course.key]) if completed else "",
        signed_in=signed_in,
        keep=not signed_in and bool(done),
    )


def _row(link: LessonLink, course: CourseOutline, done: set[int], current: LessonLink | None) -> dict[str, Any]:
    minutes = _minutes(link.minutes)
    if link.number in done:
        state, meta = "done", gettext("Done, %(minutes)s") % {"minutes": minutes}
    elif link is current:
        state, meta = "now", gettext("Go on here, %(minutes)s") % {"minutes": minutes}
        if not done:
            meta = gettext("Start here, %(minutes)s") % {"minutes": minutes}
    else:
        state, meta = "later", minutes
    return {
        "href": link.url,
        "title": in_course_language(link.title, course.language),
        "number": link.number,
        "state": state,
        "meta": meta,
    }


def _test_row(course: CourseOutline, quiz: QuizRecord, *, ready: bool) -> dict[str, Any] | None:
    if course.test is None:
        return None
    row: dict[str, Any] = {
        "href": reverse("course_test", args=[course.key]),
        "number": len(course.lessons) + 1,
        "state": "now" if ready else "later",
        "meta": _test_words(course.test),
        "badge": "",
        "badge_kind": "",
    }
    if quiz.passed is not None:
        row |= {"href": reverse("attempt_result", args=[quiz.passed]), "state": "done"}
        row |= {"badge": gettext("Passed"), "badge_kind": "success"}
    elif quiz.open_attempt is not None:
        row |= {"href": reverse("attempt", args=[quiz.open_attempt])}
        row |= {"badge": gettext("Begun, not handed in"), "badge_kind": "warning"}
    return row


def _test_words(test: TestRules) -> str:
    words = ngettext("%(count)d question", "%(count)d questions", test.asked) % {"count": test.asked}
    if test.minutes:
        words = gettext("%(first)s, %(second)s") % {"first": words, "second": _minutes(test.minutes)}
    return words


def _words(done: int, total: int, quiz: QuizRecord, completed: bool) -> Any:
    """Progress in words, under the plots."""
    if completed:
        return format_html("<b>{}</b>", gettext("You have completed this course"))
    if not done:
        words = ngettext("%(count)d lesson, none begun yet", "%(count)d lessons, none begun yet", total)
        return words % {"count": total}
    count = format_html("<b>{}</b>", gettext("%(number)d of %(total)d") % {"number": done, "total": total})
    words = format_html(gettext("Done {} lessons"), count)
    if done == total and quiz.passed is None:
        return format_html("{}. {}", words, gettext("Only the final test is left."))
    return words


def _action(
    course: CourseOutline,
    quiz: QuizRecord,
    current: LessonLink | None,
    begun: bool,
    enrol_first: bool,
    completed: bool,
) -> Action | None:
    if completed:
        return Action(
            over=gettext("You have completed this course"),
            label=gettext("See your certificate"),
            target=reverse("course_completed", args=[course.key]),
        )
    if quiz.open_attempt is not None:
        return Action(
            over=gettext("The test is begun"),
            label=gettext("Go on with the test"),
            target=reverse("attempt", args=[quiz.open_attempt]),
        )
    if current is not None:
        over = (
            gettext("Go on with lesson %(number)d, about %(minutes)s")
            if begun
            else gettext("Start with lesson %(number)d, about %(minutes)s")
        )
        return Action(
            over=over % {"number": current.number, "minutes": _minutes(current.minutes)},
            label=in_course_language(current.title, course.language),
            target=current.url,
            post=reverse("enrol", args=[course.key]) if enrol_first else "",
        )
    if course.quiz_id is not None and quiz.passed is None and course.lessons:
        return Action(
            over=gettext("All lessons read"),
            label=gettext("Go to the final test"),
            target=reverse("course_test", args=[course.key]),
        )
    return None


def _facts(course: CourseOutline) -> list[dict[str, str]]:
    facts = [{"label": gettext("Time"), "value": gettext("about %(minutes)s") % {"minutes": _minutes(course.minutes)}}]
    if course.picture_bytes:
        facts.append({"label": gettext("Pictures, all lessons"), "value": kilobytes(course.picture_bytes)})
    if course.test is not None:
        value = gettext("%(asked)d questions, %(needed)d right to pass") % {
            "asked": course.test.asked,
            "needed": course.test.needed,
        }
        facts.append({"label": gettext("Final test"), "value": value})
    facts.append({"label": gettext("Certificate"), "value": gettext("yes, free of charge")})
    return facts


def _minutes(count: int) -> str:
    return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}


def lesson_count_words(count: int, minutes: int) -> str:
    """For example "6 lessons, about 48 minutes"."""
    words = ngettext(
        "%(count)d lesson, about %(minutes)d minutes", "%(count)d lessons, about %(minutes)d minutes", count
    )
    return words % {"count": count, "minutes": minutes}


def done_words(done: int, total: int) -> str:
    return gettext("Learning, %(done)d of %(total)d done") % {"done": done, "total": total}


def course_badge(facts: LearningFacts, key: UUID, lessons: frozenset[UUID]) -> tuple[str, str]:
    """Label and kind of a course in a list, as the reader stands to it; empty when not begun."""
    if key in facts.completed:
        return gettext("Completed"), "success"
    done = len(lessons & facts.done.get(key, set()))
    if done or key in facts.enrolled:
        return done_words(done, len(lessons)), "warning"
    return "", ""
