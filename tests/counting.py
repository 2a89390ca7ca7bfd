"""Counting the queries of a page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

TRANSACTION_WORDS = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT", "ROLLBACK")


@contextmanager
def statements(expected: int) -> Iterator[None]:
    """Assert the number of statements on data; what opens and closes a transaction differs from a test to the site."""
    with CaptureQueriesContext(connection) as captured:
        yield
    sent = [query["sql"] for query in captured if not query["sql"].startswith(TRANSACTION_WORDS)]
    shown = "\n".join(sql[:300] for sql in sent)
    assert len(sent) == expected, f"{len(sent)} statements instead of {expected}:\n{shown}"
