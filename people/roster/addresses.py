"""Where the people of a list live, as far as its columns for village, commune or address tell."""

from __future__ import annotations

import re

from common.folding import fold
from people.models import Organisation
from people.roster.problems import Problem
from places.enums import Level
from places.models import AdministrativeUnit
from places.queries import match_units

_PARTS = re.compile(r"\s*(?:[,;]|\s[-–]\s)\s*")


class AddressBook:
    """Finds units in the organisation's own province; asks the database once for every different text."""

    def __init__(self, organisation: Organisation) -> None:
        self._seat = organisation.seat
        self._province = _above(self._seat, Level.PROVINCE)
        self._commune = _above(self._seat, Level.COMMUNE)
        self._found: dict[tuple[str, str, str], tuple[int | None, list[Problem]]] = {}

    def find(self, *, village: str, commune: str, address: str) -> tuple[int | None, list[Problem]]:
        """Id of the smallest unit that is certain, or None with a note that says why."""
        key = (fold(village), fold(commune), fold(address))
        if not any(key):
            return None, []
        if key not in self._found:
            self._found[key] = self._look_up(village, commune, address)
        return self._found[key]

    def _look_up(self, village: str, commune: str, address: str) -> tuple[int | None, list[Problem]]:
        if not commune and not village:
            parts = [part for part in _PARTS.split(address) if part]
            return self._from_parts(parts)
        communes = self._communes(commune) if commune else ([self._commune] if self._commune else [])
        if len(communes) != 1:
            return None, [Problem("residence", "address-several" if communes else "address-unknown")]
        if not village:
            return communes[0].pk, []
        villages = self._villages(village, communes[0])
        return (villages[0].pk if len(villages) == 1 else communes[0].pk), []

    def _from_parts(self, parts: list[str]) -> tuple[int | None, list[Problem]]:
        """An address in one cell: "Thôn 3, xã Đồng Tiến, Thanh Hoá" or only "Thôn 3"."""
        for position, part in enumerate(parts):
            communes = self._communes(part)
            if len(communes) > 1:
                return None, [Problem("residence", "address-several")]
            if communes:
                for smaller in parts[:position]:
                    if len(villages := self._villages(smaller, communes[0])) == 1:
                        return villages[0].pk, []
                return communes[0].pk, []
        if self._commune is not None:
            for part in parts:
                if len(villages := self._villages(part, self._commune)) == 1:
                    return villages[0].pk, []
        return None, [Problem("residence", "address-unknown")]

    def _communes(self, text: str) -> list[AdministrativeUnit]:
        return match_units(text, level=Level.COMMUNE, within=self._province)

    def _villages(self, text: str, commune: AdministrativeUnit) -> list[AdministrativeUnit]:
        return match_units(text, level=Level.VILLAGE, within=commune)


def _above(unit: AdministrativeUnit, level: Level) -> AdministrativeUnit | None:
    found: AdministrativeUnit | None = unit
    while found is not None and found.level != level:
        found = found.parent
    return found
