"""Questions about units that more than one screen asks."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db.models import Count

from common.folding import normalise_text, sort_key_vi
from places.enums import Level
from places.models import AdministrativeUnit, UnitQuerySet, fold_name, split_kind


def count_in_force(day: date | None = None) -> dict[str, int]:
    """How many units are in force on `day`: provinces, communes, and districts and villages if any."""
    found = dict(AdministrativeUnit.objects.in_force(day).order_by().values_list("level").annotate(count=Count("id")))
    counts = {level.value: found.get(level.value, 0) for level in (Level.PROVINCE, Level.COMMUNE)}
    for level in (Level.DISTRICT, Level.VILLAGE):
        if found.get(level):
            counts[level.value] = found[level]
    return counts


def paths_to(unit: AdministrativeUnit) -> list[str]:
    """Paths of the units above, as they are today, and of the unit itself: `VN/`, `VN/38/`, `VN/38/16012/`."""
    steps = unit.present_path.rstrip("/").split("/")
    return ["/".join(steps[:depth]) + "/" for depth in range(1, len(steps) + 1)]


def home_province(day: date | None = None) -> AdministrativeUnit | None:
    """The province that `settings.HOME_UNIT` names by its code; None for the whole country."""
    code = getattr(settings, "HOME_UNIT", "")
    if not code:
        return None
    return AdministrativeUnit.objects.in_force(day).at_level(Level.PROVINCE).filter(code=code).first()


def communes_to_choose(province: AdministrativeUnit | None = None, day: date | None = None) -> UnitQuerySet:
    """Communes in force, of one province or of all, by province and then by name, with `parent` loaded."""
    communes = AdministrativeUnit.objects.in_force(day).at_level(Level.COMMUNE).select_related("parent")
    if province is not None:
        return communes.within(province).order_by("sort_key", "id")
    return communes.order_by("parent__sort_key", "parent_id", "sort_key", "id")


def match_units(
    text: str, *, level: Level, within: AdministrativeUnit | None = None, day: date | None = None
) -> list[AdministrativeUnit]:
    """The units that `text` names exactly, closest reading first; more than one means it is ambiguous.

    A code counts as such. A name written with accents is compared with them (hoà and hòa are one), and only
    if nothing has them is the name without accents tried: 371 names occur in more than one province, and
    many more differ only by accents.
    """
    text = normalise_text(text)
    if not text:
        return []
    units = AdministrativeUnit.objects.in_force(day).at_level(level).select_related("parent")
    if within is not None:
        units = units.within(within)
    if text.isdecimal() and (by_code := list(units.filter(code=text))):
        return by_code
    kind, rest = split_kind(text)
    readings = [(kind, rest), (None, text)] if kind is not None else [(None, text)]
    for wanted, name in readings:
        candidates = units.filter(name_folded=fold_name(name))
        if wanted is not None:
            candidates = candidates.filter(kind=wanted)
        found = list(candidates)
        exact = [unit for unit in found if unit.sort_key == sort_key_vi(name)]
        if exact or found:
            return exact or found
    return []
