"""Everything one person learns, in two queries however many courses they take: the base of "my learning"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    CharField,
    ExpressionWrapper,
    F,
    IntegerField,
    Q,
    UUIDField,
    Value,
)
from django.db.models.functions import Cast, Length, Substr
from wagtail.models import Page

from courses.guests import GuestRecord
from courses.models import CourseCompletion, CoursePage, Enrolment, LessonCompletion
from courses.parts import in_course_language
from courses.queries import best_page, content_language
from people.models import Person
from quizzes.models import Attempt

COLUMNS = ("fact", "course", "thing", "moment", "quiz", "passed", "words")


@dataclass
class QuizRecord:
    """A person's attempts at one quiz, counted."""

    used: int = 0
    passed: UUID | None = None
    open_attempt: UUID | None = None
    last_at: datetime | None = None


@dataclass
class LearningFacts:
    """What is known about a learner; all keyed by course key, attempts by quiz id."""

    done: dict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    enrolled: set[UUID] = field(default_factory=set)
    completed: dict[UUID, CompletedCourse] = field(default_factory=dict)
    quizzes: dict[int, QuizRecord] = field(default_factory=lambda: defaultdict(QuizRecord))
    last_at: dict[UUID, datetime] = field(default_factory=dict)

    @property
    def course_keys(self) -> set[UUID]:
        return self.enrolled | set(self.done) | set(self.completed)

    def touch(self, course_key: UUID, at: datetime) -> None:
        self.last_at[course_key] = max(at, self.last_at.get(course_key, at))


@dataclass(frozen=True)
class CompletedCourse:
    """A completion as it is remembered, whatever became of the course since."""

    uuid: UUID
    course_key: UUID
    title: str
    completed_at: datetime
    acted_for: bool = False
    """Somebody did the last step on the learner's behalf."""


@dataclass(frozen=True)
class CourseSummary:
    """A published course as one person stands to it."""

    page: Page
    icon: str
    lessons: tuple[Page, ...]
    done: frozenset[UUID]
    quiz_id: int | None
    attempts_left: int | None
    quiz: QuizRecord
    completed: CompletedCourse | None
    last_at: datetime | None

    @property
    def key(self) -> UUID:
        return self.page.translation_key

    @property
    def title(self) -> str:
        return in_course_language(self.page.title, self.language)

    @property
    def url(self) -> str:
        return self.page.get_url() or ""

    @property
    def language(self) -> str:
        return content_language(self.page)

    @property
    def total(self) -> int:
        return len(self.lessons)

    @property
    def done_count(self) -> int:
        return sum(lesson.translation_key in self.done for lesson in self.lessons)

    @property
    def next_number(self) -> int | None:
        """Number (from 1) of the first lesson not done."""
        return next((n for n, lesson in enumerate(self.lessons, 1) if lesson.translation_key not in self.done), None)

    @property
    def next_lesson(self) -> Page | None:
        return self.lessons[self.next_number - 1] if self.next_number else None

    @property
    def next_title(self) -> str:
        return in_course_language(self.next_lesson.title, self.language) if self.next_lesson else ""

    @property
    def next_step(self) -> str:
        """What to do next: `attempt` (go on with it), `lesson`, `test`, `stuck` (no attempts left) or `finish`."""
        if self.quiz.open_attempt is not None:
            return "attempt"
        if self.next_number is not None:
            return "lesson"
        if self.test_due:
            return "stuck" if self.attempts_left == 0 else "test"
        return "finish"

    @property
    def test_due(self) -> bool:
        """All lessons are done and only the test is missing."""
        return self.next_number is None and self.quiz_id is not None and self.quiz.passed is None


def learning_facts(person: Person) -> LearningFacts:
    """Enrolments, lessons done, completions and attempts of a person: one query over four tables."""
    no_key = Cast(Value(None), UUIDField())
    parts = [
        _fact(Enrolment.objects.active(), person, "enrolled", moment="enrolled_at", course="course_key", thing=no_key),
        _fact(
            LessonCompletion.objects.all(),
            person,
            "lesson",
            moment="completed_at",
            course="course_key",
            thing=F("lesson_key"),
        ),
        _fact(
            CourseCompletion.objects.all(),
            person,
            "completed",
            moment="completed_at",
            course="course_key",
            thing=F("uuid"),
            words=F("course_title"),
            passed=ExpressionWrapper(Q(acted_by__isnull=False), output_field=BooleanField()),
        ),
        _fact(
            Attempt.objects.all(),
            person,
            "attempt",
            moment="started_at",
            thing=F("uuid"),
            quiz=F("quiz_id"),
            passed=F("passed"),
        ),
    ]
    facts = LearningFacts()
    for kind, course, thing, moment, quiz, passed, words in parts[0].union(*parts[1:], all=True):
        if kind == "attempt":
            record = facts.quizzes[quiz]
            record.used += 1
            record.last_at = max(moment, record.last_at or moment)
            if passed:
                record.passed = thing
            elif passed is None:
                record.open_attempt = thing
            continue
        facts.touch(course, moment)
        if kind == "enrolled":
            facts.enrolled.add(course)
        elif kind == "lesson":
            facts.done[course].add(thing)
        else:
            facts.completed[course] = CompletedCourse(thing, course, words, moment, bool(passed))
    return facts


def _fact(rows, person: Person, kind: str, *, moment: str, course: str = "", **columns: Any):
    """The rows of one table in the columns that all share; their types are said, for PostgreSQL unites by type."""
    values = {
        "fact": Value(kind, output_field=CharField()),
        "course": F(course) if course else Cast(Value(None), UUIDField()),
        "moment": F(moment),
        "quiz": Cast(columns.pop("quiz", Value(None)), IntegerField()),
        "passed": Cast(columns.pop("passed", Value(None)), BooleanField()),
        "words": Cast(columns.pop("words", Value("")), CharField(max_length=255)),
        **columns,
    }
    rows = rows.filter(person=person).order_by()
    return rows.annotate(**{f"_{name}": value for name, value in values.items()}).values_list(
        *(f"_{name}" for name in COLUMNS)
    )


def guest_facts(record: GuestRecord) -> LearningFacts:
    """The same for a guest of this session; no query."""
    facts = LearningFacts()
    for lesson_key, (course_key, at) in record.lessons.items():
        facts.done[course_key].add(lesson_key)
        facts.touch(course_key, at)
    return facts


def course_summaries(facts: LearningFacts, language: str) -> list[CourseSummary]:
    """The published courses among the facts, the latest touched first: one query for pages of both kinds."""
    keys = facts.course_keys
    if not keys:
        return []
    courses, lessons = _pages(keys)
    summaries = []
    for key in keys:
        course = best_page(courses.get(key, ()), language)
        if course is None:
            continue
        record = facts.quizzes.get(course.course_quiz, QuizRecord())
        allowed = course.course_attempts
        summaries.append(
            CourseSummary(
                page=course,
                icon=course.course_icon,
                lessons=tuple(lessons.get(course.path, ())),
                done=frozenset(facts.done.get(key, ())),
                quiz_id=course.course_quiz,
                attempts_left=None if allowed is None else max(0, allowed - record.used),
                quiz=record,
                completed=facts.completed.get(key),
                last_at=max(filter(None, (facts.last_at.get(key), record.last_at)), default=None),
            )
        )
    return sorted(summaries, key=lambda s: (s.last_at is not None, s.last_at, s.page.pk), reverse=True)


def _pages(course_keys: Iterable[UUID]) -> tuple[dict[UUID, list[Page]], dict[str, list[Page]]]:
    """Published course pages by key, and their published lessons by the path of the course."""
    keys = list(course_keys)
    parent = Substr("path", 1, Length("path") - Page.steplen)
    paths = CoursePage.objects.live().filter(translation_key__in=keys).values("path")
    pages = (
        Page.objects.live()
        .annotate(
            parent_path=parent,
            course_icon=F("coursepage__icon"),
            course_quiz=F("coursepage__quiz_id"),
            course_attempts=F("coursepage__quiz__max_attempts"),
        )
        .filter(
            Q(translation_key__in=keys, coursepage__isnull=False) | Q(parent_path__in=paths, lessonpage__isnull=False)
        )
        .select_related("locale", "alias_of__locale")
        .order_by("path")
    )
    courses: dict[UUID, list[Page]] = defaultdict(list)
    lessons: dict[str, list[Page]] = defaultdict(list)
    for page in pages:
        if page.course_icon is not None:
            courses[page.translation_key].append(page)
        else:
            lessons[page.parent_path].append(page)
    return courses, lessons
