"""Finding a published page by its address in one query.

Wagtail's own routing asks two questions at each level of the tree and two more for privacy. Pages that people open
all the time are found here instead; whatever is special about a page (privacy, an unknown slug, a redirect) is left
to Wagtail.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, QuerySet
from wagtail.models import Page, PageViewRestriction

PageT = TypeVar("PageT", bound=Page)


def unrestricted(pages: QuerySet[PageT]) -> QuerySet[PageT]:
    """Live pages that neither themselves nor through a page above ask who is reading."""
    restrictions = PageViewRestriction.objects.annotate(
        below=ExpressionWrapper(OuterRef("path"), output_field=CharField())
    ).filter(below__startswith=F("page__path"))
    return pages.filter(live=True).exclude(Exists(restrictions))


def find_published(model: type[PageT], *, language: str, url_path_end: str) -> PageT | None:
    """The page of this type whose path below the language's home page is `url_path_end` (`thi-dua/xa-hoc-so/`)."""
    pages = model._default_manager.filter(locale__language_code=language, url_path__endswith=f"/{url_path_end}")
    depth = 3 + url_path_end.count("/")
    return unrestricted(pages).filter(depth=depth - 1).select_related("locale").first()
