"""What is kept about people: one record for each model, from which export, erasure and the public page are made.

Every app registers its own models in `AppConfig.ready`; a test walks all foreign keys that lead to a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common import clock
from people.models import Person
from people.rules import can_see_person

Text = str | Promise


class Erasure(StrEnum):
    """What becomes of the rows when the person is erased. The foreign key does it, `before_erasure` the rest."""

    DELETED = "deleted"
    UNLINKED = "unlinked"


@dataclass(frozen=True)
class Column:
    """One exported value: `name` is an attribute path from the row, such as `residence.address`."""

    name: str
    label: Text


@dataclass(frozen=True)
class PersonalRecord:
    """What is kept in one model, and why, and how long.

    `person` is the lookup path from a row to its person ("" for the person). `rows(person)` replaces it where no
    foreign key leads there. `prepare(rows)` joins what the columns read. `before_erasure(person)` runs in the
    transaction that erases, before the row of the person is deleted. A record without `columns` holds nothing that
    another one does not say. When two records of a person are merged, rows with a `person` go over to the one that is
    kept; with `goes_over=False` they stay as they were written.
    """

    model: type[models.Model]
    title: Text
    purpose: Text
    kept: Text
    erasure: Erasure
    columns: tuple[Column, ...] = ()
    person: str | None = None
    rows: Callable[[Person], models.QuerySet] | None = None
    prepare: Callable[[models.QuerySet], models.QuerySet] | None = None
    before_erasure: Callable[[Person], object] | None = None
    goes_over: bool = True

    def of(self, person: Person) -> models.QuerySet:
        """The rows about a person, oldest first."""
        if self.rows is not None:
            return self.rows(person)
        path = f"{self.person}__in" if self.person else "pk__in"
        found = self.model._base_manager.filter(**{path: person.record_ids}).order_by("pk")
        return self.prepare(found) if self.prepare is not None else found

    def visible_to(self, user: Any) -> models.QuerySet:
        """Rows about people whom the user may see. Only for records with a path."""
        people = Person.objects.visible_to(user)
        return people if self.person == "" else self.model._default_manager.filter(**{f"{self.person}__in": people})

    def can_see(self, user: Any, row: models.Model) -> bool:
        """The twin of `visible_to`."""
        found: Any = row
        for step in (self.person or "").split("__"):
            found = getattr(found, step) if step else found
            if found is None:
                return False
        return can_see_person(user, found)


@dataclass(frozen=True)
class Retention:
    """Rows or files that go after so many days; `sweep(before, dry_run)` does it for a share and counts all."""

    name: str
    title: Text
    days: int
    sweep: Callable[[datetime, bool], int]


_records: dict[type[models.Model], PersonalRecord] = {}
_retentions: dict[str, Retention] = {}


def register_personal_record(record: PersonalRecord) -> None:
    """Add a record. ValueError for a second one of its model, and for one that leads to nobody."""
    if record.model in _records:
        raise ValueError(f"two records for {record.model._meta.label}")
    if (record.person is None) == (record.rows is None):
        raise ValueError(f"{record.model._meta.label}: either `person` or `rows`")
    _records[record.model] = record


def personal_records() -> list[PersonalRecord]:
    """All records: who somebody is first, then app by app what is built on it."""
    order = {config.label: place for place, config in enumerate(reversed(list(apps.get_app_configs())))}
    return sorted(_records.values(), key=lambda record: (record.model is not Person, order[_app_of(record)]))


def _app_of(record: PersonalRecord) -> str:
    """The app that registered the record: its model's, but for what stands below `people`."""
    label = record.model._meta.label_lower.partition(".")[0]
    return "people" if label in {"accounts", "ledger"} else label


def register_retention(retention: Retention) -> None:
    """Add a rule of keeping; ValueError when its name is taken."""
    if retention.name in _retentions:
        raise ValueError(f"two rules named {retention.name}")
    _retentions[retention.name] = retention


def retentions() -> list[Retention]:
    """All rules of keeping in the order of registration."""
    return list(_retentions.values())


# Export


def sections(person: Person) -> Iterator[tuple[PersonalRecord, list[list[Any]]]]:
    """Every record with columns and its rows about the person, as plain values in the order of the columns."""
    for record in personal_records():
        if record.columns:
            yield record, [[_value(row, column.name) for column in record.columns] for row in record.of(person)]


def _value(row: Any, path: str) -> Any:
    for step in path.split("."):
        row = getattr(row, step, None)
        if row is None:
            return None
        if callable(row):
            row = row()
    return row


def as_json(value: Any) -> Any:
    """A value as JSON knows it: moments and days in ISO 8601, numbers exact, everything else in words."""
    if value is None or isinstance(value, bool | int | str | list | dict):
        return value
    if isinstance(value, datetime):
        return value.astimezone(clock.VIETNAM).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def as_words(value: Any) -> str:
    """A value as people in Viet Nam read it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return str(_("yes")) if value else str(_("no"))
    if isinstance(value, datetime):
        return f"{value.astimezone(clock.VIETNAM):%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}".replace(".", ",")
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list):
        return ", ".join(as_words(item) for item in value)
    return str(value)
