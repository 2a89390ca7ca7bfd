"""Who may see and do what. Each predicate is the twin of a `visible_to`; a parity test holds them equal."""

from __future__ import annotations

from people.enums import Role
from people.models import DataRequest, Membership, Organisation, Person, RoleAssignment, RosterImport
from people.scopes import (
    ANSWERING_ROLES,
    OFFICE_READERS,
    PEOPLE_READERS,
    PEOPLE_ROLES,
    active_roles,
    is_site_administrator,
    managed_organisation_ids,
    reads_whole_site,
    role_units,
)
from places.models import AdministrativeUnit

# What each role may do on an object inside its scope.
PERMISSIONS: dict[Role, set[str]] = {
    Role.ADMINISTRATOR: {
        "places.add_village",
        "people.view_unit",
        "people.view_roles",
        "people.answer_requests",
        "people.place_people",
        "people.merge_people",
        "people.register_walk_in",
        "events.hold_class",
        "people.manage_organisation",
        "people.end_organisation",
        "certificates.print",
        "reports.set_target",
        "reports.close_report",
        "certificates.read_register",
        "certificates.enter_register",
    },
    Role.OFFICIAL: {
        "places.add_village",
        "people.view_unit",
        "people.view_roles",
        "people.answer_requests",
        "people.place_people",
        "people.merge_people",
        "people.register_walk_in",
        "events.hold_class",
        "people.end_organisation",
        "certificates.print",
        "reports.set_target",
        "reports.close_report",
        "certificates.read_register",
        "certificates.enter_register",
    },
    Role.AUDITOR: {"people.view_unit", "people.view_roles", "certificates.read_register"},
    Role.FACILITATOR: {"people.view_unit", "people.register_walk_in", "events.hold_class"},
    Role.MANAGER: {"people.manage_organisation"},
    Role.ORGANISER: set(),
    Role.EDITOR: set(),
    Role.REVIEWER: set(),
}

# Who names whom: holder → role that may be given → whether also on the holder's own level, or only below it. Editors
# and course reviewers work on the content of the whole site, so only its administrators name them.
GRANTS: dict[Role, dict[Role, bool]] = {
    Role.ADMINISTRATOR: {
        Role.ADMINISTRATOR: False,
        Role.ORGANISER: True,
        Role.OFFICIAL: True,
        Role.FACILITATOR: True,
        Role.MANAGER: True,
        Role.AUDITOR: True,
    },
    Role.OFFICIAL: {Role.OFFICIAL: False, Role.FACILITATOR: True, Role.MANAGER: True},
}

# What a role is scoped by; `None` in the set: the whole site.
SCOPES_OF_ROLE: dict[Role, frozenset[str | None]] = {
    Role.MANAGER: frozenset({"organisation"}),
    Role.OFFICIAL: frozenset({"unit"}),
    Role.FACILITATOR: frozenset({"unit"}),
    **{
        role: frozenset({"unit", None})
        for role in (Role.ADMINISTRATOR, Role.EDITOR, Role.REVIEWER, Role.ORGANISER, Role.AUDITOR)
    },
}


def can_grant(
    user, role: str, *, unit: AdministrativeUnit | None = None, organisation: Organisation | None = None
) -> bool:
    """Whether the user holds a role from which this one, with this scope, may be given and taken."""
    if is_site_administrator(user):
        return True
    place = organisation.seat if organisation is not None else unit
    if place is None:
        return False
    for held in active_roles(user):
        on_own_level = GRANTS.get(Role(held.role), {}).get(Role(role))
        if on_own_level is None or held.unit is None or not place.present_path.startswith(held.unit.path):
            continue
        if on_own_level or place.present_path != held.unit.path:
            return True
    return False


def can_change_role(user, assignment: RoleAssignment) -> bool:
    """Whether the user may end somebody else's role; one's own is ended from above."""
    return assignment.user_id != user.pk and can_grant(
        user, assignment.role, unit=assignment.unit, organisation=assignment.organisation
    )


def can_help_login(user, login) -> bool:
    """Whether the user stands above in every role that the other login holds today, and it holds one."""
    held = active_roles(login)
    return bool(held) and all(can_change_role(user, assignment) for assignment in held)


def can_see_role(user, assignment: RoleAssignment) -> bool:
    if not user.is_authenticated:
        return False
    if reads_whole_site(user) or assignment.user_id == user.pk:
        return True
    place = assignment.organisation.seat if assignment.organisation is not None else assignment.unit
    return place is not None and any(
        place.present_path.startswith(unit.path) for unit in role_units(user, *OFFICE_READERS)
    )


def has_scoped_permission(user, perm: str, obj) -> bool:
    """Whether a role of the user grants `perm` on `obj`, a unit, an organisation or anything with a `unit`."""
    for assignment in active_roles(user):
        if perm not in PERMISSIONS[Role(assignment.role)]:
            continue
        if isinstance(obj, Organisation):
            if assignment.organisation_id == obj.pk:
                return True
            unit = obj.seat
        else:
            unit = obj if hasattr(obj, "path") else getattr(obj, "unit", None)
        if assignment.organisation_id is None and (
            assignment.unit is None or (unit is not None and unit.present_path.startswith(assignment.unit.path))
        ):
            return True
    return False


def can_see_request(user, request: DataRequest) -> bool:
    return request.person is not None and can_see_person(user, request.person)


def can_answer_request(user, request: DataRequest) -> bool:
    """Whether the request is the user's to answer; the twin of `answerable_by`."""
    if is_site_administrator(user):
        return True
    place = request.person.residence if request.person is not None else None
    return place is not None and any(
        place.present_path.startswith(unit.path) for unit in role_units(user, *ANSWERING_ROLES)
    )


def can_see_organisation(user, organisation: Organisation) -> bool:
    return reads_whole_site(user) or any(
        a.organisation_id == organisation.pk
        if a.role == Role.MANAGER
        else a.role in OFFICE_READERS and a.unit is not None and organisation.seat.present_path.startswith(a.unit.path)
        for a in active_roles(user)
    )


def can_manage_organisation(user, organisation: Organisation) -> bool:
    """Whether the user manages its people; the twin of `managed_by`."""
    return is_site_administrator(user) or organisation.pk in managed_organisation_ids(user)


def can_see_roster(user, roster: RosterImport) -> bool:
    if roster.organisation is not None:
        return can_manage_organisation(user, roster.organisation)
    return is_site_administrator(user) or has_scoped_permission(user, "certificates.enter_register", roster.unit)


def can_see_person(user, person: Person) -> bool:
    if not user.is_authenticated or person.merged_into_id is not None:
        return False
    return reads_whole_site(user) or person.account_id == user.pk or _looks_after(user, person, PEOPLE_READERS)


def can_help_person(user, person: Person) -> bool:
    """Whether the person is one whom the user helps as part of their work; the twin of `helped_by`."""
    if not user.is_authenticated or person.merged_into_id is not None:
        return False
    return is_site_administrator(user) or _looks_after(user, person, PEOPLE_ROLES)


def can_merge(user, person: Person) -> bool:
    """Whether the user may decide that the record and another such one are of one person."""
    if is_site_administrator(user):
        return True
    return person.residence is not None and has_scoped_permission(user, "people.merge_people", person.residence)


def _looks_after(user, person: Person, roles) -> bool:
    managed = managed_organisation_ids(user)
    if managed and Membership.objects.active().filter(organisation__in=managed, person=person).exists():
        return True
    return person.residence is not None and any(
        person.residence.present_path.startswith(unit.path) for unit in role_units(user, *roles)
    )


def can_share_device(user, *, unit: AdministrativeUnit | None = None, organisation: Organisation | None = None) -> bool:
    """Whether the user may turn a device into one that the people of this place or organisation share, and back."""
    if organisation is not None:
        return can_manage_organisation(user, organisation)
    return unit is not None and (is_site_administrator(user) or user.has_perm("people.register_walk_in", unit))
