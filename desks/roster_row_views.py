"""Mending a list: one row of it, or the columns it was read by."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common.doors import login_required
from common.exceptions import DomainError
from desks.roster_rows import cells_with_headers, questions_of, roster_url, where_form
from desks.roster_views import back_to_list, get_roster, page_frame
from people.access import note_people_read
from people.enums import RowOutcome
from people.models import RosterRow
from people.roster.columns import ENTRY_FIELDS
from people.roster.deciding import (
    choose_columns,
    choose_residence,
    choose_residence_alike,
    correct_row,
    decide_row,
    forget_columns,
    is_open,
)
from people.roster.problems import ERROR, level_of, problem_text
from people.roster_forms import ColumnsForm, RowForm


def get_row(request: HttpRequest, roster: UUID, number: int) -> RosterRow:
    found = get_roster(request, roster)
    row = get_object_or_404(found.rows.all(), number=number)
    row.roster = found
    note_people_read(request, "desks.read_roster", found, unit=found.place)
    return row


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def roster_row(request: HttpRequest, roster: UUID, number: int) -> HttpResponse:
    """One row: correct what it says, or say who it is."""
    row = get_row(request, roster, number)
    back = back_to_list(request, row.roster)
    form = RowForm(row)
    where = where_form(row)
    if request.method == "POST":
        try:
            if "where" in request.POST and where is not None:
                return _place_chosen(request, row, back)
            if "decision" in request.POST:
                value = request.POST.get("value", "")
                decide_row(
                    row=row,
                    decision=request.POST["decision"],
                    value=int(value) if value.isdecimal() else None,
                    by=request.user,
                )
                messages.success(request, _("Row %(number)s is settled.") % {"number": number})
                return redirect(back)
            form = RowForm(row, request.POST)
            if form.is_valid():
                row = _corrected(request, row, form)
                if row.outcome not in {RowOutcome.ERROR, RowOutcome.CONFLICT}:
                    messages.success(request, _("Row %(number)s is mended.") % {"number": number})
                    return redirect(back)
                if row.outcome == RowOutcome.CONFLICT:
                    return redirect(f"{roster_url(row.roster, 'roster_row', number=number)}")
                form.say(row.problems)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect(back)
    context = {
        **page_frame(request, row.roster),
        "row": row,
        "form": form,
        "back": back,
        "posted": request.method == "POST",
        "is_open": is_open(row.roster) and row.applied_at is None,
        "questions": questions_of(row),
        "where": where,
        "notes": [problem_text(problem) for problem in row.problems if level_of(problem["code"]) != ERROR],
        "headers": cells_with_headers(row),
    }
    context["crumbs"].append({"title": row.roster.filename, "url": back})
    return render(request, "people/roster_row.html", context)


def _place_chosen(request: HttpRequest, row: RosterRow, back: str) -> HttpResponse:
    """The answer to where somebody lives, for this row or for all with its address."""
    form = where_form(row, request.POST)
    if form is None or not form.is_valid() or "unit" not in request.POST:
        messages.error(request, _("Choose one of the places, or leave the address empty."))
        return redirect(roster_url(row.roster, "roster_row", number=row.number))
    unit_id = form.cleaned_data["unit"]
    if form.cleaned_data.get("alike"):
        count = choose_residence_alike(row=row, unit_id=unit_id, by=request.user)
        words = ngettext("%(count)d row is settled.", "%(count)d rows are settled.", count)
        messages.success(request, words % {"count": count})
        return redirect(back)
    row = choose_residence(row=row, unit_id=unit_id, by=request.user)
    if row.outcome == RowOutcome.CONFLICT:
        return redirect(roster_url(row.roster, "roster_row", number=row.number))
    messages.success(request, _("Row %(number)s is settled.") % {"number": row.number})
    return redirect(back)


def _corrected(request: HttpRequest, row: RosterRow, form: RowForm) -> RosterRow:
    values = form.cleaned_data
    return correct_row(
        row=row,
        name=values["full_name"],
        birth=values["birth"],
        phone=values["phone"],
        title=values.get("title", ""),
        address=values["address"],
        complete_name=bool(values.get("complete_name")),
        **{name: values[name] for name in ENTRY_FIELDS if name in values},
        by=request.user,
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def roster_columns(request: HttpRequest, roster: UUID) -> HttpResponse:
    """Another sheet, another header, other columns; the file is then read again."""
    found = get_roster(request, roster)
    sheets = found.reading.get("sheets") or []
    if not sheets:
        raise Http404
    names = [sheet["name"] for sheet in sheets]
    asked = request.GET.get("bang", "")
    current = names.index(found.sheet) if found.sheet in names else 0
    place = int(asked) if asked.isdecimal() and int(asked) < len(sheets) else current
    sheet = sheets[place]
    form = ColumnsForm(found, sheet, request.POST or None)
    if request.method == "POST" and "forget" in request.POST:
        try:
            forget_columns(roster=found, by=request.user)
        except DomainError as error:
            messages.error(request, str(error))
        return redirect(roster_url(found))
    if request.method == "POST" and form.is_valid():
        try:
            choose_columns(
                roster=found,
                sheet=sheet["name"],
                header_row=form.cleaned_data["header_row"],
                columns=form.chosen(),
                by=request.user,
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return redirect(roster_url(found))
    note_people_read(request, "desks.read_roster", found, unit=found.place)
    context = {
        **page_frame(request, found),
        "form": form,
        "sheet": sheet,
        "tabs": [
            {"label": each["name"], "count": each["rows"], "href": f"?bang={number}", "current": number == place}
            for number, each in enumerate(sheets)
        ],
    }
    context["crumbs"].append({"title": found.filename, "url": roster_url(found)})
    return render(request, "people/roster_columns.html", context)
