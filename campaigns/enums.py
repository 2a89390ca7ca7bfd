from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CampaignState(models.TextChoices):
    """Derived from the clock and `closed_at`, never stored."""

    PLANNED = "planned", _("not started yet")
    RUNNING = "running", pgettext_lazy("campaign", "running")
    ENDED = "ended", _("ended, result being checked")
    CLOSED = "closed", _("closed")


class ScoreRule(models.TextChoices):
    COURSE_COMPLETION = "course_completion", _("a resident completes a course")
    MERGED = "merged", _("one person was counted twice")
    UNMERGED = "unmerged", _("they are two people after all")
    WITHDRAWN = "withdrawn", _("a completion was written by mistake")

    @property
    def completions(self) -> int:
        """How many completions an event of the rule adds to a unit."""
        return -1 if self in TAKEN_BACK else 1


TAKEN_BACK = frozenset({ScoreRule.MERGED, ScoreRule.WITHDRAWN})
"""Rules whose events outweigh an earlier one."""
