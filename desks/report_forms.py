"""Targets of a unit and those below it, for one audience and year."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.figures import number
from places.models import AdministrativeUnit
from reports.operations import MOST_PEOPLE

_IN_GROUPS = re.compile(r"\d{1,3}(?:[.,\s]\d{3})+")


class PeopleField(forms.IntegerField):
    """A number of people as it is written here: `1250` or `1.250`."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> int | None:
        text = str(value).strip() if value is not None else ""
        if _IN_GROUPS.fullmatch(text):
            text = "".join(digit for digit in text if digit.isdigit())
        elif text and not (text.isascii() and text.removeprefix("-").isdigit()):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(text)

    def prepare_value(self, value: Any) -> Any:
        return number(value) if isinstance(value, int) else value


class TargetsForm(forms.Form):
    """A number for each unit; an empty one means that no target is set."""

    def __init__(
        self, *args: Any, units: Sequence[AdministrativeUnit], known: Mapping[int, int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        wrong = _("Enter a number of people, for example 250.")
        self.units = {f"unit_{unit.pk}": unit for unit in units}
        for name, unit in self.units.items():
            self.fields[name] = PeopleField(
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
