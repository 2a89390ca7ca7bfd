"""Many objects are written as `bulk_update` writes them, with one statement."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from common import clock
from common.bulk import write_each
from people.enums import RowOutcome
from people.models import Person, RosterImport, RosterRow
from tests.factories.people import make_organisation, make_person

pytestmark = pytest.mark.django_db
ODD = 'Quách "Tỉnh" \\ {1,2} \'; NULL,%s'


def make_rows(count: int) -> list[RosterRow]:
    roster = RosterImport.objects.create(
        organisation=make_organisation(), uploaded_at=clock.now(), filename="ds.xlsx", status="done"
    )
    RosterRow.objects.bulk_create(
        RosterRow(roster=roster, number=number, outcome=RowOutcome.CREATE, cells=[ODD]) for number in range(count)
    )
    return list(roster.rows.order_by("number"))


def stored(rows: list[RosterRow]) -> list[tuple]:
    kept = RosterRow.objects.filter(pk__in=[row.pk for row in rows]).order_by("number")
    return list(kept.values_list("outcome", "person", "applied_at", "effect", "problems", "chosen", "cells"))


def test_values_arrive_as_they_are():
    someone, rows, at = make_person(), make_rows(4), clock.now()
    rows[0].outcome, rows[0].person, rows[0].applied_at = RowOutcome.UPDATE, someone, at
    rows[0].effect = {"changed": {"full_name": [ODD, None]}}
    rows[1].problems, rows[1].chosen = [{"code": ODD, "params": {"people": [1, 2]}}], True
    rows[2].cells = ["not among the fields"]
    write_each(rows[:3], ["outcome", "person", "applied_at", "effect", "problems", "chosen"])
    assert stored(rows) == [
        ("update", someone.pk, at, {"changed": {"full_name": [ODD, None]}}, [], False, [ODD]),
        ("create", None, None, {}, rows[1].problems, True, [ODD]),
        ("create", None, None, {}, [], False, [ODD]),
        ("create", None, None, {}, [], False, [ODD]),
    ]


def test_dates_numbers_and_empty_values_of_people():
    people = [make_person(f"Nguyễn Thị {name}") for name in ("Hoa", "Hoà")]
    people[0].birth_date, people[0].phone, people[0].birth_year = date(1984, 2, 29), "+84912345678", 1984
    people[1].birth_year = None
    people[1].set_name(ODD)
    names = ["full_name", "name_folded", "name_key", "birth_date", "birth_year", "phone"]
    write_each(people, names)
    kept = Person.objects.order_by("pk").values_list(*names)
    assert list(kept) == [tuple(getattr(person, name) for name in names) for person in people]


def test_one_statement_for_all_and_none_for_nobody():
    rows = make_rows(300)
    with CaptureQueriesContext(connection) as queries:
        write_each(rows, ["outcome"])
        write_each([], ["outcome"])
    assert len(queries) == 1


def test_several_batches_are_written_together_or_not_at_all():
    rows = make_rows(3)
    for row in rows:
        row.outcome = RowOutcome.SAME
    rows[2].roster_id, rows[2].number = rows[1].roster_id, 0  # taken
    with pytest.raises(DatabaseError), transaction.atomic():
        write_each(rows, ["outcome", "number"], batch=1)
    assert [outcome for outcome, *_rest in stored(rows)] == [RowOutcome.CREATE] * 3


def test_what_is_too_long_is_not_cut():
    if connection.vendor == "sqlite":
        pytest.skip("SQLite knows no lengths")
    row = make_rows(1)[0]
    row.outcome = "x" * 11
    with pytest.raises(DatabaseError), transaction.atomic():
        write_each([row], ["outcome"])
