"""Asking for jobs and running them, writing audit entries, sending messages."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import models, transaction
from django.utils import translation

from common import clock
from common.exceptions import DomainError
from ledger import actions, kinds
from ledger.enums import JobStatus, MessageChannel, MessageStatus
from ledger.exceptions import JobBroken, JobCancelled, LeaseLost, WorkerLost
from ledger.limits import charge_text
from ledger.models import AuditEntry, Job, Message
from ledger.runs import JobRun

logger = logging.getLogger(__name__)

REPUBLISH_AFTER = timedelta(seconds=30)  # a published job that nobody started: its message was lost
KEEP_PERIODIC = timedelta(hours=6)
FIRST_RETRY = timedelta(seconds=2)
LONGEST_RETRY = timedelta(minutes=10)


# Jobs -----------------------------------------------------------------------------------------------------


def enqueue_job(
    kind: str,
    *,
    params: dict[str, Any],
    by=None,
    unit=None,
    key: str | None = None,
    run_after: datetime | None = None,
    at: datetime | None = None,
) -> Job:
    """Insert a job in the caller's transaction and wake a worker up when that commits.

    With a `key`, asking again returns the job that is already there, finished or not. `params` must be
    JSON and carry ids, never personal data. `unit`: whose data its file holds, for the audit trail.
    """
    at = at or clock.now()
    details = {
        "kind": kind,
        "params": params,
        "language": translation.get_language() or "vi",
        "max_attempts": kinds.get_kind(kind).max_attempts,
        "run_after": run_after or at,
        "created_by": by,
        "unit_path": unit.path if unit is not None else "",
        "created_at": at,
    }
    if key is None:
        job, created = Job.objects.create(**details), True
    else:
        job, created = Job.objects.get_or_create(key=key, defaults=details)
    if created:
        transaction.on_commit(lambda: publish_job(job.pk), robust=True)
    return job


def publish_job(job_id: int) -> None:
    """Wake a worker up, unless the job is over. A broker out of reach is no error: the sweep publishes again."""
    if not Job.objects.unfinished().filter(pk=job_id).update(published_at=clock.now()):
        return
    try:
        current_app.send_task("ledger.run_job", args=[job_id])
    except Exception:
        logger.exception("job %s could not be published", job_id)
        Job.objects.filter(pk=job_id).update(published_at=None)


def claim_job(job_id: int, *, at: datetime | None = None) -> JobRun | None:
    """Take the lease on a job with one conditional update; None when it is not to be had."""
    at = at or clock.now()
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        return None
    try:
        lease_seconds = kinds.get_kind(job.kind).lease_seconds
    except DomainError as error:
        _end(Job.objects.filter(pk=job_id, status=JobStatus.QUEUED), error, at)
        return None
    lease = uuid.uuid4()
    taken = (
        Job.objects.claimable(at)
        .filter(pk=job_id, attempts__lt=models.F("max_attempts"))
        .update(
            status=JobStatus.RUNNING,
            lease=lease,
            lease_until=at + timedelta(seconds=lease_seconds),
            attempts=models.F("attempts") + 1,
            started_at=at,
        )
    )
    return JobRun(Job.objects.get(pk=job_id), lease, lease_seconds) if taken else None


def run_job(job_id: int) -> None:
    """Claim a job and do it; every way it can end is written to its row."""
    run = claim_job(job_id)
    if run is None:
        return
    job = Job.objects.get(pk=job_id)
    mine = Job.objects.filter(pk=job_id, lease=job.lease)
    try:
        with translation.override(job.language):
            result = kinds.get_kind(job.kind).handler(run, **job.params)
            run.finish(result or {})
    except LeaseLost:
        logger.warning("job %s was taken over by another worker", job_id)
    except JobCancelled:
        mine.update(status=JobStatus.CANCELLED, lease=None, lease_until=None, finished_at=clock.now())
    except DomainError as error:  # the work itself is impossible: trying again would not help
        with translation.override(job.language):
            _end(mine, error, clock.now())
    except Exception as error:
        logger.exception("job %s (%s) failed at attempt %s", job_id, job.kind, job.attempts)
        _retry_or_end(mine, job, error)


def cancel_job(*, job: Job, by, at: datetime | None = None) -> None:
    """Stop a job: at once when it waits, at its next step when it runs. A finished job stays as it is."""
    at = at or clock.now()
    with transaction.atomic():
        Job.objects.unfinished().filter(pk=job.pk).update(cancel_requested=True)
        Job.objects.filter(pk=job.pk, status=JobStatus.QUEUED).update(status=JobStatus.CANCELLED, finished_at=at)
        record_audit(actor=by, action="ledger.cancel_job", target=job, at=at)


def sweep_jobs(*, at: datetime | None = None) -> int:
    """Publish what nobody started, return what lost workers held, start periodic jobs; count what was published."""
    at = at or clock.now()
    for kind in kinds.periodic_kinds():
        slot = int(at.timestamp() // (kind.every or 1))
        if not Job.objects.filter(kind=kind.name, status__in=[JobStatus.QUEUED, JobStatus.RUNNING]).exists():
            enqueue_job(kind.name, params={}, key=f"{kind.name}:{slot}", at=at)
        # Not before its slot is over: the row is what says that the slot was served.
        kept = max(KEEP_PERIODIC, 2 * timedelta(seconds=kind.every or 0))
        Job.objects.filter(kind=kind.name, finished_at__lt=at - kept).delete()
    with translation.override("vi"):
        for job in Job.objects.claimable(at).filter(attempts__gte=models.F("max_attempts")):
            _end(Job.objects.claimable(at).filter(pk=job.pk), WorkerLost(attempts=job.attempts), at)
    waiting = Job.objects.claimable(at).filter(
        models.Q(published_at__isnull=True)
        | models.Q(published_at__lt=at - REPUBLISH_AFTER)
        | models.Q(published_at__lt=models.F("run_after"))
        | models.Q(status=JobStatus.RUNNING)
    )
    ids = list(waiting.values_list("pk", flat=True)[:500])
    for job_id in ids:
        publish_job(job_id)
    return len(ids)


def _end(jobs: models.QuerySet, error: DomainError, at: datetime) -> None:
    jobs.update(
        status=JobStatus.FAILED,
        lease=None,
        lease_until=None,
        finished_at=at,
        error_code=error.code,
        error_message=str(error),
    )


def _retry_or_end(jobs: models.QuerySet, job: Job, error: Exception) -> None:
    now = clock.now()
    if job.attempts >= job.max_attempts:
        with translation.override(job.language):
            _end(jobs, JobBroken(attempts=job.attempts, reason=type(error).__name__), now)
        return
    pause = min(FIRST_RETRY * 2 ** (job.attempts - 1), LONGEST_RETRY)
    jobs.update(status=JobStatus.QUEUED, lease=None, lease_until=None, run_after=now + pause)


# Audit ----------------------------------------------------------------------------------------------------


def record_audit(
    *,
    actor,
    action: str,
    target: models.Model,
    unit=None,
    fields: Iterable[str] = (),
    count: int = 1,
    at: datetime | None = None,
) -> AuditEntry:
    """Write who did what, in the caller's transaction. `unit` is anything with a `path`, or a path.

    Raises ValueError for an action that no app registered.
    """
    actions.get_action(action)
    return AuditEntry.objects.create(
        at=at or clock.now(),
        actor=actor if actor is not None and actor.is_authenticated else None,
        action=action,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        unit_path=unit if isinstance(unit, str) else unit.path if unit is not None else "",
        fields=sorted(fields),
        count=count,
    )


# Messages -------------------------------------------------------------------------------------------------


def send_message(
    *,
    channel: str,
    purpose: str,
    to: str,
    body: str,
    subject: str = "",
    unit=None,
    is_code: bool = False,
    at: datetime | None = None,
) -> Message | None:
    """Put a message into the outbox, in the caller's transaction; a job hands it over.

    None for a text whose budget of the day is spent (`ledger.limits.charge_text`); `unit` is the one it is sent for,
    anything with a `path`. `is_code`: it signs somebody in.
    """
    at = at or clock.now()
    path = unit.path if unit is not None else ""
    if channel == MessageChannel.SMS and not charge_text(to, is_code=is_code, unit_path=path, at=at):
        logger.warning("a text about %s was not sent: a budget of today is spent", purpose)
        return None
    message = Message.objects.create(
        channel=MessageChannel(channel), purpose=purpose, to=to, subject=subject, body=body, created_at=at
    )
    enqueue_job("ledger.deliver_message", params={"message_id": message.pk}, key=f"message:{message.uuid}", at=at)
    return message


def mark_message(message: Message, status: MessageStatus, *, at: datetime, keep_body: bool) -> None:
    message.status = status
    message.sent_at = at if status is MessageStatus.SENT else None
    if not keep_body:
        message.body = ""
    message.save(update_fields=["status", "sent_at", "body"])
