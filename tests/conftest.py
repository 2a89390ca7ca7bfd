"""Shared fixtures. Factories live in `tests/factories`."""

from __future__ import annotations

import shutil

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection
from django.test import TestCase, TransactionTestCase


def pytest_collection_modifyitems(items) -> None:
    """A test with real transactions empties all tables, so it must put back what the migrations had written."""
    for item in items:
        mark = item.get_closest_marker("django_db")
        if mark and mark.kwargs.get("transaction"):
            item.add_marker(pytest.mark.django_db(transaction=True, serialized_rollback=True), append=False)


@pytest.fixture(autouse=True, scope="session")
def _put_back_after_flush():
    """Django puts the rows back before the next such test only; in random order any test may come next."""
    flush = TransactionTestCase._fixture_teardown

    def flush_and_put_back(case) -> None:
        flush(case)
        contents = getattr(connection, "_test_serialized_contents", None)
        if contents is not None and not isinstance(case, TestCase):
            connection.creation.deserialize_db_from_string(contents)
            ContentType.objects.clear_cache()

    TransactionTestCase._fixture_teardown = flush_and_put_back
    yield
    TransactionTestCase._fixture_teardown = flush


@pytest.fixture(autouse=True)
def _clean_slate():
    """No test sees another's cache, texts or language."""
    from django.utils import translation

    from ledger.sms import MemoryOutbox

    cache.clear()
    MemoryOutbox.sent.clear()
    with translation.override("vi"):
        yield


def pytest_sessionfinish(session) -> None:
    shutil.rmtree(settings.VAR_DIR, ignore_errors=True)


@pytest.fixture
def run_jobs(django_capture_on_commit_callbacks):
    """Do all waiting jobs as a worker would, until none is left."""
    from common import clock
    from ledger.models import Job
    from ledger.operations import run_job

    def run(kind: str | None = None) -> int:
        count = 0
        while True:
            jobs = Job.objects.claimable(clock.now())
            if kind:
                jobs = jobs.filter(kind=kind)
            job = jobs.order_by("pk").first()
            if job is None:
                return count
            with django_capture_on_commit_callbacks(execute=False):
                run_job(job.pk)
            count += 1

    return run
