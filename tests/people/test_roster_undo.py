"""A whole import is taken back while nothing depends on it, or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from courses.models import Enrolment
from courses.operations import complete_lesson
from ledger.enums import JobStatus
from ledger.models import AuditEntry, Job
from people.enums import ConsentPurpose, ImportStatus
from people.models import Consent, Membership, Person, RosterImport, RosterRow
from people.operations.data import erase_person
from people.operations.memberships import end_membership
from people.roster import undoing
from people.roster.deciding import confirm_roster, discard_roster
from people.roster.exceptions import NothingToUndo, RosterClosed, UndoBlocked
from people.roster.undoing import look_ahead, undo_roster
from tests.factories.courses import make_course
from tests.factories.people import make_manager, make_member, make_organisation, make_person, make_user
from tests.people.rosters import HEADER, PEOPLE, plain, workbook
from tests.people.test_roster_import import Desk, small_pace

KEPT_APART = {"people.RosterImport", "people.RosterRow", "ledger.Job", "ledger.AuditEntry", "people.RosterColumns"}


@pytest.fixture
def desk(db, run_jobs) -> Desk:
    return Desk(run_jobs)


def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, but for the list itself and its trail."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.managed and model._meta.label not in KEPT_APART
    }


def undo(desk: Desk, roster: RosterImport) -> Job:
    job = undo_roster(roster=roster, by=desk.manager)
    desk.run_jobs("people.undo_roster")
    roster.refresh_from_db()
    job.refresh_from_db()
    return job


def reasons(roster: RosterImport) -> list[str]:
    return [str(reason) for obstacle in look_ahead(roster).obstacles for reason in obstacle.reasons]


def lesson_keys(course) -> list:
    return [lesson.translation_key for lesson in course.get_children()]


class TestTakenBack:
    def test_everything_is_as_it_was(self, desk):
        """One is new, one is completed, one was known elsewhere, and all were enrolled."""
        course = make_course()
        known = make_member(desk.organisation, "Tran Thi Ngoc Anh", birth_year=1988, phone="", title="Thủ quỹ")
        make_person("Lê Quang Bảy", birth_year=1965, phone="+84900000135")
        before = everything()
        roster = desk.read(plain())
        desk.confirm(roster, course_key=str(course.translation_key))
        known.refresh_from_db()
        assert (known.full_name, known.phone) == ("Trần Thị Ngọc Ánh", "+84900000112")
        assert known.memberships.get().title == "Kế toán"
        assert (Person.objects.count(), Membership.objects.count(), Enrolment.objects.count()) == (3, 3, 3)
        outlook = look_ahead(roster)
        assert (outlook.removed, outlook.put_back, outlook.left, outlook.obstacles) == (1, 1, 1, [])
        job = undo(desk, roster)
        assert (job.status, job.result) == (JobStatus.DONE, {"undone": 3, "kept": 0})
        assert roster.status == ImportStatus.UNDONE
        assert everything() == before
        entries = AuditEntry.objects.filter(action__in=["people.undo_roster", "people.take_back_roster"])
        assert list(entries.values_list("count", "actor")) == [(3, desk.manager.pk)] * 2
        assert not RosterRow.objects.filter(applied_at__isnull=False).exists()
        assert not RosterRow.objects.exclude(effect={}).exists()

    def test_the_list_can_be_added_again_and_discarded(self, desk):
        roster = desk.read(plain())
        desk.confirm(roster)
        undo(desk, roster)
        with pytest.raises(NothingToUndo):
            undo_roster(roster=roster, by=desk.manager)
        assert desk.confirm(roster).result["create"] == 3
        assert Person.objects.count() == 3
        undo(desk, roster)
        discard_roster(roster=roster, by=desk.manager)
        assert not Person.objects.exists()

    def test_asking_twice_is_one_job(self, desk):
        roster = desk.read(plain())
        desk.confirm(roster)
        first = undo_roster(roster=roster, by=desk.manager)
        assert undo_roster(roster=roster, by=desk.manager) == first
        with pytest.raises(RosterClosed):
            confirm_roster(roster=roster, by=desk.manager)
        with pytest.raises(RosterClosed):
            discard_roster(roster=roster, by=desk.manager)

    def test_a_preview_has_nothing_to_take_back(self, desk):
        with pytest.raises(RosterClosed):
            undo_roster(roster=desk.read(plain()), by=desk.manager)

    def test_two_rows_about_one_person(self, desk):
        """The later row is taken back first, so that the first value comes back."""
        known = make_member(desk.organisation, "Lê Quang Bảy", birth_year=1965, phone="", title="Xã viên")
        roster = desk.read(workbook([HEADER, [1, "Lê Quang Bảy", 1965, "0900000135", "Tổ trưởng"]]))
        desk.confirm(roster)
        second = desk.read(workbook([HEADER, [1, "Lê Quang Bảy", 1965, "0900000136", "Kế toán"]]))
        desk.confirm(second)
        assert reasons(roster) == ["đã được thay đổi từ đó đến nay"]
        undo(desk, second)
        undo(desk, roster)
        known.refresh_from_db()
        assert (known.phone, known.memberships.get().title) == ("", "Xã viên")

    def test_somebody_erased_meanwhile_is_nobody_s_obstacle(self, desk):
        roster = desk.read(plain())
        desk.confirm(roster)
        person = Person.objects.get(name_folded="vu thi buoi")
        erase_person(person=person, by=desk.manager)
        assert RosterRow.objects.get(number=4).effect == {}
        assert undo(desk, roster).result == {"undone": 3, "kept": 0}
        assert not Person.objects.exists()


class TestInTheWay:
    """Whatever was built on a person stops the whole, is told, and changes nothing."""

    @pytest.fixture
    def roster(self, desk) -> RosterImport:
        self.course = make_course(lessons=2)
        roster = desk.read(plain())
        desk.confirm(roster, course_key=str(self.course.translation_key))
        return roster

    @pytest.fixture
    def person(self, roster) -> Person:
        return Person.objects.get(name_folded="vu thi buoi")

    def blocked(self, desk, roster) -> list[str]:
        before = everything()
        with pytest.raises(UndoBlocked) as caught:
            undo_roster(roster=roster, by=desk.manager)
        assert caught.value.params == {"count": 1}
        assert everything() == before
        (obstacle,) = look_ahead(roster).obstacles
        assert (obstacle.person.full_name, obstacle.number) == ("Vũ Thị Bưởi", 4)
        return [str(reason) for reason in obstacle.reasons]

    def test_learning(self, desk, roster, person):
        complete_lesson(person=person, course_key=self.course.translation_key, lesson_key=lesson_keys(self.course)[0])
        assert "đã bắt đầu khoá học" in self.blocked(desk, roster)

    def test_consent(self, desk, roster, person):
        Consent.objects.create(
            person=person,
            purpose=ConsentPurpose.LEARNING_RECORD,
            text_version="1",
            language="vi",
            given_at=clock.now(),
        )
        assert self.blocked(desk, roster) == ["đã có: đồng ý"]

    def test_a_login(self, desk, roster, person):
        Person.objects.filter(pk=person.pk).update(account=make_user())
        assert self.blocked(desk, roster) == ["đã học bằng tài khoản riêng"]

    def test_a_correction(self, desk, roster, person):
        Person.objects.filter(pk=person.pk).update(phone="+84900000777")
        assert self.blocked(desk, roster) == ["đã được thay đổi từ đó đến nay"]

    def test_another_organisation(self, desk, roster, person):
        other = make_organisation("Công ty khác")
        Membership.objects.create(person=person, organisation=other, valid_from=clock.today())
        assert len(self.blocked(desk, roster)) == 1

    def test_another_list(self, desk, roster, person):
        again = desk.read(workbook([HEADER, PEOPLE[2]]))
        assert look_ahead(roster).obstacles == []  # only looked at
        desk.confirm(again)
        assert self.blocked(desk, roster) == ["cũng có trong một danh sách khác đã nhập"]

    def test_having_left(self, desk, roster, person):
        Membership.objects.filter(person=person).update(valid_from=clock.today() - timedelta(days=9))
        RosterRow.objects.filter(person=person).update(
            effect={"created": True, "joined": (clock.today() - timedelta(days=9)).isoformat()}
        )
        end_membership(person=person, organisation=desk.organisation, by=desk.manager)
        assert "đã rời danh sách từ đó đến nay" in self.blocked(desk, roster)

    def test_a_known_person_who_learns_what_they_were_enrolled_in(self, desk):
        course = make_course(lessons=2)
        known = make_member(desk.organisation, "Lê Quang Bảy", birth_year=1965, phone="+84900000135")
        roster = desk.read(plain())
        desk.confirm(roster, course_key=str(course.translation_key))
        complete_lesson(person=known, course_key=course.translation_key, lesson_key=lesson_keys(course)[0])
        assert reasons(roster) == ["đã bắt đầu khoá học"]

    def test_every_model_that_points_at_a_person_is_asked(self, desk, roster, person):
        """A model of tomorrow stands in the way without anybody thinking of it."""
        with CaptureQueriesContext(connection) as context:
            look_ahead(roster)
        asked = " ".join(query["sql"] for query in context.captured_queries)
        keys = [
            (model, field)
            for model in apps.get_models()
            for field in model._meta.concrete_fields
            if field.related_model is Person
        ]
        assert len(keys) >= 12
        for model, field in keys:
            assert f'"{model._meta.db_table}"."{field.column}" IN' in asked, field

    def test_what_came_between_asking_and_doing_stays_and_is_told(self, desk, roster, person):
        job = undo_roster(roster=roster, by=desk.manager)
        Person.objects.filter(pk=person.pk).update(account=make_user())
        desk.run_jobs("people.undo_roster")
        job.refresh_from_db()
        assert job.result == {"undone": 2, "kept": 1}
        assert list(Person.objects.all()) == [person]
        assert Enrolment.objects.get().person == person
        roster.refresh_from_db()
        assert (roster.status, roster.rows.filter(applied_at__isnull=False).count()) == (ImportStatus.UNDONE, 1)


class TestInterruptions:
    def test_a_torn_chunk_is_taken_up_again(self, desk, monkeypatch):
        rows = [[n, f"Lê Quang {'Bảy' * n}", 1965, "", ""] for n in range(1, 10)]
        roster = desk.read(workbook([HEADER, *rows]))
        desk.confirm(roster)
        monkeypatch.setattr(undoing.Pace, "__init__", small_pace)
        real = undoing._made_memberships
        calls = []

        def torn(*args):
            calls.append(1)
            if len(calls) == 4:  # asked twice for a chunk
                raise RuntimeError("the worker is gone")
            return real(*args)

        monkeypatch.setattr(undoing, "_made_memberships", torn)
        job = undo_roster(roster=roster, by=desk.manager)
        calls.clear()
        desk.run_jobs("people.undo_roster")
        job.refresh_from_db()
        assert job.status == JobStatus.QUEUED
        assert Person.objects.count() == Membership.objects.count() == 5
        monkeypatch.setattr(undoing, "_made_memberships", real)
        Job.objects.filter(pk=job.pk).update(run_after=clock.now())
        desk.run_jobs("people.undo_roster")
        job.refresh_from_db()
        assert (job.result, job.progress_done) == ({"undone": 9, "kept": 0}, 9)
        assert not Person.objects.exists()
        assert AuditEntry.objects.filter(action="people.take_back_roster").count() == 1


class TestPages:
    def test_from_the_list_and_back(self, desk, client, run_jobs):
        roster = desk.read(plain())
        desk.confirm(roster)
        client.force_login(desk.manager)
        kwargs = {"roster": roster.uuid}
        page, address = reverse("roster", kwargs=kwargs), reverse("roster_undo", kwargs=kwargs)
        assert address in client.get(page).content.decode()
        assert "3 người" in client.get(address).content.decode()
        assert client.post(address)["Location"] == page
        assert "đang được hoàn tác" in client.get(page).content.decode()
        run_jobs("people.undo_roster")
        assert "đã được hoàn tác" in client.get(page).content.decode()
        assert not Person.objects.exists()
        assert client.get(address)["Location"] == page

    def test_who_stands_in_the_way_is_named(self, desk, client):
        roster = desk.read(plain())
        desk.confirm(roster)
        Person.objects.filter(name_folded="vu thi buoi").update(account=make_user())
        client.force_login(desk.manager)
        address = reverse("roster_undo", kwargs={"roster": roster.uuid})
        body = client.get(address).content.decode()
        assert "Vũ Thị Bưởi" in body
        assert '<form method="post">' not in body
        assert client.post(address)["Location"] == address
        assert Person.objects.count() == 3

    def test_another_manager_has_no_such_page(self, desk, client):
        roster = desk.read(plain())
        desk.confirm(roster)
        client.force_login(make_manager(make_organisation("HTX khác"), "other"))
        address = reverse("roster_undo", kwargs={"roster": roster.uuid})
        assert client.get(address).status_code == client.post(address).status_code == 404
