"""Work of campaigns in the background."""

from __future__ import annotations

from campaigns.models import Campaign, PendingEvent
from campaigns.operations import backfill_events, roll_up
from ledger.kinds import job_kind
from ledger.runs import JobRun


@job_kind("campaigns.roll_up", every=10, lease_seconds=120)
def roll_up_campaigns(run: JobRun) -> dict:
    """Bring the standings up to date; they are at most some fifteen seconds behind the events."""
    waiting = PendingEvent.objects.values("event__campaign").distinct().order_by()
    return {"events": sum(roll_up(campaign=campaign) for campaign in Campaign.objects.filter(pk__in=waiting))}


@job_kind("campaigns.backfill", lease_seconds=300)
def backfill_campaign(run: JobRun, *, campaign_id: int) -> dict:
    campaign = Campaign.objects.select_related("area").get(pk=campaign_id)
    if campaign.closed_at is not None:
        return {"events": 0}
    return {"events": backfill_events(campaign=campaign)}
