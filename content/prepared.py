"""A query that Django compiles once and runs many times.

Building and compiling a query of some depth costs more processor time than running it. On the pages that everybody
opens all day this is worth saving; anywhere else an ordinary queryset is the right thing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models import QuerySet

SENTINEL_NUMBER = 1_999_000_000
"""Placeholders of numbers count up from here; no row has such an id."""


class Placeholders:
    """Hands out the values that stand for parameters while the query is compiled."""

    def __init__(self) -> None:
        self.names: dict[Any, tuple[str, models.Field]] = {}

    def text(self, name: str) -> str:
        return self._remember(f"‹{name}›", name, models.TextField())

    def number(self, name: str) -> int:
        return self._remember(SENTINEL_NUMBER + len(self.names), name, models.BigIntegerField())

    def key(self, name: str) -> UUID:
        return self._remember(UUID(int=SENTINEL_NUMBER + len(self.names)), name, models.UUIDField())

    def _remember(self, value: Any, name: str, field: models.Field) -> Any:
        self.names[value] = (name, field)
        return value


class PreparedQuery:
    """`build` gets `Placeholders` and returns a queryset of plain values (`values_list`); `rows` runs it.

    Rows come as the driver gives them: no field converts them. The default database only.
    """

    def __init__(self, build: Callable[[Placeholders], QuerySet]) -> None:
        self._build = build
        self._compiled: dict[str, tuple[str, list[Any]]] = {}

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """All rows for these values of the placeholders. Raises KeyError for a missing one."""
        connection = connections[DEFAULT_DB_ALIAS]
        compiled = self._compiled.get(connection.vendor)
        if compiled is None:
            compiled = self._compiled[connection.vendor] = self._compile(connection)
        sql, parameters = compiled
        wanted = [
            parameter.field.get_db_prep_value(values[parameter.name], connection, prepared=False)
            if isinstance(parameter, _Parameter)
            else parameter
            for parameter in parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql, wanted)
            return cursor.fetchall()

    def _compile(self, connection: Any) -> tuple[str, list[Any]]:
        places = Placeholders()
        query = self._build(places).query
        sql, parameters = query.get_compiler(connection=connection).as_sql()
        by_value = {
            field.get_db_prep_value(value, connection, prepared=False): _Parameter(name, field)
            for value, (name, field) in places.names.items()
        }
        return sql, [by_value.get(parameter, parameter) for parameter in parameters]


class _Parameter:
    def __init__(self, name: str, field: models.Field) -> None:
        self.name = name
        self.field = field
