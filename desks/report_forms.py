"""Targets of a unit and those below it, for one audience and year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from places.models import AdministrativeUnit
from reports.operations import MOST_PEOPLE


class TargetsForm(forms.Form):
    """A number for each unit; an empty one means that no target is set."""

    def __init__(
        self, *args: Any, units: Sequence[AdministrativeUnit], known: Mapping[int, int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        wrong = _("Enter a number of people, for example 250.")
        self.units = {f"unit_{unit.pk}": unit for unit in units}
        for name, unit in self.units.items():
            self.fields[name] = forms.IntegerField(
                label=unit.title,
                required=False,
                min_value=0,
                max_value=MOST_PEOPLE,
                initial=known.get(unit.pk),
                widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
                error_messages={"invalid": wrong, "min_value": wrong, "max_value": wrong},
            )

    def people(self) -> dict[AdministrativeUnit, int | None]:
        """What was entered. A field that was not sent at all changes nothing."""
        return {unit: self.cleaned_data[name] for name, unit in self.units.items() if name in self.data}
