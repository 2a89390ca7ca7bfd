"""The confirmed rows become people, memberships and enrolments: in short transactions, each of them whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.models import User
from common import clock
from common.bulk import write_each
from ledger.operations import record_audit
from ledger.runs import JobRun
from people.enums import ImportStatus, PersonSource, RowOutcome
from people.models import Membership, Person, RosterImport, RosterRow
from people.roster.ahead import Ahead
from people.roster.deciding import IMPORTABLE, lock_owner
from people.roster.matching import Directory, Known, Match
from people.roster.pace import Pace
from people.roster.rows import stored_problems, told
from people.roster.steps import RosterPerson, Verdict, check_rows, roster_steps
from people.roster.values import WRITTEN_FIELDS, person_values, set_value, value_of
from people.roster.workbooks import result_file
from places.enums import Level

_OUTCOME = ["outcome", "person", "applied_at", "effect"]


def import_roster(run: JobRun, roster_id: int) -> dict[str, Any]:
    """Import the rows that are good, in the order of the file; what is done stays done after an interruption.

    Every chunk holds the organisation's row and looks again who is known: two imports at once, or a list that
    changed since it was looked at, make every person once. A row whose answer is no longer clear is left for the
    manager.
    """
    roster = RosterImport.objects.select_related("organisation__seat", "unit").filter(pk=roster_id).first()
    if roster is None or roster.status != ImportStatus.IMPORTING:
        return {"applied": 0}
    pending = roster.rows.filter(applied_at__isnull=True, outcome__in=IMPORTABLE)
    rows = list(pending.order_by("number").defer("cells"))
    before = roster.rows.filter(applied_at__isnull=False).count()
    total, done = before + len(rows), before
    by = User.objects.filter(pk=run.owner_id).first()
    pace, ahead = Pace(), Ahead(roster, rows)
    run.progress(done, total)
    for some in pace.chunks(rows):
        chunk = _Chunk.prepare(roster, some, by=by)
        ahead.look(done - before, len(some))
        with pace.timed(), run.step(done=done + len(some), total=total):
            chunk.write(clock.now(), ahead)
        done += len(some)
    file, name = result_file(roster)
    run.attach(file, name)
    counts = _counts(roster)
    with run.step(done=total, total=total):
        RosterImport.objects.filter(pk=roster_id).update(status=ImportStatus.DONE)
        if not run.state.get("told"):
            run.state["told"] = True
            record_audit(
                actor=by,
                action="people.import_roster",
                target=roster,
                unit=roster.place,
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
    by: User | None
    chosen: set[int]
    """Ids of the rows that upper apps do something for."""
    reworded: set[int]
    """Ids of the rows whose data or problems are no longer as they were read."""
    created: list[Person] = field(default_factory=list)
    linked: list[tuple[RosterRow, Known]] = field(default_factory=list)
    changes: list[tuple[RosterRow, Match]] = field(default_factory=list)

    @classmethod
    def prepare(cls, roster: RosterImport, rows: Sequence[RosterRow], *, by: User | None) -> _Chunk:
        place = roster.place
        local = place.level in (Level.COMMUNE, Level.VILLAGE)
        home = place if local and roster.options.get("residence_from_seat") else None
        fresh, reworded = {}, set()
        for row in rows:
            # Who has an address lives there, also where it was not understood or was left open.
            if home is not None and not row.data.get("residence") and not row.data.get("address"):
                row.data["residence"] = home.pk
                reworded.add(row.pk)
            source = PersonSource.REGISTER if roster.is_register else PersonSource.ROSTER
            person = Person(source=source, created_by=by)
            for name, value in person_values(row.data).items():
                set_value(person, name, value)
            fresh[row.pk] = person
        chosen = {row.pk for row in rows if row.chosen or not roster.options.get("only_ticked")}
        return cls(roster, rows, fresh, by, chosen, reworded)

    def write(self, at: datetime, ahead: Ahead) -> None:
        """Inside the job's transaction. Holds whose list it is, so that another import of the same people waits."""
        lock_owner(self.roster)
        verdicts = check_rows([row.data for row in self.rows], self.roster)
        directory = ahead.directory(self.rows)
        for place, row in enumerate(self.rows):
            self._settle(row, directory, verdicts.get(place, Verdict()), at)
        Person.objects.bulk_create(self.created)
        if self.roster.organisation_id is not None:
            self._join(self.roster.organisation_id, at)
        self._change(self.roster.organisation_id)
        for row, known in self.linked:
            row.person_id = known.person.pk if known.person is not None else known.pk
            row.applied_at = at
        self._note()
        self._run_steps(at)
        ahead.follow(self.linked)

    def _settle(self, row: RosterRow, directory: Directory, verdict: Verdict, at: datetime) -> None:
        if (outcome := told(verdict)) is not None:
            # Has become impossible or superfluous since the preview.
            row.outcome, row.problems = outcome, stored_problems(verdict.problems)
            row.applied_at = at if outcome == RowOutcome.SAME else None
            self.reworded.add(row.pk)
            return
        match = directory.match(row.data)
        if match.outcome == RowOutcome.CONFLICT:
            # Became unclear since the preview: the manager is asked.
            row.outcome = match.outcome
            row.problems = stored_problems(match.problems)
            self.reworded.add(row.pk)
            return
        known = match.known
        decision = row.data.get("decision") or {}
        if self.roster.is_register and decision.get("kind") == "row":
            # Another line of somebody on this list; it waits until that row is imported.
            known = self._of_row(decision["row"])
            if known is not None:
                row.outcome = match.outcome
                self.linked.append((row, known))
            return
        if match.outcome == RowOutcome.SAME and known is None:  # counted with another row, or done before
            row.applied_at = at
            return
        if match.outcome == RowOutcome.CREATE and known is None:
            person = self.fresh[row.pk]
            person.created_at = at
            self.created.append(person)
            row.effect = {"created": True}
            known = Known(
                pk=None,
                full_name=person.full_name,
                birth_year=person.birth_year,
                phone=person.phone,
                birth_date=row.data["birth_date"],
                residence_id=person.residence_id,
                title=row.data["title"],
                active=self.roster.is_register,
                person=person,
            )
            directory.add(person.name_folded, known)
        elif match.outcome == RowOutcome.UPDATE:
            self.changes.append((row, match))
        row.outcome = match.outcome
        if known is not None:
            self.linked.append((row, known))

    def _of_row(self, number: int) -> Known | None:
        """Whom another row of the list turned out to be."""
        here = next((known for row, known in self.linked if row.number == number), None)
        if here is not None:
            return here
        row = self.roster.rows.filter(number=number, person__isnull=False).exclude(applied_at=None).first()
        return Known(row.person_id, row.data["full_name"], None, "") if row is not None else None

    def _note(self) -> None:
        """Write down what became of the rows; what was read from the file goes along only where it is another now."""
        write_each((row for row in self.rows if row.pk in self.reworded), [*_OUTCOME, "data", "problems"])
        write_each((row for row in self.rows if row.pk not in self.reworded), _OUTCOME)

    def _join(self, organisation_id: int, at: datetime) -> None:
        """Open the memberships that are missing, once for each person."""
        today = clock.day_of(at)
        missing: dict[int, Membership] = {}
        for row, known in self.linked:
            if known.active:
                continue
            person_id = known.person.pk if known.person is not None else known.pk
            if person_id is not None and person_id not in missing:
                missing[person_id] = Membership(
                    person_id=person_id,
                    organisation_id=organisation_id,
                    title=row.data["title"],
                    valid_from=today,
                )
                row.effect["joined"] = today.isoformat()
        Membership.objects.bulk_create(missing.values(), ignore_conflicts=True)

    def _change(self, organisation_id: int | None) -> None:
        """Fill in what the list knows better about people on it already."""
        if not self.changes:
            return
        ids = {known.pk for _row, match in self.changes if (known := match.known) is not None and known.pk}
        people = Person.objects.in_bulk(ids)
        held = {
            membership.person_id: membership
            for membership in Membership.objects.active().filter(person__in=ids, organisation=organisation_id)
        }
        changed: dict[int, Person] = {}
        for row, match in self.changes:
            known = match.known
            person = known and (known.person or people.get(known.pk or 0))
            if not person:
                continue
            wanted = person_values(row.data)
            before = {name: value_of(person, name) for name in match.changes if name in wanted}
            for name in before:
                set_value(person, name, wanted[name])
                changed[person.pk] = person
            row.effect["changed"] = {name: [value, value_of(person, name)] for name, value in before.items()}
            membership = held.get(person.pk)
            if "title" in match.changes and membership is not None and "joined" not in row.effect:
                row.effect["changed"]["title"] = [membership.title, row.data["title"]]
                membership.title = row.data["title"]
        write_each(changed.values(), WRITTEN_FIELDS)
        write_each(held.values(), ["title"])

    def _run_steps(self, at: datetime) -> None:
        people = [
            RosterPerson(row.person_id, row.data, at)
            for row, _known in self.linked
            if row.person_id and row.pk in self.chosen
        ]
        for _name, step in roster_steps() if people else ():
            step.apply_chunk(people=people, roster=self.roster, by=self.by)
