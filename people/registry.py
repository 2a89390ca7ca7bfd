"""What upper apps do with people who come by a roster or a facilitator, for example enrol them.

They register in `AppConfig.ready`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import QuerySet
from django.utils.functional import Promise

from accounts.models import User
from people.models import Organisation


@dataclass(frozen=True, slots=True)
class RosterPerson:
    """A person whom a row of a list named, what the row said, and the moment that everything made of it carries."""

    person_id: int
    data: Mapping[str, Any]
    at: datetime


class RosterStep(Protocol):
    """Something done with every person whom a roster brought in."""

    def validate_row(self, data: Mapping[str, Any], options: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Problems of one understood row as `[{"field", "code", "params"}]`; the step leaves such a row out.

        `data` has `full_name birth_year birth_date phone title`, `options` is `RosterImport.options`.
        """

    def apply_chunk(
        self, *, people: Sequence[RosterPerson], options: Mapping[str, Any], organisation: Organisation, by: User | None
    ) -> object:
        """Do it for these people, inside the transaction that writes them.

        Must be idempotent and quick: a web request waits while it runs. What it writes carries the person's `at`, by
        which it is found again.
        """

    def made(self, *, people: Sequence[RosterPerson], organisation: Organisation) -> QuerySet:
        """The rows that `apply_chunk` wrote for these people; they have a `person`."""

    def depending(self, *, people: Sequence[RosterPerson], organisation: Organisation) -> Mapping[int, str | Promise]:
        """Person id → what has come to stand since on what the step made, so that it cannot be taken back."""

    def undo(self, *, people: Sequence[RosterPerson], organisation: Organisation, by: User | None) -> object:
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


@dataclass(frozen=True)
class HelpAction:
    """A button on the page of a person whom somebody looks after: sends `fields` to `url`."""

    url: str
    label: str
    fields: Mapping[str, str]


_help_actions: dict[str, Callable[[Any, Any], list[HelpAction]]] = {}


def register_help_action(name: str, actions: Callable[[Any, Any], list[HelpAction]]) -> None:
    """Add buttons: `actions(user, person)`. ValueError when the name is taken."""
    if name in _help_actions:
        raise ValueError(f"two sets of buttons named {name}")
    _help_actions[name] = actions


def help_actions(user: Any, person: Any) -> list[HelpAction]:
    return [action for actions in _help_actions.values() for action in actions(user, person)]


@dataclass(frozen=True)
class WalkInChoice:
    """A question of an upper app on the form for walk-ins, for example the course to enrol them in.

    `choices(user)` gives (value, label) pairs for the facilitator; with none the question is left out.
    `apply(person=, value=, by=, at=)` runs in the transaction that keeps the person, for the value chosen.
    """

    name: str
    label: str | Promise
    choices: Callable[[Any], Iterable[tuple[str, str]]]
    apply: Callable[..., object]


_walk_in_choices: dict[str, WalkInChoice] = {}


def register_walk_in_choice(
    name: str,
    *,
    label: str | Promise,
    choices: Callable[[Any], Iterable[tuple[str, str]]],
    apply: Callable[..., object],
) -> None:
    """Add a question to the form for walk-ins; `name` becomes the form field. ValueError when it is taken."""
    if name in _walk_in_choices:
        raise ValueError(f"two questions for walk-ins named {name}")
    _walk_in_choices[name] = WalkInChoice(name, label, choices, apply)


def walk_in_choices() -> list[WalkInChoice]:
    """All questions in the order of their registration."""
    return list(_walk_in_choices.values())
