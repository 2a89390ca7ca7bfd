"""The audit trail, for auditors and administrators: read, and taken away as a workbook. Nothing is changed here."""

from __future__ import annotations

from io import BytesIO

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common import clock
from common.figures import number
from desks.paging import page_links, page_of
from desks.trail_exports import MOST_LINES, write_trail_workbook
from desks.trail_forms import TrailForm
from desks.trail_queries import TrailLine, trail_lines
from ledger.models import AuditHead
from people.access import login_required, note_people_read
from people.scopes import own_unit
from people.trail import entries_visible_to, reads_trail

LINES = 50


def _require_reader(request: HttpRequest) -> None:
    if not reads_trail(request.user):
        raise PermissionDenied


@never_cache
@login_required
@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    """Entries of the user's units, the latest first, by days, kind, action and who did it."""
    _require_reader(request)
    form = TrailForm(request.GET)
    page = page_of(request, form.selected(entries_visible_to(request.user)).select_related("actor"), LINES)
    note_people_read(request, "desks.read_trail", request.user, unit=own_unit(request.user), count=len(page))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "page": page,
        "columns": [
            {"label": _("When")},
            {"label": _("Who")},
            {"label": _("What was done")},
            {"label": _("Object")},
            {"label": _("Unit")},
            {"label": _("Number in the chain"), "num": True},
        ],
        "rows": [{"cells": _cells(line)} for line in trail_lines(list(page), request.user)],
        "head": AuditHead.objects.first(),
        "export_url": f"{reverse('trail_export')}?{query.urlencode()}",
        **page_links(page, query.copy()),
    }
    return render(request, "desks/trail.html", context)


def _cells(line: TrailLine) -> list[str]:
    at = line.at.astimezone(clock.VIETNAM)
    target = line.target if line.count == 1 else f"{line.target} (× {number(line.count)})"
    what = f"{line.what}: {line.fields}" if line.fields else line.what
    return [f"{at:%d/%m/%Y %H:%M}", line.who, what, target, line.unit or "–", str(line.number or "–")]


@never_cache
@login_required
@require_safe
def trail_export(request: HttpRequest) -> HttpResponse:
    """The same entries as a workbook, with their seals."""
    _require_reader(request)
    form = TrailForm(request.GET)
    entries = form.selected(entries_visible_to(request.user))
    count = entries.count()
    if count > MOST_LINES or not form.is_valid():
        words = _("More than %(limit)s entries are too many for one file. Choose fewer days.")
        messages.error(request, words % {"limit": number(MOST_LINES)})
        return redirect(f"{reverse('trail')}?{request.GET.urlencode()}")
    note_people_read(request, "desks.export_trail", request.user, unit=own_unit(request.user), count=count)
    target = BytesIO()
    write_trail_workbook(target, entries=entries, user=request.user)
    response = HttpResponse(
        target.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="nhat-ky-{clock.today():%Y-%m-%d}.xlsx"'
    return response
