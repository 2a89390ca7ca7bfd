"""Campaigns: the page people read, the rule set that scores, the append-only events, the standings derived from them.

The page is edited, drafted and translated; the rule set is what the last published page said, and holds the state
(closed, by whom) that restoring an old draft must not touch.
"""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, PageChooserPanel
from wagtail.fields import StreamField
from wagtail.models import Orderable

from campaigns.enums import CampaignState, ScoreRule
from campaigns.page_rights import CampaignPageForm, CampaignPermissionTester
from content.blocks import BODY_BLOCKS
from content.models import BasePage


class CampaignIndexPage(BasePage):
    """All campaigns, the running ones first."""

    parent_page_types = ["content.HomePage"]
    subpage_types = ["campaigns.CampaignPage"]
    template = "campaigns/index.html"
    max_count_per_parent = 1

    class Meta:
        verbose_name = _("list of campaigns")
        verbose_name_plural = _("lists of campaigns")


class CampaignPage(BasePage):
    """What the public reads about a campaign, and the rules an organiser sets."""

    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"), help_text=_("Completions before this moment count."))
    points_per_completion = models.DecimalField(
        _("points per completed course"), max_digits=6, decimal_places=2, default=1
    )
    area = models.ForeignKey(
        "places.AdministrativeUnit",
        verbose_name=_("province whose communes compete"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    body = StreamField(BODY_BLOCKS, verbose_name=_("prizes, news and more"), blank=True)

    content_panels = [
        *BasePage.content_panels,
        MultiFieldPanel([FieldPanel("starts_at"), FieldPanel("ends_at")], heading=_("Dates")),
        MultiFieldPanel(
            [FieldPanel("area"), FieldPanel("points_per_completion"), InlinePanel("course_links", label=_("course"))],
            heading=_("Rules"),
        ),
        FieldPanel("body"),
    ]
    parent_page_types = ["campaigns.CampaignIndexPage"]
    subpage_types: list[str] = []
    template = "campaigns/campaign.html"
    base_form_class = CampaignPageForm

    class Meta:
        verbose_name = _("campaign page")
        verbose_name_plural = _("campaign pages")

    def permissions_for_user(self, user) -> CampaignPermissionTester:
        return CampaignPermissionTester(user, self)

    def searchable_text(self) -> list[str]:
        return [str(text) for text in self.body.stream_block.get_searchable_content(self.body)]


class CampaignCourseLink(Orderable):
    page = ParentalKey(CampaignPage, on_delete=models.CASCADE, related_name="course_links")
    course = models.ForeignKey(
        "courses.CoursePage", verbose_name=_("course"), on_delete=models.CASCADE, related_name="+"
    )

    panels = [PageChooserPanel("course")]


class CampaignQuerySet(models.QuerySet):
    def counting_at(self, moment) -> "CampaignQuerySet":
        """Campaigns in whose period `[starts_at, ends_at)` the moment lies and that are not closed."""
        return self.filter(starts_at__lte=moment, ends_at__gt=moment, closed_at__isnull=True)


class Campaign(models.Model):
    """The rule set in force; `key` is the page's translation key."""

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    title = models.CharField(max_length=255)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    points_per_completion = models.DecimalField(max_digits=6, decimal_places=2)
    area = models.ForeignKey("places.AdministrativeUnit", on_delete=models.PROTECT, related_name="campaigns")
    course_keys = models.JSONField(default=list, help_text="Translation keys of the courses that count.")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="closed_campaigns"
    )
    standings_at = models.DateTimeField(null=True, help_text="When the standings were last derived.")

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at"]
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(name="campaigns_campaign_period", condition=Q(ends_at__gt=models.F("starts_at"))),
            models.CheckConstraint(name="campaigns_campaign_points", condition=Q(points_per_completion__gt=0)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def last_moment(self):
        """The last moment that counts, for printing the last day: `ends_at` itself does not count any more."""
        return self.ends_at - timedelta(seconds=1)

    def state_at(self, moment) -> CampaignState:
        if self.closed_at is not None:
            return CampaignState.CLOSED
        if moment < self.starts_at:
            return CampaignState.PLANNED
        return CampaignState.RUNNING if moment < self.ends_at else CampaignState.ENDED


class CompetingUnit(models.Model):
    """A commune that competes, with the headcount its rate is computed over."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="competing_units")
    unit = models.ForeignKey("places.AdministrativeUnit", on_delete=models.PROTECT, related_name="+")
    headcount = models.PositiveIntegerField(null=True)
    headcount_confirmed_at = models.DateTimeField(null=True)
    headcount_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("competing unit")
        verbose_name_plural = _("competing units")
        constraints = [
            models.UniqueConstraint(name="campaigns_competingunit_once", fields=["campaign", "unit"]),
            models.CheckConstraint(
                name="campaigns_competingunit_headcount",
                condition=Q(headcount__isnull=True, headcount_confirmed_at__isnull=True)
                | Q(headcount__gte=1, headcount_confirmed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} · {self.unit_id}"


class ScoreEvent(models.Model):
    """Points for one deed, written once and never changed; `key` makes a deed count once however often it is sent."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="events")
    key = models.CharField(max_length=120)
    rule = models.CharField(max_length=30, choices=ScoreRule.choices)
    person = models.ForeignKey("people.Person", null=True, on_delete=models.SET_NULL, related_name="score_events")
    unit = models.ForeignKey(
        "places.AdministrativeUnit",
        on_delete=models.PROTECT,
        related_name="score_events",
        help_text="The unit the person lived in on that day.",
    )
    competing_unit = models.ForeignKey(CompetingUnit, on_delete=models.PROTECT, related_name="events")
    points = models.DecimalField(max_digits=8, decimal_places=2)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("score event")
        verbose_name_plural = _("score events")
        constraints = [
            models.UniqueConstraint(name="campaigns_scoreevent_once", fields=["campaign", "key"]),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} · {self.key}"


class PendingEvent(models.Model):
    """The outbox of events that the standings do not contain yet; written with the event, removed by the roll-up."""

    event = models.OneToOneField(ScoreEvent, on_delete=models.CASCADE, primary_key=True, related_name="pending")

    def __str__(self) -> str:
        return str(self.pk)


class Standing(models.Model):
    """Where a unit stands; derived from the events and rebuilt from them to the same numbers. Close freezes it."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="standings")
    competing_unit = models.OneToOneField(CompetingUnit, on_delete=models.CASCADE, related_name="standing")
    completions = models.PositiveIntegerField(default=0)
    points = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    rate = models.DecimalField(
        max_digits=7, decimal_places=4, null=True, help_text="Completions per inhabitant; null: no headcount."
    )
    rank_by_points = models.PositiveIntegerField(null=True)
    rank_by_rate = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")

    def __str__(self) -> str:
        return f"{self.competing_unit_id}: {self.points}"
