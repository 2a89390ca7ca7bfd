"""What upper apps do when units change: move residents to the one successor, for example.

They register in `AppConfig.ready`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Settler = Callable[[datetime], int]

_settlers: dict[str, Settler] = {}


def register_settler(name: str, settler: Settler) -> None:
    """Add what is done after units changed; ValueError when another one has the name.

    `settler(at)` moves what still points at units no longer in force and returns how many rows it moved. It runs in
    the transaction of the change and every night: what is settled already it must leave alone.
    """
    known = _settlers.get(name)
    if known is not None and known is not settler:
        raise ValueError(f"two settlers named {name}")
    _settlers[name] = settler


def settlers() -> list[tuple[str, Settler]]:
    """All settlers in the order of their registration."""
    return list(_settlers.items())
