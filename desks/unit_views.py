"""My unit: figures of a commune or province, its people, its certificates and their register."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common import clock
from common.figures import number
from common.folding import slugify_vi
from courses.enums import Audience
from desks.paging import page_links, page_of
from desks.unit_exports import MOST_ROWS, write_unit_workbook
from desks.unit_queries import (
    MOST_BARS,
    PlaceFigure,
    UnitFigures,
    certificate_counts,
    kept_figures,
    people_of,
    print_jobs,
    units_by_former_name,
    units_of,
    units_to_choose,
)
from ledger.models import Job
from people.access import note_people_read, role_required
from people.models import Person
from people.scopes import PEOPLE_READERS, reads_whole_site
from people.trail import reads_trail
from places.enums import Level
from places.finder_views import words_of_before
from places.models import AdministrativeUnit

UNITS_SHOWN = 40

desk_role = role_required(*PEOPLE_READERS)


def reachable_unit(request: HttpRequest, uuid: UUID, perm: str = "") -> AdministrativeUnit:
    """The unit if the user looks after or audits it: else 404; without the further right `perm` on it: 403."""
    unit = get_object_or_404(AdministrativeUnit.objects.select_related("parent__parent"), uuid=uuid)
    if not request.user.has_perm("people.view_unit", unit):
        raise Http404
    if perm and not request.user.has_perm(perm, unit):
        raise PermissionDenied
    return unit


# The desk -----------------------------------------------------------------------------------------------------


@never_cache
@desk_role
@require_safe
def my_unit(request: HttpRequest) -> HttpResponse:
    """The desk of the user's only unit; the list of units for those who look after several."""
    units = units_of(request.user)
    if len(units) == 1 and not reads_whole_site(request.user):
        return _desk(request, units[0])
    return find_unit(request)


@never_cache
@desk_role
@require_safe
def find_unit(request: HttpRequest) -> HttpResponse:
    """Units whose desk the user may open, to choose from or to look for by name."""
    text = request.GET.get("q", "").strip()[:100]
    units = list(units_to_choose(request.user, text)[: UNITS_SHOWN + 1])
    rows = [_unit_row(unit) for unit in units]
    if text and len(units) <= UNITS_SHOWN:
        shown = {unit.pk for unit in units}
        for item in units_by_former_name(request.user, text, UNITS_SHOWN + 1):
            if item.unit.pk not in shown:
                before = words_of_before(item.former, divided=item.divided) if item.former is not None else ""
                rows.append(_unit_row(item.unit, before))
    context = {"rows": rows[:UNITS_SHOWN], "more": len(rows) > UNITS_SHOWN, "text": text}
    return render(request, "desks/unit_find.html", context)


def _unit_row(unit: AdministrativeUnit, before: str = "") -> dict[str, str]:
    above = unit.parent.address if unit.parent is not None else ""
    meta = ". ".join(words for words in (above, before) if words)
    return {"href": reverse("unit_desk", args=[unit.uuid]), "title": unit.title, "meta": meta}


@never_cache
@desk_role
@require_safe
def unit_desk(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return _desk(request, reachable_unit(request, uuid))


def _desk(request: HttpRequest, unit: AdministrativeUnit) -> HttpResponse:
    figures = kept_figures(unit)
    may_print = request.user.has_perm("certificates.print", unit)
    shown, unregistered = _places_shown(figures.by_place)
    context = {
        **desk_context(request, unit, "desk"),
        "figures": figures,
        "stats": _stats(figures),
        "bars": [_bar(place) for place in shown],
        "unregistered": unregistered,
        "bar_words": {
            "title": _("People who completed a course, by place"),
            "unit": _("Place"),
            "done": _("completed a course"),
            "behind": _("less than half of the people registered"),
            "target": _("people registered"),
            "missing": _("nobody registered yet"),
        },
        "weeks": [(f"{monday.day}/{monday.month}", count) for monday, count in figures.by_week],
        "as_of": figures.as_of,
        "may_add_villages": unit.level == Level.COMMUNE and request.user.has_perm("places.add_village", unit),
        "may_see_roles": request.user.has_perm("people.view_roles", unit),
        "may_merge": request.user.has_perm("people.merge_people", unit),
        "may_read_trail": reads_trail(request.user),
        "counts": certificate_counts(unit) if may_print else None,
        "jobs": [_job(job) for job in print_jobs(request.user)] if may_print else [],
    }
    return render(request, "desks/unit.html", context)


def desk_context(request: HttpRequest, unit: AdministrativeUnit, current: str) -> dict[str, Any]:
    """What every page of the desk shows: the unit, its menu, what the user may do."""
    may_print = request.user.has_perm("certificates.print", unit)
    items = [("desk", unit_word(unit), "unit_desk", "home")]
    if may_print:
        items.append(("certificates", _("Certificates"), "unit_certificates", "document"))
    items.append(("people", _("People"), "unit_people", "people"))
    if request.user.has_perm("certificates.read_register", unit):
        items.append(("register", _("Register"), "unit_register", "register"))
    nav = [
        {"label": label, "href": reverse(name, args=[unit.uuid]), "icon": icon, "current": key == current}
        for key, label, name, icon in items
    ]
    may_register = request.user.has_perm("people.register_walk_in", unit)
    if may_register and not may_print:
        nav.append({"label": _("Register a person"), "href": reverse("register_walk_in"), "icon": "plus"})
    return {
        "unit": unit,
        "nav": nav,
        "may_print": may_print,
        "may_register": may_register,
        "crumbs": _crumbs(unit) if current != "desk" else [],
    }


def unit_word(unit: AdministrativeUnit) -> str:
    """How the menu calls the unit: "My commune", whatever its name."""
    return {"province": _("My province"), "commune": _("My commune"), "village": _("My village")}.get(
        unit.level, _("My unit")
    )


def _crumbs(unit: AdministrativeUnit) -> list[dict[str, str]]:
    return [{"title": unit.title, "url": reverse("unit_desk", args=[unit.uuid])}]


def _stats(figures: UnitFigures) -> list[dict[str, Any]]:
    """A figure for each audience; a person who completed courses of two audiences counts in both."""
    labels = {
        Audience.RESIDENT: _("Residents"),
        Audience.COOPERATIVE: _("Co-operatives and enterprises"),
        Audience.OFFICIAL: _("Officials"),
    }
    return [{"label": label, "value": number(figures.by_audience[audience])} for audience, label in labels.items()]


def _places_shown(places: list[PlaceFigure]) -> tuple[list[PlaceFigure], int]:
    """The places to draw, and how many without anybody are left out because the list would be too long."""
    if len(places) <= MOST_BARS:
        return places, 0
    shown = [place for place in places if place.registered]
    return shown, len(places) - len(shown)


def _bar(place: PlaceFigure) -> dict[str, Any]:
    return {
        "label": place.name or _("Place not entered"),
        "value": place.completed if place.registered else None,
        "target": place.registered or None,
    }


def _job(job: Job) -> dict[str, Any]:
    count = job.progress_total or len(job.params.get("ids", []))
    return {
        "job": job,
        "title": ngettext("%(n)s certificate for the printer", "%(n)s certificates for the printer", count)
        % {"n": number(count)},
        "file_size": job.result_file.size if job.result_file else None,
    }


# People -------------------------------------------------------------------------------------------------------


@never_cache
@desk_role
@require_safe
def unit_people(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """People living in the unit, found with or without accents, with what they completed."""
    unit = reachable_unit(request, uuid)
    text = request.GET.get("q", "").strip()[:100]
    page = page_of(request, people_of(unit, text), is_search=bool(text))
    note_people_read(request, "desks.read_people", unit, unit=unit, count=len(page))
    query = request.GET.copy()
    query.pop("page", None)
    linked = request.user.has_perm("people.register_walk_in", unit)
    context = {
        **desk_context(request, unit, "people"),
        "text": text,
        "page": page,
        "columns": [
            {"label": _("Full name")},
            {"label": _("Year of birth"), "num": True},
            {"label": _("Place")},
            {"label": _("Courses completed"), "num": True},
            {"label": _("Certificates")},
        ],
        "rows": [_person_row(person, linked) for person in page],
        **page_links(page, query),
    }
    return render(request, "desks/unit_people.html", context)


def _person_row(person: Person, linked: bool) -> dict[str, Any]:
    name: Any = person.full_name
    if linked:
        name = format_html('<a href="{}">{}</a>', reverse("helped_person", args=[person.uuid]), name)
    certificates = format_html_join(
        ", ",
        '<a href="{}">{}</a>',
        (
            (reverse("certificate_pdf", args=[certificate.uuid]), certificate.serial)
            for certificate in person.valid_certificates  # type: ignore[attr-defined]
        ),
    )
    place = person.residence.full_name if person.residence else ""
    done = person.done  # type: ignore[attr-defined]
    return {"cells": [name, str(person.birth_year or ""), place, done, certificates or "–"]}


@never_cache
@desk_role
@require_safe
def unit_export(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """People and certificates of the unit as an Excel file."""
    unit = reachable_unit(request, uuid, "certificates.print")
    if Person.objects.living_in(unit).count() > MOST_ROWS:
        messages.error(
            request,
            _("More than %(limit)s people live here. Open a smaller place for a list of names.")
            % {"limit": number(MOST_ROWS)},
        )
        return redirect("unit_desk", uuid=unit.uuid)
    target = BytesIO()
    write_unit_workbook(target, unit=unit, by=request.user)
    response = HttpResponse(
        target.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    name = f"{slugify_vi(unit.full_name)}-{clock.today():%Y-%m-%d}.xlsx"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
