"""What is the same for every reader of a course: its lessons in order, its addresses, its questions.

Plain values, made once and kept in memory while nothing changes; what one reader did is in `courses.readers`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext
from wagtail.models import Page

from content.memory import Memory
from content.models import CustomImage
from courses.enums import Audience
from courses.models import CoursePage, LessonPage
from courses.queries import content_language, lessons_of
from quizzes.grading import needed_points
from quizzes.models import Question

_outlines: Memory[CourseOutline] = Memory(500)


def public_path(page: Page) -> str:
    """The page's address on this site, without a query: the home page of each language is the root of its tree.

    `/trang-chu/khoa-hoc/x/` is `/khoa-hoc/x/`, and `/en/khoa-hoc/x/` in English.
    """
    below_home = page.url_path.split("/", 2)[2]
    code = page.locale.language_code
    prefix = "/" if code == settings.LANGUAGE_CODE else f"/{code}/"
    return prefix + below_home


@dataclass(frozen=True)
class LessonLink:
    """A lesson in the list of its course; `number` counts from 1."""

    key: UUID
    number: int
    title: str
    summary: str
    minutes: int
    url: str


@dataclass(frozen=True)
class TestRules:
    """The final test in numbers; `needed` right answers out of `asked`, None: no limit."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    asked: int
    needed: int
    minutes: int | None
    attempts: int | None


@dataclass(frozen=True)
class CourseOutline:
    """A published course with its lessons."""

    pk: int
    key: UUID
    title: str
    url: str
    language: str
    """The language the course is written in; the page around it may speak another."""
    catalogue_title: str
    catalogue_url: str
    home_url: str
    quiz_id: int | None
    test: TestRules | None
    lessons: tuple[LessonLink, ...]
    picture_bytes: int

    @property
    def minutes(self) -> int:
        return sum(lesson.minutes for lesson in self.lessons)

    @property
    def crumbs(self) -> list[dict[str, str]]:
        return [
            {"title": gettext("Home"), "url": self.home_url},
            {"title": self.catalogue_title, "url": self.catalogue_url},
        ]

    @cached_property
    def numbers(self) -> dict[UUID, int]:
        """Number of each lesson by its key."""
        return {lesson.key: lesson.number for lesson in self.lessons}


@dataclass(frozen=True)
class ChoiceView:
    id: int
    text: str
    correct: bool
    feedback: str


@dataclass(frozen=True)
class QuestionView:
    id: int
    multiple: bool
    text: str
    explanation: str
    choices: tuple[ChoiceView, ...]

    @property
    def right(self) -> frozenset[int]:
        return frozenset(choice.id for choice in self.choices if choice.correct)


@dataclass(frozen=True)
class LessonOutline:
    course: CourseOutline
    key: UUID
    number: int
    questions: dict[int, QuestionView]
    url: str

    @property
    def total(self) -> int:
        return len(self.course.lessons)

    @property
    def previous(self) -> LessonLink | None:
        return self.course.lessons[self.number - 2] if self.number > 1 else None

    @property
    def next(self) -> LessonLink | None:
        return self.course.lessons[self.number] if self.number < self.total else None

    @property
    def crumbs(self) -> list[dict[str, str]]:
        return [*self.course.crumbs, {"title": self.course.title, "url": self.course.url}]


def course_outline(course: CoursePage, token: UUID | None = None) -> CourseOutline:
    """The outline of a published course; kept in memory when the content's token is given."""
    return _outlines.get(token, (course.pk, get_language()), lambda: _make_course_outline(course, lessons_of(course)))


def _make_course_outline(course: CoursePage, lessons: Iterable[LessonPage]) -> CourseOutline:
    index = course.get_parent()
    url = public_path(course)
    return CourseOutline(
        pk=course.pk,
        key=course.translation_key,
        title=course.title,
        url=url,
        language=content_language(course),
        catalogue_title=index.title if index else "",
        catalogue_url=url.removesuffix(f"{course.slug}/"),
        home_url=public_path(index).removesuffix(f"{index.slug}/") if index else "/",
        quiz_id=course.quiz_id,
        test=_test_rules(course),
        lessons=tuple(
            LessonLink(
                key=lesson.translation_key,
                number=number,
                title=lesson.title,
                summary=lesson.summary,
                minutes=lesson.minutes,
                url=f"{url}{lesson.slug}/",
            )
            for number, lesson in enumerate(lessons, start=1)
        ),
        picture_bytes=picture_bytes(course),
    )


def _test_rules(course: CoursePage) -> TestRules | None:
    if course.quiz is None:
        return None
    questions = course.quiz.questions.count()
    asked = min(questions, course.quiz.draw or questions)
    return TestRules(
        asked=asked,
        needed=int(needed_points(asked, course.quiz.pass_mark)),
        minutes=course.quiz.time_limit_minutes,
        attempts=course.quiz.max_attempts,
    )


def picture_bytes(course: CoursePage) -> int:
    """What the pictures of all lessons weigh together, in bytes: their originals, which small screens get smaller."""
    bodies = LessonPage.objects.live().child_of(course).values_list("body", flat=True)
    ids = {image for body in bodies for image in _image_ids(body.raw_data)}
    sizes = CustomImage.objects.filter(pk__in=ids).values_list("file_size", flat=True) if ids else ()
    return sum(size or 0 for size in sizes)


def _image_ids(raw) -> Iterable[int]:
    for block in raw:
        value = block.get("value")
        if block.get("type") == "figure" and value.get("image"):
            yield value["image"]
        elif block.get("type") == "steps":
            yield from (step["value"]["image"] for step in value["steps"] if step.get("value", {}).get("image"))


def lesson_outline(lesson: LessonPage, token: UUID | None = None) -> LessonOutline:
    """The outline of a lesson page. With a token it must be published; without, it may be a draft or not saved yet."""
    course = CoursePage.objects.select_related("locale", "alias_of__locale").get(
        path=lesson.path[: -LessonPage.steplen]
    )
    if token is not None:
        outline = course_outline(course, token)
    else:
        others = [page for page in lessons_of(course) if page.pk != lesson.pk]
        outline = _make_course_outline(course, sorted([*others, lesson], key=lambda page: page.path))
    number = outline.numbers[lesson.translation_key]
    return LessonOutline(
        course=outline,
        key=lesson.translation_key,
        number=number,
        questions=questions_of(lesson),
        url=outline.lessons[number - 1].url,
    )


def question_ids(lesson: LessonPage) -> list[int]:
    """Ids of the questions of the bank that the lesson's body refers to, in order."""
    return [
        block["value"]["question"]
        for block in lesson.body.raw_data
        if block["type"] == "question" and block["value"].get("question")
    ]


def questions_of(lesson: LessonPage) -> dict[int, QuestionView]:
    """The questions of a lesson in its order; one that was deleted from the bank is left out."""
    ids = question_ids(lesson)
    rows = Question.objects.filter(pk__in=ids).prefetch_related("choices").in_bulk(ids) if ids else {}
    return {
        pk: QuestionView(
            id=pk,
            multiple=rows[pk].kind == "multiple",
            text=rows[pk].text,
            explanation=rows[pk].explanation,
            choices=tuple(
                ChoiceView(choice.pk, choice.text, choice.is_correct, choice.feedback)
                for choice in rows[pk].choices.all()
            ),
        )
        for pk in ids
        if pk in rows
    }


def audience_words(audience: str) -> str:
    """For whom a course is, in the words of a label."""
    return {
        Audience.RESIDENT: gettext("For residents"),
        Audience.COOPERATIVE: gettext("For co-operatives and enterprises"),
        Audience.OFFICIAL: gettext("For officials"),
    }[Audience(audience)]
