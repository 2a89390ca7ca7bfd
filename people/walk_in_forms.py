"""The form for walk-ins: somebody without an account, registered by a person who sits beside them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from people.forms import BirthYearField, GuardianFields, PhoneField, full_name_field
from people.models import Person
from people.registry import WalkInChoice, walk_in_choices
from people.scopes import PEOPLE_ROLES, is_site_administrator, role_units, within_any
from places.enums import Level
from places.models import AdministrativeUnit
from places.queries import communes_to_choose, home_province


class ResidenceField(forms.ModelChoiceField):
    """A commune or village that somebody looks after."""

    def label_from_instance(self, unit: AdministrativeUnit) -> str:
        if unit.level == Level.VILLAGE and unit.parent:
            return f"{unit.title}, {unit.parent.full_name}"
        return unit.title


def residences_of(user: User) -> Any:
    """Where a walk-in registered by this user may live: communes with their villages, above that communes alone."""
    units = AdministrativeUnit.objects.in_force().select_related("parent")
    if is_site_administrator(user):
        return communes_to_choose(home_province())
    scopes = role_units(user, *PEOPLE_ROLES)
    levels = [Level.COMMUNE]
    if all(unit.level in (Level.COMMUNE, Level.VILLAGE) for unit in scopes):
        levels.append(Level.VILLAGE)
    return units.filter(within_any("path", scopes), level__in=levels).order_by("level", "sort_key", "id")


class WalkInForm(GuardianFields):
    """Somebody without an account, registered by a person who sits beside them."""

    full_name = full_name_field()
    birth_year = BirthYearField()
    phone = PhoneField(
        required=False,
        mobile_only=False,
        help_text=_("If they have one; with it they can take their record over themselves"),
    )
    residence = ResidenceField(
        queryset=AdministrativeUnit.objects.none(),
        label=_("Village or commune"),
        empty_label=_("Choose a place"),
        error_messages={"required": _("Choose where the person lives.")},
    )
    consent = forms.BooleanField(
        label=_("I read the text on data out, and the person agrees"),
        error_messages={"required": _("Ask the person, and tick this if they agree.")},
    )

    def __init__(self, *args: Any, by: User, remembered: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {**(remembered or {}), **self.initial}
        self.fields["full_name"].widget.attrs["autofocus"] = True
        self.fields["phone"].widget.attrs["autocomplete"] = "off"
        self.fields["full_name"].widget.attrs["autocomplete"] = "off"
        self.fields["birth_year"].widget.attrs["autocomplete"] = "off"
        residences = residences_of(by)
        self.fields["residence"].queryset = residences
        if len(only := residences[:2]) == 1:
            self.fields["residence"].initial = only[0]
        self._asked: list[WalkInChoice] = []
        for asked in walk_in_choices():
            choices = list(asked.choices(by))
            if choices:
                self._asked.append(asked)
                self.fields[asked.name] = forms.ChoiceField(
                    label=asked.label, choices=[("", _("None for now")), *choices], required=False
                )
        last = ("guardian_name", "consent")
        self.order_fields([*(n for n in self.fields if n not in last), *last])

    def worth_remembering(self) -> dict[str, Any]:
        """What the next walk-in probably shares with this one: the place, and the answers to upper apps' questions."""
        kept = {asked.name: self.cleaned_data.get(asked.name, "") for asked in self._asked}
        return {"residence": self.cleaned_data["residence"].pk, **kept}

    def apply_choices(self, *, person: Person, by: User, at: datetime) -> None:
        """Do what was chosen from the questions of upper apps, for example enrol."""
        for asked in self._asked:
            value = self.cleaned_data.get(asked.name)
            if value:
                asked.apply(person=person, value=value, by=by, at=at)
