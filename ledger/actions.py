"""What may stand on the audit trail, with the words for it. Each app registers its own in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.enums import AuditKind

Words = str | Promise


@dataclass(frozen=True)
class Action:
    """`title` says what was done, as in "Role given"."""

    name: str
    kind: AuditKind
    title: Words


_actions: dict[str, Action] = {}


def register_actions(
    *,
    changes: Mapping[str, Words] | None = None,
    readings: Mapping[str, Words] | None = None,
    exports: Mapping[str, Words] | None = None,
) -> None:
    """Add actions by name and title; ValueError when a name is taken by another one."""
    for kind, titles in (
        (AuditKind.CHANGE, changes),
        (AuditKind.READING, readings),
        (AuditKind.EXPORT, exports),
    ):
        for name, title in (titles or {}).items():
            action = Action(name, kind, title)
            if _actions.setdefault(name, action) != action:
                raise ValueError(f"two actions named {name}")


def get_action(name: str) -> Action:
    """Raises ValueError for an action that no app registered: nobody could read what was done."""
    try:
        return _actions[name]
    except KeyError:
        raise ValueError(f"no app registered the action {name}") from None


def title_of(name: str) -> Words:
    """The words for an entry; its bare name where an older version of the site wrote it."""
    return _actions[name].title if name in _actions else name


def all_actions() -> list[Action]:
    return list(_actions.values())


def names_of(kind: str) -> list[str]:
    return [action.name for action in _actions.values() if action.kind == kind]


def register() -> None:
    """The actions of `ledger`; called once, when the app is ready."""
    register_actions(
        changes={"ledger.cancel_job": _("Work in the background stopped")},
        exports={"ledger.open_file": _("Finished file downloaded")},
    )
