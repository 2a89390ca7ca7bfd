"""Finding courses, lessons and what somebody learnt. A "key" is the `translation_key` of a page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from wagtail.models import Page

from courses.guests import GuestRecord
from courses.models import CourseCompletion, CoursePage, LessonCompletion, LessonPage
from people.models import Person
from quizzes.models import Attempt, PracticeAnswer

Learner = Person | GuestRecord


def whose(source: HttpRequest | Person | GuestRecord | Any | None) -> Learner:
    """Who learns: the request's learner, or the guest of its session. A session counts as its guest, None as nobody."""
    if isinstance(source, Person | GuestRecord):
        return source
    if isinstance(source, HttpRequest):
        learner = getattr(source, "learner", None)
        return learner if learner else GuestRecord(source.session)
    return GuestRecord({} if source is None else source)


# Pages ----------------------------------------------------------------------------------------------------


def published_courses(language: str) -> QuerySet[CoursePage]:
    """Courses of the catalogue in this language, in its order."""
    courses = CoursePage.objects.live().public().filter(locale__language_code=language)
    return courses.select_related("locale", "alias_of__locale").order_by("path")


def course_page(course_key: UUID, language: str | None = None) -> CoursePage | None:
    """The published course in `language`; without one, or where there is none, the original (not an alias)."""
    pages = CoursePage.objects.live().filter(translation_key=course_key)
    return best_page(pages.select_related("locale", "quiz", "alias_of__locale"), language)


def is_published(course_key: UUID) -> bool:
    """Whether there is such a course in any language; costs less than its page."""
    return CoursePage.objects.live().filter(translation_key=course_key).exists()


def lesson_page(lesson_key: UUID, language: str | None = None) -> LessonPage | None:
    """The published lesson, chosen as `course_page` does."""
    pages = LessonPage.objects.live().filter(translation_key=lesson_key)
    return best_page(pages.select_related("locale", "alias_of__locale"), language)


def course_of_quiz(quiz_id: int, language: str | None = None) -> CoursePage | None:
    """A published course that ends with this quiz."""
    pages = CoursePage.objects.live().filter(quiz=quiz_id)
    return best_page(pages.select_related("locale", "quiz", "alias_of__locale"), language)


def original_courses_of_quiz(quiz_id: int) -> list[CoursePage]:
    """One page for each published course that ends with this quiz."""
    pages = CoursePage.objects.live().filter(quiz=quiz_id).select_related("locale", "quiz")
    found: dict[UUID, list[CoursePage]] = {}
    for page in pages:
        found.setdefault(page.translation_key, []).append(page)
    return [page for same in found.values() if (page := best_page(same)) is not None]


def best_page(pages: Iterable[Any], language: str | None = None) -> Any | None:
    """Of translations and aliases of one page, the one in `language`, else the original in the first language."""
    return min(
        pages,
        key=lambda page: (
            language is not None and page.locale.language_code != language,
            page.alias_of_id is not None,
            page.locale.language_code != settings.LANGUAGE_CODE,
            page.pk,
        ),
        default=None,
    )


def content_language(page: Page) -> str:
    """The language a page is written in: an alias under /en/ still holds Vietnamese."""
    return (page.alias_of or page).locale.language_code


def lessons_of(course: CoursePage) -> list[LessonPage]:
    """The published lessons in order, without their bodies."""
    lessons = LessonPage.objects.live().child_of(course).order_by("path")
    return list(lessons.select_related("locale").defer("body"))


# What was learnt ------------------------------------------------------------------------------------------


def done_lesson_keys(source: HttpRequest | Learner | Any | None, course_key: UUID) -> set[UUID]:
    """Keys of the lessons of a course that the learner or guest has done: one query, none for a guest."""
    learner = whose(source)
    if isinstance(learner, GuestRecord):
        return learner.done_in(course_key)
    done = LessonCompletion.objects.filter(person=learner, course_key=course_key)
    return set(done.values_list("lesson_key", flat=True))


def practice_answers(source: HttpRequest | Learner | Any | None, question_ids: Iterable[int]) -> dict[int, list[int]]:
    """The last answers to questions inside lessons: `{question id: [chosen choice ids]}`; at most one query."""
    learner = whose(source)
    wanted = list(question_ids)
    if isinstance(learner, GuestRecord):
        return learner.answers_to(wanted)
    if not wanted:
        return {}
    answers = PracticeAnswer.objects.filter(person=learner, question__in=wanted)
    return dict(answers.values_list("question_id", "chosen"))


def attempts_at(quiz_id: int, person: Person) -> list[Attempt]:
    """The person's attempts at a quiz, the latest first."""
    return list(Attempt.objects.filter(quiz=quiz_id, person=person).order_by("-number"))


def completion_of(person: Person, course_key: UUID) -> CourseCompletion | None:
    return CourseCompletion.objects.filter(person=person, course_key=course_key).first()
