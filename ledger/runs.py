"""One attempt at a job, as its handler sees it."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.core.files import File
from django.db import transaction

from common import clock
from ledger.enums import JobStatus
from ledger.exceptions import JobCancelled, LeaseLost
from ledger.models import Job


class JobRun:
    """Holds the lease on a job while its handler works.

    Everything a handler writes happens inside `step()`, which first makes sure that the lease is still held: if
    this process was thought dead and another one took over, the step writes nothing.
    """

    def __init__(self, job: Job, lease: uuid.UUID, lease_seconds: int) -> None:
        self.job_id = job.pk
        self.uuid = job.uuid
        self.owner_id = job.created_by_id
        self.state: dict[str, Any] = dict(job.state)
        self._stored = copy.deepcopy(self.state)
        self._lease = lease
        self._lease_for = timedelta(seconds=lease_seconds)
        self._file: tuple[File, str] | None = None

    @contextmanager
    def step(self, *, done: int | None = None, total: int | None = None) -> Iterator[None]:
        """One short transaction of the job: its writes, its progress and its `state` commit together.

        Raises `LeaseLost` when another worker holds the job and `JobCancelled` when its owner stopped it.
        """
        with transaction.atomic():
            self._hold(done=done, total=total)
            yield
            if self.state != self._stored:
                Job.objects.filter(pk=self.job_id).update(state=self.state)
        self._stored = copy.deepcopy(self.state)

    def progress(self, done: int, total: int) -> None:
        """Say how far the work is and keep the lease. Raises as `step` does."""
        with transaction.atomic():
            self._hold(done=done, total=total)

    def attach(self, file: File, name: str) -> None:
        """Keep `file` as the job's result under the download name `name`, when the job is done."""
        self._file = (file, name)

    def finish(self, result: dict[str, Any]) -> None:
        """Mark the job as done; a worker without the lease changes nothing and gets `LeaseLost`."""
        with transaction.atomic():
            self._hold()
            job = Job.objects.get(pk=self.job_id)
            job.result = result
            job.status = JobStatus.DONE
            job.progress_done = job.progress_total
            job.lease = job.lease_until = None
            job.finished_at = clock.now()
            job.error_code = job.error_message = ""
            if self._file:
                file, name = self._file
                job.result_name = name
                suffix = name.rsplit(".", 1)[-1]
                job.result_file.save(f"jobs/{job.uuid}.{suffix}", file, save=False)
            job.save()

    def _hold(self, *, done: int | None = None, total: int | None = None) -> None:
        changes: dict[str, Any] = {"lease_until": clock.now() + self._lease_for}
        if total is not None:
            changes["progress_total"] = total
        if done is not None:
            changes["progress_done"] = done
        held = Job.objects.filter(pk=self.job_id, lease=self._lease, status=JobStatus.RUNNING)
        if not held.filter(cancel_requested=False).update(**changes):
            raise JobCancelled if held.exists() else LeaseLost
