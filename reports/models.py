"""Training targets of units, and the monthly reports that say how they stand."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.enums import Audience
from people.scopes import PEOPLE_READERS, reads_whole_site, role_units, within_any


class TrainingTarget(models.Model):
    """How many people of an audience a unit shall have trained in a year."""

    unit = models.ForeignKey("places.AdministrativeUnit", on_delete=models.PROTECT, related_name="training_targets")
    audience = models.CharField(max_length=20, choices=Audience.choices)
    year = models.PositiveSmallIntegerField()
    people = models.PositiveIntegerField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = _("training target")
        verbose_name_plural = _("training targets")
        constraints = [
            models.UniqueConstraint(name="reports_trainingtarget_once", fields=["unit", "audience", "year"]),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.audience} {self.year}: {self.people}"


class MonthlyReportQuerySet(models.QuerySet):
    def visible_to(self, user) -> "MonthlyReportQuerySet":
        """Reports of units the user looks after or audits."""
        if not user.is_authenticated:
            return self.none()
        if reads_whole_site(user):
            return self
        return self.filter(within_any("unit__present_path", role_units(user, *PEOPLE_READERS)))


class MonthlyReport(models.Model):
    """The figures of a unit and month as they stood at the cut-off; written once, never changed."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unit = models.ForeignKey("places.AdministrativeUnit", on_delete=models.PROTECT, related_name="monthly_reports")
    month = models.DateField(help_text="Its first day.")
    cut_off = models.DateTimeField(help_text="What was noted later stands in the next report.")
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    figures = models.JSONField(help_text="Numbers and names of places, no people; see `reports.figures.Figures`.")

    objects = MonthlyReportQuerySet.as_manager()

    class Meta:
        ordering = ["-month"]
        verbose_name = _("monthly report")
        verbose_name_plural = _("monthly reports")
        constraints = [
            models.UniqueConstraint(name="reports_monthlyreport_once", fields=["unit", "month"]),
            models.CheckConstraint(name="reports_monthlyreport_first_day", condition=Q(month__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.month:%Y-%m}"
