"""Enrolling, reading lessons, completing courses. Facts are rows with a time; only what was a mistake is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

from accounts.models import User
from certificates.models import Certificate
from certificates.operations import revoke_certificate
from common import clock
from common.bulk import insert_for
from common.exceptions import DomainError
from courses.enums import EnrolmentReason
from courses.exceptions import AttendanceNotEnough, UnknownCourse, UnknownLesson
from courses.guests import GuestRecord
from courses.models import CourseCompletion, CoursePage, Enrolment, LessonCompletion, LessonPage
from courses.overview import CompletedCourse
from courses.progress import TestState, Unmet, lesson_steps, unmet_requirements
from courses.queries import (
    attempts_at,
    completion_of,
    course_page,
    done_lesson_keys,
    is_published,
    lesson_page,
    lessons_of,
)
from courses.signals import completion_withdrawn, course_completed
from ledger.models import Job
from ledger.operations import cancel_job, enqueue_job, record_audit
from people.models import Organisation, Person
from quizzes.models import Question
from quizzes.operations import record_practice_answer

CHUNK = 500
"""Persons enrolled by one statement."""


# Enrolment ------------------------------------------------------------------------------------------------


def enrol(
    *,
    person: Person,
    course_key: UUID,
    reason: str,
    by,
    organisation: Organisation | None = None,
    at: datetime | None = None,
) -> Enrolment:
    """The person's enrolment in the course, made when there is none in force.

    Enrolling somebody else is a decision and leaves an audit entry. Raises `UnknownCourse` when no course
    with this key is published.
    """
    _published(course_key)
    at = at or clock.now()
    with transaction.atomic():
        enrolment, created = _enrol(person, course_key, EnrolmentReason(reason), _account_id(by), organisation, at)
        if created and reason != EnrolmentReason.SELF:
            record_audit(actor=by, action="courses.enrol", target=enrolment, unit=person.residence, at=at)
    return enrolment


def enrol_many(
    *,
    person_ids: Sequence[int],
    course_key: UUID,
    reason: str,
    by,
    organisation: Organisation | None = None,
    at: datetime | None = None,
) -> int:
    """Enrol these persons; who is enrolled already stays as they are. Returns how many are new.

    One audit entry for all of them. Raises `UnknownCourse` when no course with this key is published.
    """
    if organisation is not None and not is_published(course_key):
        raise UnknownCourse()
    target = organisation or _published(course_key)
    at = at or clock.now()
    wanted = list(dict.fromkeys(person_ids))
    new = 0
    with transaction.atomic(savepoint=False):  # all of it or nothing, of whoever calls, too
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            # Limited to these persons: without that it took a third of an import's time on PostgreSQL.
            enrolled = Enrolment.objects.active().filter(course_key=course_key, person__in=chunk).values("person")
            # Who took the consent back is left alone.
            wanting = Person.objects.learning().filter(pk__in=chunk).exclude(pk__in=enrolled)
            values = {
                "person": F("pk"),
                "course_key": course_key,
                "reason": EnrolmentReason(reason),
                "organisation": organisation.pk if organisation else None,
                "enrolled_by": _account_id(by),
                "enrolled_at": at,
                "withdrawn_at": None,
                # Nobody learns here; who did it stands in `enrolled_by`.
                "acted_by": None,
                "shared_session": None,
            }
            new += insert_for(Enrolment, wanting, values)
        if new:
            record_audit(
                actor=by,
                action="courses.enrol_many",
                target=target,
                unit=organisation.seat if organisation else None,
                count=new,
                at=at,
            )
    return new


def _enrol(
    person: Person,
    course_key: UUID,
    reason: EnrolmentReason,
    by_id: int | None,
    organisation: Organisation | None,
    at: datetime,
) -> tuple[Enrolment, bool]:
    return Enrolment.objects.active().get_or_create(
        person=person,
        course_key=course_key,
        defaults={
            "reason": reason,
            "organisation": organisation,
            "enrolled_by_id": by_id,
            "enrolled_at": at,
        },
    )


def _account_id(by) -> int | None:
    return by.pk if by is not None and by.is_authenticated else None


def _published(course_key: UUID) -> CoursePage:
    course = course_page(course_key)
    if course is None:
        raise UnknownCourse()
    return course


# Learning -------------------------------------------------------------------------------------------------


def complete_lesson(*, person: Person, course_key: UUID, lesson_key: UUID, at: datetime | None = None) -> list[Unmet]:
    """Note that the person read a lesson to its end; the first one enrols them. Returns what the course still asks.

    Raises `UnknownCourse` and `UnknownLesson` for what is not published (any more).
    """
    at = at or clock.now()
    course = _published(course_key)
    lessons = lessons_of(course)
    if all(lesson.translation_key != lesson_key for lesson in lessons):
        raise UnknownLesson()
    with transaction.atomic():
        _enrol(person, course_key, EnrolmentReason.SELF, person.account_id, None, at)
        LessonCompletion.objects.get_or_create(
            person=person,
            lesson_key=lesson_key,
            defaults={"course_key": course_key, "completed_at": at},
        )
        return _check(person, course, lessons, at)


def check_completion(*, person: Person, course: CoursePage, at: datetime | None = None) -> list[Unmet]:
    """Complete the course when nothing is missing; returns what is missing (nothing: completed now or before)."""
    at = at or clock.now()
    if course.alias_of_id is not None:  # aliases share the key; the original says what the lessons are
        course = course_page(course.translation_key) or course
    with transaction.atomic():
        return _check(person, course, lessons_of(course), at)


def _check(person: Person, course: CoursePage, lessons: Sequence[LessonPage], at: datetime) -> list[Unmet]:
    # The last lesson and the test may arrive at the same moment, each unaware of the other: whoever holds the
    # person's row second sees both.
    person = Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    key = course.translation_key
    if completion_of(person, key) is not None:
        return []
    steps = lesson_steps(lessons, done_lesson_keys(person, key))
    test = TestState(course.quiz, attempts_at(course.quiz_id, person)) if course.quiz_id else None
    unmet = unmet_requirements(steps, test)
    if not unmet:
        _complete_course(person, course, len(steps), test, at)
    return unmet


def complete_by_attendance(
    *, person_ids: Sequence[int], course_key: UUID, attended_at: datetime, by: User, at: datetime | None = None
) -> dict[int, CourseCompletion]:
    """Complete a course for people who were at a class on it; the completions that are new, by person.

    Left out are those who had completed it, who took back their consent and whose record is gone or merged by now.
    Raises `UnknownCourse`, and `AttendanceNotEnough` where the course does not say that attendance counts.
    """
    at = at or clock.now()
    course = _published(course_key)
    if not course.attendance_completes:
        raise AttendanceNotEnough()
    lessons = len(lessons_of(course))
    new = {}
    with transaction.atomic():
        locked = Person.objects.select_for_update(of=("self",), no_key=True).select_related("account")
        people = list(locked.learning().filter(pk__in=person_ids).order_by("pk"))
        done = CourseCompletion.objects.filter(person__in=people, course_key=course_key)
        known = set(done.values_list("person", flat=True))
        for person in people:
            if person.pk not in known:
                _enrol(person, course_key, EnrolmentReason.FACILITATOR, _account_id(by), None, at)
                new[person.pk] = _complete_course(person, course, lessons, None, attended_at, noted_at=at)
    return new


def withdraw_completion(*, completion: CourseCompletion, reason: str, by: User, at: datetime | None = None) -> None:
    """Take back a completion that was written by mistake: its certificate is revoked for `reason`, scores go back."""
    at = at or clock.now()
    with transaction.atomic():
        # The job that issues the certificate locks the row, too: whoever is second sees what the first did.
        held = CourseCompletion.objects.select_for_update(of=("self",)).filter(pk=completion.pk).first()
        if held is None:
            return
        for certificate in Certificate.objects.valid().filter(achievement=achievement_of(held)):
            revoke_certificate(certificate=certificate, reason=reason, by=by, at=at)
        for job in Job.objects.unfinished().filter(key=certificate_job_key(held)):
            cancel_job(job=job, by=by, at=at)
        completion_withdrawn.send(CourseCompletion, completion=held, at=at)
        record_audit(actor=by, action="courses.withdraw_completion", target=held, unit=held.residence, at=at)
        held.delete()


def _complete_course(
    person: Person,
    course: CoursePage,
    lessons: int,
    test: TestState | None,
    at: datetime,
    *,
    noted_at: datetime | None = None,
) -> CourseCompletion:
    passed = test.passed_attempt if test else None
    completion, created = CourseCompletion.objects.get_or_create(
        person=person,
        course_key=course.translation_key,
        defaults={
            "course_title": course.title,
            "audience": course.audience,
            "completed_at": at,
            "recorded_at": noted_at or clock.now(),  # a guest's lessons are older than their login
            "points": passed.points if passed else None,
            "max_points": passed.max_points if passed else None,
            "lessons": lessons,
            "residence_id": person.residence_id,
        },
    )
    if created:
        enqueue_job(
            "courses.issue_certificate",
            params={"completion_id": completion.pk},
            by=person.account,
            key=certificate_job_key(completion),
            at=noted_at or at,
        )
        course_completed.send(CourseCompletion, completion=completion)
    return completion


def achievement_of(completion: CourseCompletion | CompletedCourse) -> str:
    """What a certificate says it was issued for; at most one valid certificate for each."""
    return f"course-completion:{completion.uuid}"


def certificate_job_key(completion: CourseCompletion) -> str:
    """The key of the job that issues the completion's certificate."""
    return f"certificate:{completion.uuid}"


# Guests ---------------------------------------------------------------------------------------------------


def adopt_guest_record(*, person: Person, record: GuestRecord, at: datetime | None = None) -> int:
    """Turn what a guest did into the person's facts; returns how many lessons came along.

    Lessons and questions that are gone meanwhile are left out. An earlier completion of the person keeps its date;
    of two answers to one question the guest's, being the later, stays. The record itself is left to the caller.
    """
    at = at or clock.now()
    adopted = 0
    with transaction.atomic():
        for lesson_key, (_course_key, done_at) in record.lessons.items():
            lesson = lesson_page(lesson_key)
            if lesson is None:
                continue
            try:
                complete_lesson(
                    person=person,
                    course_key=lesson.get_parent().translation_key,
                    lesson_key=lesson_key,
                    at=min(done_at, at),
                )
            except (UnknownCourse, UnknownLesson):
                continue
            adopted += 1
        answers = record.answers
        for question in Question.objects.filter(pk__in=answers).prefetch_related("choices"):
            try:
                record_practice_answer(person=person, question=question, chosen=answers[question.pk], at=at)
            except DomainError:  # the choices were changed since
                continue
    return adopted
