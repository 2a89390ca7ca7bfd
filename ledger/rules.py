"""Who may see a job."""

from __future__ import annotations

from ledger import kinds
from ledger.models import Job


def can_see_job(user, job: Job) -> bool:
    """Only whoever asked for it; the twin of `visible_to`."""
    if not user.is_authenticated or job.created_by_id != user.pk:
        return False
    return not user.rights_rest or job.kind in kinds.own_data_kinds()
