"""Who is known, read for many rows at once before the transactions that write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import connection

from common import clock
from common.folding import fold
from people.models import RosterImport, RosterRow
from people.roster.matching import Directory, Known, directory_of


class Ahead:
    """The directory for the chunks of one import.

    What was read before a transaction holds within it if nobody else has written since, which SQLite tells at no
    cost; what the import itself has written is kept up here. Where that cannot be told, each chunk reads under its
    lock: other databases have large chunks, and an old register finds its people by where they live.
    """

    MOST = 512  # rows read at once

    def __init__(self, roster: RosterImport, rows: Sequence[RosterRow]) -> None:
        self._roster = roster
        self._rows = rows
        self._is_possible = connection.vendor == "sqlite" and not roster.is_register
        self._window = self.MOST // 2
        self._directory: Directory | None = None
        self._until = 0
        self._stamp: tuple[int, date] | None = None
        self._stale_names: set[str] = set()
        self._stale_people: set[int | None] = set()

    def look(self, start: int, count: int) -> None:
        """Before a transaction: read for the `count` rows from `start` and for those that follow.

        The more others write, the fewer rows are read ahead: reading in vain costs as much as reading.
        """
        if not self._is_possible:
            return
        if self._directory is not None and self._stamp != _stamp():
            self._forget()
        elif self._directory is not None and start + count <= self._until:
            return
        else:
            self._window = min(self.MOST, 2 * self._window)
        self._directory = None
        if self._window < count:
            return
        self._stamp = _stamp()
        self._until = start + self._window
        self._stale_names, self._stale_people = set(), set()
        self._directory = directory_of(self._roster).load(row.data for row in self._rows[start : self._until])

    def directory(self, rows: Sequence[RosterRow]) -> Directory:
        """Within the transaction, under its lock: who these rows could mean at this moment."""
        if self._directory is not None and self._stamp != _stamp():
            self._forget()
        if self._directory is not None and not any(map(self._is_stale, rows)):
            return self._directory
        return directory_of(self._roster).load(row.data for row in rows)

    def follow(self, linked: Iterable[tuple[RosterRow, Known]]) -> None:
        """At the end of the transaction: these rows were written, and are of these people."""
        if self._directory is None:
            return
        for row, known in linked:
            if known.person is not None:
                self._directory.settle(known)
            elif row.effect:
                # Somebody known was changed or has joined: whoever could mean them reads again.
                self._stale_names |= {fold(known.full_name), fold(row.data["full_name"])}
                self._stale_people.add(known.pk)

    def _is_stale(self, row: RosterRow) -> bool:
        decided = (row.data.get("decision") or {}).get("person")
        return fold(row.data["full_name"]) in self._stale_names or decided in self._stale_people

    def _forget(self) -> None:
        self._directory = None
        self._window = max(1, self._window // 4)


def _stamp() -> tuple[int, date]:
    """Another one once another connection has committed anything, and on another day: memberships begin and end."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return cursor.fetchone()[0], clock.today()
