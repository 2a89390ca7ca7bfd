"""Forms of classes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clock
from courses.queries import published_courses
from events.models import ClassSession
from people.walk_in_forms import ResidenceField, residences_of
from places.models import AdministrativeUnit


class ClassPlaceForm(forms.Form):
    """When and where."""

    held_on = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": _("Enter a day, for example 01/11/2026."),
            "invalid": _("Enter a day, for example 01/11/2026."),
        },
    )
    starts_at = forms.TimeField(
        label=_("Begins at"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": _("Enter a time, for example 19:30.")},
    )
    place = forms.CharField(
        label=_("Where"),
        help_text=_("For example: the culture house of the village"),
        max_length=ClassSession._meta.get_field("place").max_length,
        error_messages={"required": _("Say where people go.")},
    )


class ClassForm(ClassPlaceForm):
    """A new class."""

    course = forms.ChoiceField(
        label=_("Course"),
        error_messages={"required": _("Choose a course."), "invalid_choice": _("Choose a course.")},
    )
    unit = ResidenceField(
        queryset=AdministrativeUnit.objects.none(),
        label=_("Village or commune that holds it"),
        empty_label=_("Choose a place"),
        error_messages={
            "required": _("Choose a village or commune."),
            "invalid_choice": _("Choose a village or commune."),
        },
    )
    field_order = ["course", "held_on", "starts_at", "unit", "place"]

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        courses = published_courses(get_language() or "vi")
        self.fields["course"].choices = [
            ("", _("Choose a course")),
            *((str(course.translation_key), course.title) for course in courses),
        ]
        units = residences_of(by)
        self.fields["unit"].queryset = units
        if len(only := units[:2]) == 1:
            self.fields["unit"].initial = only[0]
        self.fields["held_on"].initial = clock.today()

    def clean_course(self) -> UUID:
        return UUID(self.cleaned_data["course"])


class PaperListForm(forms.Form):
    """A list of people: typed or pasted, or the file itself."""

    lines = forms.CharField(
        label=_("One person a line"),
        help_text=_("Full name, then year of birth and phone number if they are known, with commas between"),
        max_length=30_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off"}),
    )
    file = forms.FileField(
        label=_("Or the file with the list"),
        help_text=_("Excel or CSV with a column “Họ và tên”"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.xlsm,.csv"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("lines") and not cleaned.get("file"):
            self.add_error("lines", _("Type or paste at least one name."))
        return cleaned
