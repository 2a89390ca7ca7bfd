"""The villages of a commune: how many people live in each, and new ones, one or a whole list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common.exceptions import DomainError
from common.figures import number
from desks.unit_views import desk_context, desk_role, reachable_unit
from places.enums import Level, UnitKind
from places.forms import VillagesForm
from places.models import AdministrativeUnit
from places.operations import add_villages


@never_cache
@desk_role
@require_http_methods(["GET", "HEAD", "POST"])
def unit_villages(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Villages in force by name; a POST adds those of the form, all of them or none."""
    commune = reachable_unit(request, uuid, "places.add_village")
    if commune.level != Level.COMMUNE:
        raise Http404
    form = VillagesForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = form.cleaned_data
        try:
            report = add_villages(
                commune=commune, lines=data["names"].splitlines(), kind=UnitKind(data["kind"]), by=request.user
            )
        except DomainError as error:
            form.add_error("names", str(error))
        else:
            _say(request, len(report.added), len(report.known))
            return redirect("unit_villages", uuid=commune.uuid)
    villages = (
        AdministrativeUnit.objects.in_force()
        .filter(parent=commune, level=Level.VILLAGE)
        .annotate(people=Count("residents"))
    )
    context = {
        **desk_context(request, commune, "villages"),
        "form": form,
        "columns": [{"label": _("Village")}, {"label": _("People"), "num": True}],
        "rows": [_row(village) for village in villages],
    }
    return render(request, "desks/villages.html", context)


def _row(village: Any) -> dict[str, Any]:
    link = format_html('<a href="{}">{}</a>', reverse("unit_desk", args=[village.uuid]), village.title)
    return {"cells": [link, number(village.people)]}


def _say(request: HttpRequest, added: int, known: int) -> None:
    if added:
        messages.success(
            request, ngettext("%(n)s village was added.", "%(n)s villages were added.", added) % {"n": added}
        )
    if known:
        messages.info(
            request,
            ngettext("%(n)s was there already.", "%(n)s were there already.", known) % {"n": known},
        )
