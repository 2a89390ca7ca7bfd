"""The personal data of `quizzes`."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from people.personal_data import (
    Column,
    Erasure,
    PersonalRecord,
    Retention,
    register_personal_record,
    register_retention,
)
from people.records import CIRCUMSTANCES, WITH_THE_PERSON, circumstance_columns, for_days
from quizzes.models import Attempt, PracticeAnswer, Response


def register() -> None:
    """Called once, when the app is ready."""
    register_personal_record(
        PersonalRecord(
            Attempt,
            title=_("Tests you took"),
            purpose=_("To grade a test and show that it was passed"),
            kept=WITH_THE_PERSON,
            erasure=Erasure.DELETED,
            person="person",
            prepare=lambda rows: rows.select_related("quiz", *CIRCUMSTANCES),
            columns=(
                Column("quiz.title", _("Test")),
                Column("number", _("Attempt")),
                Column("started_at", _("Begun")),
                Column("submitted_at", _("Handed in")),
                Column("points", _("Points")),
                Column("max_points", _("Out of")),
                Column("passed", _("Passed")),
                *circumstance_columns(),
            ),
        )
    )
    register_personal_record(
        PersonalRecord(
            Response,
            title=_("Your answers in tests"),
            purpose=_("To grade a test and explain the result"),
            kept=WITH_THE_PERSON,
            erasure=Erasure.DELETED,
            person="attempt__person",
            prepare=lambda rows: rows.select_related("attempt__quiz", "acted_by"),
            columns=(
                Column("attempt.quiz.title", _("Test")),
                Column("attempt.number", _("Attempt")),
                Column("position", _("Question")),
                Column("asked_text", _("What was asked")),
                Column("chosen_texts", _("Your answer")),
                Column("points", _("Points")),
                Column("acted_by", _("Done for you by")),
            ),
        )
    )
    register_personal_record(
        PersonalRecord(
            PracticeAnswer,
            title=_("Your answers inside lessons"),
            purpose=_("To show you again what you answered"),
            kept=for_days(settings.KEEP_PRACTICE_DAYS),
            erasure=Erasure.DELETED,
            person="person",
            prepare=lambda rows: rows.select_related("question").prefetch_related("question__choices"),
            columns=(
                Column("question.text", _("Question")),
                Column("chosen_texts", _("Your answer")),
                Column("answered_at", _("Answered on")),
            ),
        )
    )
    register_retention(
        Retention("practice_answers", _("Answers inside lessons"), settings.KEEP_PRACTICE_DAYS, _sweep_practice)
    )


def _sweep_practice(before: datetime, dry_run: bool) -> int:
    rows = PracticeAnswer.objects.filter(answered_at__lt=before)
    count = rows.count()
    if not dry_run:
        rows.delete()
    return count
