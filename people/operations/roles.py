"""Giving and ending roles, and keeping the groups of the content admin as the table says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from accounts.models import User
from common import clock
from ledger.operations import record_audit
from people.enums import Role
from people.exceptions import RoleScopeInvalid
from people.groups import GROUPS, GroupPlan, group_of
from people.models import Organisation, RoleAssignment
from places.models import AdministrativeUnit

_FILE_MODELS = {"wagtailimages": "image", "wagtaildocs": "document"}


@transaction.atomic
def grant_role(
    *,
    user: User,
    role: str,
    unit: AdministrativeUnit | None = None,
    organisation: Organisation | None = None,
    by: Any,
    at: datetime | None = None,
) -> RoleAssignment:
    """Give a role from today on, and what it may do in the admin; one already held is returned as it is.

    A manager needs an organisation, an official and a facilitator a unit; the others may have a unit or none,
    which is the whole site. Raises `RoleScopeInvalid`.
    """
    at = at or clock.now()
    role = Role(role)
    scoped_well = {
        Role.MANAGER: organisation is not None and unit is None,
        Role.OFFICIAL: unit is not None and organisation is None,
        Role.FACILITATOR: unit is not None and organisation is None,
    }.get(role, organisation is None)
    if not scoped_well:
        raise RoleScopeInvalid(role=role.label)
    User.objects.select_for_update().get(pk=user.pk)
    assignment = RoleAssignment.objects.filter(
        user=user, role=role, unit=unit, organisation=organisation, valid_until=None
    ).first()
    if assignment is None:
        assignment = RoleAssignment.objects.create(
            user=user,
            role=role,
            unit=unit,
            organisation=organisation,
            valid_from=clock.day_of(at),
            granted_by=by,
        )
        scope = unit or (organisation.seat if organisation else None)
        record_audit(actor=by, action="people.grant_role", target=assignment, unit=scope, fields=[role], at=at)
    plan = group_of(role, whole_site=unit is None)
    if plan is not None:
        group, created = Group.objects.get_or_create(name=plan.name)
        if created:
            _write_group(group, plan)
        user.groups.add(group)
    _forget_cached(user)
    return assignment


@transaction.atomic
def end_role(*, assignment: RoleAssignment, by: Any, at: datetime | None = None) -> None:
    """End a role today, and leave the admin group when no other role of the user needs it; again changes nothing."""
    at = at or clock.now()
    today = clock.day_of(at)
    assignment = (
        RoleAssignment.objects.select_for_update(of=("self",)).select_related("user", "unit").get(pk=assignment.pk)
    )
    if assignment.valid_until is not None and assignment.valid_until <= today:
        return
    scope = assignment.unit or (assignment.organisation.seat if assignment.organisation else None)
    record_audit(actor=by, action="people.end_role", target=assignment, unit=scope, fields=[assignment.role], at=at)
    if assignment.valid_from >= today:  # given and taken back on one day: it was never in force
        assignment.delete()
    else:
        assignment.valid_until = today
        assignment.save(update_fields=["valid_until"])
    user = assignment.user
    plan = group_of(assignment.role, whole_site=assignment.unit is None)
    if plan is not None:
        left = (group_of(a.role, whole_site=a.unit_id is None) for a in user.roles.as_of(today))
        if plan not in left:
            user.groups.remove(*Group.objects.filter(name=plan.name))
    _forget_cached(user)


@transaction.atomic
def sync_groups() -> None:
    """Bring the groups of the admin to what `people.groups` says. Idempotent.

    Runs after every migration. Whoever creates the first pages of a type named there runs it again, because
    a permission on pages needs the page.
    """
    for plan in GROUPS:
        group, _created = Group.objects.get_or_create(name=plan.name)
        _write_group(group, plan)


def _write_group(group: Group, plan: GroupPlan) -> None:
    named = [tuple(name.split(".")) for name in plan.permissions]
    named += [
        (app, f"{action}_{model}")
        for app, model, actions in ((*label.split("."), actions) for label, actions in plan.models.items())
        for action in actions
    ]
    condition = Q(pk__in=[])
    for app, codename in named:
        condition |= Q(content_type__app_label=app, codename=codename)
    group.permissions.set(Permission.objects.filter(condition))
    _write_pages(group, plan)
    _write_files(group, plan)


def _write_pages(group: Group, plan: GroupPlan) -> None:
    permissions = {
        permission.codename.removesuffix("_page"): permission.pk
        for permission in Permission.objects.filter(content_type__app_label="wagtailcore", content_type__model="page")
    }
    wanted = {
        (page_id, permissions[action])
        for label, actions in plan.pages.items()
        for page_id in _pages_of_type(label)
        for action in actions
        if action in permissions
    }
    held = {(row.page_id, row.permission_id): row.pk for row in GroupPagePermission.objects.filter(group=group)}
    GroupPagePermission.objects.filter(pk__in=[held[key] for key in held.keys() - wanted]).delete()
    GroupPagePermission.objects.bulk_create(
        [
            GroupPagePermission(group=group, page_id=page, permission_id=permission)
            for page, permission in sorted(wanted - held.keys())
        ]
    )


def _pages_of_type(label: str) -> list[int]:
    """The topmost pages of a type; a permission on one reaches the pages below it. `wagtailcore.page`: the root."""
    if label == "wagtailcore.page":
        return [page.pk for page in Page.get_root_nodes()]
    app, model = label.split(".")
    content_type = ContentType.objects.filter(app_label=app, model=model).first()
    if content_type is None:
        return []
    kept: list[tuple[str, int]] = []
    for path, pk in Page.objects.filter(content_type=content_type).order_by("path").values_list("path", "pk"):
        if not (kept and path.startswith(kept[-1][0])):
            kept.append((path, pk))
    return [pk for _path, pk in kept]


def _write_files(group: Group, plan: GroupPlan) -> None:
    root = Collection.get_first_root_node()
    if root is None:
        return
    condition = Q(pk__in=[])
    for app, model in _FILE_MODELS.items():
        condition |= Q(content_type__app_label=app, codename__in=[f"{action}_{model}" for action in plan.files])
    wanted = set(Permission.objects.filter(condition).values_list("pk", flat=True))
    held = {row.permission_id: row.pk for row in GroupCollectionPermission.objects.filter(group=group, collection=root)}
    GroupCollectionPermission.objects.filter(pk__in=[held[key] for key in held.keys() - wanted]).delete()
    GroupCollectionPermission.objects.bulk_create(
        [
            GroupCollectionPermission(group=group, collection=root, permission_id=permission)
            for permission in sorted(wanted - held.keys())
        ]
    )


def _forget_cached(user: User) -> None:
    """A user object in hand answers with its new rights at once."""
    for name in ("_active_roles", "_perm_cache", "_user_perm_cache", "_group_perm_cache"):
        user.__dict__.pop(name, None)
