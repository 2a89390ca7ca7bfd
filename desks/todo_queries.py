"""What waits for somebody who works here: requests about data, roles that end, lists with rows to mend, approvals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import TaskState

from common import clock
from people.enums import ImportStatus, RowOutcome
from people.models import DataRequest, RoleAssignment, RosterImport
from people.rules import can_change_role

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
        .select_related("organisation")
    )


def todo_list(user: Any) -> list[Todo]:
    """Everything, what has a last day first."""
    day = clock.today()
    found = [*_requests(user, day), *_roles(user, day), *_lists(user, day), *_approvals(user)]
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


def _lists(user: Any, day: date) -> list[Todo]:
    return [
        Todo(
            title=ngettext("%(n)s row of a list waits", "%(n)s rows of a list wait", roster.left) % {"n": roster.left},
            meta=f"{roster.organisation.name}, {roster.filename}",
            href=reverse("roster", args=[roster.organisation.uuid, roster.uuid]),
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
