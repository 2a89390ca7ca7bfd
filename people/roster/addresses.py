"""Where the people of a list live, as far as its columns for village, commune or address tell."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property

from common.folding import fold, normalise_text
from people.models import RosterImport
from people.roster.problems import Problem, asks_where
from places.enums import KINDS_OF_LEVEL, VILLAGE_KINDS, Level
from places.lineage import Resolution, bare_name, parts_of, resolve_address, successors
from places.models import AdministrativeUnit, split_kind
from places.queries import match_units

_HOUSE = re.compile(r"so (?:nha )?\d|\d+[a-z]?/\d")


class AddressBook:
    """Finds units in the province of a list's own place, and elsewhere when an address says so; asks the database once
    for every different text.
    """

    def __init__(self, place: AdministrativeUnit) -> None:
        self._province = _above(place, Level.PROVINCE)
        self._commune = _above(place, Level.COMMUNE)
        self._found: dict[tuple[str, str, str], tuple[int | None, list[Problem]]] = {}
        self._named: dict[str, list[AdministrativeUnit]] = {}

    def find(self, *, village: str, commune: str, address: str) -> tuple[int | None, list[Problem]]:
        """Id of the smallest unit that is certain, or None with a note that says why."""
        # House numbers name no unit, and would make every address another one.
        address = ", ".join(part for part in parts_of(address) if not _HOUSE.match(fold(part)))
        key = (fold(village), fold(commune), fold(address))
        if not any(key):
            return None, []
        if key not in self._found:
            self._found[key] = self._look_up(village, commune, address)
        return self._found[key]

    def settle(self, address: str, unit: AdministrativeUnit | None) -> tuple[int | None, list[Problem]]:
        """Id of the village in `unit` that the address names, else of the unit: somebody has chosen it; None when they
        chose to leave the address empty.
        """
        if unit is None:
            return None, []
        for part in parts_of(address):
            if len(villages := self._villages(part, unit)) == 1:
                return villages[0].pk, []
        return unit.pk, []

    def _look_up(self, village: str, commune: str, address: str) -> tuple[int | None, list[Problem]]:
        if not commune and not village:
            return self._from_parts(parts_of(address))
        if commune:
            resolved, _is_elsewhere = self._resolve(parts_of(commune))
            communes, notes = list(resolved.candidates), _notes(resolved)
        else:
            communes, notes = ([self._commune] if self._commune else []), []
        if len(communes) != 1:
            return None, notes or [Problem("residence", "address-unknown")]
        if not village:
            return communes[0].pk, notes
        villages = self._villages(village, communes[0])
        return (villages[0].pk if len(villages) == 1 else communes[0].pk), notes

    def _from_parts(self, parts: list[str]) -> tuple[int | None, list[Problem]]:
        """An address in one cell: "Thôn 3, xã Đồng Tiến, Thanh Hoá" or only "Thôn 3"."""
        resolved, is_elsewhere = self._resolve(parts)
        if resolved.unit is not None:
            for smaller in parts[: resolved.position]:
                if len(villages := self._villages(smaller, resolved.unit)) == 1:
                    return villages[0].pk, _notes(resolved)
            return resolved.unit.pk, _notes(resolved)
        if resolved.candidates:
            return None, _notes(resolved)
        if self._commune is not None and not is_elsewhere:
            for part in parts:
                if len(villages := self._villages(part, self._commune)) == 1:
                    return villages[0].pk, []
        return None, [Problem("residence", "address-unknown")]

    def _resolve(self, parts: list[str]) -> tuple[Resolution, bool]:
        """What an address names, and whether it says that it is in another province.

        At home first, unless it names another province; what only fits elsewhere by its district counts as well.
        """
        parts = self._without_country(parts)
        named = self._provinces_named(parts)
        if self._province is None or not named or self._province in named:
            here = resolve_address(parts, within=self._province)
            fits = bool(here.candidates) and not here.is_loose
            if self._province is None or fits or (named and here.candidates) or len(parts) < 2:
                return here, False
            there = _with_place_above(resolve_address(parts), parts)
            if here.candidates and there.candidates:
                both = {unit.pk: unit for unit in (*here.candidates, *there.candidates)}
                return Resolution(tuple(both.values())), False
            return (there if there.candidates else here), False
        found = _with_place_above(resolve_address(parts), parts)
        if not found.candidates and len(named) == 1:
            # A commune of today with the district of before.
            found = _with_place_above(resolve_address(parts, within=named[0]), parts, loose=True)
        return found, True

    def _without_country(self, parts: list[str]) -> list[str]:
        return parts[:-1] if len(parts) > 1 and bare_name(parts[-1]) in self._countries else parts

    def _provinces_named(self, parts: list[str]) -> list[AdministrativeUnit]:
        """The provinces of today that the last part of an address names, by a name of today or of before."""
        if len(parts) < 2 or split_kind(parts[-1])[0] not in (None, *KINDS_OF_LEVEL[Level.PROVINCE]):
            return []
        name = bare_name(parts[-1])
        if name not in self._named:
            self._named[name] = successors(self._provinces[name]) if name in self._provinces else []
        return self._named[name]

    @cached_property
    def _provinces(self) -> dict[str, list[AdministrativeUnit]]:
        """All provinces there ever were, by name."""
        found = defaultdict(list)
        for unit in AdministrativeUnit.objects.at_level(Level.PROVINCE):
            found[unit.name_folded].append(unit)
        return dict(found)

    @cached_property
    def _countries(self) -> set[str]:
        return set(AdministrativeUnit.objects.at_level(Level.COUNTRY).values_list("name_folded", flat=True))

    @staticmethod
    def _villages(text: str, commune: AdministrativeUnit) -> list[AdministrativeUnit]:
        return match_units(text, level=Level.VILLAGE, within=commune)


class RegisterAddresses(AddressBook):
    """Where people of an old register live: always somewhere in the unit that enters it, or they would not be found
    again when the next file comes.
    """

    def __init__(self, place: AdministrativeUnit) -> None:
        super().__init__(place)
        self._place = place
        self._home = place.pk if place.level in (Level.COMMUNE, Level.VILLAGE) else None
        self._inside: dict[int, bool] = {}

    def find(self, *, village: str, commune: str, address: str) -> tuple[int | None, list[Problem]]:
        found, notes = super().find(village=village, commune=commune, address=address)
        if self._home is not None and any(problem.code == "address-unknown" for problem in notes):
            # A village that is not known is one of here; whoever names more may live anywhere.
            if commune or not _is_village(address):
                return None, [Problem("residence", "residence-missing")]
            found, notes = self._home, [Problem("residence", "residence-home", {"place": self._place.full_name})]
        return self._checked(found, notes)

    def settle(self, address: str, unit: AdministrativeUnit | None) -> tuple[int | None, list[Problem]]:
        return self._checked(*super().settle(address, unit))

    def _checked(self, found: int | None, notes: list[Problem]) -> tuple[int | None, list[Problem]]:
        if found is None and any(asks_where(problem.code) for problem in notes):
            return None, notes
        found = found or self._home
        if found is None:
            return None, [Problem("residence", "residence-missing")]
        if found not in self._inside:
            below = AdministrativeUnit.objects.filter(present_path__startswith=self._place.path)
            self._inside[found] = below.filter(pk=found).exists()
        if not self._inside[found]:
            return None, [*notes, Problem("residence", "residence-outside", {"place": self._place.full_name})]
        return found, notes


def address_book_of(roster: RosterImport) -> AddressBook:
    """What finds the places that a list names."""
    return RegisterAddresses(roster.place) if roster.is_register else AddressBook(roster.place)


def written_address(village: str, commune: str, address: str) -> str:
    """The address of a row in one line, as `AddressBook.find(address=…)` reads it."""
    return ", ".join(part for part in map(normalise_text, (village, commune or address)) if part)


def _is_village(address: str) -> bool:
    """Whether an address has nothing above the village, as far as its words tell."""
    kinds = [split_kind(part)[0] for part in parts_of(address) if not _HOUSE.match(fold(part))]
    return kinds == [None] or all(kind in VILLAGE_KINDS for kind in kinds)


def _notes(resolved: Resolution) -> list[Problem]:
    """What to say about an address: that it was an old name, that the old unit was divided, that several fit."""
    if len(resolved.candidates) > 1:
        units = [unit.pk for unit in resolved.candidates]
        if not resolved.is_divided:
            return [Problem("residence", "address-several", {"units": units})]
        names = ", ".join(unit.full_name for unit in resolved.candidates)
        params = {"old": resolved.former[0].full_name, "names": names, "units": units}
        return [Problem("residence", "address-divided", params)]
    if resolved.former and resolved.unit is not None:
        params = {"old": resolved.former[0].full_name, "new": resolved.unit.full_name}
        return [Problem("residence", "address-former", params)]
    return []


def _with_place_above(resolved: Resolution, parts: list[str], *, loose: bool = False) -> Resolution:
    """The same if the address names something above the commune, and it fits or may be `loose`; else nothing."""
    alone = resolved.position == len(parts) - 1
    return Resolution() if alone or (resolved.is_loose and not loose) else resolved


def _above(unit: AdministrativeUnit, level: Level) -> AdministrativeUnit | None:
    found: AdministrativeUnit | None = unit
    while found is not None and found.level != level:
        found = found.parent
    return found
