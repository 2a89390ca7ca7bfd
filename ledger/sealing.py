"""The audit trail as a chain: sealing new entries, publishing its head, checking it, dropping what is too old.

Every entry carries the digest of itself and the one before, so a changed, added or removed row breaks the chain where
it stands; that the last rows are gone shows because the end of the chain and the published heads name them. Entries are
not chained when they are written, or every writer would wait for the last one (docs/adr/0010-audit-trail.md).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from common import clock
from ledger.models import AuditChain, AuditEntry, AuditHead

SEALED_AT_ONCE = 2_000
"""Entries in one transaction, so that nobody waits long for the lock."""
_BATCH = 200


def digest_of(entry: AuditEntry, previous: str) -> str:
    """SHA-256, as 64 hexadecimal digits, of what the entry says, its number and the digest before it."""
    said = [
        previous,
        entry.number,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor_id,
        entry.action,
        entry.target_type,
        entry.target_id,
        entry.unit_path,
        entry.fields,
        entry.count,
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


# Sealing ------------------------------------------------------------------------------------------------------


@transaction.atomic
def seal_entries(*, most: int = SEALED_AT_ONCE) -> int:
    """Number the entries that are not sealed yet, oldest first, and chain them; how many it were.

    One at a time: the end of the chain is locked. An entry whose transaction ended late is simply sealed later.
    """
    end = _locked_end()
    entries = list(AuditEntry.objects.unsealed().order_by("pk")[:most])
    for entry in entries:
        end.number += 1
        entry.number = end.number
        entry.digest = end.digest = digest_of(entry, end.digest)
    if entries:
        AuditEntry.objects.bulk_update(entries, ["number", "digest"], batch_size=_BATCH)
        end.save()
    return len(entries)


def _locked_end() -> AuditChain:
    return AuditChain.objects.select_for_update().get_or_create(pk=1)[0]


def seal_everything() -> int:
    """Seal in transactions of `SEALED_AT_ONCE` until nothing waits; how many it were."""
    total = 0
    while sealed := seal_entries():
        total += sealed
    return total


def publish_head(*, at: datetime | None = None) -> AuditHead:
    """Seal what waits, check the whole chain and publish its end for this day; a second time gives the same row."""
    at = at or clock.now()
    seal_everything()
    report = check_chain()
    with transaction.atomic():
        end = _locked_end()
        head, _created = AuditHead.objects.get_or_create(
            day=clock.day_of(at),
            defaults={
                "number": end.number,
                "digest": end.digest,
                "published_at": at,
                "first_fault": report.faults[0].number if report.faults else None,
            },
        )
    return head


# Checking -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """Where the chain is broken, and what was found there."""

    number: int
    words: str


@dataclass
class Report:
    """What a check found. `first` and `last` are numbers of entries, 0 in an empty chain."""

    first: int = 0
    last: int = 0
    digest: str = ""
    unsealed: int = 0
    faults: list[Fault] = field(default_factory=list)


def checkpoint() -> AuditHead | None:
    """The published head up to which entries were removed by age; the chain goes on from there."""
    return AuditHead.objects.exclude(removed_at=None).order_by("-number", "-day").first()


def check_chain(known: tuple[int, str] | None = None) -> Report:
    """Read the whole chain and name every place at which it does not hold.

    `known` is a head noted elsewhere, (number, digest): printed, or copied from the public page.
    """
    start = checkpoint()
    report = Report(unsealed=AuditEntry.objects.unsealed().count())
    expected, previous = (start.number + 1, start.digest) if start is not None else (1, "")
    heads = _published(known)
    for entry in AuditEntry.objects.sealed().order_by("number").iterator(chunk_size=SEALED_AT_ONCE):
        number = entry.number or 0
        report.first = report.first or number
        if number < expected:
            report.faults.append(Fault(number, _("stands before the checkpoint, where nothing is left")))
            continue
        if number > expected:
            report.faults.append(_missing(expected, number - 1))
        elif digest_of(entry, previous) != entry.digest:
            report.faults.append(Fault(number, _("does not match its seal: it was changed")))
        for digest, day in heads.pop(number, ()):
            if digest != entry.digest:
                report.faults.append(_unlike(number, day))
        expected, previous, report.last = number + 1, entry.digest, number
    report.digest = previous
    report.faults += _faults_at_the_end(expected, previous, heads)
    report.faults.sort(key=lambda fault: fault.number)
    return report


def _published(known: tuple[int, str] | None) -> dict[int, list[tuple[str, date | None]]]:
    heads: dict[int, list[tuple[str, date | None]]] = {}
    for head in AuditHead.objects.filter(removed_at=None, number__gt=0):
        heads.setdefault(head.number, []).append((head.digest, head.day))
    if known is not None:
        heads.setdefault(known[0], []).append((known[1], None))
    return heads


def _faults_at_the_end(expected: int, digest: str, heads: dict[int, list[tuple[str, date | None]]]) -> Iterator[Fault]:
    """Entries that the end of the chain, or a published head, names and that are not there."""
    end = AuditChain.objects.filter(pk=1).first()
    last = expected - 1
    start = checkpoint()
    removed = start.number if start is not None else 0
    there = max([end.number if end is not None else 0, *(number for number in heads if number > removed)])
    if there > last:
        yield _missing(expected, there)
    elif end is None and last:
        yield Fault(last, _("the record of the end of the chain is gone"))
    elif end is not None and end.number < last:
        yield Fault(end.number + 1, _("stands after the end of the chain: it was added"))
    elif end is not None and end.digest != digest:
        yield Fault(last, _("is not the entry that was sealed last: it was replaced"))


def _missing(first: int, last: int) -> Fault:
    if first == last:
        return Fault(first, _("is missing"))
    return Fault(first, _("is missing, with all up to %(last)s") % {"last": last})


def _unlike(number: int, day: date | None) -> Fault:
    if day is None:
        return Fault(number, _("is not the entry whose seal was noted"))
    return Fault(number, _("is not the entry whose seal was published on %(day)s") % {"day": f"{day:%d/%m/%Y}"})


# Keeping ------------------------------------------------------------------------------------------------------


def drop_entries(before: datetime, dry_run: bool) -> int:
    """Remove entries sealed under a head that was published before then; how many.

    That head stays as the checkpoint. Nothing goes while the last published head says that the chain is broken: the
    rows are evidence.
    """
    newest = AuditHead.objects.order_by("-day").first()
    if newest is None or newest.first_fault is not None:
        return 0
    with transaction.atomic():
        _locked_end()
        head = AuditHead.objects.filter(published_at__lt=before).order_by("-number", "-day").first()
        if head is None:
            return 0
        entries = AuditEntry.objects.filter(number__lte=head.number)
        count = entries.count()
        if count and not dry_run:
            entries.delete()
            AuditHead.objects.filter(number__lte=head.number, removed_at=None).update(removed_at=clock.now())
    return count
