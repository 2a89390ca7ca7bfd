"""Where somebody organises campaigns; what the rules and the page's permissions are built from."""

from __future__ import annotations

from people.enums import Role
from people.scopes import active_roles, is_site_administrator
from places.models import AdministrativeUnit


def organised_areas(user) -> list[AdministrativeUnit | None]:
    """The units in which the user organises campaigns; None stands for the whole country."""
    if is_site_administrator(user):
        return [None]
    return [role.unit for role in active_roles(user) if role.role in {Role.ORGANISER, Role.ADMINISTRATOR}]


def can_organise_in(user, area: AdministrativeUnit) -> bool:
    return any(unit is None or area.path.startswith(unit.path) for unit in organised_areas(user))
