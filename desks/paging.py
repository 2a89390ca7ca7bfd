"""Pages of long lists."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

LIST_SIZE = 25


class LongPaginator(Paginator):
    """Pages of a long list: the way to a page leads over keys alone, from the end that is nearer.

    Skipped rows cost what is looked up for each of them, so that is looked up for the rows of the page only.
    """

    def page(self, number: int | str) -> Page:
        number = self.validate_number(number)
        first, last = (number - 1) * self.per_page, min(number * self.per_page, self.count)
        return self._get_page(self.object_list.filter(pk__in=self._keys(first, last)), number, self)

    def _keys(self, first: int, last: int) -> Any:
        keys = self.object_list.values("pk")
        return keys.reverse()[self.count - last : self.count - first] if 2 * first > self.count else keys[first:last]


class SearchPaginator(LongPaginator):
    """Pages of what a search found, which looks at every row: made once, and no further than somebody pages.

    `count` is how many were found so far, and `has_more` says whether there are others: whoever finds thousands
    types more of the name instead of reading them.
    """

    FAR = 500

    def __init__(self, rows: QuerySet, per_page: int) -> None:
        super().__init__(rows, per_page)
        self._reach = self.FAR

    def get_page(self, number: Any) -> Page:
        with suppress(TypeError, ValueError):
            # As far as the page behind, so that a link leads there.
            self._reach = max(self.FAR, min(int(number) + 1, 100_000) * self.per_page)
        return super().get_page(number)

    @cached_property
    def _found(self) -> list[Any]:
        return list(self.object_list.values_list("pk", flat=True)[: self._reach + 1])

    @cached_property
    def count(self) -> int:
        return min(len(self._found), self._reach)

    @property
    def has_more(self) -> bool:
        return len(self._found) > self._reach

    def _keys(self, first: int, last: int) -> list[Any]:
        return self._found[first:last]


def page_of(request: HttpRequest, rows: QuerySet, size: int | None = None, *, is_search: bool = False) -> Page:
    """The page that the address asks for; the first or last one if it asks for nonsense."""
    pages = SearchPaginator if is_search else LongPaginator
    return pages(rows, size or LIST_SIZE).get_page(request.GET.get("page"))


def page_links(page: Page, query: Any) -> dict[str, str]:
    """Addresses of the pages before and after, with the rest of the question kept; empty at the ends."""

    def address(number_of_page: int) -> str:
        query["page"] = number_of_page
        return f"?{query.urlencode()}"

    return {
        "previous_url": address(page.previous_page_number()) if page.has_previous() else "",
        "next_url": address(page.next_page_number()) if page.has_next() else "",
    }
