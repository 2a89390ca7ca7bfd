"""The personal data of `courses`."""

from __future__ import annotations

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from courses.models import CourseCompletion, Enrolment, LessonCompletion
from people.personal_data import Column, Erasure, PersonalRecord, register_personal_record
from people.records import CIRCUMSTANCES, WITH_THE_PERSON, circumstance_columns


def _title(key: str) -> Subquery:
    """The title of the page with this key, in the language of the site."""
    pages = Page.objects.filter(translation_key=OuterRef(key), locale__language_code=settings.LANGUAGE_CODE)
    return Subquery(pages.values("title")[:1])


def register() -> None:
    """Called once, when the app is ready."""
    for record in (
        PersonalRecord(
            Enrolment,
            title=_("Courses you take"),
            purpose=_("To know which courses you chose or were enrolled in, and by whom"),
            kept=WITH_THE_PERSON,
            erasure=Erasure.DELETED,
            person="person",
            prepare=lambda rows: rows.select_related("organisation", *CIRCUMSTANCES).annotate(
                course_title=_title("course_key")
            ),
            columns=(
                Column("course_title", _("Course")),
                Column("get_reason_display", _("How")),
                Column("organisation.name", _("Organisation")),
                Column("enrolled_at", _("Since")),
                Column("withdrawn_at", _("Left on")),
                *circumstance_columns(),
            ),
        ),
        PersonalRecord(
            LessonCompletion,
            title=_("Lessons you read"),
            purpose=_("To remember where you left off"),
            kept=WITH_THE_PERSON,
            erasure=Erasure.DELETED,
            person="person",
            prepare=lambda rows: rows.select_related(*CIRCUMSTANCES).annotate(lesson_title=_title("lesson_key")),
            columns=(
                Column("lesson_title", _("Lesson")),
                Column("completed_at", _("Read on")),
                *circumstance_columns(),
            ),
        ),
        PersonalRecord(
            CourseCompletion,
            title=_("Courses you completed"),
            purpose=_("To issue certificates and count how many people of a place were trained"),
            kept=WITH_THE_PERSON,
            erasure=Erasure.DELETED,
            person="person",
            prepare=lambda rows: rows.select_related("residence__parent__parent", *CIRCUMSTANCES),
            columns=(
                Column("course_title", _("Course")),
                Column("completed_at", _("Completed on")),
                Column("points", _("Points")),
                Column("max_points", _("Out of")),
                Column("residence.address", _("Place of residence on that day")),
                *circumstance_columns(),
            ),
        ),
    ):
        register_personal_record(record)
