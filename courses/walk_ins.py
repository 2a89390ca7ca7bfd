"""Enrolling a walk-in, as a question on the facilitator's form."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import get_language

from courses.enums import EnrolmentReason
from courses.operations import enrol
from courses.queries import published_courses
from people.models import Person


def choices(user: Any) -> list[tuple[str, str]]:
    """The published courses; everybody may be enrolled in each."""
    return [(str(course.translation_key), course.title) for course in published_courses(get_language() or "vi")]


def apply(*, person: Person, value: str, by: Any, at: datetime) -> None:
    enrol(person=person, course_key=UUID(value), reason=EnrolmentReason.FACILITATOR, by=by, at=at)
