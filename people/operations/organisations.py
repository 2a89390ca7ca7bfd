"""Organisations: made and changed by administrators."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import User
from ledger.operations import record_audit
from people.models import Organisation


@transaction.atomic
def keep_organisation(
    *, organisation: Organisation, changed: Iterable[str] = (), by: User | None, at: datetime | None = None
) -> Organisation:
    """Store a new organisation, or one of which the fields `changed` were changed, and leave a line of the audit."""
    action = "people.create_organisation" if organisation.pk is None else "people.change_organisation"
    organisation.save()
    record_audit(actor=by, action=action, target=organisation, unit=organisation.seat, fields=changed, at=at)
    return organisation
