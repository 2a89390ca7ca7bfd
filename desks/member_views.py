"""One person of an organisation: added by hand, looked at, invited, moved, let go; and the end of an organisation."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.doors import login_required
from common.exceptions import DomainError
from common.phones import format_phone, is_mobile
from desks.organisation_queries import enrolments_of, staff, staff_courses
from desks.organisation_views import desk_crumbs, desk_nav, language, managed_organisation, visible_organisation
from people.access import note_people_read
from people.models import Organisation, Person
from people.operations.memberships import add_member, end_membership, invite_member, move_member
from people.operations.organisations import end_organisation
from people.organisation_forms import EndOrganisationForm
from people.roster.exceptions import SameNameKnown
from people.roster_forms import MemberForm

OTHERS_SHOWN = 20  # organisations to choose from at once


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def member_add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One person by hand, by the same rules as a row of a list."""
    found = managed_organisation(request, uuid)
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data["data"]
        try:
            person = add_member(
                organisation=found,
                full_name=data["full_name"],
                birth_year=data["birth_year"],
                birth_date=date.fromisoformat(data["birth_date"]) if data["birth_date"] else None,
                phone=data["phone"],
                title=data["title"],
                is_another=form.cleaned_data["is_another"],
                by=request.user,
            )
        except SameNameKnown as error:
            form.add_error("full_name", str(error))
            form.ask_whether_another()
        else:
            messages.success(request, _("%(name)s is on your list.") % {"name": person.full_name})
            return redirect("member", uuid=found.uuid, person=person.uuid)
    context = {
        "organisation": found,
        "form": form,
        "nav_items": desk_nav(found, "people"),
        "crumbs": desk_crumbs(found),
    }
    return render(request, "desks/organisation_add.html", context)


@never_cache
@login_required
@require_safe
def member(request: HttpRequest, uuid: UUID, person: UUID) -> HttpResponse:
    """One person of the organisation: what is known, and the way to let them go."""
    found = managed_organisation(request, uuid)
    who = _member(found, person)
    note_people_read(request, "people.read_person", who, unit=found.seat)
    titles = {course.key: course.title for course in staff_courses(found, language())}
    context = {
        "organisation": found,
        "person": who,
        "phone": format_phone(who.phone) if who.phone else "",
        "may_invite": who.account_id is None and bool(who.phone) and is_mobile(who.phone) and not who.reminded,
        "others": Organisation.objects.managed_by(request.user).active().exclude(pk=found.pk)[:OTHERS_SHOWN],
        "enrolments": [
            {"title": titles[row.course_key], "done_at": row.done_at}
            for row in enrolments_of(who, found)
            if row.course_key in titles
        ],
        "nav_items": desk_nav(found, "people"),
        "crumbs": desk_crumbs(found),
    }
    return render(request, "desks/organisation_person.html", context)


@login_required
@require_POST
def member_invite(request: HttpRequest, uuid: UUID, person: UUID) -> HttpResponse:
    """A text with the address at which the person signs in."""
    found = managed_organisation(request, uuid)
    who = _member(found, person)
    try:
        url = request.build_absolute_uri(reverse("account_login"))
        invite_member(person=who, organisation=found, url=url, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The invitation is on its way to %(name)s.") % {"name": who.full_name})
    return redirect("member", uuid=found.uuid, person=who.uuid)


@login_required
@require_POST
def member_move(request: HttpRequest, uuid: UUID, person: UUID) -> HttpResponse:
    """To another organisation that the user manages, too."""
    found = managed_organisation(request, uuid)
    who = _member(found, person)
    to = _managed(request, request.POST.get("den", ""))
    if to is None:
        messages.error(request, _("Choose the organisation that takes this person."))
        return redirect("member", uuid=found.uuid, person=who.uuid)
    try:
        move_member(person=who, organisation=found, to=to, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("member", uuid=found.uuid, person=who.uuid)
    messages.success(request, _("%(name)s belongs to %(to)s now.") % {"name": who.full_name, "to": to.name})
    return redirect("member", uuid=to.uuid, person=who.uuid)


def _managed(request: HttpRequest, text: str) -> Organisation | None:
    try:
        return Organisation.objects.managed_by(request.user).active().filter(uuid=UUID(text)).first()
    except ValueError:
        return None


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """It was dissolved, or merged into another one that is looked for by name."""
    found = visible_organisation(request, uuid)
    if not request.user.has_perm("people.end_organisation", found):
        raise PermissionDenied
    query = request.GET.get("q", "").strip()[:100]
    others = Organisation.objects.visible_to(request.user).active().exclude(pk=found.pk).select_related("seat")
    shown = others.search(query) if query else others.within(found.seat)
    form = EndOrganisationForm(
        request.POST if request.method == "POST" else None, others=others, shown=shown[:OTHERS_SHOWN]
    )
    if request.method == "POST" and form.is_valid():
        try:
            end_organisation(organisation=found, successor=form.cleaned_data["successor"], by=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(name)s has ended.") % {"name": found.name})
            return redirect("organisation", uuid=found.uuid)
    context = {
        "organisation": found,
        "form": form,
        "query": query,
        "people": Person.objects.members_of(found).count(),
        "nav_items": desk_nav(found, "end"),
        "crumbs": desk_crumbs(found),
    }
    return render(request, "desks/organisation_end.html", context)


@login_required
@require_POST
def member_end(request: HttpRequest, uuid: UUID, person: UUID) -> HttpResponse:
    """Let somebody go. Pressed again, the button says that it is done."""
    found = managed_organisation(request, uuid)
    known = Person.objects.filter(memberships__organisation=found, uuid=person).distinct()
    who = get_object_or_404(known)
    end_membership(person=who, organisation=found, by=request.user)
    messages.success(request, _("%(name)s is no longer on your list.") % {"name": who.full_name})
    return redirect("organisation", uuid=found.uuid)


def _member(found: Organisation, person: UUID) -> Any:
    return get_object_or_404(staff(found, None), uuid=person)
