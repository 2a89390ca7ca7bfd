"""Attempts whose time is over are closed by the server, whether or not the learner comes back."""

import logging

from django.utils.translation import gettext_lazy as _

from common import clock
from ledger.exceptions import JobCancelled, LeaseLost
from ledger.kinds import job_kind
from ledger.runs import JobRun
from quizzes.models import Attempt
from quizzes.operations import GRACE, submit_attempt

logger = logging.getLogger(__name__)

BATCH = 200


@job_kind("quizzes.close_overdue", title=_("Closing tests whose time is over"), max_attempts=3, every=60)
def close_overdue(run: JobRun) -> dict:
    """Submit up to `BATCH` overdue attempts, each in its own transaction; one that fails is tried again next time."""
    overdue = Attempt.objects.open().filter(due_at__lt=clock.now() - GRACE).order_by("due_at", "pk")
    closed = failed = 0
    for attempt in overdue[:BATCH]:
        try:
            with run.step():
                submit_attempt(attempt=attempt)
            closed += 1
        except (LeaseLost, JobCancelled):
            raise
        except Exception:
            logger.exception("attempt %s could not be closed", attempt.pk)
            failed += 1
    return {"closed": closed, "failed": failed}
