"""Many objects are written as Django writes them, with one statement."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from common import clock
from common.bulk import insert_each, insert_for, write_each
from courses.models import Enrolment
from people.circumstances import Circumstances, learn_under
from people.enums import RowOutcome
from people.models import Membership, Person, RosterImport, RosterRow
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
    row = make_rows(1)[0]
    row.outcome = "x" * 11
    if connection.vendor == "sqlite":  # knows no lengths
        write_each([row], ["outcome"])
        assert stored([row])[0][0] == "x" * 11
        return
    with pytest.raises(DatabaseError), transaction.atomic():
        write_each([row], ["outcome"])


def test_new_rows_arrive_as_they_are():
    rows, someone, at = make_rows(1), make_person(), clock.now()
    odd = [ODD, "\t", "\\N", "", "Nguyễn\nThị"]
    more = [
        RosterRow(roster=rows[0].roster, number=number, outcome=RowOutcome.CREATE, cells=odd, data={"name": ODD})
        for number in (1, 2)
    ]
    more[1].person, more[1].applied_at, more[1].chosen = someone, at, True
    insert_each(more)
    insert_each([])
    kept = list(rows[0].roster.rows.order_by("number"))[1:]
    assert [row.cells for row in kept] == [odd, odd]
    assert [row.data for row in kept] == [{"name": ODD}, {"name": ODD}]
    assert [(row.person_id, row.applied_at, row.chosen) for row in kept] == [
        (None, None, False),
        (someone.pk, at, True),
    ]
    assert len({row.pk for row in kept} | {rows[0].pk}) == 3


def test_what_a_field_fills_in_itself_is_filled_in():
    person, by = make_person(), User.objects.create(username="helper")
    learn_under(Circumstances(person.pk, acted_by_id=by.pk))
    try:
        insert_each([Enrolment(person=person, course_key=uuid.uuid4(), reason="self", enrolled_at=clock.now())])
    finally:
        learn_under(None)
    assert Enrolment.objects.get().acted_by == by


def test_a_row_for_each_of_a_query_unless_it_is_there():
    organisation, today = make_organisation(), date(2026, 3, 1)
    people = [make_person(f"Nguyễn Thị {name}", phone="0912") for name in ("Hoa", "Hoà", "Lan")]
    Membership.objects.create(person=people[1], organisation=organisation, valid_from=today)
    values = {
        "person": F("pk"),
        "organisation": organisation.pk,
        "title": ODD,
        "valid_from": today,
        "valid_until": None,
    }
    with CaptureQueriesContext(connection) as queries:
        new = insert_for(Membership, Person.objects.filter(phone="0912").order_by("name_key"), values)
    assert (new, len(queries)) == (2, 1)
    kept = Membership.objects.order_by("person").values_list("person", "title", "valid_from", "valid_until")
    assert list(kept) == [
        (people[0].pk, ODD, today, None),
        (people[1].pk, "", today, None),
        (people[2].pk, ODD, today, None),
    ]


def test_a_field_without_a_value_is_refused():
    with pytest.raises(AssertionError, match="every field"):
        insert_for(Membership, Person.objects.all(), {"person": F("pk")})
