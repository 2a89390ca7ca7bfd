"""Choosing a unit on a form that works without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _

from places.enums import VILLAGE_KINDS
from places.models import AdministrativeUnit
from places.queries import communes_to_choose, home_province


def _kind_field(**kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=[(kind.value, kind.label) for kind in VILLAGE_KINDS],
        error_messages={"required": _("Choose a kind."), "invalid_choice": _("Choose a kind.")},
        **kwargs,
    )


class VillagesForm(forms.Form):
    """Villages of a commune: one a line, as typed or pasted from a column of a spreadsheet, or the file itself."""

    kind = _kind_field(label=_("What they are called here"), help_text=_("For lines that do not say it themselves"))
    names = forms.CharField(
        label=_("Names, one a line"),
        help_text=_("Type them, or copy the column from your spreadsheet and paste it here"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    file = forms.FileField(
        label=_("Or the file with the list"),
        help_text=_("Excel or CSV with a column “Tên thôn”"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.xlsm,.csv"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("names") and not cleaned.get("file"):
            self.add_error("names", _("Enter at least one village."))
        return cleaned


class VillageNameForm(forms.Form):
    """The kind and name of one village."""

    kind = _kind_field(label=_("Kind"))
    name = forms.CharField(
        label=_("Name or number"),
        max_length=100,
        error_messages={"required": _("Enter the name or the number of the village.")},
    )


class VillageChangeForm(forms.Form):
    """From when a change of villages counts and what decided it."""

    on = forms.DateField(
        label=_("From which day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": _("Enter a day, for example 01/11/2026."),
            "invalid": _("Enter a day, for example 01/11/2026."),
        },
    )
    decree = forms.CharField(
        label=_("Decision"), help_text=_("Number and day, as people will look it up"), required=False, max_length=200
    )


class VillageRenameForm(VillageChangeForm, VillageNameForm):
    """Another name or kind from a day on; also what several villages become."""

    field_order = ["kind", "name", "on", "decree"]


class VillageDivideForm(VillageChangeForm):
    """The parts of a village, from a day on."""

    names = forms.CharField(
        label=_("Names of the new villages, one a line"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Name at least two villages.")},
    )
    field_order = ["names", "on", "decree"]


class PlaceForm(forms.Form):
    """One of a few units, for example of those that took the place of a divided one."""

    place = forms.ChoiceField(
        label=_("Where do you live?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the places."), "invalid_choice": _("Choose one of the places.")},
    )

    def __init__(self, *args: Any, places: Iterable[AdministrativeUnit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {str(place.uuid): place for place in places}
        self.fields["place"].choices = [(key, place.title) for key, place in self.places.items()]

    def clean_place(self) -> AdministrativeUnit:
        return self.places[self.cleaned_data["place"]]


class _UnitChoices(ModelChoiceIterator):
    """Communes of one province as a plain list; of the whole country in one group for each province."""

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        groups = [
            (province, [self.choice(unit) for unit in units])
            for province, units in groupby(self.queryset, key=lambda unit: unit.parent)
        ]
        if len(groups) == 1:
            yield from groups[0][1]
            return
        for province, choices in groups:
            yield province.title, choices


class UnitChoiceField(forms.ModelChoiceField):
    """A commune in force, chosen from a <select> in Vietnamese order; the value is the official code.

    Offers the communes of `province`, or of the province that `settings.HOME_UNIT` names, or of the whole
    country (150 kB of options: name a province where one is known). `clean` returns the unit with its
    `parent` loaded.
    """

    iterator = _UnitChoices
    default_error_messages = {"invalid_choice": _("Choose a commune or ward from the list.")}

    def __init__(self, *, province: AdministrativeUnit | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Commune or ward"))
        kwargs.setdefault("empty_label", _("Choose a commune or ward"))
        self.province = province
        super().__init__(queryset=AdministrativeUnit.objects.none(), to_field_name="code", **kwargs)

    def __deepcopy__(self, memo: dict[int, Any]) -> UnitChoiceField:
        # A form class lives as long as the process, and today's units are not those of the day it started.
        result = super().__deepcopy__(memo)
        result.queryset = communes_to_choose(self.province or home_province())
        return result

    def label_from_instance(self, unit: AdministrativeUnit) -> str:
        """``Đồng Tiến (xã)``: the name first, which is what the list is sorted by."""
        return f"{unit.name} ({unit.get_kind_display()})"

    def prepare_value(self, value: Any) -> Any:
        return value.code if isinstance(value, AdministrativeUnit) else super().prepare_value(value)
