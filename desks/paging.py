"""Pages of long lists."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

LIST_SIZE = 25


class LongPaginator(Paginator):
    """Pages of a long list: the way to a page leads over keys alone, from the end that is nearer.

    Skipped rows cost what is looked up for each of them, so that is looked up for the rows of the page only. A search
    looks at everybody's name, so it is made once: the keys that it finds are counted and cut into pages here, unless
    there are more of them than are kept.
    """

    MOST_KEYS = 10_000

    def __init__(self, rows: QuerySet, size: int, *, is_search: bool = False) -> None:
        super().__init__(rows, size)
        self._is_search = is_search

    @cached_property
    def _found(self) -> list[Any] | None:
        """Keys of what a search found; None where they are not kept."""
        if not self._is_search:
            return None
        keys = list(self.object_list.values_list("pk", flat=True)[: self.MOST_KEYS + 1])
        return keys if len(keys) <= self.MOST_KEYS else None

    @cached_property
    def count(self) -> int:
        return super().count if self._found is None else len(self._found)

    def page(self, number: int | str) -> Page:
        number = self.validate_number(number)
        first, last = (number - 1) * self.per_page, min(number * self.per_page, self.count)
        return self._get_page(self.object_list.filter(pk__in=self._keys(first, last)), number, self)

    def _keys(self, first: int, last: int) -> Any:
        if self._found is not None:
            return self._found[first:last]
        keys = self.object_list.values("pk")
        return keys.reverse()[self.count - last : self.count - first] if 2 * first > self.count else keys[first:last]


def page_of(request: HttpRequest, rows: QuerySet, size: int | None = None, *, is_search: bool = False) -> Page:
    """The page that the address asks for; the first or last one if it asks for nonsense."""
    return LongPaginator(rows, size or LIST_SIZE, is_search=is_search).get_page(request.GET.get("page"))


def page_links(page: Page, query: Any) -> dict[str, str]:
    """Addresses of the pages before and after, with the rest of the question kept; empty at the ends."""

    def address(number_of_page: int) -> str:
        query["page"] = number_of_page
        return f"?{query.urlencode()}"

    return {
        "previous_url": address(page.previous_page_number()) if page.has_previous() else "",
        "next_url": address(page.next_page_number()) if page.has_next() else "",
    }
