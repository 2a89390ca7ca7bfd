"""Why an operation on learning refuses."""

from django.utils.translation import gettext_lazy as _

from common.exceptions import DomainError


class UnknownCourse(DomainError):
    code = "unknown-course"
    message = _("This course is not open.")


class AttendanceNotEnough(DomainError):
    code = "attendance-not-enough"
    message = _("This course is completed with its lessons and test only.")


class UnknownLesson(DomainError):
    code = "unknown-lesson"
    message = _("This lesson is not part of the course any more.")
