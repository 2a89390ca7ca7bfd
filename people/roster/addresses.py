"""Where the people of a list live, as far as its columns for village, commune or address tell."""

from __future__ import annotations

import re

from common.folding import fold, normalise_text
from people.models import Organisation
from people.roster.problems import Problem
from places.enums import Level
from places.lineage import Resolution, parts_of, resolve_address
from places.models import AdministrativeUnit
from places.queries import match_units

_HOUSE = re.compile(r"so (?:nha )?\d|\d+[a-z]?/\d")


class AddressBook:
    """Finds units in the organisation's own province; asks the database once for every different text."""

    def __init__(self, organisation: Organisation) -> None:
        self._seat = organisation.seat
        self._province = _above(self._seat, Level.PROVINCE)
        self._commune = _above(self._seat, Level.COMMUNE)
        self._found: dict[tuple[str, str, str], tuple[int | None, list[Problem]]] = {}

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

    def settle(self, address: str, unit: AdministrativeUnit) -> int:
        """Id of the village in `unit` that the address names, else of the unit: somebody has chosen it."""
        for part in parts_of(address):
            if len(villages := self._villages(part, unit)) == 1:
                return villages[0].pk
        return unit.pk

    def _look_up(self, village: str, commune: str, address: str) -> tuple[int | None, list[Problem]]:
        if not commune and not village:
            return self._from_parts(parts_of(address))
        if commune:
            resolved = resolve_address(parts_of(commune), within=self._province)
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
        resolved = resolve_address(parts, within=self._province)
        if resolved.unit is not None:
            for smaller in parts[: resolved.position]:
                if len(villages := self._villages(smaller, resolved.unit)) == 1:
                    return villages[0].pk, _notes(resolved)
            return resolved.unit.pk, _notes(resolved)
        if resolved.candidates:
            return None, _notes(resolved)
        if self._commune is not None:
            for part in parts:
                if len(villages := self._villages(part, self._commune)) == 1:
                    return villages[0].pk, []
        return None, [Problem("residence", "address-unknown")]

    @staticmethod
    def _villages(text: str, commune: AdministrativeUnit) -> list[AdministrativeUnit]:
        return match_units(text, level=Level.VILLAGE, within=commune)


def written_address(village: str, commune: str, address: str) -> str:
    """The address of a row in one line, as `AddressBook.find(address=…)` reads it."""
    return ", ".join(part for part in map(normalise_text, (village, commune or address)) if part)


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


def _above(unit: AdministrativeUnit, level: Level) -> AdministrativeUnit | None:
    found: AdministrativeUnit | None = unit
    while found is not None and found.level != level:
        found = found.parent
    return found
