"""A list of people from its upload to its result: what was understood, what is to be mended, what will happen."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.doors import login_required
from common.exceptions import DomainError
from desks.organisation_views import XLSX, course_choices, desk_crumbs, desk_nav, managed_organisation, page_links
from desks.paper_views import ENTER_REGISTER
from desks.roster_rows import (
    ALL,
    FILTERS,
    RANK,
    course_chips,
    header_words,
    link_with,
    roster_url,
    row_chips,
    row_counts,
    shown_row,
)
from desks.unit_views import desk_context, reachable_unit
from ledger.enums import JobStatus
from ledger.views import time_left
from people.access import note_people_read
from people.enums import ImportStatus
from people.models import RosterImport
from people.roster.deciding import (
    FRESH,
    WORKED_ON,
    confirm_roster,
    discard_roster,
    is_open,
    is_stopped,
    tick_rows,
    upload_roster,
)
from people.roster.exceptions import UndoBlocked
from people.roster.undoing import can_undo, look_ahead, undo_roster
from people.roster.workbooks import TEMPLATE_NAME, template_file
from people.roster_forms import ConfirmForm, UploadForm
from places.enums import Level

PAGE = 50
BRIEF = 8  # rows of the first view
OBSTACLES = 100  # people named on the page for taking an import back


def get_roster(request: HttpRequest, roster: UUID) -> RosterImport:
    """The list, if the user manages the organisation it is of, or enters old registers of the unit; else 404, or 403
    for an organisation or unit that is only seen.
    """
    found = get_object_or_404(RosterImport.objects.select_related("organisation", "unit", "job"), uuid=roster)
    if found.organisation is not None:
        found.organisation = managed_organisation(request, found.organisation.uuid)
    else:
        found.unit = reachable_unit(request, found.unit.uuid, ENTER_REGISTER)
    return found


def page_frame(request: HttpRequest, roster: RosterImport) -> dict[str, Any]:
    """What every page of one list needs: where it belongs and where it leads."""
    if roster.organisation is not None:
        owner = [roster.organisation.uuid]
        upload_url, result_url = reverse("organisation_rosters", args=owner), reverse("organisation", args=owner)
        nav = desk_nav(roster.organisation, "lists")
        crumbs = [*desk_crumbs(roster.organisation), {"title": _("Lists"), "url": upload_url}]
    else:
        desk = desk_context(request, roster.unit, "register")
        upload_url, result_url = (reverse(name, args=[roster.unit.uuid]) for name in ("unit_paper_new", "unit_paper"))
        nav, crumbs = desk["nav"], [*desk["crumbs"], {"title": _("Old registers"), "url": result_url}]
    return {"roster": roster, "nav_items": nav, "crumbs": crumbs, "upload_url": upload_url, "result_url": result_url}


# Uploading -------------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_rosters(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The lists that were uploaded, and the form for another one."""
    organisation = managed_organisation(request, uuid)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                roster = upload_roster(organisation=organisation, file=file, filename=file.name, by=request.user)
            except DomainError as error:
                form.add_error("file", str(error))
            else:
                return redirect(roster_url(roster))
    before = RosterImport.objects.filter(organisation=organisation).exclude(status=ImportStatus.DISCARDED)
    page = Paginator(before, 20).get_page(request.GET.get("trang"))
    context = {
        "organisation": organisation,
        "nav_items": desk_nav(organisation, "lists"),
        "crumbs": desk_crumbs(organisation),
        "form": form,
        "lists": list(page),
        "pages": page_links(request, page),
    }
    return render(request, "people/rosters.html", context)


@login_required
@require_safe
def roster_template(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A workbook with the columns that are understood."""
    managed_organisation(request, uuid)
    return HttpResponse(
        template_file(),
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{TEMPLATE_NAME}"'},
    )


# One list --------------------------------------------------------------------------------------------------


@never_cache
@login_required
@require_safe
def roster(request: HttpRequest, roster: UUID) -> HttpResponse:
    """Whatever the list is waiting for: its reading, its manager, its import, nothing."""
    found = get_roster(request, roster)
    if found.status == ImportStatus.DISCARDED:
        raise Http404
    context = page_frame(request, found)
    stopped = is_stopped(found)
    if found.status in WORKED_ON and not stopped:
        return render(request, "people/roster_job.html", {**context, **_job_context(found)})
    if found.status == ImportStatus.FAILED or (found.status == ImportStatus.READING and stopped):
        reason = found.error_message or (found.job.error_message if found.job else "")
        return render(request, "people/roster_failed.html", {**context, "reason": reason})
    return _preview(request, found, {**context, "stopped": stopped})


def _job_context(roster: RosterImport) -> dict[str, Any]:
    job = roster.job
    return {
        "job": job,
        "left": time_left(job) if job else "",
        "importing": roster.status == ImportStatus.IMPORTING,
        "undoing": roster.status == ImportStatus.UNDOING,
    }


@never_cache
@login_required
@require_safe
def roster_data(request: HttpRequest, roster: UUID) -> HttpResponse:
    """Progress for the page's script, also for a colleague of who asked for the work."""
    found = get_roster(request, roster)
    job = found.job
    if job is None:
        return JsonResponse({"state": JobStatus.DONE, "done": 0, "total": 0, "words": "", "left": ""})
    words = _("Done %(done)s of %(total)s") % {"done": job.progress_done, "total": job.progress_total}
    return JsonResponse(
        {
            "state": job.status,
            "done": job.progress_done,
            "total": job.progress_total,
            "words": words if job.progress_total else _("Waiting its turn"),
            "left": time_left(job),
        }
    )


def _preview(request: HttpRequest, roster: RosterImport, context: dict[str, Any]) -> HttpResponse:
    """The rows, red first, with what will happen; filters and the course are links, so that they work everywhere."""
    counts = row_counts(roster)
    wanted = request.GET.get("xem", "")
    rows = roster.rows.filter(FILTERS[wanted]) if wanted in FILTERS else roster.rows.all()
    courses = _courses(roster)
    asked = request.GET.get("khoa", roster.options.get("course_key", ""))
    course = next(((key, title) for key, title in courses if key == asked), None)
    choosing = course is not None and "chon" in request.GET
    # At first only what wants to be looked at: a phone should not have to scroll past sixty rows to confirm.
    brief = not wanted and not choosing and counts["all"] > max(BRIEF, counts["mend"])
    size = max(BRIEF, min(counts["mend"], PAGE)) if brief else PAGE
    page = Paginator(rows.order_by(RANK, "number"), size).get_page(1 if brief else request.GET.get("trang"))
    place = roster.place
    note_people_read(request, "desks.read_roster", roster, unit=place, count=len(page))
    form = ConfirmForm(
        courses,
        place.full_name,
        initial={
            "course": course[0] if course else "",
            "residence_from_seat": roster.options.get("residence_from_seat"),
        },
    )
    opened = is_open(roster)
    context |= {
        "counts": counts,
        "chips": row_chips(request, counts, wanted),
        "rows": [shown_row(roster, row) for row in page],
        "pages": None if brief else page_links(request, page),
        "all_url": link_with(request, xem=ALL) if brief else "",
        "has_titles": "title" in roster.columns,
        "issuer": roster.options.get("issuer", ""),
        "form": form,
        "asks_home": not roster.is_register and place.level in (Level.COMMUNE, Level.VILLAGE),
        "course": course[1] if course else "",
        "course_chips": course_chips(request, courses, course[0] if course else ""),
        "choosing": choosing,
        "choose_url": link_with(request, chon="1"),
        "stop_choosing_url": link_with(request, chon=""),
        "here": request.get_full_path(),
        "done": roster.status == ImportStatus.DONE,
        "undone": roster.status == ImportStatus.UNDONE,
        "undoing": roster.status == ImportStatus.UNDOING,
        "can_undo": can_undo(roster),
        "is_open": opened,
        "can_confirm": opened and counts["good"] > 0,
        "header_words": header_words(roster),
        "result_job": roster.job if roster.job and roster.job.result_file else None,
        "result": roster.job.result if roster.job else {},
        "can_choose_columns": roster.status in FRESH and not counts["applied"],
        "remembered_on": parse_date(roster.reading.get("remembered") or ""),
    }
    return render(request, "people/roster_preview.html", context)


def back_to_list(request: HttpRequest, roster: RosterImport) -> str:
    """Where the list was left; only addresses of this site."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    own = roster_url(roster)
    return asked if asked.startswith(own) and url_has_allowed_host_and_scheme(asked, None) else own


@login_required
@require_POST
def roster_ticks(request: HttpRequest, roster: UUID) -> HttpResponse:
    """Remember which rows of this page are ticked."""
    found = get_roster(request, roster)
    try:
        tick_rows(roster=found, shown=_numbers(request, "shown"), ticked=_numbers(request, "ticked"))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(back_to_list(request, found))


def _courses(roster: RosterImport) -> list[tuple[str, str]]:
    """Courses in which the people may be enrolled; lines of an old register are about courses of the past."""
    return course_choices(roster.organisation) if roster.organisation is not None else []


def _numbers(request: HttpRequest, name: str) -> list[int]:
    return [int(text) for text in request.POST.getlist(name) if text.isdecimal()]


@login_required
@require_POST
def roster_confirm(request: HttpRequest, roster: UUID) -> HttpResponse:
    """Import the good rows, and enrol."""
    found = get_roster(request, roster)
    form = ConfirmForm(_courses(found), found.place.full_name, data=request.POST)
    if not form.is_valid():
        messages.error(request, _("This course is no longer there. Choose another one."))
        return redirect(back_to_list(request, found))
    try:
        if "shown" in request.POST:
            tick_rows(roster=found, shown=_numbers(request, "shown"), ticked=_numbers(request, "ticked"))
        confirm_roster(
            roster=found,
            course_key=form.cleaned_data["course"],
            only_ticked="shown" in request.POST,
            residence_from_seat=form.cleaned_data["residence_from_seat"],
            by=request.user,
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(back_to_list(request, found))
    return redirect(roster_url(found))


@login_required
@require_POST
def roster_discard(request: HttpRequest, roster: UUID) -> HttpResponse:
    """Forget the list. The form of one with imported rows says so: a page of before the import cannot remove it."""
    found = get_roster(request, roster)
    imported = request.POST.get("imported") == "1"
    try:
        stays = discard_roster(roster=found, imported=imported, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(roster_url(found))
    if stays and found.is_register:
        words = _("The list was removed. The lines that were entered stay in the old register.")
    elif stays:
        words = _("The list was removed. The people who were added stay.")
    else:
        words = _("The list was discarded. Nobody's record has changed.")
    messages.success(request, words)
    return redirect(page_frame(request, found)["upload_url"])


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def roster_undo(request: HttpRequest, roster: UUID) -> HttpResponse:
    """What taking the whole import back would do, and who stands in the way."""
    found = get_roster(request, roster)
    if request.method == "POST":
        try:
            undo_roster(roster=found, by=request.user)
        except UndoBlocked:
            return redirect("roster_undo", roster=roster)  # the page says who
        except DomainError as error:
            messages.error(request, str(error))
        return redirect(roster_url(found))
    if not can_undo(found):
        return redirect(roster_url(found))
    outlook = look_ahead(found)
    obstacles = outlook.obstacles[:OBSTACLES]
    note_people_read(request, "desks.read_roster", found, unit=found.place, count=len(obstacles))
    context = {
        **page_frame(request, found),
        "outlook": outlook,
        "columns": [{"label": _("Row"), "num": True}, {"label": _("Full name")}, {"label": _("Why")}],
        "obstacles": [
            {"cells": [each.number, each.person.full_name, ", ".join(map(str, each.reasons))]} for each in obstacles
        ],
        "more": max(0, len(outlook.obstacles) - OBSTACLES),
    }
    context["crumbs"].append({"title": found.filename, "url": roster_url(found)})
    return render(request, "people/roster_undo.html", context)


@never_cache
@login_required
@require_safe
def roster_result(request: HttpRequest, roster: UUID) -> HttpResponse:
    """The list with what became of every row; for every manager of the organisation."""
    found = get_roster(request, roster)
    job = found.job
    if found.status == ImportStatus.DISCARDED or job is None or not job.result_file:
        raise Http404
    note_people_read(request, "desks.export_roster", found, unit=found.place, count=found.rows.count())
    return FileResponse(job.result_file.open("rb"), as_attachment=True, filename=job.result_name)
