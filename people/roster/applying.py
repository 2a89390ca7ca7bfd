"""The confirmed rows become people, memberships and enrolments: in short transactions, each of them whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from accounts.models import User
from common import clock
from ledger.operations import record_audit
from ledger.runs import JobRun
from people.enums import ImportStatus, PersonSource, RowOutcome
from people.models import Membership, Organisation, Person, RosterImport, RosterRow
from people.registry import RosterStep, roster_steps
from people.roster.deciding import IMPORTABLE
from people.roster.matching import Directory, Known, Match, members_of_rows
from people.roster.pace import Pace
from people.roster.rows import stored_problems
from people.roster.workbooks import result_file
from places.enums import Level

_PERSON_FIELDS = ("full_name", "birth_year", "birth_date", "phone", "residence")


def import_roster(run: JobRun, roster_id: int) -> dict[str, Any]:
    """Import the rows that are good, in the order of the file; what is done stays done after an interruption.

    Every chunk holds the organisation's row and looks again who is known: two imports at once, or a list that
    changed since it was looked at, make every person once. A row whose answer is no longer clear is left for the
    manager.
    """
    roster = RosterImport.objects.select_related("organisation__seat").filter(pk=roster_id).first()
    if roster is None or roster.status != ImportStatus.IMPORTING:
        return {"applied": 0}
    rows = list(roster.rows.filter(applied_at__isnull=True, outcome__in=IMPORTABLE).order_by("number"))
    before = roster.rows.filter(applied_at__isnull=False).count()
    total, done = before + len(rows), before
    pace = Pace()
    run.progress(done, total)
    for some in pace.chunks(rows):
        chunk = _Chunk.prepare(roster, some, by_id=run.owner_id)
        with pace.timed(), run.step(done=done + len(some), total=total):
            chunk.write(clock.now())
        done += len(some)
    file, name = result_file(roster)
    run.attach(file, name)
    counts = _counts(roster)
    with run.step(done=total, total=total):
        RosterImport.objects.filter(pk=roster_id).update(status=ImportStatus.DONE)
        if not run.state.get("told"):
            run.state["told"] = True
            record_audit(
                actor=User.objects.filter(pk=run.owner_id).first(),
                action="people.import_roster",
                target=roster,
                unit=roster.organisation.seat,
                count=total,
            )
    return counts


def _counts(roster: RosterImport) -> dict[str, int]:
    outcomes = list(roster.rows.values_list("outcome", "applied_at"))
    counts = {
        outcome.value: sum(1 for found, applied in outcomes if found == outcome and applied) for outcome in IMPORTABLE
    }
    counts["applied"] = sum(counts.values())
    counts["left"] = len(outcomes) - counts["applied"]
    return counts


@dataclass
class _Chunk:
    """Some rows with everything worked out that needs no lock."""

    roster: RosterImport
    rows: Sequence[RosterRow]
    fresh: dict[int, Person]
    """By row id: the person to create if nobody is known."""
    names: set[str]
    phones: set[str]
    by_id: int | None
    steps: list[tuple[RosterStep, set[int]]]
    """What upper apps do, each with the ids of the rows it is for."""
    created: list[Person] = field(default_factory=list)
    linked: list[tuple[RosterRow, Known]] = field(default_factory=list)
    changes: list[tuple[RosterRow, Match]] = field(default_factory=list)

    @classmethod
    def prepare(cls, roster: RosterImport, rows: Sequence[RosterRow], *, by_id: int | None) -> _Chunk:
        seat = roster.organisation.seat
        local = seat.level in (Level.COMMUNE, Level.VILLAGE)
        home = seat if local and roster.options.get("residence_from_seat") else None
        fresh = {}
        for row in rows:
            data = row.data
            if home is not None and not data.get("residence"):
                data["residence"] = home.pk
            person = Person(
                birth_year=data["birth_year"],
                birth_date=date.fromisoformat(data["birth_date"]) if data["birth_date"] else None,
                phone=data["phone"],
                residence_id=data.get("residence"),
                source=PersonSource.ROSTER,
                created_by_id=by_id,
            )
            person.set_name(data["full_name"])
            fresh[row.pk] = person
        names, phones = members_of_rows(row.data for row in rows)
        options = roster.options
        chosen = [row for row in rows if row.chosen or not options.get("only_ticked")]
        steps = [
            (step, {row.pk for row in chosen if not step.validate_row(row.data, options)})
            for _name, step in roster_steps()
        ]
        return cls(roster, rows, fresh, names, phones, by_id, steps)

    def write(self, at: datetime) -> None:
        """Inside the job's transaction. Holds the organisation so that another import of it waits."""
        organisation_id = self.roster.organisation_id
        Organisation.objects.select_for_update(of=("self",)).get(pk=organisation_id)
        directory = Directory(organisation_id).load(self.names, self.phones)
        for row in self.rows:
            self._settle(row, directory, at)
        Person.objects.bulk_create(self.created)
        self._join(organisation_id, at)
        self._change(organisation_id)
        for row, known in self.linked:
            row.person_id = known.person.pk if known.person is not None else known.pk
            row.applied_at = at
        RosterRow.objects.bulk_update(self.rows, ["outcome", "problems", "person", "applied_at"])
        self._run_steps(organisation_id, at)

    def _settle(self, row: RosterRow, directory: Directory, at: datetime) -> None:
        match = directory.match(row.data)
        if match.outcome == RowOutcome.CONFLICT:
            # Became unclear since the preview: the manager is asked.
            row.outcome = match.outcome
            row.problems = stored_problems(match.problems)
            return
        if (row.data.get("decision") or {}).get("kind") == "row":
            row.applied_at = at
            return
        known = match.known
        if match.outcome == RowOutcome.CREATE and known is None:
            person = self.fresh[row.pk]
            person.created_at = at
            self.created.append(person)
            known = Known(
                pk=None,
                full_name=person.full_name,
                birth_year=person.birth_year,
                phone=person.phone,
                birth_date=row.data["birth_date"],
                residence_id=person.residence_id,
                title=row.data["title"],
                person=person,
            )
            directory.add(person.name_folded, known)
        elif match.outcome == RowOutcome.UPDATE:
            self.changes.append((row, match))
        row.outcome = match.outcome
        if known is not None:
            self.linked.append((row, known))

    def _join(self, organisation_id: int, at: datetime) -> None:
        """Open the memberships that are missing, once for each person."""
        today = clock.day_of(at)
        missing: dict[int, Membership] = {}
        for row, known in self.linked:
            if known.active:
                continue
            person_id = known.person.pk if known.person is not None else known.pk
            if person_id is not None:
                missing.setdefault(
                    person_id,
                    Membership(
                        person_id=person_id,
                        organisation_id=organisation_id,
                        title=row.data["title"],
                        valid_from=today,
                    ),
                )
        Membership.objects.bulk_create(missing.values(), ignore_conflicts=True)

    def _change(self, organisation_id: int) -> None:
        """Fill in what the list knows better about people on it already."""
        ids = [match.known.pk for _row, match in self.changes if match.known is not None and match.known.pk]
        people = Person.objects.in_bulk(ids) if ids else {}
        changed: dict[int, Person] = {}
        for row, match in self.changes:
            person = people.get(match.known.pk) if match.known is not None and match.known.pk else None
            if person is None:
                continue
            data = row.data
            for name in match.changes:
                if name == "full_name":
                    person.set_name(data["full_name"])
                elif name == "birth_date":
                    person.birth_date = date.fromisoformat(data["birth_date"])
                elif name == "residence":
                    person.residence_id = data["residence"]
                elif name in {"birth_year", "phone"}:
                    setattr(person, name, data[name])
                if name in _PERSON_FIELDS:
                    changed[person.pk] = person
            if "title" in match.changes:
                held = Membership.objects.active().filter(person=person.pk, organisation=organisation_id)
                held.update(title=data["title"])
        if changed:
            Person.objects.bulk_update(changed.values(), [*_PERSON_FIELDS, "name_folded", "name_key"])

    def _run_steps(self, organisation_id: int, at: datetime) -> None:
        for step, wanted in self.steps:
            ids = {row.person_id for row, _known in self.linked if row.person_id and row.pk in wanted}
            if ids:
                step.apply_chunk(
                    person_ids=sorted(ids),
                    options=self.roster.options,
                    by_id=self.by_id,
                    organisation_id=organisation_id,
                    at=at,
                )
