"""Forms of the organiser."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django import forms
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy as _

from campaigns.models import CompetingUnit
from common import clock
from courses.models import CoursePage
from places.enums import Level
from places.models import AdministrativeUnit


class CampaignForm(forms.Form):
    """A campaign in one sitting: name, dates, province, courses, points."""

    title = forms.CharField(label=_("Name of the campaign"), max_length=120)
    summary = forms.CharField(
        label=_("What it is about"), max_length=200, help_text=_("One or two sentences that people will read first.")
    )
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    last_day = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Courses completed until midnight of this day count."),
    )
    area = forms.ModelChoiceField(
        label=_("Province whose communes compete"),
        queryset=AdministrativeUnit.objects.none(),
        empty_label=_("Choose a province"),
    )
    courses = forms.ModelMultipleChoiceField(
        label=_("Courses that count"),
        queryset=CoursePage.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    points = forms.DecimalField(
        label=_("Points for each completed course"),
        min_value=1,
        max_value=1000,
        max_digits=6,
        decimal_places=2,
        initial=1,
    )

    def __init__(self, *args, areas: list[AdministrativeUnit | None], locale, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        provinces = AdministrativeUnit.objects.in_force().at_level(Level.PROVINCE)
        if None not in areas:
            provinces = provinces.filter(pk__in=[area.pk for area in areas if area])
        self.fields["area"].queryset = provinces.order_by("sort_key")
        self.fields["courses"].queryset = CoursePage.objects.live().filter(locale=locale).order_by("title")

    def clean(self) -> dict:
        data = super().clean()
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day lies before the first day."))
        if last and last < clock.today():
            self.add_error("last_day", _("The last day is already over."))
        return data

    def period(self) -> tuple[datetime, datetime]:
        """The half-open period: from the first day's midnight to the midnight after the last day."""
        first, last = self.cleaned_data["first_day"], self.cleaned_data["last_day"]
        start = make_aware(datetime.combine(first, time.min))
        end = make_aware(datetime.combine(last + timedelta(days=1), time.min))
        return start, end


class HeadcountForm(forms.Form):
    """The confirmed number of inhabitants of each commune shown on one page."""

    def __init__(self, *args, units: list[CompetingUnit], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for unit in units:
            self.fields[f"unit-{unit.unit_id}"] = forms.IntegerField(
                label=unit.unit.title,
                required=False,
                min_value=1,
                max_value=2_000_000,
                initial=unit.headcount,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )

    def headcounts(self) -> dict[int, int | None]:
        return {int(name.removeprefix("unit-")): value for name, value in self.cleaned_data.items()}
