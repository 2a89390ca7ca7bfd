"""The roles somebody holds today and the units they reach; what `visible_to` and the rules are built from."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from people.enums import Role

# Who works with the people of a unit, who reads about them, and who reads about organisations and papers there.
PEOPLE_ROLES = (Role.OFFICIAL, Role.FACILITATOR, Role.ADMINISTRATOR)
PEOPLE_READERS = (*PEOPLE_ROLES, Role.AUDITOR)
ANSWERING_ROLES = (Role.OFFICIAL, Role.ADMINISTRATOR)
# Who enters what a paper register says: it is shown to whoever checks a certificate.
REGISTER_KEEPERS = (Role.OFFICIAL, Role.ADMINISTRATOR)
OFFICE_READERS = (Role.OFFICIAL, Role.ADMINISTRATOR, Role.AUDITOR)
# Who reads the audit trail: an official's own deeds stand on it.
TRAIL_READERS = (Role.AUDITOR, Role.ADMINISTRATOR)


# Who reads or changes what belongs to many, and so signs in with a second step.
TWO_STEP_ROLES = frozenset(Role) - {Role.FACILITATOR, Role.MANAGER}


def active_roles(user) -> list:
    """The user's role assignments of today with their scopes, none while their rights rest; one query a user object."""
    return [] if not user.is_authenticated or user.rights_rest else held_roles(user)


def held_roles(user) -> list:
    """The same, whether they count at present or not."""
    cached = getattr(user, "_active_roles", None)
    if cached is None:
        cached = list(user.roles.active().select_related("unit", "organisation__seat"))
        user._active_roles = cached
    return cached


def has_role(user, *roles: Role) -> bool:
    return any(assignment.role in roles for assignment in active_roles(user))


def role_units(user, *roles: Role) -> list:
    """The units in which the user holds one of the roles."""
    return [assignment.unit for assignment in active_roles(user) if assignment.role in roles and assignment.unit]


def own_unit(user) -> Any:
    """The first unit of the user's roles, that of the seat for a manager; None for those of the whole site."""
    places = (a.organisation.seat if a.organisation is not None else a.unit for a in active_roles(user))
    return next((place for place in places if place is not None), None)


def managed_organisation_ids(user) -> list[int]:
    """Organisations of which the user is a manager."""
    return [a.organisation_id for a in active_roles(user) if a.role == Role.MANAGER]


def is_site_administrator(user) -> bool:
    """A superuser, or an administrator whose scope is the whole site."""
    return (
        user.is_authenticated
        and not user.rights_rest
        and (user.is_superuser or any(a.role == Role.ADMINISTRATOR and a.unit_id is None for a in active_roles(user)))
    )


def reads_whole_site(user) -> bool:
    """Whether nothing is hidden from the user: an administrator of the site, or an auditor of the whole site."""
    return is_site_administrator(user) or any(a.role == Role.AUDITOR and a.unit_id is None for a in active_roles(user))


def within_any(field: str, units: list) -> Q:
    """A condition: `field` (a unit's path) lies in one of the units; false for none."""
    return reduce(or_, (Q(**{f"{field}__startswith": unit.path}) for unit in units), Q(pk__in=[]))
