"""Who may see a certificate without its code."""

from __future__ import annotations

from certificates.models import Certificate
from people.rules import can_see_person
from people.scopes import OFFICE_READERS, reads_whole_site, role_units


def can_see_certificate(user, certificate: Certificate) -> bool:
    if not user.is_authenticated:
        return False
    if reads_whole_site(user):
        return True
    if certificate.person is not None and can_see_person(user, certificate.person):
        return True
    return certificate.unit is not None and any(
        certificate.unit.present_path.startswith(unit.path) for unit in role_units(user, *OFFICE_READERS)
    )
