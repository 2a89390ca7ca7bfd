"""From a published page to the rule set that scores."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from wagtail.models import Locale

from campaigns.models import Campaign, CampaignCourseLink, CampaignIndexPage, CampaignPage, CompetingUnit, Standing
from common import clock
from ledger.operations import enqueue_job, record_audit
from places.enums import Level
from places.models import AdministrativeUnit


def create_campaign(
    *,
    index: CampaignIndexPage,
    title: str,
    summary: str,
    starts_at: datetime,
    ends_at: datetime,
    area: AdministrativeUnit,
    courses: list,
    points_per_completion,
    by,
    body: list | None = None,
    at: datetime | None = None,
) -> CampaignPage:
    """Make and publish a page below `index`, with aliases in other languages; publishing writes the rules."""
    at = at or clock.now()
    with transaction.atomic():
        page = CampaignPage(
            title=title,
            summary=summary,
            starts_at=starts_at,
            ends_at=ends_at,
            area=area,
            points_per_completion=points_per_completion,
            locale=index.locale,
            body=body or [],
            live=False,
            owner=by,
        )
        page.course_links = [CampaignCourseLink(course=course, sort_order=n) for n, course in enumerate(courses)]
        index.add_child(instance=page)
        page.save_revision(user=by).publish(user=by, skip_permission_checks=True)  # the door has asked
        page.refresh_from_db()  # publishing wrote to the row, not to this object: its aliases would stay drafts
        for locale in Locale.objects.exclude(pk=index.locale_id):
            if index.has_translation(locale):
                page.copy_for_translation(locale, alias=True)
        record_audit(actor=by, action="campaigns.create_campaign", target=page, unit=area, at=at)
    return page


def publish_rules(*, page: CampaignPage, at: datetime | None = None) -> Campaign | None:
    """Write what the live page says into the rule set; called whenever the page is published.

    Once a campaign has begun, its area, points, courses and beginning stay as they were announced: only the title and
    the end may still change, and after it is closed nothing. Aliases in other languages change nothing.
    """
    if page.alias_of_id is not None:
        return None
    at = at or clock.now()
    course_keys = sorted(str(link.course.translation_key) for link in page.course_links.select_related("course"))
    with transaction.atomic():
        campaign = Campaign.objects.select_for_update().filter(key=page.translation_key).first()
        begun = campaign is not None and campaign.starts_at <= at and campaign.events.exists()
        if campaign is not None and campaign.closed_at is not None:
            return campaign
        if campaign is None:
            campaign = Campaign(key=page.translation_key)
        campaign.title = page.title
        campaign.ends_at = page.ends_at
        if not begun:
            campaign.starts_at = page.starts_at
            campaign.points_per_completion = page.points_per_completion
            campaign.area = page.area
            campaign.course_keys = course_keys
        campaign.save()
        if not begun:
            enter_units(campaign)
        enqueue_job("campaigns.backfill", params={"campaign_id": campaign.pk}, at=at)
    return campaign


def enter_units(campaign: Campaign) -> None:
    """Let exactly the communes of the area that exist on the first day compete."""
    day = clock.day_of(campaign.starts_at)
    communes = AdministrativeUnit.objects.within(campaign.area).at_level(Level.COMMUNE).in_force(day)
    wanted = set(communes.values_list("pk", flat=True))
    campaign.competing_units.exclude(unit__in=wanted).delete()
    known = set(campaign.competing_units.values_list("unit_id", flat=True))
    entered = CompetingUnit.objects.bulk_create(
        [CompetingUnit(campaign=campaign, unit_id=pk) for pk in sorted(wanted - known)]
    )
    Standing.objects.bulk_create([Standing(campaign=campaign, competing_unit=unit) for unit in entered])
