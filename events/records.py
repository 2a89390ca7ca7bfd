"""The personal data of `events`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from events.models import Attendance, Registration
from people.personal_data import Column, Erasure, PersonalRecord, register_personal_record
from people.records import WITH_THE_PERSON


def register() -> None:
    """Called once, when the app is ready."""
    for record in (
        PersonalRecord(
            Registration,
            title=_("Classes you were entered for"),
            purpose=_("To print the sheet on which you sign in"),
            kept=WITH_THE_PERSON,
            erasure=Erasure.DELETED,
            person="person",
            prepare=lambda rows: rows.select_related("session__unit"),
            columns=(
                Column("session.course_title", _("Course")),
                Column("session.held_on", _("On")),
                Column("session.place", _("Place")),
                Column("registered_at", _("Entered on")),
            ),
        ),
        PersonalRecord(
            Attendance,
            title=_("Classes you were at"),
            purpose=_("To count how many were trained, and to complete the course where attendance does so"),
            kept=WITH_THE_PERSON,
            erasure=Erasure.DELETED,
            person="person",
            prepare=lambda rows: rows.select_related("session__unit", "residence__parent__parent"),
            columns=(
                Column("session.course_title", _("Course")),
                Column("session.held_on", _("On")),
                Column("session.place", _("Place")),
                Column("get_source_display", _("How")),
                Column("recorded_at", _("Noted on")),
                Column("residence.address", _("Place of residence on that day")),
            ),
        ),
    ):
        register_personal_record(record)
