"""Deriving standings from events: the roll-up, the rebuild that must give the same, and the close that freezes them."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.formats import date_format

from campaigns.enums import TAKEN_BACK, ScoreRule
from campaigns.exceptions import CampaignAlreadyClosed, CampaignStillRunning, HeadcountTooSmall
from campaigns.models import Campaign, CompetingUnit, PendingEvent, ScoreEvent, Standing
from campaigns.standings import Score, rank
from common import clock
from common.bulk import write_each
from ledger.operations import record_audit

COMPLETIONS = Count("pk", filter=~Q(rule__in=TAKEN_BACK)) - Count("pk", filter=Q(rule__in=TAKEN_BACK))
"""Completions among score events: a correction takes one away."""
ROLL_UP_AT_ONCE = 5000  # events in one transaction


def roll_up(*, campaign: Campaign, at: datetime | None = None) -> int:
    """Move pending events into the standings, once each, and rank anew; return how many there were.

    Taking a line out of the outbox and adding its points commit together: no event is lost or counted twice. The
    campaign's row is locked: two roll-ups of one campaign wait for each other.
    """
    at = at or clock.now()
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
        pending = list(
            PendingEvent.objects.filter(event__campaign=campaign)
            .order_by("pk")
            .values_list("pk", "event__competing_unit_id", "event__points", "event__rule")[:ROLL_UP_AT_ONCE]
        )
        if not pending:
            return 0
        counts: Counter[int] = Counter()
        points: defaultdict[int, Decimal] = defaultdict(Decimal)
        for _pk, unit, value, rule in pending:
            counts[unit] += ScoreRule(rule).completions
            points[unit] += value
        PendingEvent.objects.filter(pk__in=[line[0] for line in pending]).delete()
        standings = {s.competing_unit_id: s for s in campaign.standings.select_related("competing_unit")}
        for unit, count in counts.items():
            standings[unit].completions += count
            standings[unit].points += points[unit]
        _rank(campaign, list(standings.values()), at)
    return len(pending)


def rebuild_standings(*, campaign: Campaign, at: datetime | None = None) -> int:
    """Compute the standings anew from all events; return how many units stood wrong before."""
    at = at or clock.now()
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if campaign.closed_at is not None:
            raise CampaignAlreadyClosed
        return _rebuild(campaign, at)


def confirm_headcounts(*, campaign: Campaign, headcounts: dict[int, int | None], by, at: datetime | None = None) -> int:
    """Set the confirmed number of inhabitants of competing units (by the unit's id; None takes it back); count changes.

    Raises `HeadcountTooSmall` and changes nothing when more people have completed a course than would live there.
    """
    at = at or clock.now()
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if campaign.closed_at is not None:
            raise CampaignAlreadyClosed
        changed = []
        units = campaign.competing_units.filter(unit__in=headcounts).select_related("unit", "standing")
        for unit in units:
            headcount = headcounts[unit.unit_id]
            if headcount == unit.headcount:
                continue
            if headcount is not None and headcount < max(1, unit.standing.completions):
                raise HeadcountTooSmall(
                    unit=unit.unit.full_name, headcount=headcount, completions=unit.standing.completions
                )
            unit.headcount = headcount
            unit.headcount_confirmed_at = at if headcount is not None else None
            unit.headcount_confirmed_by = by if headcount is not None else None
            changed.append(unit)
        if changed:
            CompetingUnit.objects.bulk_update(
                changed, ["headcount", "headcount_confirmed_at", "headcount_confirmed_by"]
            )
            _rank(campaign, list(campaign.standings.select_related("competing_unit")), at)
            record_audit(
                actor=by,
                action="campaigns.confirm_headcounts",
                target=campaign,
                unit=campaign.area,
                fields=["headcount"],
                count=len(changed),
                at=at,
            )
    return len(changed)


def close_campaign(*, campaign: Campaign, by, at: datetime | None = None) -> Campaign:
    """Freeze the standings, computed a last time from the events. Closing twice changes nothing.

    Raises `CampaignStillRunning` before its end.
    """
    at = at or clock.now()
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if campaign.closed_at is not None:
            return campaign
        if at < campaign.ends_at:
            raise CampaignStillRunning(
                ends_at=date_format(timezone.localtime(campaign.ends_at), "SHORT_DATETIME_FORMAT")
            )
        _rebuild(campaign, at)
        campaign.closed_at = at
        campaign.closed_by = by
        campaign.save(update_fields=["closed_at", "closed_by"])
        record_audit(actor=by, action="campaigns.close_campaign", target=campaign, unit=campaign.area, at=at)
    return campaign


def _rebuild(campaign: Campaign, at: datetime) -> int:
    PendingEvent.objects.filter(event__campaign=campaign).delete()
    totals = {
        row["competing_unit"]: row
        for row in ScoreEvent.objects.filter(campaign=campaign)
        .values("competing_unit")
        .annotate(completions=COMPLETIONS, total=Sum("points"))
        .order_by()
    }
    standings = list(campaign.standings.select_related("competing_unit"))
    wrong = 0
    for standing in standings:
        row = totals.get(standing.competing_unit_id)
        completions, points = (row["completions"], row["total"]) if row else (0, Decimal(0))
        wrong += (standing.completions, standing.points) != (completions, points)
        standing.completions, standing.points = completions, points
    _rank(campaign, standings, at)
    return wrong


def _rank(campaign: Campaign, standings: list[Standing], at: datetime) -> None:
    """Write rates and ranks of all of a campaign's standings; the campaign's row is locked."""
    by_unit = {standing.competing_unit_id: standing for standing in standings}
    scores = [Score(s.competing_unit_id, s.completions, s.points, s.competing_unit.headcount) for s in standings]
    for ranked in rank(scores):
        standing = by_unit[ranked.score.unit]
        standing.rate = ranked.score.rate
        standing.rank_by_points = ranked.rank_by_points
        standing.rank_by_rate = ranked.rank_by_rate
    write_each(standings, ["completions", "points", "rate", "rank_by_points", "rank_by_rate"])
    campaign.standings_at = at
    campaign.save(update_fields=["standings_at"])
