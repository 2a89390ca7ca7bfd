"""Course and lesson pages for tests, under the site that the migrations make."""

from __future__ import annotations

from wagtail.models import Locale, Page, Site

from content.models import HomePage
from courses.enums import Audience
from courses.models import CourseIndexPage, CoursePage, LessonPage
from quizzes.models import Question, Quiz


def make_home(language: str = "vi") -> HomePage:
    """The home page of the default site in Vietnamese, or a translated one beside it."""
    locale, _created = Locale.objects.get_or_create(language_code=language)
    home = HomePage.objects.filter(locale=locale).first()
    if home is not None:
        return home
    slug = "home-vi" if language == "vi" else language
    home = HomePage(title="Thôn Số", slug=slug, headline="Học số", lead="Miễn phí", locale=locale)
    original = HomePage.objects.filter(locale__language_code="vi").first()
    if language != "vi" and original is not None:
        home.translation_key = original.translation_key
    Page.objects.get(depth=1).add_child(instance=home)
    if language == "vi":
        Site.objects.update_or_create(
            is_default_site=True, defaults={"hostname": "localhost", "port": 80, "root_page": home}
        )
    return home


def make_catalogue(language: str = "vi") -> CourseIndexPage:
    home = make_home(language)
    index = CourseIndexPage.objects.child_of(home).first()
    if index is None:
        index = home.add_child(instance=CourseIndexPage(title="Khoá học", slug="khoa-hoc", locale=home.locale))
    return index


def make_course(title: str = "Tránh lừa đảo trên mạng", *, lessons: int = 2, quiz: Quiz | None = None, **fields):
    """A published course with that many published lessons."""
    index = make_catalogue()
    number = index.get_children().count() + 1
    fields = {"audience": Audience.RESIDENT, "slug": f"khoa-{number}", "locale": index.locale, **fields}
    course = index.add_child(instance=CoursePage(title=title, quiz=quiz, **fields))
    for place in range(1, lessons + 1):
        make_lesson(course, f"Bài số {place}", slug=f"bai-{place}")
    return CoursePage.objects.get(pk=course.pk)


def make_lesson(course: CoursePage, title: str = "Bốn dấu hiệu", *, questions: list[Question] | None = None, **fields):
    """A published lesson, with these questions of the bank in its body."""
    body = [{"type": "question", "value": {"question": question.pk}} for question in questions or []]
    fields = {"slug": f"bai-{course.get_children().count() + 1}", "locale": course.locale, **fields}
    return CoursePage.objects.get(pk=course.pk).add_child(
        instance=LessonPage(title=title, minutes=8, body=body, **fields)
    )


def lesson_keys(course: CoursePage) -> list:
    """Keys of the published lessons in order."""
    from courses.queries import lessons_of

    return [lesson.translation_key for lesson in lessons_of(course)]
