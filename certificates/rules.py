"""Who may see a certificate without its code, and a line of an old register."""

from __future__ import annotations

from certificates.models import Certificate, PaperEntry
from people.rules import can_see_person
from people.scopes import OFFICE_READERS, reads_whole_site, role_units


def can_see_certificate(user, certificate: Certificate) -> bool:
    return _can_see(user, certificate)


def can_see_paper_entry(user, entry: PaperEntry) -> bool:
    return _can_see(user, entry)


def _can_see(user, paper: Certificate | PaperEntry) -> bool:
    if not user.is_authenticated:
        return False
    if reads_whole_site(user):
        return True
    if paper.person is not None and can_see_person(user, paper.person):
        return True
    return paper.unit is not None and any(
        paper.unit.present_path.startswith(unit.path) for unit in role_units(user, *OFFICE_READERS)
    )
