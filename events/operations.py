"""Planning a class, who is entered and who came, closing it and correcting it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from common import clock
from common.folding import normalise_text
from courses.exceptions import UnknownCourse
from courses.models import CourseCompletion
from courses.operations import complete_by_attendance, withdraw_completion
from courses.queries import course_page
from events.enums import AttendanceSource
from events.exceptions import (
    ClassDayTooFar,
    ClassFull,
    ClassHasMarks,
    ClassIsCancelled,
    ClassIsClosed,
    ClassNotYet,
    NobodyCame,
    SomebodyCame,
    TooLateToCorrect,
)
from events.models import Attendance, ClassSession, Registration
from ledger.operations import record_audit
from people.exceptions import OutsideScope
from people.models import Person
from places.models import AdministrativeUnit

MOST_PEOPLE = 300
FARTHEST_DAYS = 366
CORRECTION_DAYS = 30
NOON = time(12)


# The class


@transaction.atomic
def create_class(
    *,
    unit: AdministrativeUnit,
    course_key: UUID,
    held_on: date,
    starts_at: time | None = None,
    place: str,
    by: User,
    at: datetime | None = None,
) -> ClassSession:
    """Plan a class, or enter one that was held. Raises `OutsideScope`, `UnknownCourse`, `ClassDayTooFar`."""
    at = at or clock.now()
    if not by.has_perm("events.hold_class", unit):
        raise OutsideScope()
    course = course_page(course_key)
    if course is None:
        raise UnknownCourse()
    _check_day(held_on, at)
    session = ClassSession.objects.create(
        unit=unit,
        place=normalise_text(place),
        course_key=course_key,
        course_title=course.title,
        audience=course.audience,
        held_on=held_on,
        starts_at=starts_at,
        created_by=by,
        created_at=at,
    )
    record_audit(actor=by, action="events.create_class", target=session, unit=unit, at=at)
    return session


@transaction.atomic
def change_class(
    *,
    session: ClassSession,
    held_on: date,
    starts_at: time | None,
    place: str,
    by: User,
    at: datetime | None = None,
) -> ClassSession:
    """Another day, hour or room. Raises `ClassIsClosed`, `ClassIsCancelled`, `ClassDayTooFar`, and `ClassHasMarks` for
    a day to come when people are marked as present."""
    at = at or clock.now()
    held = _open_class(session, by)
    _check_day(held_on, at)
    if held_on > clock.day_of(at) and held.attendances.exists():
        raise ClassHasMarks()
    wanted = {"held_on": held_on, "starts_at": starts_at, "place": normalise_text(place)}
    changed = [name for name, value in wanted.items() if getattr(held, name) != value]
    for name in changed:
        setattr(held, name, wanted[name])
    if changed:
        held.save(update_fields=changed)
        record_audit(actor=by, action="events.change_class", target=held, unit=held.unit, fields=changed, at=at)
    return held


@transaction.atomic
def cancel_class(*, session: ClassSession, by: User, at: datetime | None = None) -> None:
    """The class does not take place. Raises `SomebodyCame`, `ClassIsClosed`; a second time changes nothing."""
    at = at or clock.now()
    held = _locked(session, by)
    if held.cancelled_at is not None:
        return
    if held.closed_at is not None:
        raise ClassIsClosed()
    if held.attendances.exists():
        raise SomebodyCame()
    held.cancelled_at = at
    held.save(update_fields=["cancelled_at"])
    record_audit(actor=by, action="events.cancel_class", target=held, unit=held.unit, at=at)


# People


@transaction.atomic
def register_people(*, session: ClassSession, person_ids: Iterable[int], by: User, at: datetime | None = None) -> int:
    """Enter people for the class; who is entered stays so. How many are new.

    People whom `by` does not look after, and those who took back their consent, are left out. Raises `ClassFull`,
    `ClassIsClosed`, `ClassIsCancelled`.
    """
    at = at or clock.now()
    held = _open_class(session, by)
    return len(_enter(held, _allowed(person_ids, by), by, at))


@transaction.atomic
def strike_off(*, session: ClassSession, person_ids: Iterable[int], by: User, at: datetime | None = None) -> int:
    """These people are not expected after all; who is marked as present stays on the list. How many.

    Raises `ClassIsClosed`, `ClassIsCancelled`.
    """
    at = at or clock.now()
    held = _open_class(session, by)
    allowed = Person.objects.helped_by(by).filter(pk__in=list(person_ids))
    rows = held.registrations.filter(person__in=allowed).exclude(person__in=held.attendances.values("person"))
    count, _models = rows.delete()
    if count:
        record_audit(actor=by, action="events.strike_off", target=held, unit=held.unit, count=count, at=at)
    return count


@transaction.atomic
def mark_present(
    *,
    session: ClassSession,
    person_ids: Iterable[int],
    source: AttendanceSource,
    by: User,
    at: datetime | None = None,
) -> int:
    """These people came; who was not entered is entered by that. How many were not marked yet.

    As `register_people`, and raises `ClassNotYet` before the day of the class.
    """
    at = at or clock.now()
    held = _open_class(session, by)
    if held.held_on > clock.day_of(at):
        raise ClassNotYet()
    people = _allowed(person_ids, by)
    _enter(held, people, by, at)
    known = set(held.attendances.filter(person__in=people).values_list("person", flat=True))
    new = [person for person in people if person.pk not in known]
    Attendance.objects.bulk_create(
        Attendance(
            session=held,
            person=person,
            source=source,
            recorded_at=at,
            recorded_by=by,
            residence_id=person.residence_id,
        )
        for person in new
    )
    if new:
        record_audit(actor=by, action="events.mark", target=held, unit=held.unit, count=len(new), at=at)
    return len(new)


@transaction.atomic
def take_off(*, session: ClassSession, person_ids: Iterable[int], by: User, at: datetime | None = None) -> int:
    """These people did not come after all; a completion that their attendance brought goes with the mark. How many.

    Raises `ClassIsClosed`, `ClassIsCancelled`.
    """
    at = at or clock.now()
    held = _open_class(session, by)
    allowed = Person.objects.helped_by(by).filter(pk__in=list(person_ids))
    rows = list(held.attendances.filter(person__in=allowed).select_related("completion__residence"))
    for row in rows:
        completion = row.completion
        row.delete()
        if completion is not None:
            with override("vi"):  # it is printed in the register
                reason = _("Attendance of a class was noted by mistake.")
            withdraw_completion(completion=completion, reason=reason, by=by, at=at)
    if rows:
        record_audit(actor=by, action="events.unmark", target=held, unit=held.unit, count=len(rows), at=at)
    return len(rows)


@transaction.atomic
def set_presence(
    *, session: ClassSession, come: Iterable[int], gone: Iterable[int], by: User, at: datetime | None = None
) -> tuple[int, int]:
    """What somebody changed among the ticks: these came after all, those did not. How many marks that set and took off.

    Marks that nobody touched stay as others made them meanwhile. What stands as asked for already changes nothing, even
    when the class is closed by now; else raises what `mark_present` and `take_off` raise.
    """
    at = at or clock.now()
    held = _locked(session, by)
    marked = set(held.attendances.values_list("person", flat=True))
    off = [pk for pk in gone if pk in marked]
    on = [pk for pk in come if pk not in marked]
    taken = take_off(session=held, person_ids=off, by=by, at=at) if off else 0
    added = mark_present(session=held, person_ids=on, source=AttendanceSource.NAME, by=by, at=at) if on else 0
    return added, taken


# Closing


@transaction.atomic
def close_class(*, session: ClassSession, by: User, at: datetime | None = None) -> int:
    """Settle who came; where the course says so, they have completed it on the day of the class. How many did by this.

    Who took back the consent meanwhile completes nothing. Closing a closed class changes nothing. Raises `NobodyCame`,
    `ClassNotYet`, `ClassIsCancelled`.
    """
    at = at or clock.now()
    held = _locked(session, by)
    if held.closed_at is not None:
        return 0
    if held.cancelled_at is not None:
        raise ClassIsCancelled()
    if held.held_on > clock.day_of(at):
        raise ClassNotYet()
    # Of two records of one person who were both marked, the absorbed one no longer counts.
    rows = list(held.attendances.filter(person__merged_into=None).order_by("pk"))
    if not rows:
        raise NobodyCame()
    course = course_page(held.course_key)
    new: dict[int, CourseCompletion] = {}
    if course is not None and course.attendance_completes:
        new = complete_by_attendance(
            person_ids=[row.person_id for row in rows if row.completion_id is None],
            course_key=held.course_key,
            attended_at=min(at, clock.start_of(held.held_on) + _since_midnight(held.starts_at or NOON)),
            by=by,
            at=at,
        )
        brought = [row for row in rows if row.person_id in new]
        for row in brought:
            row.completion = new[row.person_id]
        Attendance.objects.bulk_update(brought, ["completion"])
    held.attended, held.closed_by, held.closed_at = len(rows), by, at
    held.save(update_fields=["attended", "closed_by", "closed_at"])
    record_audit(actor=by, action="events.close_class", target=held, unit=held.unit, count=len(rows), at=at)
    return len(new)


@transaction.atomic
def reopen_class(*, session: ClassSession, by: User, at: datetime | None = None) -> None:
    """Open a closed class to correct it; completions stay until a mark is taken off. Raises `TooLateToCorrect`."""
    at = at or clock.now()
    held = _locked(session, by)
    if held.closed_at is None:
        return
    if at - held.closed_at > timedelta(days=CORRECTION_DAYS):
        raise TooLateToCorrect(days=CORRECTION_DAYS)
    held.closed_by = held.closed_at = held.attended = None
    held.save(update_fields=["closed_by", "closed_at", "attended"])
    record_audit(actor=by, action="events.reopen_class", target=held, unit=held.unit, at=at)


def completes_course(session: ClassSession) -> bool:
    """Whether closing the class completes its course for those who came."""
    course = course_page(session.course_key)
    return course is not None and course.attendance_completes


def _since_midnight(moment: time) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute)


def _check_day(held_on: date, at: datetime) -> None:
    if abs((held_on - clock.day_of(at)).days) > FARTHEST_DAYS:
        raise ClassDayTooFar(days=FARTHEST_DAYS)


def _locked(session: ClassSession, by: User) -> ClassSession:
    """The class, locked: two facilitators at once see what the other did. Raises `OutsideScope`."""
    held = ClassSession.objects.select_for_update(of=("self",)).select_related("unit").get(pk=session.pk)
    if not by.has_perm("events.hold_class", held):
        raise OutsideScope()
    return held


def _open_class(session: ClassSession, by: User) -> ClassSession:
    held = _locked(session, by)
    if held.cancelled_at is not None:
        raise ClassIsCancelled()
    if held.closed_at is not None:
        raise ClassIsClosed()
    return held


def _allowed(person_ids: Iterable[int], by: User) -> list[Person]:
    return list(Person.objects.helped_by(by).learning().filter(pk__in=list(person_ids)).order_by("pk"))


def _enter(held: ClassSession, people: list[Person], by: User, at: datetime) -> list[Person]:
    known = set(held.registrations.values_list("person", flat=True))
    new = [person for person in people if person.pk not in known]
    if len(known) + len(new) > MOST_PEOPLE:
        raise ClassFull(limit=MOST_PEOPLE)
    Registration.objects.bulk_create(
        Registration(session=held, person=person, registered_at=at, registered_by=by) for person in new
    )
    if new:
        record_audit(actor=by, action="events.register", target=held, unit=held.unit, count=len(new), at=at)
    return new
