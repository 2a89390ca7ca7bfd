"""Who has which role: the list of a unit, of an organisation, and the page of one login with what helps it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from common import clock
from common.exceptions import DomainError
from common.folding import fold
from common.phones import format_phone
from desks.organisation_views import desk_crumbs, desk_nav, visible_organisation
from desks.paging import page_links, page_of
from desks.unit_queries import units_of
from desks.unit_views import desk_context, reachable_unit
from people.access import login_required, note_people_read, role_required
from people.enums import Role
from people.models import RoleAssignment
from people.operations import deactivate_staff, end_role, hand_over_roles, reset_second_factor
from people.role_forms import ColleagueForm, RoleForm, add_role_refusal, roles_to_give
from people.rules import can_change_role, can_grant, can_help_login
from people.scopes import OFFICE_READERS, reads_whole_site
from places.enums import Level
from places.models import AdministrativeUnit

EXPIRES_SOON = 30  # days
_COUNTRY = {"level": Level.COUNTRY, "valid_until": None}

office_role = role_required(*OFFICE_READERS)


def unit_with_roles(request: HttpRequest, uuid: UUID) -> AdministrativeUnit:
    """The unit if the user may see who works there; 404 for one out of reach, 403 where the role is missing."""
    unit = reachable_unit(request, uuid)
    if not request.user.has_perm("people.view_roles", unit):
        raise PermissionDenied
    return unit


@never_cache
@office_role
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """To the list of the largest unit the user looks after; the whole country for those of the whole site."""
    if reads_whole_site(request.user):
        unit = AdministrativeUnit.objects.filter(**_COUNTRY).first()
    else:
        unit = next((u for u in units_of(request.user) if request.user.has_perm("people.view_roles", u)), None)
    if unit is None:
        raise Http404
    return redirect("unit_roles", uuid=unit.uuid)


@never_cache
@office_role
@require_safe
def unit_roles(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who holds which role in the unit and below, by name and role; those who ended their work on request."""
    unit = unit_with_roles(request, uuid)
    text = request.GET.get("q", "").strip()[:100]
    role = request.GET.get("vai-tro", "")
    former = request.GET.get("da-het") == "1"
    found = RoleAssignment.objects.visible_to(request.user).in_place(unit)
    today = clock.today()
    found = found.filter(valid_until__lte=today) if former else found.as_of(today)
    if role in Role.values:
        found = found.filter(role=role)
    page = page_of(request, _with_names(_named(found, text)))
    note_people_read(request, "desks.read_staff", unit, unit=unit, count=len(page))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        **desk_context(request, unit, "roles"),
        "text": text,
        "page": page,
        "former": former,
        "role": role,
        "may_give": bool(roles_to_give(request.user, unit)),
        "chips": _chips(query, role),
        "columns": _columns(with_place=True),
        "rows": [_row(assignment, with_place=True) for assignment in page],
        **page_links(page, query),
    }
    return render(request, "desks/roles.html", context)


@never_cache
@office_role
@require_http_methods(["GET", "HEAD", "POST"])
def unit_role_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give somebody a role at the unit."""
    unit = unit_with_roles(request, uuid)
    if not roles_to_give(request.user, unit):
        raise PermissionDenied
    form = RoleForm(request.POST if request.method == "POST" else None, place=unit, by=request.user)
    if _given(request, form):
        return redirect("unit_roles", uuid=unit.uuid)
    crumbs = [{"title": _("Who works here"), "url": reverse("unit_roles", args=[unit.uuid])}]
    context = {**desk_context(request, unit, "roles"), "form": form, "place": unit.title}
    return render(request, "desks/role_new.html", {**context, "crumbs": [*context["crumbs"], *crumbs]})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_roles(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who manages an organisation; whoever looks after the place of its seat names somebody."""
    organisation = visible_organisation(request, uuid)
    may_give = can_grant(request.user, Role.MANAGER, organisation=organisation)
    if request.method == "POST" and not may_give:
        raise PermissionDenied
    form = RoleForm(request.POST if request.method == "POST" else None, place=organisation, by=request.user)
    if _given(request, form):
        return redirect("organisation_roles", uuid=organisation.uuid)
    held = RoleAssignment.objects.active().filter(organisation=organisation)
    note_people_read(request, "desks.read_staff", organisation, unit=organisation.seat)
    seen = set(RoleAssignment.objects.visible_to(request.user).values_list("pk", flat=True).filter(pk__in=held))
    context = {
        "organisation": organisation,
        "nav_items": desk_nav(organisation, "roles"),
        "crumbs": desk_crumbs(organisation),
        "form": form if may_give else None,
        "columns": _columns(with_place=False),
        "rows": [_row(role, with_place=False, linked=role.pk in seen) for role in _with_names(held)],
    }
    return render(request, "desks/organisation_roles.html", context)


# One login ----------------------------------------------------------------------------------------------------


def _staff_or_404(request: HttpRequest, username: str) -> User:
    """A login that holds or held a role within sight of the user."""
    seen = RoleAssignment.objects.visible_to(request.user)
    return get_object_or_404(User, Q(pk__in=seen.values("user")), username=username)


@never_cache
@login_required
@require_safe
def staff(request: HttpRequest, username: str) -> HttpResponse:
    """One login: its roles in sight, and what whoever stands above can do for it."""
    return _staff_page(request, _staff_or_404(request, username), ColleagueForm())


def _staff_page(request: HttpRequest, login: User, form: ColleagueForm) -> HttpResponse:
    held = _with_names(RoleAssignment.objects.visible_to(request.user).filter(user=login))
    place = next((scope for role in held if (scope := _unit_of(role)) is not None), None)
    note_people_read(request, "desks.read_staff", login, unit=place)
    today = clock.today()
    items = [
        {
            "assignment": assignment,
            "place": _place_of(assignment),
            "days": _days_of(assignment),
            "active": assignment.valid_until is None or assignment.valid_until > today,
            "may_end": can_change_role(request.user, assignment),
        }
        for assignment in held
    ]
    context = {
        "login": login,
        "crumbs": [{"title": _("Who works here"), "url": reverse("roles")}],
        "about": " · ".join(filter(None, [login.username, format_phone(login.phone) if login.phone else ""])),
        "active": [item for item in items if item["active"]],
        "former": [item for item in items if not item["active"]],
        "to_change": sum(item["active"] and item["may_end"] for item in items),
        "may_reset": can_help_login(request.user, login),
        "form": form,
    }
    return render(request, "desks/staff.html", context)


@never_cache
@login_required
@require_POST
def staff_end_role(request: HttpRequest, username: str) -> HttpResponse:
    """End one role of a login."""
    login = _staff_or_404(request, username)
    number = request.POST.get("role", "")
    held = RoleAssignment.objects.visible_to(request.user).filter(user=login)
    assignment = get_object_or_404(held, pk=int(number) if number.isdecimal() and len(number) < 19 else 0)
    return _done(request, login, lambda: end_role(assignment=assignment, by=request.user), _("The role has ended."))


@never_cache
@login_required
@require_POST
def staff_hand_over(request: HttpRequest, username: str) -> HttpResponse:
    """Give the roles of a login to a successor."""
    login = _staff_or_404(request, username)
    _require_something_to_change(request, login)
    form = ColleagueForm(request.POST)
    if form.is_valid():
        try:
            with transaction.atomic():
                successor = form.colleague(request.user)
                given = hand_over_roles(user=login, to=successor, by=request.user)
        except DomainError as error:
            add_role_refusal(form, error)
        else:
            words = ngettext("%(n)s role now belongs to %(name)s.", "%(n)s roles now belong to %(name)s.", len(given))
            messages.success(request, words % {"n": len(given), "name": successor})
            return redirect("staff", username=successor.username)
    return _staff_page(request, login, form)


@never_cache
@login_required
@require_POST
def staff_deactivate(request: HttpRequest, username: str) -> HttpResponse:
    """End all roles of somebody who was moved away."""
    login = _staff_or_404(request, username)
    _require_something_to_change(request, login)
    return _done(
        request,
        login,
        lambda: deactivate_staff(user=login, by=request.user),
        _("%(name)s no longer works here.") % {"name": login},
    )


@never_cache
@login_required
@require_POST
def staff_reset_second_factor(request: HttpRequest, username: str) -> HttpResponse:
    """Take away the lost second factor of a login."""
    login = _staff_or_404(request, username)
    if not can_help_login(request.user, login):
        raise PermissionDenied
    if reset_second_factor(user=login, by=request.user):
        messages.success(request, _("The second step is reset. The next sign-in sets up a new one."))
    else:
        messages.info(request, _("This login has no second step to reset."))
    return redirect("staff", username=login.username)


def _require_something_to_change(request: HttpRequest, login: User) -> None:
    held = login.roles.active().select_related("unit", "organisation__seat")
    if not any(can_change_role(request.user, assignment) for assignment in held):
        raise PermissionDenied


def _done(request: HttpRequest, login: User, act: Any, words: str) -> HttpResponse:
    """Do it and say so; a refusal is a 403, because the page offers only what may be done."""
    try:
        act()
    except DomainError:
        raise PermissionDenied from None
    messages.success(request, words)
    # A role given and taken back on one day leaves nothing behind to look at.
    left = RoleAssignment.objects.visible_to(request.user).filter(user=login).exists()
    return redirect("staff", username=login.username) if left else redirect("roles")


# Parts --------------------------------------------------------------------------------------------------------


def _given(request: HttpRequest, form: RoleForm) -> bool:
    """Whether a sent form was valid and the role is given; else the form says why not."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        with transaction.atomic():
            assignment = form.grant()
    except DomainError as error:
        add_role_refusal(form, error)
        return False
    words = _("%(name)s now works as “%(role)s”.")
    messages.success(request, words % {"name": assignment.user, "role": assignment.get_role_display()})
    return True


def _named(found: QuerySet, text: str) -> QuerySet:
    """Roles of logins whose name, user name, phone or learner matches every word."""
    for word in text.split():
        found = found.filter(
            Q(user__name_folded__contains=fold(word))
            | Q(user__username__icontains=word)
            | Q(user__phone__contains=word.removeprefix("0"))
            | Q(user__learners__name_folded__contains=fold(word))
        )
    return found.distinct()


def _with_names(found: QuerySet) -> QuerySet:
    return found.select_related(
        "user", "unit__parent__parent__parent", "organisation__seat__parent", "granted_by"
    ).order_by("user__first_name", "user__username", "id")


def _columns(*, with_place: bool) -> list[dict[str, str]]:
    place = [{"label": _("Where")}] if with_place else []
    return [{"label": _("Name")}, {"label": _("Role")}, *place, {"label": _("Days")}, {"label": _("Given by")}]


def _row(assignment: RoleAssignment, *, with_place: bool, linked: bool = True) -> dict[str, Any]:
    user = assignment.user
    name = str(user)
    if linked:
        name = format_html('<a href="{}">{}</a>', reverse("staff", args=[user.username]), user)
    place = [_place_of(assignment)] if with_place else []
    by = str(assignment.granted_by) if assignment.granted_by else "–"
    return {"cells": [name, assignment.get_role_display(), *place, _days_of(assignment), by]}


def _unit_of(assignment: RoleAssignment) -> AdministrativeUnit | None:
    return assignment.organisation.seat if assignment.organisation is not None else assignment.unit


def _place_of(assignment: RoleAssignment) -> str:
    if assignment.organisation is not None:
        return assignment.organisation.name
    if assignment.unit is None:
        return _("the whole site")
    return assignment.unit.address or assignment.unit.name


def _days_of(assignment: RoleAssignment) -> str:
    first = f"{assignment.valid_from:%d/%m/%Y}"
    if assignment.valid_until is None:
        return _("since %(day)s") % {"day": first}
    return _("%(first)s to %(last)s") % {
        "first": first,
        "last": f"{assignment.valid_until - clock.ONE_DAY:%d/%m/%Y}",
    }


def _chips(query: Any, current: str) -> list[dict[str, Any]]:
    def address(value: str) -> str:
        changed = query.copy()
        changed.pop("vai-tro", None)
        if value:
            changed["vai-tro"] = value
        return f"?{changed.urlencode()}"

    choices = [("", _("All roles")), *Role.choices]
    return [{"label": label, "href": address(value), "current": value == current} for value, label in choices]
