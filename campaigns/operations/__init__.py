"""What changes a campaign: its rules, its events, its standings, its end."""

from campaigns.operations.rules import create_campaign, publish_rules
from campaigns.operations.scoring import backfill_events, record_completion
from campaigns.operations.standings import close_campaign, confirm_headcounts, rebuild_standings, roll_up

__all__ = [
    "backfill_events",
    "close_campaign",
    "confirm_headcounts",
    "create_campaign",
    "publish_rules",
    "rebuild_standings",
    "record_completion",
    "roll_up",
]
