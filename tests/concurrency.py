"""Doing things at the same moment, for tests marked `django_db(transaction=True)`."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection, connections


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads that start together; their results, or the errors they raised, in order."""
    gate = threading.Barrier(len(calls))
    outcomes: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            gate.wait()
            outcomes[place] = call()
        except Exception as error:
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    with _database_of_several_threads():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return outcomes


@contextmanager
def _database_of_several_threads() -> Iterator[None]:
    """SQLite in memory knows no waiting: for the length of the block its content lives in a file instead."""
    if connection.vendor != "sqlite" or not connection.is_in_memory_db():
        yield
        return
    settings = connections.settings["default"]
    name = settings["NAME"]
    with TemporaryDirectory() as folder:
        file = str(Path(folder) / "copy.sqlite3")
        connection.ensure_connection()
        with sqlite3.connect(file) as copy:
            connection.connection.backup(copy)
        copy.close()
        settings["NAME"] = file
        try:
            yield
        finally:
            settings["NAME"] = name
        with sqlite3.connect(file) as copy:
            copy.backup(connection.connection)
        copy.close()
