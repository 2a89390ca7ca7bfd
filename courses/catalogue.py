"""The catalogue: which courses there are, found by words without accents and filtered by audience and topic.

All published courses of a language are kept in memory as plain values under the content's token, with their folded text
from the first search on. Searching them is a matter of looking through text, the same on every database: no word list,
no stemming, and the beginning of a word is enough ("lua da" finds "lừa đảo").
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils.html import conditional_escape, format_html
from django.utils.translation import get_language, gettext, ngettext

from common.folding import fold
from common.typography import mark_words
from content.memory import Memory
from content.models import FirstCourse, HomePage
from content.published import unrestricted
from courses.enums import Audience
from courses.models import CourseIndexPage, CoursePage, LessonPage, Topic
from courses.outlines import public_path
from courses.parts import in_course_language
from courses.screens import course_badge, facts_of, lesson_count_words

LONGEST_QUERY = 100
"""Letters of a search that are looked at."""
HOME_COURSES = 3

_lists: Memory[CourseList] = Memory(20)
_homes: Memory[tuple[UUID, ...]] = Memory(20)


@dataclass(frozen=True)
class LessonEntry:
    pk: int
    key: UUID
    title: str


@dataclass(frozen=True)
class CourseEntry:
    """A course of the catalogue."""

    pk: int
    key: UUID
    title: str
    summary: str
    outcomes: str
    audience: str
    topics: tuple[str, ...]
    icon: str
    url: str
    language: str
    minutes: int
    lessons: tuple[LessonEntry, ...]

    @property
    def lesson_keys(self) -> frozenset[UUID]:
        return frozenset(lesson.key for lesson in self.lessons)

    @property
    def words(self) -> str:
        return lesson_count_words(len(self.lessons), self.minutes)


@dataclass
class CourseList:
    """All courses of a language, in the order of the catalogue, and the topics they have."""

    courses: tuple[CourseEntry, ...]
    topics: dict[str, str]
    _texts: dict[int, str] | None = field(default=None, repr=False)

    @property
    def texts(self) -> dict[int, str]:
        """Folded text of every course and lesson by page id; read at the first search."""
        if self._texts is None:
            pages: dict[int, str] = {
                course.pk: fold(" ".join([course.title, course.summary, course.outcomes, *self._topics_of(course)]))
                for course in self.courses
            }
            wanted = [lesson.pk for course in self.courses for lesson in course.lessons]
            for lesson in LessonPage.objects.filter(pk__in=wanted).iterator():
                pages[lesson.pk] = lesson.folded_text
            self._texts = pages
        return self._texts

    def _topics_of(self, course: CourseEntry) -> list[str]:
        return [self.topics[slug] for slug in course.topics]


def course_list(language: str, token: UUID | None = None) -> CourseList:
    """The courses that everybody may see in this language: three queries, none while nothing changes."""
    return _lists.get(token, language, lambda: _read_list(language))


def _read_list(language: str) -> CourseList:
    pages = unrestricted(CoursePage.objects.filter(locale__language_code=language))
    courses = list(pages.select_related("locale", "alias_of__locale").order_by("path"))
    lessons: dict[str, list[tuple]] = defaultdict(list)
    minutes: Counter[str] = Counter()
    rows = unrestricted(LessonPage.objects.filter(locale__language_code=language)).order_by("path")
    for pk, path, key, title, length in rows.values_list("pk", "path", "translation_key", "title", "minutes"):
        parent = path[: -LessonPage.steplen]
        lessons[parent].append(LessonEntry(pk, key, title))
        minutes[parent] += length
    topics_of: dict[int, list[str]] = defaultdict(list)
    titles: dict[str, str] = {}
    linked = Topic.objects.filter(courses__in=[course.pk for course in courses])
    for course_pk, slug, title, english in linked.values_list("courses__pk", "slug", "title", "title_en"):
        topics_of[course_pk].append(slug)
        titles[slug] = english if language == "en" and english else title
    return CourseList(
        courses=tuple(
            CourseEntry(
                pk=course.pk,
                key=course.translation_key,
                title=course.title,
                summary=course.summary,
                outcomes=course.outcomes,
                audience=course.audience,
                topics=tuple(topics_of[course.pk]),
                icon=course.icon,
                url=public_path(course),
                language=(course.alias_of or course).locale.language_code,
                minutes=minutes[course.path],
                lessons=tuple(lessons[course.path]),
            )
            for course in courses
        ),
        topics=dict(sorted(titles.items(), key=lambda item: item[1])),
    )


# Searching ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Match:
    """A course found: where the words stood, and the whole words they are the beginning of."""

    course: CourseEntry
    rank: int
    phrase: str
    lesson: LessonEntry | None = None


def find(courses: CourseList, query: str) -> list[Match]:
    """Courses with all words of `query`, accents and case aside, each at the beginning of a word; the best first.

    The words must stand together in one page: in what the course says of itself, or in one lesson. Best is the phrase
    in the course's title, then in a lesson's title, then in their texts, then the words apart.
    """
    words = fold(query[:LONGEST_QUERY]).split()
    if not words:
        return [Match(course, 0, "") for course in courses.courses]
    phrase = re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"\w*")
    each = [re.compile(r"(?<!\w)" + re.escape(word)) for word in words]
    found = [match for course in courses.courses if (match := _match(course, courses.texts, phrase, each))]
    return sorted(found, key=lambda match: match.rank)


def _match(
    course: CourseEntry, texts: dict[int, str], phrase: re.Pattern[str], each: Sequence[re.Pattern[str]]
) -> Match | None:
    if hit := phrase.search(fold(course.title)):
        return Match(course, 0, hit[0])
    for lesson in course.lessons:
        if hit := phrase.search(fold(lesson.title)):
            return Match(course, 1, hit[0], lesson)
    if hit := phrase.search(texts[course.pk]):
        return Match(course, 2, hit[0])
    for lesson in course.lessons:
        if hit := phrase.search(texts.get(lesson.pk, "")):
            return Match(course, 3, hit[0], lesson)
    if all(word.search(texts[course.pk]) for word in each):
        return Match(course, 4, "")
    for lesson in course.lessons:
        if all(word.search(texts.get(lesson.pk, "")) for word in each):
            return Match(course, 5, "", lesson)
    return None


# The pages ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CatalogueScreen:
    """What the catalogue shows for one address."""

    query: str
    filtered: bool
    heading: str
    rows: list[dict[str, Any]]
    audiences: list[dict[str, Any]]
    topics: list[dict[str, Any]]
    topic: str
    everything: str
    total: int
    hidden: list[tuple[str, str]]
    """Filters that a search keeps."""


def catalogue_screen(page: CourseIndexPage, request: HttpRequest | None) -> CatalogueScreen:
    """The courses that fit the address's words (`q`), audience (`doi-tuong`) and topic (`chu-de`), with counts."""
    language = get_language() or "vi"
    courses = course_list(language, getattr(page, "content_token", None))
    asked = request.GET if request is not None else QueryDict()
    query = " ".join(asked.get("q", "").replace("\0", "").split())[:LONGEST_QUERY]
    audience = asked.get("doi-tuong", "")
    audience = audience if audience in Audience.values else ""
    topic = asked.get("chu-de", "")
    topic = topic if topic in courses.topics else ""

    matches = find(courses, query)
    of_topic = [match for match in matches if not topic or topic in match.course.topics]
    of_audience = [match for match in matches if not audience or match.course.audience == audience]
    shown = [match for match in of_topic if match in of_audience]
    facts = facts_of(request)

    def address(**changes: str) -> str:
        wanted = QueryDict(mutable=True)
        for name, value in {"q": query, "doi-tuong": audience, "chu-de": topic, **changes}.items():
            if value:
                wanted[name] = value
        return f"?{wanted.urlencode()}" if wanted else "?"

    by_audience = Counter(match.course.audience for match in of_topic)
    by_topic = Counter(slug for match in of_audience for slug in match.course.topics)
    return CatalogueScreen(
        query=query,
        filtered=bool(query or audience or topic),
        heading=_heading(len(shown), query),
        rows=[_row(match, *course_badge(facts, match.course.key, match.course.lesson_keys)) for match in shown],
        audiences=[
            {
                "label": gettext("All"),
                "href": address(**{"doi-tuong": ""}),
                "count": len(of_topic),
                "current": not audience,
            },
            *(
                {
                    "label": label,
                    "href": address(**{"doi-tuong": value}),
                    "count": by_audience[value],
                    "current": audience == value,
                }
                for value, label in audience_chips()
            ),
        ],
        topics=[
            {
                "label": in_course_language(title, "vi") if language != "vi" and _is_vietnamese(title) else title,
                "href": address(**{"chu-de": "" if topic == slug else slug}),
                "count": by_topic[slug],
                "current": topic == slug,
            }
            for slug, title in courses.topics.items()
            if by_topic[slug] or topic == slug
        ],
        topic=topic,
        everything=address(q="", **{"doi-tuong": "", "chu-de": ""}),
        total=len(courses.courses),
        hidden=[(name, value) for name, value in (("doi-tuong", audience), ("chu-de", topic)) if value],
    )


def audience_chips() -> list[tuple[str, str]]:
    """Short names of the audiences, for filters."""
    return [
        (Audience.RESIDENT, gettext("Residents")),
        (Audience.COOPERATIVE, gettext("Co-operatives")),
        (Audience.OFFICIAL, gettext("Officials")),
    ]


def _is_vietnamese(text: str) -> bool:
    return not text.isascii()


def _heading(count: int, query: str) -> str:
    words = ngettext("%(count)d course", "%(count)d courses", count) % {"count": count}
    return gettext("%(courses)s with “%(query)s”") % {"courses": words, "query": query} if query else words


def _row(match: Match, badge: str, badge_kind: str) -> dict[str, Any]:
    course = match.course
    title = in_course_language(_marked(course.title, match.phrase), course.language)
    meta: Any = course.words
    if match.lesson is not None:
        lesson = in_course_language(_marked(match.lesson.title, match.phrase), course.language)
        meta = format_html("{}. {}", meta, format_html(gettext("With the lesson “{}”"), lesson))
    return {
        "href": course.url,
        "title": title,
        "meta": meta,
        "picture": course.icon,
        "badge": badge,
        "badge_kind": badge_kind,
    }


def _marked(text: str, phrase: str) -> Any:
    return mark_words(conditional_escape(text), phrase)


@dataclass(frozen=True)
class HomeScreen:
    """The courses of the home page."""

    rows: list[dict[str, Any]]
    residents: int
    total: int
    audiences: list[dict[str, str]]


def home_screen(page: HomePage) -> HomeScreen:
    """The courses the editors chose, then those for residents, then the others; no query while nothing changes."""
    token = getattr(page, "content_token", None)
    courses = course_list(get_language() or "vi", token)
    chosen = _homes.get(token, page.pk, lambda: _chosen_keys(page))
    by_key = {course.key: course for course in courses.courses}
    residents = [course for course in courses.courses if course.audience == Audience.RESIDENT]
    first = _without_repetition([*(by_key[key] for key in chosen if key in by_key), *residents, *courses.courses])
    return HomeScreen(
        rows=[_row(Match(course, 0, ""), "", "") for course in first[:HOME_COURSES]],
        residents=len(residents),
        total=len(courses.courses),
        audiences=[
            {"value": Audience.COOPERATIVE, "label": gettext("Co-operatives, enterprises")},
            {"value": Audience.OFFICIAL, "label": gettext("Officials of villages and communes")},
        ],
    )


def _chosen_keys(page: HomePage) -> tuple[UUID, ...]:
    own = list(page.first_courses.all())
    chosen = own or FirstCourse.objects.filter(home__translation_key=page.translation_key).select_related("course")
    return tuple(first.course.translation_key for first in chosen)


def _without_repetition(courses: Iterable[CourseEntry]) -> list[CourseEntry]:
    return list({course.key: course for course in courses}.values())
