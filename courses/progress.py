"""How far somebody is in a course: computed from facts each time, never stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext, ngettext

from courses.guests import GuestRecord
from courses.models import CourseCompletion, CoursePage, LessonPage
from courses.queries import (
    Learner,
    attempts_at,
    completion_of,
    content_language,
    done_lesson_keys,
    lessons_of,
    whose,
)
from quizzes.models import Attempt, Quiz

__all__ = ["CourseProgress", "LessonStep", "TestState", "Unmet", "course_progress", "done_lesson_keys", "progress_for"]


@dataclass(frozen=True)
class LessonStep:
    """A lesson in its place; `number` counts from 1."""

    page: LessonPage
    number: int
    done: bool

    @property
    def key(self) -> UUID:
        return self.page.translation_key

    @property
    def title(self) -> str:
        return self.page.title

    @property
    def minutes(self) -> int:
        return self.page.minutes

    @property
    def url(self) -> str:
        return self.page.get_url() or ""


@dataclass(frozen=True)
class TestState:
    """The final test as this person stands to it."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    quiz: Quiz
    attempts: Sequence[Attempt] = ()

    @property
    def used(self) -> int:
        return self.attempts[0].number if self.attempts else 0

    @property
    def left(self) -> int | None:
        """Attempts that may still be started; None: no limit. The open one is not among them."""
        if self.quiz.max_attempts is None:
            return None
        return max(0, self.quiz.max_attempts - self.used)

    @property
    def open_attempt(self) -> Attempt | None:
        return next((attempt for attempt in self.attempts if attempt.submitted_at is None), None)

    @property
    def passed_attempt(self) -> Attempt | None:
        """The best of the passed attempts."""
        passed = [attempt for attempt in self.attempts if attempt.passed]
        return max(passed, key=lambda attempt: attempt.points or Decimal(0), default=None)

    @property
    def passed(self) -> bool:
        return self.passed_attempt is not None

    @property
    def last_submitted(self) -> Attempt | None:
        return next((attempt for attempt in self.attempts if attempt.submitted_at is not None), None)

    @property
    def used_up(self) -> bool:
        """Nothing is left to do at this test, and it is not passed."""
        return not self.passed and self.open_attempt is None and self.left == 0


@dataclass(frozen=True)
class Unmet:
    """One thing missing before the course is completed. Codes: `lessons`, `test`, `empty`."""

    code: str
    lessons: tuple[LessonStep, ...] = ()

    def __str__(self) -> str:
        if self.code == "lessons":
            count = len(self.lessons)
            return ngettext("%(count)s lesson to read", "%(count)s lessons to read", count) % {"count": count}
        if self.code == "test":
            return gettext("pass the final test")
        return gettext("the course has no lessons yet")


@dataclass(frozen=True)
class CourseProgress:
    """Lessons in order with what is done, the test, the completion, and what is missing."""

    course: CoursePage
    lessons: tuple[LessonStep, ...]
    done: frozenset[UUID]
    test: TestState | None = None
    completion: CourseCompletion | None = None
    unmet: list[Unmet] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.lessons)

    @property
    def done_count(self) -> int:
        """Of the lessons that the course has now."""
        return sum(step.done for step in self.lessons)

    @property
    def started(self) -> bool:
        return bool(self.done) or self.completion is not None or bool(self.test and self.test.attempts)

    @property
    def next_lesson(self) -> LessonStep | None:
        """The first lesson not done."""
        return next((step for step in self.lessons if not step.done), None)

    @property
    def language(self) -> str:
        return content_language(self.course)


def progress_for(
    request: HttpRequest, course: CoursePage, *, lessons: Sequence[LessonPage] | None = None
) -> CourseProgress:
    """Progress of the request's learner or guest.

    Queries: lessons (none when given), completions, and for a learner the attempts (if there is a test) and the
    completion of the course.
    """
    return course_progress(whose(request), course, lessons=lessons)


def course_progress(
    person: Learner | None, course: CoursePage, *, lessons: Sequence[LessonPage] | None = None
) -> CourseProgress:
    """Progress of a person or guest in a course; queries as in `progress_for`."""
    learner = whose(person)
    pages = lessons_of(course) if lessons is None else lessons
    done = frozenset(done_lesson_keys(learner, course.translation_key))
    attempts: Sequence[Attempt] = ()
    completion = None
    if not isinstance(learner, GuestRecord):
        completion = completion_of(learner, course.translation_key)
        attempts = attempts_at(course.quiz_id, learner) if course.quiz_id else ()
    steps = lesson_steps(pages, done)
    test = TestState(course.quiz, attempts) if course.quiz_id else None
    return CourseProgress(
        course=course,
        lessons=steps,
        done=done,
        test=test,
        completion=completion,
        unmet=[] if completion else unmet_requirements(steps, test),
    )


def lesson_steps(pages: Sequence[LessonPage], done: frozenset[UUID] | set[UUID]) -> tuple[LessonStep, ...]:
    return tuple(
        LessonStep(page=page, number=number, done=page.translation_key in done)
        for number, page in enumerate(pages, start=1)
    )


def unmet_requirements(steps: Sequence[LessonStep], test: TestState | None) -> list[Unmet]:
    """The completion rule: every published lesson done, and the final test passed if there is one."""
    unmet = []
    if not steps:
        unmet.append(Unmet("empty"))
    missing = tuple(step for step in steps if not step.done)
    if missing:
        unmet.append(Unmet("lessons", missing))
    if test is not None and not test.passed:
        unmet.append(Unmet("test"))
    return unmet
