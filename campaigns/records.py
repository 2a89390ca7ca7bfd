"""The personal data of `campaigns`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from campaigns.models import ScoreEvent
from people.personal_data import Column, Erasure, PersonalRecord, register_personal_record


def register() -> None:
    """Called once, when the app is ready."""
    register_personal_record(
        PersonalRecord(
            ScoreEvent,
            title=_("Points you earned for your commune"),
            purpose=_("To rank communes in a campaign so that anybody can check the sum"),
            kept=_("for good, without you after an erasure: the points stay your commune's"),
            erasure=Erasure.UNLINKED,
            person="person",
            goes_over=False,
            prepare=lambda rows: rows.select_related("campaign", "unit__parent__parent"),
            columns=(
                Column("campaign.title", _("Campaign")),
                Column("get_rule_display", _("For")),
                Column("points", _("Points")),
                Column("unit.address", _("For the commune")),
                Column("occurred_at", _("On")),
            ),
        )
    )
