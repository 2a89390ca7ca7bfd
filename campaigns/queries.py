"""What the campaign pages show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from campaigns.enums import CampaignState
from campaigns.models import Campaign, CampaignIndexPage, CampaignPage, Standing
from campaigns.standings import needed_to_pass
from common.folding import fold
from courses.models import CoursePage
from people.enums import Role
from people.models import RoleAssignment


@dataclass(frozen=True)
class Board:
    """One page of a campaign's standings."""

    campaign: Campaign
    state: CampaignState
    by_rate: bool
    standings: list[Standing]
    unranked: list[Standing]
    mine: Standing | None
    to_pass: int
    leader: float
    query: str


def ranked_standings(campaign: Campaign, *, by_rate: bool) -> QuerySet[Standing]:
    """Standings in the order of their rank; by rate the units without a headcount come last, by name."""
    standings = Standing.objects.filter(campaign=campaign).select_related("competing_unit__unit")
    if by_rate:
        return standings.order_by(F("rank_by_rate").asc(nulls_last=True), "competing_unit__unit__sort_key")
    return standings.order_by("rank_by_points", "competing_unit__unit__sort_key")


def board(campaign: Campaign, *, by_rate: bool, query: str, residence, at: datetime) -> Board:
    """The standings as one visitor sees them: filtered by an unaccented name, their own commune picked out.

    One query, however many units compete.
    """
    everybody = list(ranked_standings(campaign, by_rate=by_rate))
    found = [s for s in everybody if not by_rate or s.rank_by_rate is not None]
    unranked = [s for s in everybody if by_rate and s.rank_by_rate is None]
    mine, to_pass = own_standing(found + unranked, residence, by_rate)
    leader = max((measure(standing, by_rate) for standing in found), default=0.0)
    words = fold(query).split()
    shown = [s for s in found if all(word in s.competing_unit.unit.name_folded for word in words)]
    return Board(campaign, campaign.state_at(at), by_rate, shown, unranked, mine, to_pass, leader, query)


def measure(standing: Standing, by_rate: bool) -> float:
    return float(standing.rate or 0) if by_rate else float(standing.points)


def own_standing(standings: list[Standing], residence, by_rate: bool) -> tuple[Standing | None, int]:
    """The standing of the visitor's commune, and how many more completions would overtake the one before it."""
    if residence is None:
        return None, 0
    for place, standing in enumerate(standings):
        unit = standing.competing_unit
        if residence.present_path.startswith(unit.unit.path):
            if place == 0 or (by_rate and standing.rank_by_rate is None):
                return standing, 0
            ahead = standings[place - 1]
            return standing, needed_to_pass(
                standing.completions,
                unit.headcount,
                ahead.completions,
                ahead.competing_unit.headcount,
                by_rate,
            )
    return None, 0


def campaign_for(page: CampaignPage, user) -> Campaign | None:
    """The page's rule set, with `may_organise` saying whether the user runs it; one query."""
    area_path = ExpressionWrapper(OuterRef("area__path"), output_field=CharField())
    mine = (
        RoleAssignment.objects.active()
        .annotate(below=area_path)
        .filter(
            Q(unit__isnull=True) | Q(below__startswith=F("unit__path")),
            user_id=user.pk,
            role__in=[Role.ORGANISER, Role.ADMINISTRATOR],
        )
    )
    return (
        Campaign.objects.select_related("area")
        .annotate(may_organise=Exists(mine))
        .filter(key=page.translation_key)
        .first()
    )


def courses_that_count(campaign: Campaign, locale) -> list[CoursePage]:
    """The live course pages in the visitor's language."""
    pages = CoursePage.objects.live().filter(translation_key__in=campaign.course_keys, locale=locale)
    return list(pages.order_by("title"))


def campaigns_below(index: CampaignIndexPage, at: datetime) -> dict[str, list[tuple[CampaignPage, Campaign]]]:
    """Live campaign pages with their rule sets: running, planned, past; two queries."""
    pages = list(CampaignPage.objects.live().child_of(index).order_by("-starts_at"))
    return group_by_state(pages, at)


def running_campaign(locale, at: datetime) -> tuple[CampaignPage, Campaign] | None:
    """The running campaign that ends first, for the home page; two queries."""
    pages = list(
        CampaignPage.objects.live().filter(locale=locale, starts_at__lte=at, ends_at__gt=at).order_by("ends_at")
    )
    running = group_by_state(pages, at)["running"]
    return running[0] if running else None


def group_by_state(pages: list[CampaignPage], at: datetime) -> dict[str, list[tuple[CampaignPage, Campaign]]]:
    campaigns = {
        campaign.key: campaign
        for campaign in Campaign.objects.select_related("area").filter(key__in=[p.translation_key for p in pages])
    }
    groups: dict[str, list[tuple[CampaignPage, Campaign]]] = {"running": [], "planned": [], "past": []}
    names = {CampaignState.RUNNING: "running", CampaignState.PLANNED: "planned"}
    for page in pages:
        campaign = campaigns.get(page.translation_key)
        if campaign is not None:
            groups[names.get(campaign.state_at(at), "past")].append((page, campaign))
    return groups
