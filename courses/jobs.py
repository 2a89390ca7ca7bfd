"""Work in the background that learning asks for."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from certificates.exceptions import NoIssuingBody
from certificates.models import Certificate
from certificates.operations import issue_certificate as issue
from common import clock
from courses.models import CourseCompletion
from courses.operations import achievement_of
from courses.wording import certified_words
from ledger.enums import JobStatus
from ledger.kinds import job_kind
from ledger.models import Job
from ledger.runs import JobRun

KIND = "courses.issue_certificate"
LOOK_BACK = timedelta(days=60)
BATCH = 100


@job_kind(KIND, title=_("Your certificate"), max_attempts=8, lease_seconds=60, own_data=True)
def issue_certificate(run: JobRun, *, completion_id: int) -> dict:
    """Issue the certificate of a completion; the operation gives the same one when asked again."""
    with run.step(done=1, total=1):
        found = CourseCompletion.objects.select_for_update(of=("self",)).select_related("person", "residence")
        completion = found.filter(pk=completion_id).first()
        if completion is None:  # the person's record was erased meanwhile, or the completion taken back
            return {"issued": 0}
        certificate = _issue(completion)
    return {"issued": 1, "certificate": str(certificate.uuid)}


@job_kind("courses.issue_missing_certificates", title=_("Certificates that could not be made"), every=600)
def issue_missing_certificates(run: JobRun) -> dict:
    """Make up for certificates whose job failed, for example because no issuing body was entered yet.

    Looks at the failures of the last 60 days, up to 100 completions at a time. A revoked certificate is not missing.
    """
    failed = Job.objects.filter(
        kind=KIND, status=JobStatus.FAILED, finished_at__gte=clock.now() - LOOK_BACK
    ).values_list("params__completion_id", flat=True)
    completions = CourseCompletion.objects.select_related("person", "residence").filter(pk__in=list(failed))
    by_achievement = {achievement_of(completion): completion for completion in completions.order_by("pk")}
    known = Certificate.objects.filter(achievement__in=by_achievement).values_list("achievement", flat=True)
    missing = [by_achievement[name] for name in by_achievement.keys() - set(known)]
    issued = 0
    for completion in sorted(missing, key=lambda completion: completion.pk)[:BATCH]:
        try:
            with run.step():
                _issue(completion)
        except NoIssuingBody:
            continue
        issued += 1
    return {"issued": issued, "missing": len(missing) - issued}


def _issue(completion: CourseCompletion) -> Certificate:
    return issue(
        achievement=achievement_of(completion),
        subject=f"course:{completion.course_key}",
        person=completion.person,
        unit=completion.residence,
        achievement_lines=certified_words(completion),
    )
