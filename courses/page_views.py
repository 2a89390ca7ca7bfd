"""The pages that everybody opens: home, catalogue, course, lesson.

Wagtail would find and draw each of them; here they are found in one query and a lesson comes from its shell. Whatever
is special (drafts, privacy, a slug that is not there, another site, a message to show) goes on to Wagtail's own view,
so nothing is decided twice.
"""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Substr
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import get_language
from wagtail.models import Page, Site
from wagtail.views import serve as wagtail_serve

from content.models import ContentVersion, HomePage
from content.prepared import Placeholders, PreparedQuery
from content.published import unrestricted
from courses.models import CourseIndexPage, CoursePage, LessonPage
from courses.readers import reader_of
from courses.shells import shell_of

CATALOGUE_SLUG = "khoa-hoc"
STEP = Page.steplen
PageT = TypeVar("PageT", bound=Page)


def home(request: HttpRequest) -> HttpResponse:
    """`/` and `/en/`."""
    return _serve(request, _on_this_site(HomePage.objects.filter(depth=2)), "")


def catalogue(request: HttpRequest) -> HttpResponse:
    """`/khoa-hoc/`."""
    pages = CourseIndexPage.objects.filter(depth=3, slug=CATALOGUE_SLUG)
    return _serve(request, _on_this_site(pages), f"{CATALOGUE_SLUG}/")


def course(request: HttpRequest, course_slug: str) -> HttpResponse:
    """`/khoa-hoc/<course>/`."""
    pages = CoursePage.objects.filter(_below(CourseIndexPage, slug=CATALOGUE_SLUG), depth=4, slug=course_slug)
    pages = _on_this_site(pages).select_related("locale", "quiz", "alias_of__locale")
    return _serve(request, pages, f"{CATALOGUE_SLUG}/{course_slug}/")


def lesson(request: HttpRequest, course_slug: str, lesson_slug: str) -> HttpResponse:
    """`/khoa-hoc/<course>/<lesson>/`: three queries beside the session and the user, whoever reads."""
    path = f"{CATALOGUE_SLUG}/{course_slug}/{lesson_slug}/"
    language = get_language() or ""
    rows = (
        _lesson_query.rows(course=course_slug, lesson=lesson_slug, language=language) if _is_ordinary(request) else []
    )
    if not rows or rows[0][2] is None:
        return wagtail_serve(request, path)
    page_id, revision, token = rows[0]
    try:
        shell = shell_of(request, page_id, revision, UUID(str(token)), language)
    except LessonPage.DoesNotExist:  # unpublished between the two looks
        return wagtail_serve(request, path)
    outline = shell.lesson
    reader = reader_of(request, outline.course.key, tuple(outline.questions))
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(shell.page_for(reader, lambda: _csrf_token(request), packed=packed))
    if packed:
        response["Content-Encoding"] = "gzip"
        response["Content-Length"] = str(len(response.content))
        patch_vary_headers(response, ("Accept-Encoding",))
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _csrf_token(request: HttpRequest) -> str:
    """The token for the forms of a shell: the cookie's own where there is one.

    Django masks it anew in each page so that its compressed length tells nothing. A shell never compresses it, so the
    mask, a tenth of the page's cost, would hide nothing.
    """
    return request.META.get("CSRF_COOKIE") or get_token(request)


def _is_ordinary(request: HttpRequest) -> bool:
    """Reading, and with no message waiting to be shown once."""
    return (
        request.method in {"GET", "HEAD"}
        and "messages" not in request.COOKIES
        and "_messages" not in getattr(request, "session", {})
    )


def _serve(request: HttpRequest, pages: QuerySet[PageT], path: str) -> HttpResponse:
    page = pages.first() if request.method in {"GET", "HEAD"} else None
    if page is None:
        return wagtail_serve(request, path)
    return page.serve(request)


# Finding --------------------------------------------------------------------------------------------------


def _below(model: type[Page], *, slug: str) -> Exists:
    """The page's parent is of this type and has this slug."""
    parents = model.objects.annotate(own=OuterRef("path")).filter(slug=slug, live=True)
    depth = {CourseIndexPage: 3, CoursePage: 4}[model]
    return Exists(parents.filter(depth=depth, path=Substr("own", 1, depth * STEP)))


def _on_this_site(pages: QuerySet[PageT], language: str | None = None) -> QuerySet[PageT]:
    """Those of the pages that the only site shows to everybody in this language, with the content's token.

    On an installation with several sites there are none: which site a page belongs to is Wagtail's to find out.
    """
    home_keys = Site.objects.filter(is_default_site=True).values("root_page__translation_key")
    roots = Page.objects.filter(depth=2, live=True, translation_key__in=home_keys)
    language = language or get_language() or ""
    return (
        unrestricted(pages)
        .annotate(
            content_token=Subquery(ContentVersion.objects.values("token")[:1]),
            root_path=Substr("path", 1, 2 * STEP),
        )
        .filter(~Exists(Site.objects.filter(is_default_site=False)))
        .filter(locale__language_code=language, root_path__in=roots.values("path"))
        .select_related("locale", "alias_of__locale")
        .order_by("path")
    )


def _lesson_rows(places: Placeholders) -> QuerySet:
    pages = LessonPage.objects.filter(
        _below(CoursePage, slug=places.text("course")),
        _catalogue_above(),
        depth=5,
        slug=places.text("lesson"),
    )
    rows = _on_this_site(pages, places.text("language")).select_related(None).order_by()
    return rows.values_list("pk", "live_revision_id", "content_token")[:1]


def _catalogue_above() -> Exists:
    indexes = CourseIndexPage.objects.annotate(own=OuterRef("path")).filter(depth=3, slug=CATALOGUE_SLUG)
    return Exists(indexes.filter(path=Substr("own", 1, 3 * STEP)))


_lesson_query = PreparedQuery(_lesson_rows)
