"""What upper apps do with people whom a facilitator looks after, for example enrol them.

They register in `AppConfig.ready`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


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
