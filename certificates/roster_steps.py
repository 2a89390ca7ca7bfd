"""Lines of an old register, as a step of the import of lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from certificates.models import PaperEntry
from common.folding import fold, name_sort_key
from people.models import RosterImport
from people.roster.problems import Problem
from people.roster.steps import RosterPerson, Verdict
from places.queries import paths_to

_BATCH = 400  # lines a query


class PaperEntryStep:
    """Keeps what each line of an old register says, once; does nothing for other lists."""

    def check_rows(self, rows: Sequence[Mapping[str, Any]], *, roster: RosterImport) -> Mapping[int, Verdict]:
        """A line that is there already is done; a number that somebody else has is an error."""
        if not roster.is_register:
            return {}
        found = {}
        for start in range(0, len(rows), _BATCH):
            some = rows[start : start + _BATCH]
            known = _Known(roster, some)
            for place, row in enumerate(some, start):
                if (verdict := known.verdict(row)) is not None:
                    found[place] = verdict
        return found

    def apply_chunk(self, *, people: Sequence[RosterPerson], roster: RosterImport, by: User | None) -> None:
        """Enter the lines. Two that say the same are one."""
        if roster.is_register:
            PaperEntry.objects.bulk_create([_entry(person, roster, by) for person in people], ignore_conflicts=True)

    def made(self, *, people: Sequence[RosterPerson], roster: RosterImport) -> QuerySet[PaperEntry]:
        """Lines that carry the moment of the import."""
        return PaperEntry.objects.filter(
            person__in=[person.person_id for person in people],
            entered_at__in={person.at for person in people},
            unit=roster.unit_id,
        )

    def depending(self, *, people: Sequence[RosterPerson], roster: RosterImport) -> Mapping[int, Promise]:
        """Whose line was withdrawn since: that is told to whoever checks the paper, so it stays."""
        withdrawn = self.made(people=people, roster=roster).exclude(withdrawn_at=None)
        return {
            person_id: _("has a line that was withdrawn") for person_id in withdrawn.values_list("person", flat=True)
        }

    def undo(self, *, people: Sequence[RosterPerson], roster: RosterImport, by: User | None) -> int:
        return self.made(people=people, roster=roster).delete()[0]


def _entry(person: RosterPerson, roster: RosterImport, by: User | None) -> PaperEntry:
    said, line = person.data["entry"], person.data
    day = date.fromisoformat(said["issued_on"])
    return PaperEntry(
        unit=roster.unit,
        issuer=roster.options["issuer"],
        issuer_key=fold(roster.options["issuer"]),
        serial=said["serial"],
        serial_key=said["serial_key"],
        issued_on=day,
        year=day.year,
        title=said["course"],
        title_key=fold(said["course"]),
        holder=line["full_name"],
        holder_folded=line["name_folded"],
        holder_key=name_sort_key(line["full_name"]),
        birth_year=line["birth_year"],
        person_id=person.person_id,
        entered_at=person.at,
        entered_by=by,
    )


class _Known:
    """The lines that some rows could repeat: of the same issuer, entered here, above or below; one query."""

    def __init__(self, roster: RosterImport, rows: Iterable[Mapping[str, Any]]) -> None:
        self._numbered: dict[tuple[str, int], list[PaperEntry]] = defaultdict(list)
        self._plain: dict[tuple[str, str, date], list[PaperEntry]] = defaultdict(list)
        entries = [row["entry"] for row in rows]
        days = {date.fromisoformat(entry["issued_on"]) for entry in entries}
        serials = {entry["serial_key"] for entry in entries}
        same = Q(serial_key__in=serials - {""}, year__in={day.year for day in days})
        if "" in serials:
            same |= Q(serial_key="", issued_on__in=days, holder_folded__in={row["name_folded"] for row in rows})
        place = roster.place
        near = Q(unit__present_path__startswith=place.path) | Q(unit__present_path__in=paths_to(place))
        for entry in PaperEntry.objects.in_force().filter(same, near, issuer_key=fold(roster.options["issuer"])):
            if entry.serial_key:
                self._numbered[entry.serial_key, entry.year].append(entry)
            else:
                self._plain[entry.holder_folded, entry.title_key, entry.issued_on].append(entry)

    def verdict(self, row: Mapping[str, Any]) -> Verdict | None:
        said = row["entry"]
        day = date.fromisoformat(said["issued_on"])
        if said["serial_key"]:
            others = self._numbered[said["serial_key"], day.year]
            mine = [entry for entry in others if _is_of(entry, row)]
        else:
            others = []
            mine = [e for e in self._plain[row["name_folded"], fold(said["course"]), day] if _is_of(e, row)]
        if mine and any(entry.person_id is None for entry in mine):
            return Verdict([Problem("", "entry-erased")])
        if mine:
            return Verdict([Problem("", "entry-recorded")], is_done=True)
        return Verdict([Problem("serial", "entry-serial-taken", {"year": day.year})]) if others else None


def _is_of(entry: PaperEntry, row: Mapping[str, Any]) -> bool:
    years = {entry.birth_year, row["birth_year"]} - {None}
    return entry.holder_folded == row["name_folded"] and len(years) < 2
