"""What templates may ask of campaigns."""

from __future__ import annotations

from django import template
from django.core.paginator import Paginator
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from campaigns import queries
from campaigns.enums import CampaignState
from campaigns.rules import organised_areas
from common import clock
from common.addresses import localized_path

register = template.Library()

ROWS_ON_A_PAGE = 30


@register.simple_tag(takes_context=True)
def campaign_board(context, page) -> dict:
    """Everything the page of a campaign shows besides its text."""
    request = context["request"]
    campaign = queries.campaign_for(page, request.user)
    if campaign is None:
        return {}
    learner = getattr(request, "learner", None)
    by_rate = request.GET.get("xep", "ti-le") != "so-luong"
    board = queries.board(
        campaign,
        by_rate=by_rate,
        query=request.GET.get("q", "")[:80],
        residence=learner.residence if learner else None,
        at=clock.now(),
    )
    shown = Paginator(board.standings, ROWS_ON_A_PAGE).get_page(request.GET.get("trang"))

    def link(**changes) -> str:
        query = request.GET.copy()
        for name, value in changes.items():
            query[name] = value
        return f"?{query.urlencode()}#bang"

    return {
        "tabs": [
            {"label": _("By rate"), "href": "?xep=ti-le#bang", "current": by_rate},
            {"label": _("By number"), "href": "?xep=so-luong#bang", "current": not by_rate},
        ],
        "previous_url": link(trang=shown.previous_page_number()) if shown.has_previous() else "",
        "next_url": link(trang=shown.next_page_number()) if shown.has_next() else "",
        "unranked_columns": [{"label": _("Commune")}, {"label": _("Completions"), "num": True}],
        "crumbs": [
            {"title": _("Home"), "url": localized_path("/")},
            {"title": _("Campaigns"), "url": localized_path("/thi-dua/")},
        ],
        "campaign": campaign,
        "state": board.state,
        "state_kind": state_kind(board.state),
        "by_rate": by_rate,
        "query": board.query,
        "page": shown,
        "rows": [standing_row(standing, board) for standing in shown],
        "mine": standing_row(board.mine, board) if board.mine else None,
        "to_pass": board.to_pass,
        "unranked": [
            {"cells": [s.competing_unit.unit.title, number_format(s.completions, force_grouping=True)]}
            for s in board.unranked
        ],
        "courses": queries.courses_that_count(campaign, page.locale_id),
        "may_organise": (request.user.is_superuser and not request.user.rights_rest) or campaign.may_organise,
        "days_left": max(0, (campaign.ends_at - clock.now()).days),
    }


def standing_row(standing, board: queries.Board) -> dict:
    """A row for the `standings` component."""
    unit = standing.competing_unit.unit
    value = queries.measure(standing, board.by_rate)
    mine = board.mine is not None and standing.pk == board.mine.pk
    return {
        "rank": (standing.rank_by_rate if board.by_rate else standing.rank_by_points) or "–",
        "name": unit.title,
        "rate": rate_text(standing.rate) if board.by_rate else number_format(standing.completions, force_grouping=True),
        "count": number_format(standing.completions, force_grouping=True),
        "share": round(100 * value / board.leader) if board.leader else 0,
        "mine": mine,
        "mine_label": _("Your commune") if mine else "",
    }


def rate_text(rate) -> str:
    """A rate as people read it, `18,9 %`."""
    return "–" if rate is None else f"{number_format(rate * 100, decimal_pos=1)} %"


def state_kind(state: CampaignState) -> str:
    return {CampaignState.RUNNING: "live", CampaignState.ENDED: "warning"}.get(state, "")


@register.simple_tag
def campaign_groups(index) -> dict:
    """The campaigns below an index page: running, planned, past."""
    return queries.campaigns_below(index, clock.now())


@register.simple_tag(takes_context=True)
def may_create_campaigns(context) -> bool:
    return bool(organised_areas(context["request"].user))


@register.simple_tag
def running_campaign(locale) -> dict:
    """The campaign for the home page, or nothing."""
    found = queries.running_campaign(locale, clock.now())
    if found is None:
        return {}
    page, campaign = found
    return {"page": page, "campaign": campaign, "days_left": max(0, (campaign.ends_at - clock.now()).days)}


@register.simple_tag
def campaign_rules(board) -> list[dict]:
    """The rules in words, made from the rule set, so that what is printed is what is computed."""
    campaign = board["campaign"]
    points = number_format(campaign.points_per_completion.normalize())
    period = {
        "start": date_format(localtime(campaign.starts_at), "SHORT_DATETIME_FORMAT"),
        "end": date_format(localtime(campaign.ends_at), "SHORT_DATETIME_FORMAT"),
    }
    return [
        {
            "title": _("Who takes part?"),
            "text": _(
                "All communes of %(area)s. Whoever lives there scores for their commune; there is nothing to sign."
            )
            % {"area": campaign.area.full_name},
        },
        {
            "title": _("What counts?"),
            "text": _(
                "Each person who completes one of the courses below from %(start)s until before %(end)s brings the "
                "commune %(points)s points for each course, once."
            )
            % {**period, "points": points},
        },
        {
            "title": _("How are communes ranked?"),
            "text": _(
                "By the rate of completions over the confirmed number of inhabitants, and by points. Equal results "
                "share a rank. A commune without a confirmed number is listed apart."
            ),
        },
        {
            "title": _("When is it final?"),
            "text": _("After the end the organiser checks and closes the campaign. From then on nothing changes."),
        },
    ]
