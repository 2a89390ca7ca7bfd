"""Writing many rows with one statement, where Django's own way costs several times as much.

All of it writes one table: models that inherit from a model with a table of its own are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connections, models, router, transaction
from django.db.models.expressions import BaseExpression


class _Table:
    """A model's table in the database that is written to, with quoted names."""

    def __init__(self, model: type[models.Model]) -> None:
        options: Any = model._meta
        assert not options.parents, "writes one table"
        self.connection = connections[router.db_for_write(model)]
        self.is_postgresql = self.connection.vendor == "postgresql"
        self.name = self._quoted(options.db_table)
        self.key_field = options.pk
        self.key = self._quoted(options.pk.column)
        self.other_fields = [field for field in options.local_concrete_fields if field is not options.pk]
        self.field = options.get_field

    def _quoted(self, name: str) -> str:
        return self.connection.ops.quote_name(name)

    def columns(self, fields: Iterable[Any]) -> list[str]:
        return [self._quoted(field.column) for field in fields]

    def value(self, field: Any, thing: models.Model) -> Any:
        """A field's value as the database takes it."""
        return field.get_db_prep_save(getattr(thing, field.attname), self.connection)

    def base_type(self, field: Any) -> str:
        """Without its length: a cast to varchar(10) would cut what is too long, without a word."""
        return field.db_type(self.connection).partition("(")[0]


def write_each(objects: Iterable[models.Model], fields: Sequence[str], batch: int = 1000) -> None:
    """Write `fields` of saved objects of one model, as `QuerySet.bulk_update` does; values must be plain.

    That has a CASE with a branch for every object in every field, which Django takes longer to put together than the
    database to carry out. PostgreSQL joins with arrays of values; SQLite runs one prepared statement for each object.
    """
    objects = list(objects)
    if not objects:
        return
    table = _Table(type(objects[0]))
    written = [table.field(name) for name in fields]
    values = [[table.value(field, thing) for field in (table.key_field, *written)] for thing in objects]
    columns = table.columns(written)
    with transaction.atomic(using=table.connection.alias, savepoint=False), table.connection.cursor() as cursor:
        if not table.is_postgresql:
            settings = ", ".join(f"{column} = %s" for column in columns)
            rows = [(*others, key) for key, *others in values]
            cursor.executemany(f"UPDATE {table.name} SET {settings} WHERE {table.key} = %s", rows)  # noqa: S608
            return
        settings = ", ".join(f"{column} = v.v{place}" for place, column in enumerate(columns, start=1))
        arrays = ", ".join(f"%s::{table.base_type(field)}[]" for field in (table.key_field, *written))
        names = ", ".join(f"v{place}" for place in range(1 + len(columns)))
        # The keys are given twice: to join with arrays alone, it would read the whole table for every batch.
        statement = (
            f"UPDATE {table.name} AS t SET {settings} FROM UNNEST({arrays}) AS v({names}) "  # noqa: S608
            f"WHERE t.{table.key} = v.v0 AND t.{table.key} = ANY(%s)"
        )
        for start in range(0, len(values), batch):
            some = [list(column) for column in zip(*values[start : start + batch], strict=True)]
            cursor.execute(statement, [*some, some[0]])


def insert_each(objects: Sequence[models.Model]) -> None:
    """Insert new objects of one model, as `QuerySet.bulk_create` does; their keys are not read back.

    PostgreSQL takes them by COPY: psycopg writes a value of JSON in half the time that it quotes one.
    """
    if not objects:
        return
    table = _Table(type(objects[0]))
    if not table.is_postgresql:
        type(objects[0])._base_manager.bulk_create(objects)
        return
    fields = table.other_fields
    copying = f"COPY {table.name} ({', '.join(table.columns(fields))}) FROM STDIN"
    with table.connection.cursor() as cursor, cursor.copy(copying) as copy:
        for thing in objects:
            values = [(field, field.pre_save(thing, True)) for field in fields]
            copy.write_row([field.get_db_prep_save(value, table.connection) for field, value in values])


def insert_for(model: type[models.Model], rows: models.QuerySet, values: Mapping[str, Any]) -> int:
    """Insert an object for each of `rows`, if nothing unique is in its way; returns how many are new.

    `values` gives every field but the key: an expression over `rows`, for example F("pk"), or what is the same for
    all. Nothing passes through Python: INSERT … SELECT.
    """
    table = _Table(model)
    fields = [table.field(name) for name in values]
    assert set(fields) == set(table.other_fields), "every field needs a value"
    selected = dict(_expressions(fields, values.values()))
    query, params = rows.order_by().annotate(**selected).values_list(*selected).query.sql_with_params()
    columns = ", ".join(table.columns(fields))
    with table.connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table.name} ({columns}) {query} ON CONFLICT DO NOTHING", params)
        return cursor.rowcount


def _expressions(fields: Iterable[Any], values: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    for field, value in zip(fields, values, strict=True):
        if not isinstance(value, BaseExpression | models.F):
            value = models.Value(value, output_field=field.target_field if field.is_relation else field)
        yield f"new_{field.name}", value
