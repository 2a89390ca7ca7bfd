"""The small world of `tests.architecture.rights`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.utils import translation

from common import clock
from ledger.models import Job
from ledger.operations import run_job
from tests.architecture.rights.world import World, build


def do_jobs(kind: str | None = None) -> int:
    """Do the waiting jobs (of one kind) as a worker would, until none is left; how many there were."""
    count = 0
    while True:
        jobs = Job.objects.claimable(clock.now())
        job = (jobs.filter(kind=kind) if kind else jobs).order_by("pk").first()
        if job is None:
            return count
        run_job(job.pk)
        count += 1


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """One for all tests of a module. Each test's own transaction lies inside the one that made it, and is undone."""
    with django_db_blocker.unblock(), translation.override("vi"), transaction.atomic():
        yield build(do_jobs)
        transaction.set_rollback(True)
