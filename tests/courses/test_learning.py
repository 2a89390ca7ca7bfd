"""Enrolling, reading lessons, completing a course."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.sessions.backends.db import SessionStore

from certificates.models import Certificate, IssuingBody
from common import clock
from courses import operations, queries
from courses.enums import EnrolmentReason
from courses.exceptions import UnknownCourse, UnknownLesson
from courses.guests import SESSION_KEY, GuestRecord
from courses.models import CourseCompletion, Enrolment, LessonCompletion, LessonPage
from courses.progress import course_progress
from courses.roster_steps import EnrolmentStep
from courses.signals import course_completed
from courses.wording import certified_detail
from ledger.models import AuditEntry, Job
from ledger.operations import enqueue_job
from people.models import Person, RosterImport
from people.roster.steps import RosterPerson, roster_steps
from people.signals import learner_chosen
from quizzes.models import PracticeAnswer
from quizzes.operations import start_attempt, submit_attempt
from tests.concurrency import at_once
from tests.counting import statements
from tests.factories.courses import lesson_keys, make_course, make_lesson
from tests.factories.people import make_organisation, make_person, make_user
from tests.factories.places import commune, village
from tests.factories.quizzes import answer_all, make_learner, make_question, make_quiz

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_learner(residence=village())


@pytest.fixture
def heard():
    completions = []

    def receiver(sender, completion, **kwargs):
        completions.append(completion)

    course_completed.connect(receiver)
    yield completions
    course_completed.disconnect(receiver)


def read(person, course, *keys, at=None):
    for key in keys or lesson_keys(course):
        unmet = operations.complete_lesson(person=person, course_key=course.translation_key, lesson_key=key, at=at)
    return unmet


def pass_test(person, course, *, wrong=0, at=None):
    attempt = answer_all(start_attempt(quiz=course.quiz, person=person, at=at), wrong=wrong, at=at)
    return submit_attempt(attempt=attempt, at=at)


# Enrolment --------------------------------------------------------------------------------------------------


def test_enrolling_is_idempotent_and_audited_when_done_for_another(person):
    course, manager = make_course(), make_user()
    organisation = make_organisation()
    first = operations.enrol(
        person=person,
        course_key=course.translation_key,
        reason=EnrolmentReason.MANAGER,
        by=manager,
        organisation=organisation,
    )
    second = operations.enrol(person=person, course_key=course.translation_key, reason="self", by=None)
    assert first == second
    assert (first.reason, first.organisation, first.enrolled_by) == ("manager", organisation, manager)
    assert AuditEntry.objects.filter(action="courses.enrol").count() == 1


def test_enrolling_oneself_leaves_no_audit_entry(person):
    course = make_course()
    operations.enrol(person=person, course_key=course.translation_key, reason="self", by=person.account)
    assert not AuditEntry.objects.filter(action__startswith="courses").exists()


def test_who_withdrew_may_enrol_again(person):
    course = make_course()
    first = operations.enrol(person=person, course_key=course.translation_key, reason="self", by=None)
    Enrolment.objects.filter(pk=first.pk).update(withdrawn_at=clock.now())
    second = operations.enrol(person=person, course_key=course.translation_key, reason="self", by=None)
    assert first != second
    assert Enrolment.objects.active().get() == second


@pytest.mark.parametrize("published", [True, False])
def test_only_published_courses_take_people(person, published):
    course = make_course()
    if published:
        key = uuid.uuid4()
    else:
        course.unpublish()
        key = course.translation_key
    with pytest.raises(UnknownCourse):
        operations.enrol(person=person, course_key=key, reason="self", by=None)
    with pytest.raises(UnknownCourse):
        operations.enrol_many(person_ids=[person.pk], course_key=key, reason="manager", by=None)
    assert not Enrolment.objects.exists()


def test_enrolling_many_counts_the_new_ones_and_repeats_nothing():
    course, manager, organisation = make_course(), make_user(), make_organisation()
    people = [make_person(f"Người số {number}").pk for number in range(7)]
    details = {
        "course_key": course.translation_key,
        "reason": "manager",
        "by": manager,
        "organisation": organisation,
    }
    assert operations.enrol_many(person_ids=people[:3], **details) == 3
    assert operations.enrol_many(person_ids=[*people, people[-1]], **details) == 4
    assert operations.enrol_many(person_ids=people, **details) == 0
    assert operations.enrol_many(person_ids=[], **details) == 0
    assert Enrolment.objects.active().count() == 7
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "count")) == [
        ("courses.enrol_many", 3),
        ("courses.enrol_many", 4),
    ]


def test_enrolling_many_takes_the_same_statements_for_any_number():
    course = make_course(lessons=0)
    for number in (1, 30):
        people = [make_person(f"Người số {n}").pk for n in range(number)]
        with statements(3):  # course, new rows, audit entry
            operations.enrol_many(person_ids=people, course_key=course.translation_key, reason="manager", by=None)


def test_the_roster_step_enrols_and_is_registered():
    course, organisation = make_course(), make_organisation()
    person = make_person()
    step = dict(roster_steps())["courses.enrol"]
    assert isinstance(step, EnrolmentStep)
    roster = RosterImport(organisation=organisation)
    details = {"people": [RosterPerson(person.pk, {}, clock.now())] * 2, "roster": roster}
    by = {"by": make_user()}
    assert step.check_rows([{}], roster=roster) == {}
    assert step.apply_chunk(**details, **by) == 0
    roster.options = {"course_key": str(uuid.uuid4())}
    assert step.apply_chunk(**details, **by) == 0
    roster.options = {"course_key": str(course.translation_key)}
    for new in (1, 0):
        assert step.apply_chunk(**details, **by) == new
    enrolment = Enrolment.objects.get()
    assert enrolment.organisation == organisation
    assert list(step.made(**details)) == [enrolment]
    assert step.depending(**details) == {}
    read(person, course, lesson_keys(course)[0])
    assert list(step.depending(**details)) == [person.pk]
    assert step.undo(**details, **by) == 1


# Lessons ----------------------------------------------------------------------------------------------------


def test_the_first_lesson_enrols(person):
    course = make_course(lessons=2)
    unmet = read(person, course, lesson_keys(course)[0])
    assert [item.code for item in unmet] == ["lessons"]
    assert Enrolment.objects.get().reason == EnrolmentReason.SELF
    assert queries.done_lesson_keys(person, course.translation_key) == {lesson_keys(course)[0]}


def test_a_lesson_done_twice_keeps_its_first_date(person):
    course = make_course(lessons=2)
    key, first = lesson_keys(course)[0], clock.now() - timedelta(days=3)
    read(person, course, key, at=first)
    read(person, course, key)
    assert LessonCompletion.objects.get().completed_at == first


def test_a_manager_s_enrolment_stays_theirs(person):
    course = make_course()
    operations.enrol(person=person, course_key=course.translation_key, reason="manager", by=make_user())
    read(person, course, lesson_keys(course)[0])
    assert Enrolment.objects.get().reason == EnrolmentReason.MANAGER


def test_lessons_of_other_courses_and_unpublished_ones_are_refused(person):
    course, other = make_course(), make_course("Khác")
    gone = LessonPage.objects.get(translation_key=lesson_keys(course)[1])
    gone.unpublish()
    for key in (lesson_keys(other)[0], gone.translation_key, uuid.uuid4()):
        with pytest.raises(UnknownLesson):
            operations.complete_lesson(person=person, course_key=course.translation_key, lesson_key=key)
    with pytest.raises(UnknownCourse):
        operations.complete_lesson(person=person, course_key=uuid.uuid4(), lesson_key=lesson_keys(course)[0])
    assert not LessonCompletion.objects.exists()
    assert not Enrolment.objects.exists()


# Completion -------------------------------------------------------------------------------------------------


def test_all_lessons_and_the_test_complete_a_course_once(person, heard):
    course = make_course(lessons=2, quiz=make_quiz(10))
    unmet = read(person, course)
    assert [item.code for item in unmet] == ["test"]
    at = clock.now() + timedelta(minutes=5)
    pass_test(person, course, wrong=1, at=at)
    completion = CourseCompletion.objects.get()
    assert (completion.person, completion.course_title, completion.audience) == (person, course.title, "resident")
    assert (completion.points, completion.max_points, completion.lessons) == (Decimal(9), Decimal(10), 2)
    assert (completion.residence, completion.completed_at) == (person.residence, at)
    assert heard == [completion]
    job = Job.objects.get(kind="courses.issue_certificate")
    assert (job.key, job.params) == (f"certificate:{completion.uuid}", {"completion_id": completion.pk})
    assert job.created_by == person.account
    assert operations.check_completion(person=person, course=course) == []
    pass_test(person, course)
    assert CourseCompletion.objects.count() == len(heard) == 1


def test_the_test_may_come_before_the_lessons(person, heard):
    course = make_course(lessons=2, quiz=make_quiz(2))
    pass_test(person, course)
    assert not heard
    assert read(person, course) == []
    assert len(heard) == 1


def test_a_failed_test_completes_nothing(person, heard):
    course = make_course(lessons=1, quiz=make_quiz(10))
    read(person, course)
    pass_test(person, course, wrong=4)
    assert not heard
    pass_test(person, course, wrong=3)
    assert heard[0].points == 7


def test_a_course_without_a_test_needs_its_lessons_only(person):
    course = make_course(lessons=2)
    assert read(person, course) == []
    completion = CourseCompletion.objects.get()
    assert (completion.points, completion.max_points) == (None, None)


def test_a_course_without_lessons_is_never_completed(person):
    course = make_course(lessons=0)
    assert [item.code for item in operations.check_completion(person=person, course=course)] == ["empty"]


def test_one_test_may_end_several_courses(person, heard):
    quiz = make_quiz(2)
    first, second, third = (make_course(title, lessons=1, quiz=quiz) for title in ("Một", "Hai", "Ba"))
    read(person, first)
    read(person, second)
    pass_test(person, first)
    assert {completion.course_key for completion in heard} == {first.translation_key, second.translation_key}
    assert read(person, third) == []


def test_editing_the_course_later_takes_nothing_away(person, heard):
    course = make_course(lessons=1)
    read(person, course)
    make_lesson(course, "Bài thêm sau")
    course.title = "Tên mới"
    course.save()
    assert operations.check_completion(person=person, course=course) == []
    assert course_progress(person, course).unmet == []
    assert CourseCompletion.objects.get().course_title == "Tránh lừa đảo trên mạng"
    course.delete()
    assert CourseCompletion.objects.count() == 1


def test_drafts_are_not_asked_for(person):
    course = make_course(lessons=1)
    make_lesson(course, "Bản nháp", live=False)
    assert read(person, course) == []


def test_somebody_else_s_lessons_and_test_do_not_count(person, heard):
    course, other = make_course(lessons=1, quiz=make_quiz(1)), make_learner("Lò Văn Bun")
    read(other, course)
    pass_test(person, course)
    assert not heard
    assert [item.code for item in operations.check_completion(person=person, course=course)] == ["lessons"]


def test_the_residence_of_the_day_is_frozen(person):
    home = person.residence
    course = make_course(lessons=1)
    read(person, course)
    Person.objects.filter(pk=person.pk).update(residence=commune("16099", "Xã khác"))
    assert CourseCompletion.objects.get().residence == home


def test_a_receiver_that_raises_undoes_everything(person):
    course = make_course(lessons=1, quiz=make_quiz(1))
    read(person, course)

    def receiver(sender, **kwargs):
        raise RuntimeError("no")

    attempt = answer_all(start_attempt(quiz=course.quiz, person=person))
    course_completed.connect(receiver)
    try:
        with pytest.raises(RuntimeError):
            submit_attempt(attempt=attempt)
    finally:
        course_completed.disconnect(receiver)
    attempt.refresh_from_db()
    assert attempt.submitted_at is None
    assert not CourseCompletion.objects.exists()
    assert not Job.objects.filter(kind="courses.issue_certificate").exists()
    submit_attempt(attempt=attempt)
    assert CourseCompletion.objects.count() == Job.objects.filter(kind="courses.issue_certificate").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_last_lesson_and_the_test_at_the_same_moment_complete_once():
    person = make_learner()
    course = make_course(lessons=1, quiz=make_quiz(1))
    attempt = answer_all(start_attempt(quiz=course.quiz, person=person))
    key = lesson_keys(course)[0]
    outcomes = at_once(
        lambda: submit_attempt(attempt=attempt).passed,
        lambda: operations.complete_lesson(person=person, course_key=course.translation_key, lesson_key=key),
        lambda: operations.complete_lesson(person=person, course_key=course.translation_key, lesson_key=key),
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert CourseCompletion.objects.count() == 1
    assert Job.objects.filter(kind="courses.issue_certificate").count() == 1


def test_completing_a_lesson_takes_the_same_statements_for_any_number(person):
    for lessons in (1, 3):
        course = make_course(f"Khoá {lessons}", lessons=lessons + 1, quiz=make_quiz(1))
        key = lesson_keys(course)[0]
        read(person, course, key)
        # course, its lessons, enrolment, lesson done, person, completion, lessons done, attempts
        with statements(8):
            read(person, course, key)


# Certificate ------------------------------------------------------------------------------------------------


def test_the_job_issues_the_certificate_once(person, run_jobs):
    IssuingBody.objects.create(
        name="UBND xã Đồng Tiến", place="Đồng Tiến", signatory_title="Chủ tịch", signatory_name="Lê Văn Minh"
    )
    course = make_course(lessons=2, quiz=make_quiz(10))
    read(person, course)
    pass_test(person, course, wrong=1)
    assert run_jobs("courses.issue_certificate") == 1
    certificate = Certificate.objects.get()
    completion = CourseCompletion.objects.get()
    assert certificate.achievement == f"course-completion:{completion.uuid}"
    assert certificate.subject == f"course:{course.translation_key}"
    assert (certificate.person, certificate.unit) == (person, person.residence)
    assert certificate.text["intro"] == "đã hoàn thành khoá học dành cho người dân"
    assert certificate.text["title"] == "Tránh lừa đảo trên mạng"
    assert certificate.text["detail"] == "2 bài học, bài kiểm tra đạt 9 trên 10 câu"


def test_the_job_of_an_erased_person_issues_nothing(person, run_jobs):
    course = make_course(lessons=1)
    read(person, course)
    person.delete()
    assert run_jobs("courses.issue_certificate") == 1
    assert Job.objects.get(kind="courses.issue_certificate").result == {"issued": 0}


def test_certificates_that_failed_are_made_up_for_once_somebody_issues(person, run_jobs):
    course = make_course(lessons=1)
    read(person, course)
    run_jobs("courses.issue_certificate")
    assert Job.objects.get(kind="courses.issue_certificate").status == "failed"

    def make_up_for() -> dict:
        enqueue_job("courses.issue_missing_certificates", params={})
        run_jobs("courses.issue_missing_certificates")
        return Job.objects.filter(kind="courses.issue_missing_certificates").latest("pk").result

    assert make_up_for() == {"issued": 0, "missing": 1}
    IssuingBody.objects.create(name="UBND", place="x", signatory_title="y", signatory_name="z")
    assert make_up_for() == {"issued": 1, "missing": 0}
    assert make_up_for() == {"issued": 0, "missing": 0}
    assert Certificate.objects.get().person == person


@pytest.mark.parametrize(
    ("lessons", "points", "of", "words"),
    [
        (5, "9.00", "10.00", "5 bài học, bài kiểm tra đạt 9 trên 10 câu"),
        (5, "10", "10", "5 bài học, bài kiểm tra đạt 10 trên 10 câu"),
        (6, "7.5", "12", "6 bài học, bài kiểm tra đạt 7,5 trên 12 câu"),
        (6, "100", "100", "6 bài học, bài kiểm tra đạt 100 trên 100 câu"),
        (1, None, None, "1 bài học"),
    ],
)
def test_the_detail_in_words(lessons, points, of, words):
    assert certified_detail(lessons, points and Decimal(points), of and Decimal(of)) == words


# Guests -----------------------------------------------------------------------------------------------------


def make_session(course, question=None, *, lessons=1, at=None) -> SessionStore:
    session = SessionStore()
    record = GuestRecord(session)
    for key in lesson_keys(course)[:lessons]:
        record.add_lesson(course_key=course.translation_key, lesson_key=key, at=at or clock.now())
    if question:
        record.set_answer(question_id=question.pk, chosen=[question.choices.first().pk])
    return session


def test_what_a_guest_did_becomes_the_learner_s(person):
    course, question, at = make_course(lessons=2), make_question(), clock.now() - timedelta(hours=1)
    session = make_session(course, question, at=at)
    learner_chosen.send(Person, person=person, session=session)
    assert SESSION_KEY not in session
    assert LessonCompletion.objects.get().completed_at == at
    assert Enrolment.objects.get().reason == EnrolmentReason.SELF
    answer = PracticeAnswer.objects.get()
    assert (answer.person, answer.chosen) == (person, [question.choices.first().pk])
    # The next person of the household who learns in this session gets nothing of it.
    other = make_learner("Lò Văn Bun")
    learner_chosen.send(Person, person=other, session=session)
    assert not LessonCompletion.objects.filter(person=other).exists()


def test_a_guest_who_read_everything_completes_a_course_without_a_test(person, heard):
    course = make_course(lessons=2)
    learner_chosen.send(Person, person=person, session=make_session(course, lessons=2))
    assert len(heard) == 1


def test_what_is_gone_meanwhile_is_left_out(person):
    course, question = make_course(lessons=2), make_question()
    session = make_session(course, question, lessons=2)
    LessonPage.objects.get(translation_key=lesson_keys(course)[0]).unpublish()
    question.choices.first().delete()
    learner_chosen.send(Person, person=person, session=session)
    assert LessonCompletion.objects.count() == 1
    assert not PracticeAnswer.objects.exists()
    course.unpublish()
    learner_chosen.send(Person, person=make_learner("Lò Văn Bun"), session=make_session(course))


def test_a_date_from_the_future_is_not_believed(person):
    course = make_course()
    session = make_session(course, at=clock.now() + timedelta(days=30))
    learner_chosen.send(Person, person=person, session=session)
    assert LessonCompletion.objects.get().completed_at <= clock.now()


def test_an_earlier_completion_keeps_its_date(person):
    course, first = make_course(), clock.now() - timedelta(days=9)
    read(person, course, lesson_keys(course)[0], at=first)
    learner_chosen.send(Person, person=person, session=make_session(course))
    assert LessonCompletion.objects.get().completed_at == first


def test_an_empty_session_changes_nothing(person):
    session = SessionStore()
    learner_chosen.send(Person, person=person, session=session)
    assert not session.modified
    assert not Enrolment.objects.exists()


# Progress ---------------------------------------------------------------------------------------------------


def test_progress_of_a_guest_and_of_a_learner_say_the_same(person):
    course = make_course(lessons=3)
    key = lesson_keys(course)[0]
    read(person, course, key)
    for source in (person, GuestRecord(make_session(course))):
        progress = course_progress(source, course)
        assert (progress.done_count, progress.total, progress.done) == (1, 3, {key})
        assert (progress.next_lesson.number, progress.next_lesson.title) == (2, "Bài số 2")
        assert [len(item.lessons) for item in progress.unmet] == [2]
    nobody = course_progress(None, course)
    assert (nobody.done_count, nobody.started) == (0, False)


def test_a_lesson_taken_away_does_not_count_as_done(person):
    course = make_course(lessons=2)
    read(person, course, lesson_keys(course)[0])
    LessonPage.objects.get(translation_key=lesson_keys(course)[0]).unpublish()
    progress = course_progress(person, course)
    assert (progress.done_count, progress.total) == (0, 1)


def test_progress_queries(person):
    course = make_course(lessons=3, quiz=make_quiz(1))
    read(person, course)
    assert course.quiz.pk  # now loaded with the page
    lessons = queries.lessons_of(course)
    with statements(1):
        queries.done_lesson_keys(person, course.translation_key)
    with statements(0):
        queries.done_lesson_keys(GuestRecord({}), course.translation_key)
    with statements(3):  # lessons done, completion, attempts
        course_progress(person, course, lessons=lessons)
    with statements(4):
        course_progress(person, course)
    with statements(0):
        course_progress(None, course, lessons=lessons)


def test_practice_answers_of_both(person):
    question, other = make_question("Một?"), make_question("Hai?")
    chosen = [question.choices.first().pk]
    PracticeAnswer.objects.create(person=person, question=question, chosen=chosen, answered_at=clock.now())
    ids = [question.pk, other.pk]
    guest = GuestRecord({})
    guest.set_answer(question_id=question.pk, chosen=chosen)
    assert queries.practice_answers(person, ids) == queries.practice_answers(guest, ids) == {question.pk: chosen}
    assert queries.practice_answers(person, []) == {}


def test_the_signal_of_a_quiz_without_a_course_is_no_error(person):
    attempt = answer_all(start_attempt(quiz=make_quiz(1), person=person))
    assert submit_attempt(attempt=attempt).passed
    assert not CourseCompletion.objects.exists()
