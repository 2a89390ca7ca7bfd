"""Old registers of a unit: what they say, entering another one, withdrawing a wrong line."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from certificates.forms import WithdrawForm
from certificates.models import PaperEntry
from certificates.operations import withdraw_entry
from certificates.queries import issuers_of, paper_entries_of
from common import clock
from common.exceptions import DomainError
from desks.organisation_views import XLSX
from desks.paging import page_links, page_of
from desks.unit_views import desk_context, desk_role, reachable_unit
from people.access import note_people_read
from people.enums import ImportStatus
from people.models import RosterImport
from people.roster.deciding import upload_register
from people.roster.workbooks import REGISTER_TEMPLATE_NAME, register_template_file
from people.roster_forms import RegisterForm
from places.models import AdministrativeUnit

READ_REGISTER, ENTER_REGISTER = "certificates.read_register", "certificates.enter_register"
LISTS_SHOWN = 10


def _frame(request: HttpRequest, unit: AdministrativeUnit, *, inside: bool = False) -> dict[str, Any]:
    """What these pages have in common; `inside` for those behind the page of the old registers."""
    context = desk_context(request, unit, "register")
    context["crumbs"].append({"title": _("Register"), "url": reverse("unit_register", args=[unit.uuid])})
    if inside:
        context["crumbs"].append({"title": _("Old registers"), "url": reverse("unit_paper", args=[unit.uuid])})
    return {**context, "may_enter": request.user.has_perm(ENTER_REGISTER, unit)}


@never_cache
@desk_role
@require_safe
def unit_paper(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every line entered for the unit or below it, found by name, number or title."""
    unit = reachable_unit(request, uuid, READ_REGISTER)
    text = request.GET.get("q", "").strip()[:100]
    page = page_of(request, paper_entries_of(unit, text))
    note_people_read(request, "desks.read_register", unit, unit=unit, count=len(page))
    query = request.GET.copy()
    query.pop("page", None)
    frame = _frame(request, unit)
    labels = [_("Full name"), _("Number"), _("Day"), _("What was learnt"), _("Given by"), _("Note")]
    lists = RosterImport.objects.visible_to(request.user).filter(unit=unit).exclude(status=ImportStatus.DISCARDED)
    context = {
        **frame,
        "text": text,
        "page": page,
        "columns": [{"label": label} for label in labels],
        "rows": [_line(unit, entry, linked=frame["may_enter"]) for entry in page],
        "lists": lists[:LISTS_SHOWN],
        **page_links(page, query),
    }
    return render(request, "desks/paper.html", context)


def _line(unit: AdministrativeUnit, entry: PaperEntry, *, linked: bool) -> dict[str, Any]:
    holder = f"{entry.holder}, {entry.birth_year}" if entry.birth_year else entry.holder
    note: Any = "–"
    if entry.withdrawn_at is not None:
        words = {"day": f"{clock.day_of(entry.withdrawn_at):%d/%m/%Y}", "reason": entry.withdrawn_reason}
        note = _("Withdrawn on %(day)s: %(reason)s") % words
    elif linked:
        note = format_html(
            '<a href="{}">{}<span class="sr"> {}</span></a>',
            reverse("unit_paper_withdraw", args=[unit.uuid, entry.uuid]),
            _("Withdraw"),
            entry.serial or entry.holder,
        )
    day = f"{entry.issued_on:%d/%m/%Y}"
    cells = [holder, entry.serial or _("no paper"), day, entry.title, entry.issuer, note]
    return {"cells": cells, "state": "bad" if entry.withdrawn_at else ""}


@never_cache
@desk_role
@require_http_methods(["GET", "HEAD", "POST"])
def unit_paper_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Upload the file of an old register, and say what counts for all of its lines."""
    unit = reachable_unit(request, uuid, ENTER_REGISTER)
    form = RegisterForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form = RegisterForm(request.POST, request.FILES)
        if form.is_valid():
            values = form.cleaned_data
            try:
                roster = upload_register(
                    unit=unit,
                    issuer=values["issuer"],
                    course=values["course"],
                    issued_on=values["issued_on"],
                    file=values["file"],
                    filename=values["file"].name,
                    by=request.user,
                )
            except DomainError as error:
                form.add_error("file", str(error))
            else:
                return redirect("roster", roster=roster.uuid)
    context = {**_frame(request, unit, inside=True), "form": form, "issuers": issuers_of(unit)}
    return render(request, "desks/paper_new.html", context)


@desk_role
@require_safe
def paper_template(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A workbook with the columns that are understood."""
    reachable_unit(request, uuid, ENTER_REGISTER)
    headers = {"Content-Disposition": f'attachment; filename="{REGISTER_TEMPLATE_NAME}"'}
    return HttpResponse(register_template_file(), content_type=XLSX, headers=headers)


@never_cache
@desk_role
@require_http_methods(["GET", "HEAD", "POST"])
def unit_paper_withdraw(request: HttpRequest, uuid: UUID, entry: UUID) -> HttpResponse:
    """Say that a line is wrong, with the reason that everybody who checks the paper reads."""
    unit = reachable_unit(request, uuid, ENTER_REGISTER)
    found = get_object_or_404(PaperEntry.objects.within(unit).select_related("unit"), uuid=entry)
    note_people_read(request, "desks.read_register", found, unit=unit)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_entry(entry=found, reason=form.cleaned_data["reason"], by=request.user)
        except DomainError as error:
            form.add_error("reason", str(error))
        else:
            messages.success(request, _("The line of %(name)s is withdrawn.") % {"name": found.holder})
            return redirect("unit_paper", uuid=unit.uuid)
    context = {**_frame(request, unit, inside=True), "form": form, "entry": found}
    return render(request, "desks/paper_withdraw.html", context)
