"""Who may see a job."""

from __future__ import annotations

from ledger.models import Job


def can_see_job(user, job: Job) -> bool:
    """Only whoever asked for it; the twin of `visible_to`."""
    return user.is_authenticated and not user.rights_rest and job.created_by_id == user.pk
