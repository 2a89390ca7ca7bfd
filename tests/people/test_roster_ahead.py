"""What an import has read ahead holds for as long as nobody has written something else."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections, transaction

from common import clock
from people.enums import PersonSource, RowOutcome
from people.models import Membership, Person, RosterImport, RosterRow
from people.roster.ahead import Ahead
from people.roster.cells import read_fields
from people.roster.matching import Directory, Known
from tests.factories.people import make_member, make_organisation

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="others read under the lock")


def row_of(name: str, birth: str = "1965", phone: str = "0900000112", title: str = "") -> RosterRow:
    data, problems = read_fields(name=name, birth=birth, phone=phone, title=title)
    assert not problems
    return RosterRow(number=2, data=data)


@pytest.fixture
def organisation(db):
    return make_organisation()


@pytest.fixture
def roster(organisation) -> RosterImport:
    return RosterImport(organisation=organisation)


def in_another_thread(work) -> None:
    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()


def created(name: str, organisation, directory: Directory) -> tuple[RosterRow, Known]:
    """Somebody whom a chunk has created, as it does."""
    row = row_of(name, title="Kế toán")
    person = Person(source=PersonSource.ROSTER, created_at=clock.now(), birth_year=1965, phone=row.data["phone"])
    person.set_name(name)
    known = Known(None, name, 1965, row.data["phone"], title="Kế toán", person=person)
    directory.add(person.name_folded, known)
    Person.objects.bulk_create([person])
    Membership.objects.create(person=person, organisation=organisation, title="Kế toán", valid_from=clock.today())
    row.effect = {"created": True, "joined": clock.today().isoformat()}
    return row, known


@pytest.mark.django_db(transaction=True)
def test_what_others_wrote_since_is_seen():
    organisation = make_organisation()
    rows = [row_of("Lê Quang Bảy")]
    ahead = Ahead(RosterImport(organisation=organisation), rows)
    ahead.look(0, 1)
    with transaction.atomic():
        assert ahead.directory(rows).match(rows[0].data).outcome == RowOutcome.CREATE
    in_another_thread(lambda: make_member(organisation, full_name="Lê Quang Bảy", birth_year=1965))
    with transaction.atomic():
        match = ahead.directory(rows).match(rows[0].data)
    assert match.known is not None
    assert match.known.pk == Person.objects.get().pk


def test_nothing_is_read_again_for_rows_that_were_read_ahead(roster, django_assert_num_queries):
    rows = [row_of(f"Lê Quang {name}") for name in ("Bảy", "Tám", "Chín")]
    ahead = Ahead(roster, rows)
    ahead.look(0, 1)
    with django_assert_num_queries(4):  # the stamp: before, and in each transaction
        for place, row in enumerate(rows):
            assert ahead.directory([row]).match(row.data).outcome == RowOutcome.CREATE
            if place == 0:
                ahead.look(1, 1)


def test_whoever_was_created_is_known_as_if_read_again(roster, organisation):
    rows = [row_of("Lê Quang Bảy", title="Kế toán")]
    ahead = Ahead(roster, rows)
    ahead.look(0, 1)
    directory = ahead.directory(rows)
    row, known = created("Lê Quang Bảy", organisation, directory)
    ahead.follow([(row, known)])
    again = ahead.directory(rows)
    assert again is directory
    found = again.match(rows[0].data)
    fresh = Directory(organisation.pk).load([rows[0].data]).match(rows[0].data)
    assert found == fresh
    assert found.outcome == RowOutcome.SAME


def test_whoever_was_changed_is_read_again(roster, organisation):
    person = make_member(organisation, full_name="Lê Quang Bảy", birth_year=1965)
    rows = [row_of("Lê Quang Bảy"), row_of("Trần Ánh")]
    ahead = Ahead(roster, rows)
    ahead.look(0, 2)
    directory = ahead.directory(rows)
    known = directory.match(rows[0].data).known
    assert known is not None
    Person.objects.filter(pk=person.pk).update(phone=rows[0].data["phone"])
    rows[0].effect = {"changed": {"phone": ["", rows[0].data["phone"]]}}
    ahead.follow([(rows[0], known)])
    found = ahead.directory(rows[:1]).match(rows[0].data).known
    assert found is not None
    assert found.phone == rows[0].data["phone"]
    assert ahead.directory(rows[1:]) is directory


@pytest.mark.django_db(transaction=True)
def test_the_more_others_write_the_less_is_read_ahead():
    organisation = make_organisation()
    rows = [row_of("Lê Quang Bảy")] * 2000
    ahead = Ahead(RosterImport(organisation=organisation), rows)
    ahead.look(0, 50)
    for number in range(2):
        in_another_thread(lambda number=number: make_member(organisation, full_name=f"Trần Ánh {'y' * number}"))
        ahead.look(50 * number, 50)
    assert ahead._directory is None
    ahead.look(100, 50)
    assert ahead._directory is not None
