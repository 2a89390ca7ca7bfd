"""What happens to villages later: a corrected name, a new name, several made one, one made several, the end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction

from common import clock
from common.exceptions import DomainError
from common.folding import normalise_text
from ledger.operations import record_audit
from places.enums import ChangeKind, Level, UnitKind
from places.exceptions import (
    ChangeDayWrong,
    NotAVillage,
    NotOneCommune,
    TooFewVillages,
    UnitNotInForce,
    VillageLineWrong,
    VillageNameTaken,
)
from places.models import AdministrativeUnit, UnitChange, UnitQuerySet
from places.operations.settling import settle_units
from places.operations.villages import checked_kind, found_village, kind_of, listed, siblings_of, village_name


@transaction.atomic
def correct_village(
    *, village: AdministrativeUnit, name: str, kind: UnitKind, by: Any, at: datetime | None = None
) -> AdministrativeUnit:
    """Mend a name that was written wrongly; the village has no other past by that. Raises what `add_village` does of a
    name, `NotAVillage`, `UnitNotInForce` and `VillageNameTaken`."""
    at = at or clock.now()
    village, siblings = _of_commune([village], clock.day_of(at))[0], siblings_of(village, clock.day_of(at))
    before = (village.name, village.kind)
    village.set_name(village_name(name, checked_kind(kind)))
    village.kind = kind
    _refuse_namesake(siblings.exclude(pk=village.pk), village)
    if before != (village.name, village.kind):
        village.save(update_fields=["name", "name_folded", "sort_key", "kind"])
        record_audit(actor=by, action="places.correct_village", target=village, unit=village, fields=["name"], at=at)
    return village


@transaction.atomic
def rename_village(
    *,
    village: AdministrativeUnit,
    name: str,
    kind: UnitKind,
    on: date,
    decree: str = "",
    by: Any,
    at: datetime | None = None,
) -> AdministrativeUnit:
    """Give a village another name or kind from a day on, and return it as it is since; what was recorded keeps the
    name of its day. Raises what `correct_village` does and `ChangeDayWrong`."""
    at = at or clock.now()
    day = clock.day_of(at)
    (village,) = _of_commune([village], day)
    _check_day([village], on, day)
    renamed = AdministrativeUnit(
        level=Level.VILLAGE, kind=checked_kind(kind), parent=village.parent, code=village.code, path=village.path
    )
    renamed.valid_from = on
    renamed.set_name(village_name(name, kind))
    _refuse_namesake(siblings_of(village, day).exclude(pk=village.pk), renamed)
    if (renamed.name, renamed.kind) == (village.name, village.kind):
        return village
    _end([village], on)
    renamed.save(force_insert=True)
    change = ChangeKind.RETYPE if renamed.name == village.name else ChangeKind.RENAME
    _link([(village, renamed)], change, on=on, decree=decree)
    record_audit(actor=by, action="places.rename_village", target=renamed, unit=renamed, at=at)
    settle_units(at=at)
    return renamed


@transaction.atomic
def merge_villages(
    *,
    villages: Iterable[AdministrativeUnit],
    name: str,
    kind: UnitKind,
    on: date,
    decree: str = "",
    by: Any,
    at: datetime | None = None,
) -> AdministrativeUnit:
    """Make several villages of one commune into one and return it: one of them when the name stays, else a new one.

    Who lives there comes along. Raises `TooFewVillages`, `NotOneCommune` and what `rename_village` does.
    """
    at = at or clock.now()
    day = clock.day_of(at)
    found = _of_commune(villages, day)
    if len(found) < 2:
        raise TooFewVillages()
    _check_day(found, on, day)
    wanted = AdministrativeUnit(level=Level.VILLAGE, kind=checked_kind(kind), parent=found[0].parent, valid_from=on)
    wanted.set_name(village_name(name, kind))
    into = next((one for one in found if (one.sort_key, one.kind) == (wanted.sort_key, wanted.kind)), None)
    _refuse_namesake(siblings_of(found[0], day).exclude(pk__in=[one.pk for one in found]), wanted)
    ended = [one for one in found if one is not into]
    _end(ended, on)
    if into is None:
        into = found_village(wanted)
    _link([(old, into) for old in ended], ChangeKind.MERGE, on=on, decree=decree)
    record_audit(actor=by, action="places.merge_villages", target=into, unit=into, count=len(found), at=at)
    settle_units(at=at)
    return into


@transaction.atomic
def divide_village(
    *,
    village: AdministrativeUnit,
    lines: Iterable[str],
    kind: UnitKind,
    on: date,
    decree: str = "",
    by: Any,
    at: datetime | None = None,
) -> list[AdministrativeUnit]:
    """Make two or more villages of one and return them; a person is asked where everybody lives now.

    A part may keep the name. Raises `TooFewVillages`, `VillageLineWrong` and what `rename_village` does.
    """
    at = at or clock.now()
    day = clock.day_of(at)
    (village,) = _of_commune([village], day)
    _check_day([village], on, day)
    others = siblings_of(village, day).exclude(pk=village.pk)
    _end([village], on)
    parts: list[AdministrativeUnit] = []
    for number, text in listed(lines):
        part = AdministrativeUnit(level=Level.VILLAGE, kind=kind_of(text, kind), parent=village.parent, valid_from=on)
        try:
            part.set_name(village_name(text, UnitKind(part.kind)))
            _refuse_namesake(others, part)
        except DomainError as error:
            raise VillageLineWrong(line=number, text=text[:40], reason=str(error)) from error
        parts.append(found_village(part))
    if len(parts) < 2:
        raise TooFewVillages()
    _link([(village, part) for part in parts], ChangeKind.SPLIT, on=on, decree=decree)
    record_audit(actor=by, action="places.divide_village", target=village, unit=village, count=len(parts), at=at)
    settle_units(at=at)
    return parts


@transaction.atomic
def end_village(
    *, village: AdministrativeUnit, on: date, decree: str = "", by: Any, at: datetime | None = None
) -> AdministrativeUnit:
    """End a village that nothing took the place of; who lived there counts with the commune until a person says where
    they live now. Raises `NotAVillage`, `UnitNotInForce`, `ChangeDayWrong`."""
    at = at or clock.now()
    day = clock.day_of(at)
    (village,) = _of_commune([village], day)
    _check_day([village], on, day)
    _end([village], on)
    record_audit(actor=by, action="places.end_village", target=village, unit=village, at=at)
    settle_units(at=at)
    return village


def _of_commune(villages: Iterable[AdministrativeUnit], day: date) -> list[AdministrativeUnit]:
    """The villages as they are now, with the row of their one commune held, so that two changes do not cross."""
    wanted = {village.pk for village in villages}
    parents = set(AdministrativeUnit.objects.filter(pk__in=wanted).values_list("parent", flat=True))
    if len(parents) > 1:
        raise NotOneCommune()
    list(AdministrativeUnit.objects.select_for_update().filter(pk__in=parents))
    found = list(AdministrativeUnit.objects.select_related("parent").filter(pk__in=wanted).order_by("path"))
    for village in found:
        if village.level != Level.VILLAGE:
            raise NotAVillage(unit=village.full_name)
        if not village.is_in_force(day):
            raise UnitNotInForce(unit=village.full_name)
    return found


def _refuse_namesake(others: UnitQuerySet, village: AdministrativeUnit) -> None:
    if others.filter(kind=village.kind, sort_key=village.sort_key).exists():
        raise VillageNameTaken(unit=village.full_name)


def _check_day(villages: Iterable[AdministrativeUnit], on: date, day: date) -> None:
    since = max(village.valid_from for village in villages)
    if not since < on <= day:
        raise ChangeDayWrong(since=f"{since:%d/%m/%Y}", today=f"{day:%d/%m/%Y}")


def _end(villages: Iterable[AdministrativeUnit], on: date) -> None:
    AdministrativeUnit.objects.filter(pk__in=[village.pk for village in villages]).update(valid_until=on)


def _link(
    pairs: Iterable[tuple[AdministrativeUnit, AdministrativeUnit]], kind: ChangeKind, *, on: date, decree: str
) -> None:
    decree = normalise_text(decree)
    UnitChange.objects.bulk_create(
        [UnitChange(old=old, new=new, kind=kind, decree=decree, effective_on=on) for old, new in pairs]
    )
