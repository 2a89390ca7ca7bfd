"""Giving and ending roles, handing them over, and helping the logins that hold them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from common import clock
from common.phones import format_phone
from ledger.enums import MessageChannel
from ledger.operations import record_audit, send_message
from people.enums import Role
from people.exceptions import (
    MayNotGrant,
    NoRolesToHandOver,
    RoleEndsInThePast,
    RoleScopeInvalid,
    SameLogin,
)
from people.groups import group_of
from people.models import Organisation, RoleAssignment
from people.operations.groups import group_with_rights
from people.rules import SCOPES_OF_ROLE, can_change_role, can_grant, can_help_login
from places.models import AdministrativeUnit

ROLE_PURPOSE = "role"  # of the texts that say what somebody may do now


@transaction.atomic
def grant_role(
    *,
    user: User,
    role: str,
    unit: AdministrativeUnit | None = None,
    organisation: Organisation | None = None,
    until: date | None = None,
    by: Any,
    at: datetime | None = None,
) -> RoleAssignment:
    """Give a role from today on, and what it may do in the admin; one already held only gets its last day changed.

    `until` is the first day on which the role no longer holds; None: without an end. A manager needs an
    organisation, an official and a facilitator a unit; the others may have a unit or none, which is the whole
    site. `by` None is a command of the system. Raises `RoleScopeInvalid`, `MayNotGrant`, `RoleEndsInThePast`.
    """
    at = at or clock.now()
    today = clock.day_of(at)
    role = Role(role)
    given = {name for name, value in (("unit", unit), ("organisation", organisation)) if value is not None} or {None}
    if len(given) != 1 or not given <= SCOPES_OF_ROLE[role]:
        raise RoleScopeInvalid(role=role.label)
    if by is not None and not can_grant(by, role, unit=unit, organisation=organisation):
        raise MayNotGrant(role=role.label)
    if until is not None and until <= today:
        raise RoleEndsInThePast()
    User.objects.select_for_update().get(pk=user.pk)
    scope = unit or (organisation.seat if organisation else None)
    held = RoleAssignment.objects.as_of(today).filter(user=user, role=role, unit=unit, organisation=organisation)
    assignment = held.first()
    if assignment is None:
        assignment = RoleAssignment.objects.create(
            user=user,
            role=role,
            unit=unit,
            organisation=organisation,
            valid_from=today,
            valid_until=until,
            granted_by=by,
        )
        record_audit(actor=by, action="people.grant_role", target=assignment, unit=scope, fields=[role], at=at)
        if user.phone and by is not None:
            _tell(user, _words_of_grant(assignment), at)
    elif assignment.valid_until != until:
        assignment.valid_until = until
        assignment.save(update_fields=["valid_until"])
        record_audit(
            actor=by, action="people.change_role", target=assignment, unit=scope, fields=["valid_until"], at=at
        )
    plan = group_of(role, whole_site=unit is None)
    if plan is not None:
        user.groups.add(group_with_rights(plan))
    _forget_cached(user)
    return assignment


@transaction.atomic
def end_role(*, assignment: RoleAssignment, by: Any, at: datetime | None = None) -> None:
    """End a role today, and leave the admin group when no other role of the user needs it; again changes nothing.

    Raises `MayNotGrant`.
    """
    at = at or clock.now()
    today = clock.day_of(at)
    assignment = (
        RoleAssignment.objects.select_for_update(of=("self",))
        .select_related("user", "unit", "organisation__seat")
        .get(pk=assignment.pk)
    )
    if by is not None and not can_change_role(by, assignment):
        raise MayNotGrant(role=assignment.get_role_display())
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
    plan = group_of(assignment.role, whole_site=assignment.unit_id is None)
    if plan is not None:
        left = (group_of(a.role, whole_site=a.unit_id is None) for a in user.roles.as_of(today))
        if plan not in left:
            user.groups.remove(*Group.objects.filter(name=plan.name))
    _forget_cached(user)


def roles_to_change(user: User, by: User, at: datetime) -> list[RoleAssignment]:
    """The roles that `user` holds and `by` may end or hand over."""
    held = user.roles.as_of(clock.day_of(at)).select_related("unit", "organisation__seat").order_by("pk")
    return [assignment for assignment in held if can_change_role(by, assignment)]


@transaction.atomic
def hand_over_roles(*, user: User, to: User, by: User, at: datetime | None = None) -> list[RoleAssignment]:
    """Give every role of `user` that `by` may end to `to`, with the same scope and last day, and end it.

    One transaction: a unit is never without anybody in between. Raises `SameLogin`, `NoRolesToHandOver`,
    `MayNotGrant` when `to` is whoever acts.
    """
    at = at or clock.now()
    if to.pk == user.pk:
        raise SameLogin()
    roles = roles_to_change(user, by, at)
    if not roles:
        raise NoRolesToHandOver()
    if to.pk == by.pk and any(not can_change_role(by, role) for role in roles):
        raise MayNotGrant(role=roles[0].get_role_display())
    given = [
        grant_role(
            user=to,
            role=held.role,
            unit=held.unit,
            organisation=held.organisation,
            until=held.valid_until,
            by=by,
            at=at,
        )
        for held in roles
    ]
    for held in roles:
        end_role(assignment=held, by=by, at=at)
    record_audit(actor=by, action="people.hand_over_roles", target=user, fields=["roles"], count=len(roles), at=at)
    return given


@transaction.atomic
def deactivate_staff(*, user: User, by: User, at: datetime | None = None) -> int:
    """End every role of somebody who was moved away that `by` may end; how many there were.

    When none is left anywhere, the password stops working and all devices are signed out. Learning goes on
    with a code to the phone. Raises `NoRolesToHandOver` when there is nothing to end.
    """
    at = at or clock.now()
    roles = roles_to_change(user, by, at)
    if not roles:
        raise NoRolesToHandOver()
    for held in roles:
        end_role(assignment=held, by=by, at=at)
    ended = ["roles"]
    if not user.roles.as_of(clock.day_of(at)).exists():
        user.set_unusable_password()  # a new one every time, and sessions are tied to it
        user.save(update_fields=["password"])
        Authenticator.objects.filter(user=user).delete()
        ended += ["password", "second_factor"]
    record_audit(actor=by, action="people.deactivate_staff", target=user, fields=ended, count=len(roles), at=at)
    return len(roles)


@transaction.atomic
def reset_second_factor(*, user: User, by: User, at: datetime | None = None) -> bool:
    """Take away a second factor that was lost; the next sign-in sets up a new one. Whether there was one.

    All open sessions of the login end: whoever holds what was lost may hold one, and a login without a password could
    set up a new second step in it. Only somebody above in all roles of the login may, and the owner is told. Raises
    `MayNotGrant`.
    """
    at = at or clock.now()
    if not can_help_login(by, user):
        raise MayNotGrant(role=_("staff"))
    removed, _rows = Authenticator.objects.filter(user=user).delete()
    if not removed:
        return False
    User.objects.filter(pk=user.pk).update(sessions_ended=F("sessions_ended") + 1)
    record_audit(actor=by, action="people.reset_second_factor", target=user, fields=["second_factor"], at=at)
    if user.phone:
        with translation.override(settings.LANGUAGE_CODE):
            words = _("Your second step was reset by %(by)s. If you did not ask for it, tell them at once.")
            _tell(user, words % {"by": by}, at)
    return True


def _words_of_grant(assignment: RoleAssignment) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        place = assignment.unit.full_name if assignment.unit else assignment.organisation
        words = _("%(site)s: you now work as “%(role)s”, %(place)s. Sign in with %(phone)s at %(url)s")
        return words % {
            "site": settings.WAGTAIL_SITE_NAME,
            "role": assignment.get_role_display(),
            "place": place or _("the whole site"),
            "phone": format_phone(assignment.user.phone or ""),
            "url": settings.SITE_URL.rstrip("/") + reverse("account_login"),
        }


def _tell(user: User, words: str, at: datetime) -> None:
    send_message(channel=MessageChannel.SMS, purpose=ROLE_PURPOSE, to=user.phone or "", body=words, at=at)


def _forget_cached(user: User) -> None:
    """A user object in hand answers with its new rights at once."""
    for name in ("_active_roles", "_perm_cache", "_user_perm_cache", "_group_perm_cache"):
        user.__dict__.pop(name, None)
