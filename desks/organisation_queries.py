"""What the page of an organisation shows: who belongs to it and how far they are in a course."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Case, Count, Exists, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from common import clock
from courses.models import CourseCompletion, CoursePage, Enrolment, LessonCompletion
from courses.queries import published_courses
from ledger.enums import JobStatus
from ledger.models import Job
from people.models import Membership, Organisation, Person, Reminder
from quizzes.models import Attempt

DONE, STARTED, WAITING, OUTSIDE = "done", "started", "waiting", "outside"
STATES = (WAITING, STARTED, DONE, OUTSIDE)
NO_TEXTS = Q(phone="") | Q(phone__startswith="+842")
"""People whom no text message reaches: without a number, or with a landline (all of them begin with 02)."""
NO_MESSAGES = NO_TEXTS & (Q(account=None) | Q(account__email=""))
"""People whom no reminder reaches: no e-mail address of their login either."""


@dataclass(frozen=True)
class StaffCourse:
    """A published course and how many of the organisation's people it has enrolled."""

    key: UUID
    title: str
    url: str
    quiz_id: int | None
    page: CoursePage
    enrolled: int


@dataclass(frozen=True)
class StaffCounts:
    """How many people stand where; `reachable` and `without_phone` are of those who have not started."""

    total: int
    waiting: int
    started: int
    done: int
    outside: int
    reachable: int
    reminded_today: int
    without_phone: int

    def of(self, state: str) -> int:
        return getattr(self, state) if state in STATES else self.total


def staff_courses(
    organisation: Organisation, language: str, among: QuerySet[Person] | None = None
) -> list[StaffCourse]:
    """The published courses, those in which the organisation has enrolled most of its members of today first.

    With `among`, only members who are among these people count.
    """
    members = Person.objects.members_of(organisation)
    if among is not None:
        members = members.filter(pk__in=among.order_by().values("pk"))
    enrolled = dict(
        Enrolment.objects.active()
        .filter(organisation=organisation, person__in=members.order_by().values("pk"))
        .values_list("course_key")
        .annotate(count=Count("pk"))
        .order_by()
    )
    courses = [
        StaffCourse(
            key=page.translation_key,
            title=page.title,
            url=page.get_url() or "",
            quiz_id=page.quiz_id,
            page=page,
            enrolled=enrolled.get(page.translation_key, 0),
        )
        for page in published_courses(language)
    ]
    return sorted(courses, key=lambda course: -course.enrolled)


def staff(organisation: Organisation, course: StaffCourse | None, day: date | None = None) -> QuerySet[Person]:
    """Members of today with `title`, `state`, `lessons_done`, `done_at`, `last_at`, `reminded`, by given name."""
    today = day or clock.today()
    memberships = Membership.objects.as_of(today).filter(organisation=organisation, person=OuterRef("pk"))
    people = Person.objects.members_of(organisation, today).annotate(
        title=Subquery(memberships.order_by("-valid_from").values("title")[:1]),
        reminded=Exists(Reminder.objects.filter(person=OuterRef("pk"), sent_on=today)),
    )
    if course is None:
        return people.annotate(state=Value(OUTSIDE), lessons_done=Value(0)).order_by("name_key", "pk")
    mine = Q(person=OuterRef("pk"), course_key=course.key)
    lessons = LessonCompletion.objects.filter(mine).order_by().values("person")
    attempts = Attempt.objects.filter(person=OuterRef("pk"), quiz=course.quiz_id)
    return (
        people.annotate(
            done_at=Subquery(CourseCompletion.objects.filter(mine).values("completed_at")[:1]),
            lessons_done=Coalesce(
                Subquery(lessons.annotate(count=Count("pk")).values("count"), output_field=IntegerField()), 0
            ),
            last_at=Subquery(lessons.annotate(last=Max("completed_at")).values("last")),
            enrolled=Exists(Enrolment.objects.active().filter(mine)),
            tried=Exists(attempts),
        )
        .annotate(
            state=Case(
                When(done_at__isnull=False, then=Value(DONE)),
                When(Q(lessons_done__gt=0) | Q(tried=True), then=Value(STARTED)),
                When(enrolled=True, then=Value(WAITING)),
                default=Value(OUTSIDE),
            )
        )
        .order_by("name_key", "pk")
    )


def staff_counts(people: QuerySet[Person]) -> StaffCounts:
    """One query over the people of `staff`."""
    waiting = Q(state=WAITING)
    found = people.order_by().aggregate(
        total=Count("pk"),
        **{state: Count("pk", filter=Q(state=state)) for state in STATES},
        reachable=Count("pk", filter=waiting & Q(reminded=False) & ~NO_MESSAGES),
        reminded_today=Count("pk", filter=waiting & Q(reminded=True)),
        without_phone=Count("pk", filter=waiting & NO_MESSAGES),
    )
    return StaffCounts(**found)


def to_remind(people: QuerySet[Person]) -> list[int]:
    """Ids of those who have not started, can get a message and have had none today."""
    waiting = people.filter(Q(state=WAITING, reminded=False) & ~NO_MESSAGES)
    return list(waiting.order_by().values_list("pk", flat=True))


def last_reminder(organisation: Organisation, course: StaffCourse) -> date | None:
    sent = Reminder.objects.filter(organisation=organisation, course_key=course.key)
    return sent.aggregate(last=Max("sent_on"))["last"]


def unsent_today(organisation: Organisation) -> int:
    """How many texts of today's last drive were not sent because a budget of texts was spent."""
    today = clock.start_of(clock.today())
    done = Job.objects.filter(status=JobStatus.DONE, run_after__gte=today, kind="people.send_reminders")
    last = done.filter(params__organisation_id=organisation.pk).order_by("-pk").first()
    return last.result.get("left", 0) if last is not None else 0


def last_studied(person: Person) -> datetime | None:
    """When somebody of `staff` did something last in the course."""
    moments = [moment for moment in (getattr(person, "last_at", None), getattr(person, "done_at", None)) if moment]
    return max(moments, default=None)


def enrolments_of(person: Person, organisation: Organisation) -> QuerySet[Enrolment]:
    """In which courses the organisation has enrolled somebody."""
    rows = Enrolment.objects.active().filter(person=person, organisation=organisation)
    done = CourseCompletion.objects.filter(person=person, course_key=OuterRef("course_key"))
    return rows.annotate(done_at=Subquery(done.values("completed_at")[:1])).order_by("-enrolled_at")
