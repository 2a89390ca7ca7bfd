"""The page of a job, which only its owner reaches: how far it is, what came out; and the public seals of the audit
trail."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from common import clock
from common.doors import login_required
from common.exceptions import DomainError
from ledger import kinds
from ledger.enums import JobStatus
from ledger.models import AuditHead, Job
from ledger.operations import cancel_job, record_audit


def get_job(request: HttpRequest, uuid) -> Job:
    """The user's own job; 404 for everybody else's and for one whose kind keeps it closed here."""
    found = get_object_or_404(Job.objects.visible_to(request.user), uuid=uuid)
    if not kinds.may_open(request, found):
        raise Http404
    return found


@never_cache
@login_required
@require_safe
def job(request: HttpRequest, uuid) -> HttpResponse:
    found = get_job(request, uuid)
    return render(request, "ledger/job.html", {"job": found, "title": job_title(found), "left": time_left(found)})


@never_cache
@login_required
@require_safe
def job_data(request: HttpRequest, uuid) -> HttpResponse:
    """Progress for the page's script."""
    found = get_job(request, uuid)
    words = _("Done %(done)s of %(total)s") % {"done": found.progress_done, "total": found.progress_total}
    return JsonResponse(
        {
            "state": found.status,
            "done": found.progress_done,
            "total": found.progress_total,
            "words": words if found.progress_total else _("Waiting its turn"),
            "left": time_left(found),
        }
    )


def job_title(job: Job) -> str:
    try:
        return str(kinds.get_kind(job.kind).title) or _("Work in the background")
    except DomainError:
        return _("Work in the background")


def time_left(job: Job) -> str:
    """How long it will probably take, in words; empty while that cannot be told."""
    if job.status != JobStatus.RUNNING or not job.progress_done or job.started_at is None:
        return ""
    spent = (clock.now() - job.started_at).total_seconds()
    left = spent / job.progress_done * (job.progress_total - job.progress_done)
    if left < 60:
        return _("less than a minute left")
    minutes = round(left / 60)
    return ngettext("about %(n)s minute left", "about %(n)s minutes left", minutes) % {"n": minutes}


@never_cache
@login_required
@require_safe
def job_file(request: HttpRequest, uuid) -> FileResponse:
    found = get_job(request, uuid)
    if not found.result_file:
        raise Http404
    record_audit(actor=request.user, action="ledger.open_file", target=found, unit=found.unit_path)
    return FileResponse(found.result_file.open("rb"), as_attachment=True, filename=found.result_name)


@login_required
@require_POST
def job_cancel(request: HttpRequest, uuid) -> HttpResponse:
    found = get_job(request, uuid)
    if found.is_finished:
        messages.info(request, _("This work had already ended."))
    else:
        cancel_job(job=found, by=request.user)
        messages.success(request, _("The work is being stopped."))
    return redirect("job", uuid=found.uuid)


# The seals of the audit trail -----------------------------------------------------------------------------------

SEALS_SHOWN = 31


@require_safe
def audit_seals(request: HttpRequest) -> HttpResponse:
    """The ends of the chain of the last days, for whoever wants to note them: later it can be held to them."""
    rows = [
        {
            "cells": [f"{head.day:%d/%m/%Y}", str(head.number), _in_groups(head.digest) or "–", _state_of(head)],
            "state": "bad" if head.first_fault else "",
        }
        for head in AuditHead.objects.all()[:SEALS_SHOWN]
    ]
    columns = [{"label": _("Day")}, {"label": _("Entries"), "num": True}, {"label": _("Seal")}, {"label": _("State")}]
    return render(request, "ledger/seals.html", {"rows": rows, "columns": columns})


def _in_groups(digest: str) -> str:
    """Eight groups of eight, which fit a phone and can be copied by hand."""
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8))


def _state_of(head: AuditHead) -> str:
    if head.first_fault is None:
        return _("unbroken")
    return _("broken at entry %(number)s") % {"number": head.first_fault}


@require_safe
def audit_seals_data(request: HttpRequest) -> JsonResponse:
    """All seals ever published, oldest first, as `{"seals": [{"day", "number", "digest", "first_fault"}]}`."""
    seals = AuditHead.objects.order_by("day").values("day", "number", "digest", "first_fault")
    return JsonResponse({"seals": list(seals)})
