"""The personal data of merging records."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from people.models import DistinctPeople, PersonMerge
from people.personal_data import Column, Erasure, PersonalRecord


def merging_records() -> tuple[PersonalRecord, ...]:
    return (
        PersonalRecord(
            PersonMerge,
            title=_("Records of yours that were merged"),
            purpose=_("To have one record of you, and to take it back if it was a mistake"),
            kept=_("until you ask for erasure"),
            erasure=Erasure.DELETED,
            person="kept",
            prepare=lambda rows: rows.select_related("by"),
            columns=(Column("at", _("On")), Column("by", _("By")), Column("undone_at", _("Taken back on"))),
            goes_over=False,
        ),
        PersonalRecord(
            DistinctPeople,
            title=_("That you are not somebody of the same name"),
            purpose=_("So that nobody proposes again to merge the two"),
            kept=_("until you ask for erasure"),
            erasure=Erasure.DELETED,
            person="first",
            columns=(Column("at", _("On")),),
            goes_over=False,
        ),
    )
