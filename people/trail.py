"""Whose entries of the audit trail somebody reads: those of the units they audit or administer, of today or former."""

from __future__ import annotations

from typing import Any

from ledger.models import AuditEntry, AuditEntryQuerySet
from people.scopes import TRAIL_READERS, reads_whole_site, role_units, within_any
from places.models import AdministrativeUnit


def reads_trail(user: Any) -> bool:
    """Whether the user reads the trail of some unit, or of the whole site."""
    return reads_whole_site(user) or bool(role_units(user, *TRAIL_READERS))


def entries_visible_to(user: Any) -> AuditEntryQuerySet:
    """Entries that name no unit, such as a login's own, are read by those of the whole site alone."""
    if reads_whole_site(user):
        return AuditEntry.objects.all()
    units = AdministrativeUnit.objects.filter(within_any("present_path", role_units(user, *TRAIL_READERS)))
    return AuditEntry.objects.filter(unit_path__in=units.order_by().values("path"))


def can_see_entry(user: Any, entry: AuditEntry) -> bool:
    """The twin of `entries_visible_to`."""
    if reads_whole_site(user):
        return True
    place = AdministrativeUnit.objects.filter(path=entry.unit_path).first()
    return place is not None and any(
        place.present_path.startswith(unit.path) for unit in role_units(user, *TRAIL_READERS)
    )
