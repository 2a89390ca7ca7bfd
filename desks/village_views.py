"""The villages of a commune: new ones, one or a whole list, and what happens to them later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files import File
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common import clock
from common.exceptions import DomainError
from common.figures import number
from desks.unit_views import desk_context, desk_role, reachable_unit
from places.enums import Level, UnitKind
from places.forms import VillageChangeForm, VillageDivideForm, VillageNameForm, VillageRenameForm, VillagesForm
from places.models import AdministrativeUnit, UnitQuerySet
from places.operations import (
    add_villages,
    correct_village,
    divide_village,
    end_village,
    merge_villages,
    rename_village,
)
from places.village_files import village_lines


def reachable_commune(request: HttpRequest, uuid: UUID) -> AdministrativeUnit:
    """The commune if the user looks after its villages; anything else is answered as `reachable_unit` does."""
    commune = reachable_unit(request, uuid, "places.add_village")
    if commune.level != Level.COMMUNE:
        raise Http404
    return commune


def villages_of(commune: AdministrativeUnit) -> UnitQuerySet:
    """Villages in force by name."""
    return AdministrativeUnit.objects.in_force().filter(parent=commune, level=Level.VILLAGE)


@never_cache
@desk_role
@require_http_methods(["GET", "HEAD", "POST"])
def unit_villages(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Villages in force; a POST adds those of the form or of its file, all of them or none."""
    commune = reachable_commune(request, uuid)
    form = VillagesForm(request.POST, request.FILES) if request.method == "POST" else VillagesForm()
    if form.is_valid():
        data = form.cleaned_data
        field = "file" if data["file"] else "names"
        try:
            lines = data["names"].splitlines() + (lines_of_upload(data["file"]) if data["file"] else [])
            report = add_villages(commune=commune, lines=lines, kind=UnitKind(data["kind"]), by=request.user)
        except DomainError as error:
            form.add_error(field, str(error))
        else:
            _say(request, len(report.added), len(report.known))
            return redirect("unit_villages", uuid=commune.uuid)
    villages = villages_of(commune).annotate(people=Count("residents"))
    context = {
        **desk_context(request, commune, "villages"),
        "form": form,
        "columns": [{"label": _("Village")}, {"label": _("People"), "num": True}, {"label": _("Change")}],
        "rows": [_row(commune, village) for village in villages],
    }
    return render(request, "desks/villages.html", context)


def lines_of_upload(file: File) -> list[str]:
    """What an uploaded list names; it is read outside this process and not kept."""
    with NamedTemporaryFile() as kept:
        for chunk in file.chunks():
            kept.write(chunk)
        kept.flush()
        return village_lines(Path(kept.name), filename=file.name or "")


def _row(commune: AdministrativeUnit, village: Any) -> dict[str, Any]:
    link = format_html('<a href="{}">{}</a>', reverse("unit_desk", args=[village.uuid]), village.title)
    change = format_html(
        '<a href="{}">{}<span class="sr"> {}</span></a>',
        reverse("unit_village", args=[commune.uuid, village.uuid]),
        _("Change"),
        village.full_name,
    )
    return {"cells": [link, number(village.people), change]}


@never_cache
@desk_role
@require_http_methods(["GET", "HEAD", "POST"])
def unit_village(request: HttpRequest, uuid: UUID, village: UUID) -> HttpResponse:
    """One village: a corrected name, a new name, a division, its end. Each is a form of its own."""
    commune = reachable_commune(request, uuid)
    found = get_object_or_404(villages_of(commune), uuid=village)
    sent = request.POST.get("act", "") if request.method == "POST" else ""
    found_forms = {act: _form(act, found, request.POST if act == sent else None) for act in ACTS}
    if sent in found_forms and found_forms[sent].is_valid():
        try:
            ACTS[sent].run(found, found_forms[sent].cleaned_data, request.user)
        except DomainError as error:
            found_forms[sent].add_error(None, str(error))
        else:
            messages.success(request, ACTS[sent].said)
            return redirect("unit_villages", uuid=commune.uuid)
    context = {
        **desk_context(request, commune, "village"),
        "village": found,
        "sections": [
            {"act": act, "title": ACTS[act].title, "words": ACTS[act].words, "button": ACTS[act].button, "form": form}
            for act, form in found_forms.items()
        ],
        "sent": found_forms.get(sent),
        "people": found.residents.count(),
        "villages_url": reverse("unit_villages", args=[commune.uuid]),
    }
    context["crumbs"] = [*context["crumbs"], {"title": _("Villages"), "url": context["villages_url"]}]
    return render(request, "desks/village.html", context)


def _form(act: str, village: AdministrativeUnit, data: QueryDict | None) -> forms.Form:
    initial = {"kind": village.kind, "name": village.name, "on": clock.today()}
    return ACTS[act].form(data, prefix=act, initial=initial)


@dataclass(frozen=True)
class _Act:
    """One thing that can be done to a village: its form, its words, what it does."""

    form: type[forms.Form]
    title: Any
    words: Any
    button: Any
    said: Any
    run: Callable[[AdministrativeUnit, dict[str, Any], Any], object]


ACTS: dict[str, _Act] = {
    "correct": _Act(
        VillageNameForm,
        gettext_lazy("The name was written wrongly"),
        gettext_lazy("The name is put right everywhere, as if it had always been so."),
        gettext_lazy("Put the name right"),
        gettext_lazy("The name was put right."),
        lambda village, data, by: correct_village(
            village=village, kind=UnitKind(data["kind"]), name=data["name"], by=by
        ),
    ),
    "rename": _Act(
        VillageRenameForm,
        gettext_lazy("It has a new name"),
        gettext_lazy("What was recorded before that day keeps the old name; people stay where they live."),
        gettext_lazy("Rename"),
        gettext_lazy("The village has its new name."),
        lambda village, data, by: rename_village(
            village=village,
            kind=UnitKind(data["kind"]),
            name=data["name"],
            on=data["on"],
            decree=data["decree"],
            by=by,
        ),
    ),
    "divide": _Act(
        VillageDivideForm,
        gettext_lazy("It was divided"),
        gettext_lazy("Afterwards you say in which part everybody lives."),
        gettext_lazy("Divide"),
        gettext_lazy("The village was divided. Now say where its people live."),
        lambda village, data, by: divide_village(
            village=village,
            lines=data["names"].splitlines(),
            kind=UnitKind(village.kind),
            on=data["on"],
            decree=data["decree"],
            by=by,
        ),
    ),
    "end": _Act(
        VillageChangeForm,
        gettext_lazy("It no longer exists"),
        gettext_lazy("Its people count with the commune until you say where they live. To join it to another village, "
            "go back and choose both."),
        gettext_lazy("End the village"),
        gettext_lazy("The village has ended."),
        lambda village, data, by: end_village(village=village, on=data["on"], decree=data["decree"], by=by),
    ),
}  # fmt: skip


@never_cache
@desk_role
@require_http_methods(["GET", "HEAD", "POST"])
def unit_villages_merge(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Several villages become one; those ticked on the list come in the address."""
    commune = reachable_commune(request, uuid)
    posted = request.method == "POST"
    villages = list(villages_of(commune))
    asked = set((request.POST if posted else request.GET).getlist("thon"))
    chosen = [village for village in villages if str(village.uuid) in asked]
    initial = {"kind": chosen[0].kind, "name": chosen[0].name} if chosen else {}
    form = VillageRenameForm(request.POST if posted else None, initial={**initial, "on": clock.today()})
    if form.is_valid():
        data = form.cleaned_data
        try:
            into = merge_villages(
                villages=chosen,
                kind=UnitKind(data["kind"]),
                name=data["name"],
                on=data["on"],
                decree=data["decree"],
                by=request.user,
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("They are one village now: %(name)s.") % {"name": into.full_name})
            return redirect("unit_villages", uuid=commune.uuid)
    context = {
        **desk_context(request, commune, "village"),
        "form": form,
        "villages": [{"village": village, "ticked": village in chosen} for village in villages],
        "villages_url": reverse("unit_villages", args=[commune.uuid]),
    }
    context["crumbs"] = [*context["crumbs"], {"title": _("Villages"), "url": context["villages_url"]}]
    return render(request, "desks/villages_merge.html", context)


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
