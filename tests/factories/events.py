"""Classes for tests."""

from __future__ import annotations

from datetime import date, time

from common import clock
from courses.models import CoursePage
from events.models import ClassSession
from events.operations import create_class
from places.models import AdministrativeUnit


def make_class(
    *, unit: AdministrativeUnit, course: CoursePage, by, held_on: date | None = None, place: str = "Nhà văn hoá"
) -> ClassSession:
    """A class of today at half past eight."""
    return create_class(
        unit=unit,
        course_key=course.translation_key,
        held_on=held_on or clock.today(),
        starts_at=time(8, 30),
        place=place,
        by=by,
    )
