"""Who may see a certificate without its code."""

from __future__ import annotations

from certificates.models import Certificate
from people.enums import Role
from people.rules import can_see_person
from people.scopes import is_site_administrator, role_units


def can_see_certificate(user, certificate: Certificate) -> bool:
    if not user.is_authenticated:
        return False
    if is_site_administrator(user):
        return True
    if certificate.person is not None and can_see_person(user, certificate.person):
        return True
    return certificate.unit is not None and any(
        certificate.unit.path.startswith(unit.path) for unit in role_units(user, Role.OFFICIAL, Role.ADMINISTRATOR)
    )
