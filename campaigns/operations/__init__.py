"""What changes a campaign: its rules, its events, its standings, its end."""

from campaigns.operations.rules import create_campaign, publish_rules
from campaigns.operations.scoring import (
    backfill_events,
    give_back_double_scores,
    record_completion,
    take_back_double_scores,
    take_back_score,
)
from campaigns.operations.standings import (
    COMPLETIONS,
    close_campaign,
    confirm_headcounts,
    rebuild_standings,
    roll_up,
)

__all__ = [
    "COMPLETIONS",
    "backfill_events",
    "close_campaign",
    "confirm_headcounts",
    "create_campaign",
    "give_back_double_scores",
    "publish_rules",
    "rebuild_standings",
    "record_completion",
    "roll_up",
    "take_back_double_scores",
    "take_back_score",
]
