"""Records that are probably of one person: compare them, merge them, tell them apart, take a merging back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from certificates.models import Certificate
from common.exceptions import DomainError
from common.phones import format_phone
from courses.models import CourseCompletion, Enrolment
from desks.paging import page_of
from desks.unit_views import desk_context, desk_role, reachable_unit
from people.access import note_people_read
from people.duplicates import probable_duplicates
from people.models import Membership, Person, PersonMerge
from people.operations.merging import merge_people, tell_apart, undo_merge
from places.models import AdministrativeUnit

PAIRS = 25
FOUND = 25
PERM = "people.merge_people"


@never_cache
@desk_role
@require_safe
def unit_duplicates(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Pairs that look alike; with `q`, people of that name of whom any two can be compared."""
    unit = reachable_unit(request, uuid, PERM)
    text = request.GET.get("q", "").strip()[:100]
    here = request.path
    chosen = [value for value in request.GET.getlist("nguoi") if value][:3]
    if len(chosen) == 2:
        return redirect("unit_duplicate", uuid=unit.uuid, first=_uuid(chosen[0]), second=_uuid(chosen[1]))
    if chosen:
        messages.error(request, _("Tick two people."))
    people = list(Person.objects.living_in(unit).search(text).select_related("residence")[:FOUND]) if text else []
    pairs = [] if text else probable_duplicates(unit, PAIRS)
    merges = PersonMerge.objects.standing().filter(kept__residence__present_path__startswith=unit.path)
    done = page_of(request, merges.select_related("kept", "by").order_by("-at"))
    shown = len(people) + 2 * len(pairs) + len(done)
    note_people_read(request, "desks.read_duplicates", unit, unit=unit, count=shown)
    context = {
        **desk_context(request, unit, "duplicates"),
        "text": text,
        "here": here,
        "people": people,
        "rows": [
            {
                "href": reverse("unit_duplicate", args=[unit.uuid, pair.first.uuid, pair.second.uuid]),
                "title": _pair_title(pair.first, pair.second),
                "meta": f"{pair.reason}. {_where(pair.first, pair.second)}",
            }
            for pair in pairs
        ],
        "full": len(pairs) == PAIRS,
        "merges": done,
    }
    return render(request, "desks/duplicates.html", context)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def _pair_title(first: Person, second: Person) -> str:
    names = {first.full_name, second.full_name}
    return first.full_name if len(names) == 1 else f"{first.full_name} · {second.full_name}"


def _where(first: Person, second: Person) -> str:
    places = dict.fromkeys(person.residence.full_name for person in (first, second) if person.residence)
    return " · ".join(places)


@never_cache
@desk_role
@require_http_methods(["GET", "HEAD", "POST"])
def unit_duplicate(request: HttpRequest, uuid: UUID, first: UUID, second: UUID) -> HttpResponse:
    """Two records side by side: one is kept and takes the other in, or they are of two people."""
    unit = reachable_unit(request, uuid, PERM)
    people = Person.objects.living_in(unit).select_related("residence__parent__parent", "account")
    by_uuid = {person.uuid: person for person in people.filter(uuid__in=[first, second])}
    if not {first, second} <= by_uuid.keys():
        return _merged_already(request, unit, [first, second])
    pair = [by_uuid[first], by_uuid[second]]
    note_people_read(request, "desks.read_duplicates", pair[0], unit=unit, count=2)
    if request.method == "POST":
        done = _decide(request, unit, pair)
        if done is not None:
            return done
    context = {
        **desk_context(request, unit, "duplicates"),
        "pair": [{"person": person, "lines": _lines(person)} for person in pair],
        "better": _better(pair),
        "two_logins": None not in (pair[0].account_id, pair[1].account_id) and pair[0].account_id != pair[1].account_id,
    }
    context["crumbs"] = [
        *context["crumbs"],
        {"title": _("One person twice?"), "url": reverse("unit_duplicates", args=[unit.uuid])},
    ]
    return render(request, "desks/duplicate.html", context)


def _merged_already(request: HttpRequest, unit: AdministrativeUnit, pair: list[UUID]) -> HttpResponse:
    """To the merging that took in one of the two meanwhile; 404 where there is none."""
    merges = PersonMerge.objects.standing().filter(kept__residence__present_path__startswith=unit.path)
    merge = merges.filter(absorbed__uuid__in=pair).first()
    if merge is None:
        raise Http404
    messages.info(request, _("This has been done already: the records are one."))
    return redirect("unit_merge", uuid=unit.uuid, merge=merge.uuid)


def _decide(request: HttpRequest, unit: AdministrativeUnit, pair: list[Person]) -> HttpResponse | None:
    """Do what was chosen; None where nothing was, or it was refused."""
    act = request.POST.get("act")
    kept = next((person for person in pair if str(person.uuid) == request.POST.get("kept")), None)
    try:
        if act == "apart":
            tell_apart(people=(pair[0], pair[1]), by=request.user)
            messages.success(request, _("Noted: they are two people. They are not proposed again."))
            return redirect("unit_duplicates", uuid=unit.uuid)
        if act == "merge" and kept is not None:
            other = pair[0] if kept is pair[1] else pair[1]
            merge_people(kept=kept, absorbed=other, by=request.user)
            words = _("The two records of %(name)s are one now. You can take it back below.")
            messages.success(request, words % {"name": kept.full_name})
            return redirect("unit_duplicates", uuid=unit.uuid)
    except DomainError as error:
        messages.error(request, str(error))
        return None
    messages.error(request, _("Choose which record is kept."))
    return None


def _lines(person: Person) -> list[tuple[str, str]]:
    """What tells two records apart, in words."""
    memberships = Membership.objects.active().filter(person=person).select_related("organisation")
    completed = CourseCompletion.objects.filter(person=person).values_list("course_title", flat=True)
    enrolled = Enrolment.objects.filter(person=person).count()
    papers = Certificate.objects.filter(person=person).count()
    return [
        (_("Year of birth"), str(person.birth_year or "–")),
        (_("Phone number"), format_phone(person.phone) if person.phone else "–"),
        (_("Place of residence"), person.residence.address if person.residence else "–"),
        (_("Organisations"), ", ".join(held.organisation.name for held in memberships) or "–"),
        (_("Courses"), ngettext("%(n)s course", "%(n)s courses", enrolled) % {"n": enrolled}),
        (_("Completed"), ", ".join(completed) or "–"),
        (_("Certificates"), str(papers)),
        (_("Sign-in"), _("has a login") if person.account_id else _("none")),
        (_("Known since"), f"{person.created_at:%d/%m/%Y} ({person.get_source_display()})"),
    ]


def _better(pair: list[Person]) -> UUID:
    """Which record is proposed to be kept: the one with a login, then the older one."""
    return min(pair, key=lambda person: (person.account_id is None, person.pk)).uuid


@never_cache
@desk_role
@require_http_methods(["GET", "HEAD", "POST"])
def unit_merge(request: HttpRequest, uuid: UUID, merge: UUID) -> HttpResponse:
    """What a merging did; it can be taken back."""
    unit = reachable_unit(request, uuid, PERM)
    merges = PersonMerge.objects.filter(kept__residence__present_path__startswith=unit.path)
    found = get_object_or_404(merges.select_related("kept__residence", "absorbed", "by", "undone_by"), uuid=merge)
    note_people_read(request, "desks.read_duplicates", found.kept, unit=unit)
    if request.method == "POST":
        try:
            undo_merge(merge=found, by=request.user)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The merging is taken back. There are two records again."))
        return redirect("unit_duplicates", uuid=unit.uuid)
    context: dict[str, Any] = {
        **desk_context(request, unit, "duplicates"),
        "merge": found,
        "moved": sum(len(ids) for ids in found.moved.values()),
        "stayed": sum(len(ids) for ids in found.stayed.values()),
    }
    context["crumbs"] = [
        *context["crumbs"],
        {"title": _("One person twice?"), "url": reverse("unit_duplicates", args=[unit.uuid])},
    ]
    return render(request, "desks/merge.html", context)
