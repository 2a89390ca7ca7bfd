"""."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from common import clock
from common.folding import normalise_text
from ledger.operations import record_audit
from places.enums import VILLAGE_KINDS, Level, UnitKind
from places.exceptions import (
    NotACommune,
    NotAVillageKind,
    TooManyVillages,
    UnitNotInForce,
    VillageLineWrong,
    VillageNameMissing,
    VillageNameTooLong,
)
from places.models import AdministrativeUnit, UnitQuerySet, split_kind

MOST_VILLAGES = 200  # a commune has some dozens; more in one list is a mistake
_LIST_NUMBER = re.compile(r"^\d+\s*[.)]\s*(?=\S)")


@transaction.atomic
def add_village(
    *, commune: AdministrativeUnit, name: str, kind: UnitKind, by: Any, at: datetime | None = None
) -> AdministrativeUnit:
    """Add a village to a commune and return it; one of the same kind and name is returned as it is.

    A kind at the start of the name (``Thôn 3`` as a thôn) is not stored twice. Raises `NotACommune`,
    `UnitNotInForce`, `NotAVillageKind`, `VillageNameMissing`, `VillageNameTooLong`.
    """
    at = at or clock.now()
    day = clock.day_of(at)
    # Two officials adding at once must not get the same number.
    commune = AdministrativeUnit.objects.select_for_update().get(pk=commune.pk)
    if commune.level != Level.COMMUNE:
        raise NotACommune(unit=commune.full_name)
    if not commune.is_in_force(day):
        raise UnitNotInForce(unit=commune.full_name)
    village = AdministrativeUnit(level=Level.VILLAGE, kind=checked_kind(kind), parent=commune, valid_from=day)
    village.set_name(village_name(name, kind))
    same = siblings_of(village, day).filter(kind=kind, sort_key=village.sort_key).first()
    if same is not None:
        return same
    found_village(village)
    record_audit(actor=by, action="places.add_village", target=village, unit=village, at=at)
    return village


@dataclass(frozen=True, slots=True)
class VillageReport:
    """What became of a list of villages: those added, and those that were there already."""

    added: list[AdministrativeUnit]
    known: list[AdministrativeUnit]


@transaction.atomic
def add_villages(
    *, commune: AdministrativeUnit, lines: Iterable[str], kind: UnitKind, by: Any, at: datetime | None = None
) -> VillageReport:
    """Add a list of villages, one a line: ``Thôn 3``, ``Xóm Bến``; `kind` is for lines that say none.

    Numbers in front (``1. Thôn Bến``) and empty lines are passed over. All or none: raises `VillageLineWrong` with
    the first line that cannot be one, and what `add_village` raises of the commune.
    """
    at = at or clock.now()
    before = set(AdministrativeUnit.objects.filter(parent=commune, level=Level.VILLAGE).values_list("pk", flat=True))
    found: dict[int, AdministrativeUnit] = {}
    for number, text in listed(lines):
        try:
            village = add_village(commune=commune, name=text, kind=kind_of(text, kind), by=by, at=at)
        except (VillageNameMissing, VillageNameTooLong) as error:
            raise VillageLineWrong(line=number, text=text[:40], reason=str(error)) from error
        found[village.pk] = village
    if not found:
        raise VillageNameMissing()
    return VillageReport(
        added=[village for pk, village in found.items() if pk not in before],
        known=[village for pk, village in found.items() if pk in before],
    )


def listed(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """(number of the line, name) without the numbers people put in front and without empty lines.

    Raises `TooManyVillages`.
    """
    count = 0
    for number, line in enumerate(lines, start=1):
        text = normalise_text(_LIST_NUMBER.sub("", normalise_text(line)))
        if text:
            count += 1
            if count > MOST_VILLAGES:
                raise TooManyVillages(limit=MOST_VILLAGES)
            yield number, text


def kind_of(text: str, otherwise: UnitKind) -> UnitKind:
    written, _rest = split_kind(text)
    return written if written in VILLAGE_KINDS else otherwise


def checked_kind(kind: UnitKind) -> UnitKind:
    if kind not in VILLAGE_KINDS:
        raise NotAVillageKind(kind=UnitKind(kind).label)
    return kind


def siblings_of(village: AdministrativeUnit, day: date) -> UnitQuerySet:
    return AdministrativeUnit.objects.filter(parent=village.parent_id, level=Level.VILLAGE).in_force(day)


def found_village(village: AdministrativeUnit) -> AdministrativeUnit:
    """Give a new village its number in the commune and keep it."""
    commune = village.parent
    if commune is None:
        raise ValueError("a village stands below a commune")
    siblings = AdministrativeUnit.objects.filter(parent=commune, level=Level.VILLAGE)
    segment = next_segment(siblings.values_list("path", flat=True))
    village.code, village.path = f"{commune.code}-{segment}", f"{commune.path}{segment}/"
    village.save(force_insert=True)
    return village


def village_name(name: str, kind: UnitKind) -> str:
    written, rest = split_kind(name)
    bare = rest if written == kind else normalise_text(name)
    if not bare:
        raise VillageNameMissing()
    limit = AdministrativeUnit._meta.get_field("name").max_length or 0
    if len(bare) > limit:
        raise VillageNameTooLong(limit=limit)
    return bare


def next_segment(paths: Iterable[str]) -> str:
    """``t01``, ``t02`` …, never one that was used before, also by a village that is gone."""
    used = [path.rstrip("/").rpartition("/")[2].removeprefix("t") for path in paths]
    return f"t{max((int(number) for number in used if number.isdecimal()), default=0) + 1:02d}"
