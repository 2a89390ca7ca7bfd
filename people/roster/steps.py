"""What upper apps do with the people of a list, for example enrol them. They register in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import QuerySet
from django.utils.functional import Promise

from accounts.models import User
from people.models import RosterImport
from people.roster.problems import Problem


@dataclass(frozen=True, slots=True)
class RosterPerson:
    """A person whom a row of a list named, what the row said, and the moment that everything made of it carries."""

    person_id: int
    data: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a step says of a row before anything is written for it."""

    problems: Sequence[Problem] = ()
    """With an error among them the row is not imported before somebody has mended it."""
    is_done: bool = False
    """Whether everything that the row says is known already, the person included."""


class RosterStep(Protocol):
    """Something done with every person whom a list brought in; whose list it is and what was chosen for it stands in
    `roster`.
    """

    def check_rows(self, rows: Sequence[Mapping[str, Any]], *, roster: RosterImport) -> Mapping[int, Verdict]:
        """Place in `rows` → what the step has to say of the row; nothing for those it can take.

        Asked when a list is read, when a row is mended, and again in the transaction that writes. A row has
        `full_name birth_year birth_date phone title residence`, and `entry` in an old register, see
        `people.roster.cells.read_entry`. Few queries for all rows.
        """

    def apply_chunk(self, *, people: Sequence[RosterPerson], roster: RosterImport, by: User | None) -> object:
        """Do it for these people, inside the transaction that writes them.

        Somebody may come several times, with another row each. Must be idempotent and quick: a web request waits
        while it runs. What it writes carries the person's `at`, by which it is found again. It writes no people and
        no memberships: the import has read those ahead, see `people.roster.ahead`.
        """

    def made(self, *, people: Sequence[RosterPerson], roster: RosterImport) -> QuerySet:
        """The rows that `apply_chunk` wrote for these people; they have a `person`."""

    def depending(self, *, people: Sequence[RosterPerson], roster: RosterImport) -> Mapping[int, str | Promise]:
        """Person id → what has come to stand since on what the step made, so that it cannot be taken back."""

    def undo(self, *, people: Sequence[RosterPerson], roster: RosterImport, by: User | None) -> object:
        """Take it back, inside the transaction that takes the people back; nothing depends on it."""


_steps: dict[str, RosterStep] = {}


def register_roster_step(name: str, step: RosterStep) -> None:
    """Add a step; raises ValueError when another one has the name."""
    known = _steps.get(name)
    if known is not None and known is not step:
        raise ValueError(f"two roster steps named {name}")
    _steps[name] = step


def roster_steps() -> list[tuple[str, RosterStep]]:
    """All steps in the order of their registration."""
    return list(_steps.items())


def check_rows(rows: Sequence[Mapping[str, Any]], roster: RosterImport) -> dict[int, Verdict]:
    """What all steps say of these rows together, by place in `rows`."""
    found: dict[int, Verdict] = {}
    for _name, step in roster_steps():
        for place, verdict in step.check_rows(rows, roster=roster).items():
            known = found.get(place, Verdict())
            found[place] = Verdict([*known.problems, *verdict.problems], known.is_done or verdict.is_done)
    return found
