"""Who may see and do what. Each predicate is the twin of a `visible_to`; a parity test holds them equal."""

from __future__ import annotations

from people.enums import Role
from people.models import Membership, Organisation, Person, RosterImport
from people.scopes import PEOPLE_ROLES, active_roles, is_site_administrator, managed_organisation_ids, role_units

# What each role may do on an object inside its scope.
PERMISSIONS: dict[Role, set[str]] = {
    Role.ADMINISTRATOR: {
        "places.add_village",
        "people.view_unit",
        "people.register_walk_in",
        "people.manage_organisation",
        "certificates.print",
    },
    Role.OFFICIAL: {
        "places.add_village",
        "people.view_unit",
        "people.register_walk_in",
        "certificates.print",
    },
    Role.FACILITATOR: {"people.view_unit", "people.register_walk_in"},
    Role.MANAGER: {"people.manage_organisation"},
    Role.ORGANISER: set(),
    Role.EDITOR: set(),
}


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
            assignment.unit is None or (unit is not None and unit.path.startswith(assignment.unit.path))
        ):
            return True
    return False


def can_see_organisation(user, organisation: Organisation) -> bool:
    return is_site_administrator(user) or any(
        a.organisation_id == organisation.pk
        if a.role == Role.MANAGER
        else a.role in {Role.OFFICIAL, Role.ADMINISTRATOR}
        and a.unit is not None
        and organisation.seat.path.startswith(a.unit.path)
        for a in active_roles(user)
    )


def can_manage_organisation(user, organisation: Organisation) -> bool:
    """Whether the user manages its people; the twin of `managed_by`."""
    return is_site_administrator(user) or organisation.pk in managed_organisation_ids(user)


def can_see_roster(user, roster: RosterImport) -> bool:
    return can_manage_organisation(user, roster.organisation)


def can_see_person(user, person: Person) -> bool:
    if not user.is_authenticated:
        return False
    if is_site_administrator(user) or person.account_id == user.pk:
        return True
    managed = managed_organisation_ids(user)
    if managed and Membership.objects.active().filter(organisation__in=managed, person=person).exists():
        return True
    return person.residence is not None and any(
        person.residence.path.startswith(unit.path) for unit in role_units(user, *PEOPLE_ROLES)
    )
