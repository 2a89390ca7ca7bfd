"""Entries of the audit trail as a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

from django.utils.translation import gettext as _

from common import clock
from common.tabular import OutSheet, OutValue, write_workbook
from desks.trail_queries import trail_lines
from ledger.models import AuditEntryQuerySet

MOST_LINES = 50_000
"""Entries in one file; more are taken in several."""
_CHUNK = 1_000


def write_trail_workbook(target: IO[bytes], *, entries: AuditEntryQuerySet, user: Any) -> None:
    """Write the entries to `target` in their order, one line each."""
    header = [
        _("Number in the chain"),
        _("When"),
        _("Who"),
        _("What was done"),
        _("Unit"),
        _("Object"),
        _("Fields"),
        _("How many"),
        _("Seal"),
    ]
    write_workbook(target, [OutSheet(_("Audit trail"), header, _rows(entries, user))])


def _rows(entries: AuditEntryQuerySet, user: Any) -> Iterator[list[OutValue]]:
    found = entries.select_related("actor").iterator(chunk_size=_CHUNK)
    while chunk := list(islice(found, _CHUNK)):
        for line, entry in zip(trail_lines(chunk, user), chunk, strict=True):
            yield [
                line.number,
                f"{line.at.astimezone(clock.VIETNAM):%Y-%m-%d %H:%M:%S}",
                line.who,
                line.what,
                line.unit,
                line.target,
                line.fields,
                line.count,
                entry.digest,
            ]
