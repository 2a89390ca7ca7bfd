"""Entries of the audit trail in words: who, what, for which unit, which object, which fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from ledger.models import AuditEntry
from people.enums import ConsentPurpose, RequestKind, RequestStatus, Role
from people.models import Organisation, Person
from places.models import AdministrativeUnit

_FIELDS: dict[str, Any] = {
    "birth_year": gettext_lazy("Year of birth"),
    "full_name": gettext_lazy("Full name"),
    "kind": gettext_lazy("Kind"),
    "name": gettext_lazy("Name"),
    "phone": gettext_lazy("Phone number"),
    "pin": gettext_lazy("PIN"),
    "registration_number": gettext_lazy("Registration number"),
    "residence": gettext_lazy("Place of residence"),
    "roles": gettext_lazy("Roles"),
    "seat": gettext_lazy("Seat"),
    "second_factor": gettext_lazy("Second step of the sign-in"),
    "valid_from": gettext_lazy("From"),
    "valid_until": gettext_lazy("Until"),
    **{
        str(value): label
        for choices in (Role, RequestKind, RequestStatus, ConsentPurpose)
        for value, label in choices.choices
    },
}


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One entry as it is read; `number` is None until it is sealed."""

    at: datetime
    who: str
    what: str
    unit: str
    target: str
    fields: str
    count: int
    number: int | None


def trail_lines(entries: Sequence[AuditEntry], user: Any) -> list[TrailLine]:
    """These entries in words, in at most six queries however many they are.

    People whom the user may not see have no name. The entries come with their `actor` selected.
    """
    paths = {entry.unit_path for entry in entries}
    units = {unit.path: unit.full_name for unit in AdministrativeUnit.objects.filter(path__in=paths)}
    names = _names(entries, user)
    return [
        TrailLine(
            at=entry.at,
            who=_who(entry),
            what=entry.title,
            unit=units.get(entry.unit_path, ""),
            target=names.get((entry.target_type, entry.target_id)) or _bare(entry),
            fields=", ".join(str(_FIELDS.get(name, name)) for name in entry.fields),
            count=entry.count,
            number=entry.number,
        )
        for entry in entries
    ]


def _names(entries: Sequence[AuditEntry], user: Any) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for model, rows in (
        (Person, Person.objects.visible_to(user)),
        (User, User.objects.all()),
        (Organisation, Organisation.objects.visible_to(user)),
        (AdministrativeUnit, AdministrativeUnit.objects.all()),
    ):
        label = model._meta.label_lower
        ids = {entry.target_id for entry in entries if entry.target_type == label}
        if ids:
            found |= {(label, str(pk)): str(row) for pk, row in rows.in_bulk([int(pk) for pk in ids]).items()}
    return found


def _who(entry: AuditEntry) -> str:
    if entry.actor_id is None:
        return _("the program itself")
    return str(entry.actor) if entry.actor is not None else _("login %(id)s, erased") % {"id": entry.actor_id}


def _bare(entry: AuditEntry) -> str:
    """Kind and number of an object that has no name here."""
    try:
        kind = str(apps.get_model(entry.target_type)._meta.verbose_name)
    except LookupError:  # a model of an older version
        kind = entry.target_type
    return f"{kind} {entry.target_id}"
