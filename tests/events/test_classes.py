"""Classes from planning to correction: who is entered, who came, what that completes and what taking it back does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.models import ScoreEvent
from certificates.models import Certificate
from common import clock
from courses.models import CourseCompletion, Enrolment
from events.enums import AttendanceSource
from events.exceptions import (
    ClassDayTooFar,
    ClassIsCancelled,
    ClassIsClosed,
    ClassNotYet,
    NobodyCame,
    SomebodyCame,
    TooLateToCorrect,
)
from events.models import Attendance, Registration
from events.operations import (
    CORRECTION_DAYS,
    cancel_class,
    change_class,
    close_class,
    mark_present,
    register_people,
    reopen_class,
    set_presence,
    take_off,
)
from events.queries import classes_of, hidden_people
from ledger.models import AuditEntry, Job
from people.enums import Role
from people.exceptions import OutsideScope
from people.operations import grant_role
from people.operations.data import erase_person
from people.operations.merging import merge_people
from tests.concurrency import at_once
from tests.factories import places
from tests.factories.campaigns import campaign as make_campaign
from tests.factories.certificates import make_body
from tests.factories.courses import make_course
from tests.factories.events import make_class
from tests.factories.people import make_person, make_user

pytestmark = pytest.mark.django_db
NAME = AttendanceSource.NAME


@pytest.fixture
def village():
    return places.village()


@pytest.fixture
def facilitator(village):
    user = make_user("to-cong-nghe-so")
    grant_role(user=user, role=Role.FACILITATOR, unit=village.parent, by=None)
    return user


@pytest.fixture
def course():
    return make_course("Dịch vụ công trực tuyến", attendance_completes=True)


@pytest.fixture
def session(village, facilitator, course):
    return make_class(unit=village, course=course, by=facilitator)


@pytest.fixture
def people(village):
    return [make_person(name, residence=village) for name in ("Lò Văn Pánh", "Vi Thị Nết", "Mùa A Chía")]


def ids(people):
    return [person.pk for person in people]


class TestComing:
    def test_marking_enters_too_and_a_second_mark_changes_nothing(self, session, people, facilitator):
        register_people(session=session, person_ids=ids(people[:1]), by=facilitator)
        assert mark_present(session=session, person_ids=ids(people[:2]), source=NAME, by=facilitator) == 2
        assert mark_present(session=session, person_ids=ids(people[:2]), source=NAME, by=facilitator) == 0
        assert Registration.objects.filter(session=session).count() == 2
        assert Attendance.objects.get(person=people[0]).residence == people[0].residence

    def test_people_of_other_places_and_without_consent_are_left_out(self, session, facilitator, people):
        stranger = make_person("Tráng Seo Quáng", residence=places.commune("99002", "Xa Lạ"))
        people[0].learning_stopped_at = clock.now()
        people[0].save()
        assert mark_present(session=session, person_ids=ids([stranger, *people]), source=NAME, by=facilitator) == 2

    def test_nobody_else_holds_it(self, session, people):
        other = make_user("noi-khac")
        grant_role(user=other, role=Role.FACILITATOR, unit=places.commune("99002", "Xa Lạ"), by=None)
        auditor = make_user("kiem-tra")
        grant_role(user=auditor, role=Role.AUDITOR, unit=session.unit, by=None)
        for user in (other, auditor, make_user("khong-ai")):
            with pytest.raises(OutsideScope):
                mark_present(session=session, person_ids=ids(people), source=NAME, by=user)

    def test_not_before_its_day(self, village, course, facilitator, people):
        planned = make_class(unit=village, course=course, by=facilitator, held_on=clock.today() + timedelta(days=2))
        assert register_people(session=planned, person_ids=ids(people), by=facilitator) == 3
        with pytest.raises(ClassNotYet):
            mark_present(session=planned, person_ids=ids(people), source=NAME, by=facilitator)
        with pytest.raises(ClassNotYet):
            close_class(session=planned, by=facilitator)
        with pytest.raises(ClassDayTooFar):
            make_class(unit=village, course=course, by=facilitator, held_on=clock.today() + timedelta(days=400))

    def test_the_ticks_of_a_page(self, session, people, facilitator):
        """What was not touched stays as others marked it meanwhile; pressed twice, it changes nothing more."""
        mark_present(session=session, person_ids=ids(people[1:]), source=NAME, by=facilitator)
        changed = {"come": [people[0].pk], "gone": [people[1].pk]}
        assert set_presence(session=session, **changed, by=facilitator) == (1, 1)
        assert set(session.attendances.values_list("person", flat=True)) == {people[0].pk, people[2].pk}
        close_class(session=session, by=facilitator)
        assert set_presence(session=session, **changed, by=facilitator) == (0, 0)
        with pytest.raises(ClassIsClosed):
            set_presence(session=session, come=[people[1].pk], gone=[], by=facilitator)


class TestClosing:
    def test_it_completes_the_course_on_the_day_of_the_class(self, village, course, facilitator, people, run_jobs):
        make_body(village.parent.parent)
        day = clock.today() - timedelta(days=9)
        session = make_class(unit=village, course=course, by=facilitator, held_on=day)
        mark_present(session=session, person_ids=ids(people[:2]), source=AttendanceSource.LIST, by=facilitator)
        assert close_class(session=session, by=facilitator) == 2
        done = CourseCompletion.objects.get(person=people[0])
        assert clock.day_of(done.completed_at) == day
        assert done.residence == village
        assert Enrolment.objects.get(person=people[0]).enrolled_by == facilitator
        session.refresh_from_db()
        assert session.attended == 2
        assert close_class(session=session, by=facilitator) == 0
        run_jobs()
        assert Certificate.objects.count() == 2

    def test_where_the_course_asks_for_its_lessons_it_only_counts(self, village, facilitator, people):
        session = make_class(unit=village, course=make_course(), by=facilitator)
        mark_present(session=session, person_ids=ids(people), source=NAME, by=facilitator)
        assert close_class(session=session, by=facilitator) == 0
        assert not CourseCompletion.objects.exists()

    def test_who_had_completed_it_keeps_the_earlier_day(self, session, village, course, people, facilitator):
        earlier = make_class(unit=village, course=course, by=facilitator, held_on=clock.today() - timedelta(days=3))
        for held in (earlier, session):
            mark_present(session=held, person_ids=ids(people[:1]), source=NAME, by=facilitator)
            close_class(session=held, by=facilitator)
        assert clock.day_of(CourseCompletion.objects.get().completed_at) == earlier.held_on
        reopen_class(session=session, by=facilitator)
        take_off(session=session, person_ids=ids(people[:1]), by=facilitator)  # it did not bring the completion
        assert CourseCompletion.objects.count() == 1

    def test_an_empty_class_is_cancelled_not_closed(self, session, people, facilitator):
        with pytest.raises(NobodyCame):
            close_class(session=session, by=facilitator)
        mark_present(session=session, person_ids=ids(people[:1]), source=NAME, by=facilitator)
        with pytest.raises(SomebodyCame):
            cancel_class(session=session, by=facilitator)
        take_off(session=session, person_ids=ids(people), by=facilitator)
        cancel_class(session=session, by=facilitator)
        cancel_class(session=session, by=facilitator)
        for act in (close_class, lambda **who: register_people(person_ids=[], **who)):
            with pytest.raises(ClassIsCancelled):
                act(session=session, by=facilitator)

    def test_a_closed_class_takes_nobody(self, session, people, facilitator):
        mark_present(session=session, person_ids=ids(people[:1]), source=NAME, by=facilitator)
        close_class(session=session, by=facilitator)
        for act in (mark_present, register_people, take_off):
            more = {"source": NAME} if act is mark_present else {}
            with pytest.raises(ClassIsClosed):
                act(session=session, person_ids=ids(people), by=facilitator, **more)
        with pytest.raises(ClassIsClosed):
            change_class(session=session, held_on=clock.today(), starts_at=None, place="x", by=facilitator)


class TestCorrecting:
    def test_a_mark_taken_off_takes_completion_certificate_and_score_back(
        self, session, village, course, people, facilitator, run_jobs
    ):
        make_body(village.parent.parent)
        campaign = make_campaign(area=village.parent.parent, course_keys=[course.translation_key])
        mark_present(session=session, person_ids=ids(people), source=NAME, by=facilitator)
        close_class(session=session, by=facilitator)
        run_jobs()
        assert ScoreEvent.objects.filter(campaign=campaign).count() == 3
        reopen_class(session=session, by=facilitator)
        assert CourseCompletion.objects.count() == 3  # opening alone takes nothing back
        take_off(session=session, person_ids=ids(people[:1]), by=facilitator)
        close_class(session=session, by=facilitator)
        assert set(CourseCompletion.objects.values_list("person", flat=True)) == set(ids(people[1:]))
        gone = Certificate.objects.get(person=people[0])
        assert gone.revoked_reason == "Ghi nhầm người dự lớp."
        assert sum(event.points for event in ScoreEvent.objects.filter(person=people[0])) == 0
        assert session.attendances.count() == 2
        run_jobs()
        # It was right after all.
        reopen_class(session=session, by=facilitator)
        mark_present(session=session, person_ids=ids(people[:1]), source=NAME, by=facilitator)
        assert close_class(session=session, by=facilitator) == 1
        run_jobs()
        assert Certificate.objects.valid().filter(person=people[0]).count() == 1

    def test_before_the_certificate_is_made_none_is(self, session, village, people, facilitator, run_jobs):
        make_body(village.parent.parent)
        mark_present(session=session, person_ids=ids(people[:1]), source=NAME, by=facilitator)
        close_class(session=session, by=facilitator)
        reopen_class(session=session, by=facilitator)
        take_off(session=session, person_ids=ids(people[:1]), by=facilitator)
        run_jobs()
        assert not Certificate.objects.exists()
        assert not Job.objects.unfinished().filter(kind="courses.issue_certificate").exists()

    def test_not_for_ever(self, session, people, facilitator):
        mark_present(session=session, person_ids=ids(people[:1]), source=NAME, by=facilitator)
        close_class(session=session, by=facilitator)
        late = clock.now() + timedelta(days=CORRECTION_DAYS, minutes=1)
        with pytest.raises(TooLateToCorrect):
            reopen_class(session=session, by=facilitator, at=late)


def test_everything_stands_on_the_trail(session, people, facilitator):
    mark_present(session=session, person_ids=ids(people), source=NAME, by=facilitator)
    close_class(session=session, by=facilitator)
    written = dict(AuditEntry.objects.filter(actor=facilitator).values_list("action", "count"))
    assert {name: written[name] for name in ("events.register", "events.mark", "events.close_class")} == {
        "events.register": 3,
        "events.mark": 3,
        "events.close_class": 3,
    }


def test_merged_records_were_there_once(session, village, facilitator):
    official = make_user("can-bo")
    grant_role(user=official, role=Role.OFFICIAL, unit=village.parent, by=None)
    first, second = make_person("Lò Văn Pánh", residence=village), make_person("Lò Văn Pánh", residence=village)
    mark_present(session=session, person_ids=ids([second]), source=NAME, by=facilitator)
    merge_people(kept=first, absorbed=second, by=official)
    assert session.attendances.get().person == first


def test_of_two_merged_records_that_were_both_marked_one_counts(session, village, facilitator):
    """Also the class is closed as ever: the absorbed record completes nothing."""
    official = make_user("can-bo")
    grant_role(user=official, role=Role.OFFICIAL, unit=village.parent, by=None)
    first, second = make_person("Lò Văn Pánh", residence=village), make_person("Lò Văn Pánh", residence=village)
    mark_present(session=session, person_ids=ids([first, second]), source=NAME, by=facilitator)
    merge_people(kept=first, absorbed=second, by=official)
    assert close_class(session=session, by=facilitator) == 1
    session.refresh_from_db()
    assert session.attended == 1
    counted = classes_of(facilitator).get()
    assert (counted.entered, counted.present, hidden_people(session, 1)) == (1, 1, 0)


@pytest.mark.django_db(transaction=True)
def test_two_close_at_once(session, people, facilitator):
    mark_present(session=session, person_ids=ids(people), source=NAME, by=facilitator)
    outcomes = at_once(*[lambda: close_class(session=session, by=facilitator)] * 3)
    assert sorted(outcomes) == [0, 0, 3]
    assert CourseCompletion.objects.count() == 3
    assert AuditEntry.objects.filter(action="events.close_class").count() == 1


@pytest.mark.django_db(transaction=True)
def test_closing_while_somebody_takes_a_mark_off(session, people, facilitator):
    """Either the mark goes before the class is closed, or it is refused: never a completion without its mark."""
    mark_present(session=session, person_ids=ids(people), source=NAME, by=facilitator)

    def unmark() -> str:
        try:
            return str(take_off(session=session, person_ids=ids(people[:1]), by=facilitator))
        except ClassIsClosed:
            return "closed"

    at_once(lambda: close_class(session=session, by=facilitator), unmark)
    completed = set(CourseCompletion.objects.values_list("person", flat=True))
    assert completed == set(session.attendances.values_list("person", flat=True))
    session.refresh_from_db()
    assert session.attended == len(completed)


def test_an_erased_person_leaves_the_number_of_those_who_came(session, people, facilitator):
    mark_present(session=session, person_ids=ids(people), source=NAME, by=facilitator)
    close_class(session=session, by=facilitator)
    erase_person(person=people[0], by=facilitator)
    session.refresh_from_db()
    assert (session.attended, session.attendances.count()) == (3, 2)
