"""After units changed: where their facts count today, villages under the new commune, and what upper apps move."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from common import clock
from common.bulk import write_each
from ledger.operations import record_audit
from places.enums import ChangeKind, Level
from places.lineage import only_successor
from places.models import AdministrativeUnit, UnitChange
from places.operations.villages import next_segment
from places.registry import settlers


@transaction.atomic
def settle_units(*, at: datetime | None = None) -> dict[str, int]:
    """Bring everything that stands on units to the units of today; count what moved, by who moved it.

    Villages of a commune with one successor go on under that one. Doing it again changes nothing; it runs with
    every change and every night, because a list may be loaded before the day it names.
    """
    at = at or clock.now()
    day = clock.day_of(at)
    counts = {"villages": _carry_villages(day, at), "present_paths": renew_present_paths(day)}
    for name, settler in settlers():
        counts[name] = settler(at)
    return counts


def renew_present_paths(day: date) -> int:
    """Write down anew in which unit of `day` each unit counts; how many that changed. Four queries and the writes."""
    columns = ("pk", "path", "parent_id", "valid_from", "valid_until", "present_path")
    units = {row[0]: row for row in AdministrativeUnit.objects.order_by().values_list(*columns)}
    became: dict[int, list[int]] = {}
    for old, new in UnitChange.objects.filter(effective_on__lte=day).values_list("old_id", "new_id"):
        became.setdefault(old, []).append(new)
    known: dict[int, str] = {}

    def present(pk: int) -> str:
        if pk not in known:
            _pk, path, parent, _valid_from, valid_until, _before = units[pk]
            above = present(parent) if parent is not None else ""
            if valid_until is None or valid_until > day:
                # Under a unit that ended it counts with what took that one's place.
                known[pk] = path if parent is None or above == units[parent][1] else above
            else:
                known[pk] = _in_common([present(new) for new in became.get(pk, ())]) or above
        return known[pk]

    changed = [
        AdministrativeUnit(pk=pk, present_path=present(pk)) for pk, row in units.items() if present(pk) != row[-1]
    ]
    write_each(changed, ["present_path"])
    return len(changed)


def _in_common(paths: list[str]) -> str:
    """The path of the closest unit that holds all of them; empty for none."""
    if not paths:
        return ""
    steps = [path.rstrip("/").split("/") for path in paths]
    shared = []
    for step in zip(*steps, strict=False):
        if len(set(step)) > 1:
            break
        shared.append(step[0])
    return "/".join(shared) + "/" if shared else ""


def _carry_villages(day: date, at: datetime) -> int:
    """Villages whose commune ended go on under its one successor; those of a divided commune wait for a person.

    A commune that kept its place (another kind, another name) keeps its villages; elsewhere each is a new unit, so
    that what was recorded before still stands under the commune of its day.
    """
    ended = AdministrativeUnit.objects.at_level(Level.VILLAGE).in_force(day).filter(parent__valid_until__lte=day)
    count = 0
    for commune in AdministrativeUnit.objects.filter(pk__in=ended.values("parent")):
        into = only_successor(commune, day)
        if into is not None:
            for village in ended.filter(parent=commune):
                carry_village(village, into, day=day)
                count += 1
    if count:
        root = AdministrativeUnit.objects.get(level=Level.COUNTRY)
        record_audit(actor=None, action="places.carry_villages", target=root, unit=root, count=count, at=at)
    return count


def carry_village(village: AdministrativeUnit, commune: AdministrativeUnit, *, day: date) -> AdministrativeUnit:
    """Let `village` go on under `commune` and return the unit that it is now. In the caller's transaction."""
    if village.path.startswith(commune.path):
        village.parent = commune
        village.save(update_fields=["parent"])
        return village
    siblings = AdministrativeUnit.objects.filter(parent=commune, level=Level.VILLAGE)
    segment = next_segment(siblings.values_list("path", flat=True))
    name = village.name
    namesakes = siblings.in_force(day).filter(kind=village.kind, sort_key=village.sort_key)
    if namesakes.exists() and village.parent is not None:
        name = f"{village.name} ({village.parent.name})"
    since = max(commune.valid_from, village.valid_from)
    # Founded after its commune had ended, it has no past of its own to keep.
    moved = village if since == village.valid_from else AdministrativeUnit(level=Level.VILLAGE, kind=village.kind)
    moved.parent, moved.valid_from = commune, since
    moved.code, moved.path = f"{commune.code}-{segment}", f"{commune.path}{segment}/"
    moved.present_path = moved.path
    moved.set_name(name)
    moved.save()
    if moved is not village:
        AdministrativeUnit.objects.filter(pk=village.pk).update(valid_until=since)
        UnitChange.objects.create(old=village, new=moved, kind=ChangeKind.CONTINUED, effective_on=since)
    return moved
