"""Public pages: which commune is it today, and one unit with its past."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from places.enums import Level
from places.lineage import Found, find_units
from places.models import AdministrativeUnit, UnitChange

MOST_FOUND = 30
MOST_LISTED = 400  # villages of a commune, communes of a province
_SHOWN = (Level.PROVINCE, Level.COMMUNE, Level.VILLAGE, Level.DISTRICT)


@require_safe
def find_place(request: HttpRequest) -> HttpResponse:
    """Look a commune up by its name of today or of before, with or without accents.

    With `chon`, the address of a form, results lead back there with the province and commune chosen.
    """
    text = request.GET.get("q", "").strip()[:150]
    back = request.GET.get("chon", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None) or not back.startswith("/"):
        back = ""
    found = find_units(text, most=MOST_FOUND + 1) if text else []
    context = {
        "text": text,
        "back": back,
        "more": len(found) > MOST_FOUND,
        "rows": [_row(item, back) for item in found[:MOST_FOUND]],
    }
    return render(request, "places/find.html", context)


def _row(item: Found, back: str) -> dict[str, Any]:
    unit = item.unit
    above = unit.parent.full_name if unit.parent and unit.parent.level != Level.COUNTRY else ""
    meta = above
    if item.former is not None:
        before = words_of_before(item.former, divided=item.divided)
        meta = f"{above}. {before}" if above else before
    href = reverse("place", args=[unit.uuid])
    if back and unit.level == Level.COMMUNE and unit.parent is not None:
        joiner = "&" if "?" in back else "?"
        href = f"{back}{joiner}{urlencode({'tinh': unit.parent.code, 'xa': unit.code})}"
    return {"href": href, "title": unit.title, "meta": meta}


def words_of_before(former: AdministrativeUnit, *, divided: bool) -> str:
    """By which name of before a unit was found."""
    before = _("A part of %(name)s before July 2025") if divided else _("Before July 2025: %(name)s")
    return before % {"name": former.address}


@require_safe
def place(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A unit: what stands above and below it, what it was, what became of it, by which decree and on which day."""
    unit = get_object_or_404(AdministrativeUnit.objects.select_related("parent__parent__parent"), uuid=uuid)
    if unit.level not in _SHOWN:
        raise Http404
    befores = (
        UnitChange.objects.filter(new=unit)
        .select_related("old__parent__parent__parent")
        .order_by("old__sort_key", "old_id")
    )
    afters = (
        UnitChange.objects.filter(old=unit).select_related("new__parent__parent").order_by("new__sort_key", "new_id")
    )
    below = AdministrativeUnit.objects.filter(parent=unit)
    below = below.in_force() if unit.is_in_force() else below
    crumbs = [{"title": _("Find a place"), "url": reverse("find_place")}]
    above = unit.parent
    if above is not None and above.level != Level.COUNTRY:
        crumbs.append({"title": above.title, "url": reverse("place", args=[above.uuid])})
    context = {
        "unit": unit,
        "crumbs": crumbs,
        "is_in_force": unit.is_in_force(),
        "befores": list(befores),
        "afters": list(afters),
        "below": list(below[:MOST_LISTED]),
    }
    return render(request, "places/place.html", context)
