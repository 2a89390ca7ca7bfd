"""What waits for somebody who works here: requests about data, roles that end, lists with rows to mend, approvals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import TaskState

from common import clock
from desks.placing_queries import former_units
from ledger.limits import CODES, HASH_LENGTH, TEXTS
from ledger.models import Allowance, AuditHead
from people.enums import ImportStatus, RowOutcome
from people.models import DataRequest, RoleAssignment, RosterImport
from people.rules import can_change_role
from people.scopes import ANSWERING_ROLES, is_site_administrator, reads_whole_site, role_units, within_any
from places.enums import Level
from places.models import AdministrativeUnit

ROLE_NOTICE = timedelta(days=30)
LIST_NOTICE = timedelta(days=30)
MOST_OF_A_KIND = 10
_TO_MEND = (RowOutcome.ERROR, RowOutcome.CONFLICT)


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do; `due` is its last day, None for what has no clock."""

    title: str
    meta: str
    href: str
    icon: str
    due: date | None = None
    late: bool = False
    names_somebody: bool = False


def open_requests(user: Any) -> QuerySet[DataRequest]:
    """Requests the user is to answer, the most urgent first."""
    return DataRequest.objects.answerable_by(user).open().select_related("person__residence")


def expiring_roles(user: Any, day: date) -> list[RoleAssignment]:
    """Roles that end within a month: one's own, and those one may prolong."""
    found = (
        RoleAssignment.objects.visible_to(user)
        .as_of(day)
        .filter(valid_until__lte=day + ROLE_NOTICE)
        .select_related("user", "unit", "organisation__seat")
        .order_by("valid_until", "pk")
    )
    return [role for role in found if role.user_id == user.pk or can_change_role(user, role)]


def lists_to_mend(user: Any, day: date) -> QuerySet[RosterImport]:
    """Lists of the last month with rows that were left out or wait for a decision."""
    return (
        RosterImport.objects.visible_to(user)
        .filter(
            status__in=[ImportStatus.PREVIEW, ImportStatus.DONE],
            uploaded_at__gte=clock.now() - LIST_NOTICE,
        )
        .annotate(left=Count("rows", filter=Q(rows__outcome__in=_TO_MEND, rows__applied_at=None)))
        .filter(left__gt=0)
        .select_related("organisation", "unit")
    )


def todo_list(user: Any) -> list[Todo]:
    """Everything, what has a last day first."""
    day = clock.today()
    found = [
        *_requests(user, day),
        *_roles(user, day),
        *_roles_of_former_units(user, day),
        *_people_to_place(user),
        *_lists(user, day),
        *_approvals(user),
        *_broken_trail(user),
        *_spent_budgets(user),
    ]
    return sorted(found, key=lambda item: (item.due is None, item.due or day))


def _requests(user: Any, day: date) -> list[Todo]:
    found = []
    for item in open_requests(user)[:MOST_OF_A_KIND]:
        name = item.person.full_name if item.person else ""
        words = {"what": item.get_kind_display(), "name": name}
        found.append(
            Todo(
                title=_("%(name)s asks for %(what)s") % words,
                meta=_("Answer by %(day)s") % {"day": f"{item.due_on:%d/%m/%Y}"},
                href=reverse("data_request", args=[item.uuid]),
                icon="person",
                due=item.due_on,
                late=item.due_on < day,
                names_somebody=True,
            )
        )
    return found


def _roles(user: Any, day: date) -> list[Todo]:
    found = []
    for role in expiring_roles(user, day)[:MOST_OF_A_KIND]:
        last = (role.valid_until or day) - clock.ONE_DAY
        words = {"role": role.get_role_display(), "name": str(role.user)}
        found.append(
            Todo(
                title=_("The role “%(role)s” of %(name)s ends") % words,
                meta=_("Last day %(day)s") % {"day": f"{last:%d/%m/%Y}"},
                href=reverse("staff", args=[role.user.username]),
                icon="shield",
                due=last,
            )
        )
    return found


def _roles_of_former_units(user: Any, day: date) -> list[Todo]:
    """Roles whose unit was merged or divided: they reach nobody until somebody above says where they go on."""
    roles = RoleAssignment.objects.visible_to(user).as_of(day).filter(unit__valid_until__lte=day)
    found = [role for role in roles.select_related("user", "unit") if can_change_role(user, role)]
    return [
        Todo(
            title=_("The unit of the role “%(role)s” of %(name)s has ended")
            % {"role": role.get_role_display(), "name": str(role.user)},
            meta=_("%(unit)s. Give the role in the unit of today, or end it.") % {"unit": role.unit.title},
            href=reverse("staff", args=[role.user.username]),
            icon="shield",
        )
        for role in found[:MOST_OF_A_KIND]
        if role.unit is not None
    ]


def _people_to_place(user: Any) -> list[Todo]:
    if is_site_administrator(user):
        country = AdministrativeUnit.objects.filter(level=Level.COUNTRY).first()
        units = [country] if country else []
    else:
        units = role_units(user, *ANSWERING_ROLES)
    formers = former_units(within_any("present_path", units)) if units else []
    found = []
    for former in list(formers)[:MOST_OF_A_KIND]:
        desk = max((unit for unit in units if former.present_path.startswith(unit.path)), key=lambda unit: unit.path)
        count = former.people + former.seats
        waiting = ngettext("%(n)s person or organisation", "%(n)s people and organisations", count)
        found.append(
            Todo(
                title=_("Where do the people of %(unit)s live today?") % {"unit": former.full_name},
                meta=waiting % {"n": count},
                href=f"{reverse('unit_placing', args=[desk.uuid])}?{urlencode({'cu': former.uuid})}",
                icon="home",
            )
        )
    return found


def _lists(user: Any, day: date) -> list[Todo]:
    return [
        Todo(
            title=ngettext("%(n)s row of a list waits", "%(n)s rows of a list wait", roster.left) % {"n": roster.left},
            meta=f"{roster.owner_name}, {roster.filename}",
            href=reverse("roster", args=[roster.uuid]),
            icon="table",
        )
        for roster in lists_to_mend(user, day)[:MOST_OF_A_KIND]
    ]


def _approvals(user: Any) -> list[Todo]:
    may_enter = user.has_perm("wagtailadmin.access_admin")
    count = TaskState.objects.reviewable_by(user).count() if may_enter else 0
    if not count:
        return []
    title = ngettext("%(n)s page waits for approval", "%(n)s pages wait for approval", count) % {"n": count}
    return [Todo(title=title, meta=_("In the site's editor"), href=reverse("wagtailadmin_home"), icon="document")]


def _broken_trail(user: Any) -> list[Todo]:
    """The last check of the audit trail found it changed: for those who answer for the whole site."""
    head = AuditHead.objects.first() if reads_whole_site(user) else None
    if head is None or head.first_fault is None:
        return []
    return [
        Todo(
            title=_("The audit trail was changed at entry %(number)s") % {"number": head.first_fault},
            meta=_("Check it with the command verify_audit, and find out who has access to the database."),
            href=reverse("trail"),
            icon="shield",
            due=head.day,
            late=True,
        )
    ]


def _spent_budgets(user: Any) -> list[Todo]:
    """Texts that were not sent today because the budget of the unit or the site was spent."""
    spent = Allowance.objects.filter(
        purpose__in=[TEXTS, CODES], refused__gt=0, since__gte=clock.start_of(clock.today())
    )
    places = {unit.path: unit.full_name for unit in role_units(user, *ANSWERING_ROLES)}
    if is_site_administrator(user):
        spent = spent.annotate(length=Length("key")).exclude(length=HASH_LENGTH)
    else:
        spent = spent.filter(key__in=places)
    found = []
    for row in spent.order_by("key", "purpose")[:MOST_OF_A_KIND]:
        place = places.get(row.key) or (_("the whole site") if not row.key else row.key)
        what = _("The day's codes are used up") if row.purpose == CODES else _("The day's text messages are used up")
        meta = ngettext("%(n)s was not sent. %(place)s", "%(n)s were not sent. %(place)s", row.refused)
        found.append(
            Todo(
                title=what,
                meta=meta % {"n": row.refused, "place": place},
                href=reverse("todo"),
                icon="bell",
                due=clock.today(),
            )
        )
    return found
