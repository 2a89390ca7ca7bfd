"""Classes in a room: who was expected and who came."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common import clock
from courses.enums import Audience
from events.enums import AttendanceSource
from people.models import Person
from people.scopes import PEOPLE_READERS, reads_whole_site, role_units, within_any


class ClassSessionQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ClassSessionQuerySet":
        """Classes held in a unit the user looks after or audits."""
        if not user.is_authenticated:
            return self.none()
        if reads_whole_site(user):
            return self
        return self.filter(within_any("unit__present_path", role_units(user, *PEOPLE_READERS)))

    def open(self) -> "ClassSessionQuerySet":
        """Planned or going on: attendance is not settled yet."""
        return self.filter(closed_at=None, cancelled_at=None)


class ClassSession(models.Model):
    """A class on a course: one room, one day. Open until its attendance is settled."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unit = models.ForeignKey(
        "places.AdministrativeUnit",
        on_delete=models.PROTECT,
        related_name="class_sessions",
        help_text="The commune or village that holds it; says who works with it.",
    )
    place = models.CharField(max_length=200, help_text="Where people go, for example the culture house.")
    course_key = models.UUIDField(db_index=True)
    course_title = models.CharField(max_length=255, help_text="As it was called when the class was planned.")
    audience = models.CharField(max_length=20, choices=Audience.choices)
    held_on = models.DateField(db_index=True)
    starts_at = models.TimeField(null=True)
    attended = models.PositiveIntegerField(null=True, help_text="How many came, counted when it was closed.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    objects = ClassSessionQuerySet.as_manager()

    class Meta:
        ordering = ["-held_on", "-starts_at", "-id"]
        verbose_name = _("class")
        verbose_name_plural = _("classes")
        constraints = [
            models.CheckConstraint(
                name="events_classsession_closed_or_cancelled",
                condition=models.Q(closed_at=None) | models.Q(cancelled_at=None, attended__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course_title} {self.held_on:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None and self.cancelled_at is None

    @property
    def has_begun(self) -> bool:
        """Whether its day has come."""
        return self.held_on <= clock.today()


class Registration(models.Model):
    """A person stands on the list of a class, whether they came or not."""

    session = models.ForeignKey(ClassSession, on_delete=models.CASCADE, related_name="registrations")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="class_registrations")
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("registration for a class")
        verbose_name_plural = _("registrations for classes")
        constraints = [
            models.UniqueConstraint(name="events_registration_once", fields=["session", "person"]),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} · {self.person_id}"


class Attendance(models.Model):
    """A person was at a class. Taking the mark off deletes the row; the audit trail keeps that it was there."""

    session = models.ForeignKey(ClassSession, on_delete=models.CASCADE, related_name="attendances")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="class_attendances")
    source = models.CharField(max_length=10, choices=AttendanceSource.choices)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    residence = models.ForeignKey(
        "places.AdministrativeUnit",
        null=True,
        on_delete=models.PROTECT,
        related_name="class_attendances",
        help_text="Where the person lived on that day.",
    )
    completion = models.OneToOneField(
        "courses.CourseCompletion",
        null=True,
        on_delete=models.SET_NULL,
        related_name="class_attendance",
        help_text="The completion that this attendance brought; goes with it.",
    )

    class Meta:
        verbose_name = _("attendance of a class")
        verbose_name_plural = _("attendances of classes")
        constraints = [
            models.UniqueConstraint(name="events_attendance_once", fields=["session", "person"]),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} · {self.person_id}"
