"""Taking a whole import back, as long as nothing depends on it.

Created people go with their memberships and what the steps made, changed fields get their old values back. Whether
anything stands in the way is asked for the whole list before it begins, and again for every chunk under its lock:
whoever has come to depend on the import in between stays, and is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clock
from common.bulk import write_each
from ledger.models import Job
from ledger.operations import enqueue_job, record_audit
from ledger.runs import JobRun
from people.enums import ImportStatus
from people.models import Membership, Person, RosterImport, RosterRow
from people.roster.deciding import is_stopped, lock_owner, lock_roster
from people.roster.exceptions import NothingToUndo, RosterClosed, UndoBlocked
from people.roster.pace import Pace
from people.roster.steps import RosterPerson, roster_steps
from people.roster.values import FIELDS, WRITTEN_FIELDS, person_values, set_value, value_of

_BATCH = 500
_UNDOABLE = {ImportStatus.DONE, ImportStatus.UNDONE}


@dataclass
class Obstacle:
    """A person whose part of the import cannot be taken back, and why."""

    person: Person
    number: int
    """A row of the list that names them."""
    reasons: list[str | Promise] = field(default_factory=list)


@dataclass(frozen=True)
class Outlook:
    """What taking the import back would do."""

    removed: int
    put_back: int
    left: int
    """Memberships of people who were known before."""
    obstacles: list[Obstacle]


def can_undo(roster: RosterImport) -> bool:
    """Whether there is an import to take back and nobody is working on the list."""
    if roster.status not in _UNDOABLE and not (roster.status != ImportStatus.READING and is_stopped(roster)):
        return False
    return _applied(roster).exists()


def look_ahead(roster: RosterImport) -> Outlook:
    """What would happen and what stands in the way; reads only. About 20 queries for every 500 rows."""
    obstacles: list[Obstacle] = []
    removed = put_back = left = 0
    for rows in _batches(list(_applied(roster).order_by("number"))):
        removed += sum(1 for row in rows if row.effect.get("created"))
        put_back += sum(1 for row in rows if row.effect.get("changed"))
        left += sum(1 for row in rows if row.effect.get("joined") and not row.effect.get("created"))
        obstacles += _obstacles(roster, rows).values()
    return Outlook(removed, put_back, left, obstacles)


def undo_roster(*, roster: RosterImport, by: User, at: datetime | None = None) -> Job:
    """Ask for a whole import to be taken back. Asking again while it is being done returns that job.

    Raises `RosterClosed`, `NothingToUndo`, `UndoBlocked` when something depends on it.
    """
    at = at or clock.now()
    outlook = look_ahead(roster)
    with transaction.atomic():
        roster = lock_roster(roster)
        if roster.status == ImportStatus.UNDOING and not is_stopped(roster) and roster.job is not None:
            return roster.job
        if roster.status not in _UNDOABLE and not is_stopped(roster):
            raise RosterClosed()
        count = _applied(roster).count()
        if not count:
            raise NothingToUndo()
        if outlook.obstacles:
            raise UndoBlocked(count=len(outlook.obstacles))
        roster.status = ImportStatus.UNDOING
        roster.job = enqueue_job("people.undo_roster", params={"roster_id": roster.pk}, by=by, at=at)
        roster.save(update_fields=["status", "job"])
        record_audit(actor=by, action="people.undo_roster", target=roster, unit=roster.place, count=count, at=at)
    return roster.job


def take_back(run: JobRun, roster_id: int) -> dict[str, Any]:
    """The job: rows from the last to the first, in short transactions; an interrupted run goes on with the rest."""
    roster = RosterImport.objects.select_related("organisation__seat", "unit").filter(pk=roster_id).first()
    if roster is None or roster.status != ImportStatus.UNDOING:
        return {"undone": 0, "kept": 0}
    by = User.objects.filter(pk=run.owner_id).first()
    kept = set(run.state.get("kept", []))
    rows = list(_applied(roster).exclude(pk__in=kept).order_by("-number"))
    before = run.state.get("undone", 0)
    total, done = before + len(rows), before
    pace = Pace(largest=100)
    run.progress(done, total)
    for some in pace.chunks(rows):
        with pace.timed(), run.step(done=done + len(some), total=total):
            kept |= _take_back_rows(roster, some, by, clock.now())
            done += len(some)
            run.state |= {"kept": sorted(kept), "undone": done}
    with run.step(done=total, total=total):
        if RosterImport.objects.filter(pk=roster_id, status=ImportStatus.UNDOING).update(status=ImportStatus.UNDONE):
            record_audit(
                actor=by,
                action="people.take_back_roster",
                target=roster,
                unit=roster.place,
                count=total - len(kept),
            )
    return {"undone": total - len(kept), "kept": len(kept)}


def _applied(roster: RosterImport) -> models.QuerySet[RosterRow]:
    return roster.rows.filter(applied_at__isnull=False)


def _batches(rows: Sequence[RosterRow]) -> Iterator[Sequence[RosterRow]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]


def _people(rows: Iterable[RosterRow]) -> list[RosterPerson]:
    return [RosterPerson(row.person_id, row.data, row.applied_at) for row in rows if row.person_id and row.applied_at]


def _take_back_rows(roster: RosterImport, rows: Sequence[RosterRow], by: User | None, at: datetime) -> set[int]:
    """Inside the job's transaction; ids of the rows that stay as they are."""
    lock_owner(roster)
    ids = [row.person_id for row in rows if row.person_id]
    # Nothing new can come to point at these people until the chunk is written.
    people = Person.objects.select_for_update(of=("self",)).order_by("pk").in_bulk(ids)
    blocked = _obstacles(roster, rows)
    free = [row for row in rows if row.person_id not in blocked]
    for _name, step in roster_steps():
        step.undo(people=_people(free), roster=roster, by=by)
    changed: dict[int, Person] = {}
    for row in free:  # from the last to the first
        person = people.get(row.person_id or 0)
        if person is not None:
            _put_back(row, person, changed)
    write_each(changed.values(), WRITTEN_FIELDS)
    _made_memberships(roster, free).delete()
    for title, holders in _titles(free).items():
        Membership.objects.active().filter(person__in=holders, organisation=roster.organisation_id).update(title=title)
    created = [row.person_id for row in free if row.effect.get("created")]
    Person.objects.filter(pk__in=created).delete()
    for row in free:
        if row.effect.get("created"):
            row.person_id = None
        row.effect, row.applied_at = {}, None
    write_each(free, ["person", "effect", "applied_at"])
    return {row.pk for row in rows} - {row.pk for row in free}


def _put_back(row: RosterRow, person: Person, changed: dict[int, Person]) -> None:
    for name, values in row.effect.get("changed", {}).items():
        if name in FIELDS:
            set_value(person, name, values[0])
            changed[person.pk] = person


def _titles(rows: Iterable[RosterRow]) -> dict[str, set[int]]:
    """Former position → whose it was; of several rows about one person the first of the list counts."""
    former: dict[int, str] = {}
    for row in rows:
        if row.person_id and (values := row.effect.get("changed", {}).get("title")):
            former[row.person_id] = values[0]
    holders: dict[str, set[int]] = defaultdict(set)
    for person_id, title in former.items():
        holders[title].add(person_id)
    return holders


def _made_memberships(roster: RosterImport, rows: Iterable[RosterRow]) -> models.QuerySet[Membership]:
    """Memberships that the import opened and that are as it left them."""
    joined = {row.person_id: date.fromisoformat(row.effect["joined"]) for row in rows if row.effect.get("joined")}
    return Membership.objects.filter(
        person__in=joined,
        organisation=roster.organisation_id,
        valid_from__in=set(joined.values()),
        valid_until=None,
    )


# What stands in the way -------------------------------------------------------------------------------------


def _obstacles(roster: RosterImport, rows: Sequence[RosterRow]) -> dict[int, Obstacle]:
    """By person id: those for whom something has come to depend on the import."""
    first = {row.person_id: row.number for row in sorted(rows, key=lambda row: -row.number) if row.person_id}
    people = Person.objects.in_bulk(list(first))
    found: dict[int, Obstacle] = {}

    def block(person_id: int, reason: str | Promise) -> None:
        if person_id in people:
            obstacle = found.setdefault(person_id, Obstacle(people[person_id], first[person_id]))
            if reason not in obstacle.reasons:
                obstacle.reasons.append(reason)

    for person_id in _changed_since(rows, people):
        block(person_id, _("was changed since"))
    for person_id in _left_since(roster, rows):
        block(person_id, _("has left since"))
    created = {row.person_id for row in rows if row.effect.get("created") and row.person_id in people}
    for person_id in created:
        if people[person_id].account_id is not None:
            block(person_id, _("learns with a login"))
    for person_id, reason in _pointing_at(roster, rows, created):
        block(person_id, reason)
    mine = _people(rows)
    for _name, step in roster_steps():
        for person_id, reason in step.depending(people=mine, roster=roster).items():
            block(person_id, reason)
    return found


def _changed_since(rows: Sequence[RosterRow], people: dict[int, Person]) -> set[int]:
    """People whose values are no longer those that the import left."""
    left: dict[int, dict[str, Any]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: row.number):
        if row.person_id is None:
            continue
        if row.effect.get("created"):
            left[row.person_id] |= person_values(row.data)
        for name, values in row.effect.get("changed", {}).items():
            if name in FIELDS:
                left[row.person_id][name] = values[1]
    return {
        person_id
        for person_id, values in left.items()
        if person_id in people
        and any(value_of(people[person_id], name) != (value or _EMPTY.get(name)) for name, value in values.items())
    }


_EMPTY = {"phone": ""}


def _left_since(roster: RosterImport, rows: Sequence[RosterRow]) -> set[int]:
    """People who joined by the import and whose membership has ended since."""
    joined = [row.person_id for row in rows if row.effect.get("joined")]
    ended = Membership.objects.filter(person__in=joined, organisation=roster.organisation_id, valid_until__isnull=False)
    starts = {row.person_id: row.effect["joined"] for row in rows if row.effect.get("joined")}
    found = ended.values_list("person", "valid_from")
    return {person_id for person_id, start in found if start.isoformat() == starts[person_id]}


def _pointing_at(
    roster: RosterImport, rows: Sequence[RosterRow], created: set[int]
) -> Iterator[tuple[int, str | Promise]]:
    """Whatever row of whatever model refers to a created person, but for what the import itself made."""
    mine = _people(rows)
    made: dict[type[models.Model], Q] = {RosterRow: Q(roster=roster.pk) | Q(applied_at=None)}
    made[Membership] = Q(pk__in=_made_memberships(roster, rows).values("pk"))
    for _name, step in roster_steps():
        own = step.made(people=mine, roster=roster)
        made[own.model] = made.get(own.model, Q()) | Q(pk__in=own.values("pk"))
    for relation in Person._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)):
            continue
        model, name = relation.related_model, relation.field.name
        others = model._base_manager.filter(**{f"{name}__in": created})
        things = model._meta.verbose_name_plural
        if model in made:
            others = others.exclude(made[model])
        for person_id in set(others.values_list(name, flat=True)):
            yield person_id, _REASONS.get(model) or gettext("has %(things)s") % {"things": things}


_REASONS: dict[type[models.Model], Promise] = {
    RosterRow: _("is on another imported list"),
    Membership: _("belongs to another organisation, or belonged to yours before"),
}
