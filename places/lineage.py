"""What became of former units: successors, everything that counts for a unit of today, and old names in addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from common import clock
from common.folding import normalise_text, sort_key_vi
from places.enums import ChangeKind, Level
from places.models import AdministrativeUnit, UnitChange, UnitQuerySet, fold_name, split_kind
from places.queries import match_units

_PARTS = re.compile(r"\s*(?:[,;]|\s[-–]\s)\s*")
_CITY_WORDS = re.compile(r"^(?:tp|t p|tx|tt|h|q)\s+")


def successors(units: Iterable[AdministrativeUnit], day: date | None = None) -> list[AdministrativeUnit]:
    """The units in force on `day` that took the place of these, each once, in Vietnamese order.

    A unit in force is its own successor; a divided one has several; one that ended without a successor, such as a
    district of before July 2025, has none. A query for each generation of changes.
    """
    day = day or clock.today()
    found: dict[int, AdministrativeUnit] = {}
    seen: set[int] = set()
    waiting = {unit.pk: unit for unit in units}
    while waiting:
        ended = []
        for unit in waiting.values():
            seen.add(unit.pk)
            if unit.is_in_force(day):
                found[unit.pk] = unit
            else:
                ended.append(unit.pk)
        changes = UnitChange.objects.filter(old__in=ended, effective_on__lte=day).select_related("new__parent")
        waiting = {change.new_id: change.new for change in changes if change.new_id not in seen}
    return sorted(found.values(), key=lambda unit: (unit.sort_key, unit.pk))


def only_successor(
    unit: AdministrativeUnit, day: date | None = None, *, alone: bool = False
) -> AdministrativeUnit | None:
    """The unit of `day` that took over the whole of `unit`; None when it was divided or left no successor.

    At each step the whole went into one: two parts that later came together again are still a question. With `alone`,
    nothing else went into it either: it is the same place by another name, kind or code.
    """
    day = day or clock.today()
    seen = set()
    while not unit.is_in_force(day):
        seen.add(unit.pk)
        changes = list(UnitChange.objects.filter(old=unit, effective_on__lte=day).select_related("new")[:2])
        if len(changes) != 1 or changes[0].new_id in seen:
            return None
        (change,) = changes
        others = UnitChange.objects.filter(new=change.new_id, effective_on=change.effective_on).exclude(pk=change.pk)
        if alone and (change.kind == ChangeKind.MERGE or others.exists()):
            return None
        unit = change.new
    return unit


def places_to_choose(unit: AdministrativeUnit, day: date | None = None) -> list[AdministrativeUnit]:
    """Where somebody who lived in a unit that ended may live today: its successors; without any, the units of its
    level where it stood. Empty for a unit in force."""
    day = day or clock.today()
    if unit.is_in_force(day):
        return []
    found = successors([unit], day)
    if found:
        return found
    around = AdministrativeUnit.objects.in_force(day).at_level(Level(unit.level))
    return list(around.filter(path__startswith=unit.present_path))


def lineage(unit: AdministrativeUnit) -> UnitQuerySet:
    """The unit, all below it, and every former unit that went into them as a whole: what a roll-up counts.

    A fact recorded under a divided unit belongs to none of its successors and is left out. Chain nothing that
    needs a unit to be in force: most of these are not.
    """
    # A prefix also reaches what stood below the same code before; what became of that, the changes say.
    below = Q(path__startswith=unit.path) & (Q(valid_until=None) | Q(valid_until__gt=unit.valid_from))
    units = AdministrativeUnit.objects.order_by()
    merged: set[int] = set()
    waiting = set(UnitChange.objects.filter(new__in=units.filter(below)).values_list("old_id", flat=True))
    while waiting:
        became: dict[int, set[int]] = {}
        for old, new in UnitChange.objects.filter(old__in=waiting).values_list("old_id", "new_id"):
            became.setdefault(old, set()).add(new)
        news = set().union(*became.values())
        inside = merged | set(units.filter(below, pk__in=news).values_list("pk", flat=True))
        whole = {old for old, parts in became.items() if parts <= inside} - merged
        merged |= whole
        waiting = set(UnitChange.objects.filter(new__in=whole).values_list("old_id", flat=True)) - merged
    return AdministrativeUnit.objects.filter(below | Q(pk__in=merged))


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an address names: units in force, and the former unit whose name was used, if it was one.

    `position` is the part of the address that named the commune, counted from 0; `is_loose` when what follows it does
    not fit: a commune of today with a district of before, for example.
    """

    candidates: tuple[AdministrativeUnit, ...] = ()
    former: tuple[AdministrativeUnit, ...] = field(default=())
    position: int = 0
    is_loose: bool = False

    @property
    def unit(self) -> AdministrativeUnit | None:
        """The one unit that is meant; None when a person has to choose, or nothing was found."""
        return self.candidates[0] if len(self.candidates) == 1 else None

    @property
    def is_divided(self) -> bool:
        """Whether one former unit was named and several took its place."""
        return len(self.former) == 1 and len(self.candidates) > 1


def parts_of(address: str) -> list[str]:
    """The parts of a written address: `xã Giao Phong, huyện Giao Thủy, tỉnh Nam Định`."""
    return [part for part in _PARTS.split(normalise_text(address)) if part]


def resolve_address(
    parts: Sequence[str], *, within: AdministrativeUnit | None = None, day: date | None = None
) -> Resolution:
    """The commune of today that an address names by a name of today or of before; smallest part first.

    What follows the commune (district, province) must fit: an address with a district is one of before July 2025.
    `within` keeps to communes of today in that unit.
    """
    day = day or clock.today()
    loose = Resolution()
    for position, part in enumerate(parts):
        above = parts[position + 1 :]
        today = match_units(part, level=Level.COMMUNE, within=within, day=day)
        fitting = [unit for unit in today if _fits(unit, above)]
        if fitting:
            return Resolution(tuple(fitting), position=position)
        former = [unit for unit in _former_communes(part, day) if _fits(unit, above)]
        by_former = _successors_of_each(former, within, day)
        if by_former:
            named = tuple(unit for unit, _found in by_former)
            candidates = {unit.pk: unit for _old, units in by_former for unit in units}
            return Resolution(tuple(candidates.values()), named, position)
        if today and not loose.candidates:
            loose = Resolution(tuple(today), position=position, is_loose=True)
    return loose


@dataclass(frozen=True, slots=True)
class Found:
    """A unit of today, and the former one whose name was looked for; `divided`: it took over only a part of it."""

    unit: AdministrativeUnit
    former: AdministrativeUnit | None = None
    divided: bool = False


def find_units(text: str, *, most: int, among: UnitQuerySet | None = None) -> list[Found]:
    """Provinces and communes of today that `text` names, or whose predecessors it does; at most `most`, only those in
    `among` if it is given.

    A whole address is resolved; a name alone finds parts of names, with or without accents. Five queries at most
    for a name, whatever is found.
    """
    parts = parts_of(text)
    if len(parts) > 1:
        resolved = resolve_address(parts)
        former = resolved.former[0] if len(resolved.former) == 1 else None
        named = [Found(unit, former, resolved.is_divided) for unit in resolved.candidates]
        return _inside(named, among)[:most]
    kept = among.order_by().values("pk") if among is not None else None
    today = AdministrativeUnit.objects.in_force().filter(level__in=[Level.PROVINCE, Level.COMMUNE])
    if kept is not None:
        today = today.filter(pk__in=kept)
    found = [Found(unit) for unit in today.search(text).select_related("parent")[:most]]
    listed = {item.unit.pk for item in found}
    before = AdministrativeUnit.objects.at_level(Level.COMMUNE).filter(valid_until__lte=clock.today()).search(text)
    if kept is not None:
        before = before.filter(pk__in=UnitChange.objects.filter(new__in=kept).values("old"))
    olds = list(before.select_related("parent__parent__parent").prefetch_related("changes_to__new__parent")[:most])
    for old in olds:
        changes = list(old.changes_to.all())
        divided = len(changes) > 1
        found += [Found(change.new, old, divided) for change in changes if divided or change.new_id not in listed]
    return _inside(found, among)[:most]  # of a divided unit, some parts may lie elsewhere


def _inside(found: list[Found], among: UnitQuerySet | None) -> list[Found]:
    if among is None:
        return found
    inside = set(among.filter(pk__in=[item.unit.pk for item in found]).values_list("pk", flat=True))
    return [item for item in found if item.unit.pk in inside]


def _former_communes(text: str, day: date) -> list[AdministrativeUnit]:
    """Communes of before `day` that are called so, accents first, as `match_units` does for those in force."""
    kind, rest = split_kind(text)
    former = AdministrativeUnit.objects.at_level(Level.COMMUNE).filter(valid_until__lte=day)
    former = former.select_related("parent__parent")
    readings = [(kind, rest), (None, text)] if kind is not None else [(None, text)]
    for wanted, name in readings:
        units = former.filter(name_folded=fold_name(name))
        found = [unit for unit in units if wanted is None or unit.kind == wanted]
        exact = [unit for unit in found if unit.sort_key == sort_key_vi(name)]
        if found:
            return exact or found
    return []


def _successors_of_each(
    former: list[AdministrativeUnit], within: AdministrativeUnit | None, day: date
) -> list[tuple[AdministrativeUnit, list[AdministrativeUnit]]]:
    """Each former unit with what took its place inside `within`; those that have nothing there are left out."""
    found = []
    for unit in former[:20]:
        units = [new for new in successors([unit], day) if within is None or within.contains(new)]
        if units:
            found.append((unit, units))
    return found


def _fits(unit: AdministrativeUnit, above: Sequence[str]) -> bool:
    """Whether every further part of the address names a unit above this one."""
    names = set()
    parent = unit.parent
    while parent is not None:
        names.add(parent.name_folded)
        parent = parent.parent
    return all(bare_name(part) in names for part in above)


def bare_name(text: str) -> str:
    """A district or province without the word for its kind, folded; `TP. Nam Định` and `H. Giao Thủy` too."""
    _kind, rest = split_kind(text)
    return _CITY_WORDS.sub("", fold_name(rest.replace(".", " ")))
