"""Where the people of a divided unit live today: the official says it for those who have not said it themselves."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common.exceptions import DomainError
from desks.paging import page_links, page_of
from desks.placing_queries import former_units, people_to_place, seats_to_place
from desks.unit_views import desk_context, desk_role, reachable_unit
from people.access import note_people_read
from people.operations import place_organisation, place_people
from places.lineage import places_to_choose
from places.models import AdministrativeUnit


@never_cache
@desk_role
@require_http_methods(["GET", "HEAD", "POST"])
def unit_placing(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Units that ended with people still in them; with `cu`, the people of one of them to be ticked and placed."""
    unit = reachable_unit(request, uuid, "people.place_people")
    formers = former_units(Q(present_path__startswith=unit.path))
    asked = request.POST.get("cu") or request.GET.get("cu")
    if asked:
        former = get_object_or_404(formers, uuid=_uuid(asked))
        return _place(request, unit, former) if request.method == "POST" else _people(request, unit, former)
    rows = [
        {
            "href": f"{request.path}?{urlencode({'cu': former.uuid})}",
            "title": former.title,
            "meta": _waiting(former.people, former.seats),
        }
        for former in formers
    ]
    return render(request, "desks/placing.html", {**desk_context(request, unit, "placing"), "rows": rows})


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _waiting(people: int, seats: int) -> str:
    words = []
    if people:
        words.append(ngettext("%(n)s person", "%(n)s people", people) % {"n": people})
    if seats:
        words.append(ngettext("%(n)s organisation", "%(n)s organisations", seats) % {"n": seats})
    return ", ".join(words)


def _people(request: HttpRequest, unit: AdministrativeUnit, former: AdministrativeUnit) -> HttpResponse:
    page = page_of(request, people_to_place(former))
    note_people_read(request, "desks.read_former_residents", former, unit=unit, count=len(page))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        **desk_context(request, unit, "placing"),
        **page_links(page, query),
        "former": former,
        "page": page,
        "seats": seats_to_place(former) if page.number == 1 else [],
        "choices": places_to_choose(former),
    }
    context["crumbs"] = [*context["crumbs"], {"title": _("New places of residence"), "url": request.path}]
    return render(request, "desks/placing_people.html", context)


def _place(request: HttpRequest, unit: AdministrativeUnit, former: AdministrativeUnit) -> HttpResponse:
    """Move who was ticked to the place that was chosen, and show who is left."""
    here = reverse("unit_placing", args=[unit.uuid])
    back = f"{here}?{urlencode({'cu': former.uuid})}"
    place = next((place for place in places_to_choose(former) if str(place.uuid) == request.POST.get("noi")), None)
    people = list(people_to_place(former).filter(pk__in=_numbers(request, "nguoi")))
    seats = list(seats_to_place(former).filter(pk__in=_numbers(request, "tochuc")))
    if place is None or not (people or seats):
        messages.error(request, _("Tick at least one person and choose a place."))
        return redirect(back)
    try:
        with transaction.atomic():
            moved: list[Any] = [*place_people(people=people, unit=place, by=request.user)]
            moved += [place_organisation(organisation=seat, unit=place, by=request.user) for seat in seats]
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(back)
    words = ngettext("%(n)s belongs to %(place)s now.", "%(n)s belong to %(place)s now.", len(moved))
    messages.success(request, words % {"n": len(moved), "place": place.full_name})
    left = people_to_place(former).exists() or seats_to_place(former).exists()
    return redirect(back if left else here)


def _numbers(request: HttpRequest, name: str) -> list[int]:
    return [int(text) for text in request.POST.getlist(name) if text.isdecimal()]
