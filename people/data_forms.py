"""Forms about one's data: what should be different, and what is answered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.phones import format_phone
from people.forms import BirthYearField, PhoneField, full_name_field
from people.models import DataRequest, Person
from places.forms import UnitChoiceField
from places.models import AdministrativeUnit


class CorrectionForm(forms.Form):
    """What is wrong with one's record; empty fields stay as they are."""

    full_name = full_name_field(required=False)
    birth_year = BirthYearField(required=False)
    phone = PhoneField(required=False, mobile_only=False)
    words = forms.CharField(
        label=_("In your own words"),
        help_text=_("For example a new commune, or what is wrong on a certificate"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def wanted(self, person: Person) -> dict[str, Any]:
        """The fields that say something else than the record does."""
        found = {name: self.cleaned_data.get(name) for name in ("full_name", "birth_year", "phone")}
        return {name: value for name, value in found.items() if value and value != getattr(person, name)}


class ErasureForm(forms.Form):
    """The wish to be forgotten, said on purpose."""

    sure = forms.BooleanField(
        label=_("I want my data erased, and I know that it cannot be brought back"),
        error_messages={"required": _("Tick this if you are sure.")},
    )


class AnswerForm(forms.Form):
    """The record as it will be, for whoever answers a correction."""

    full_name = full_name_field()
    birth_year = BirthYearField(required=False)
    phone = PhoneField(required=False, mobile_only=False)
    residence = UnitChoiceField(required=False, empty_label=_("Not known"))
    answer = forms.CharField(
        label=_("What you tell the person"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, request: DataRequest, **kwargs: Any) -> None:
        person = request.person
        assert person is not None  # an open request has its person
        self.village = person.residence if person.residence and person.residence.level == "village" else None
        initial = {
            "full_name": person.full_name,
            "birth_year": person.birth_year,
            "residence": self.village.parent if self.village else person.residence,
            **request.wanted,
        }
        # As people write it, and as the hint beside it says.
        initial["phone"] = format_phone(request.wanted.get("phone") or person.phone)
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["birth_year"].widget.attrs["autocomplete"] = "off"

    def place(self) -> AdministrativeUnit | None:
        """The place chosen; the village of before where its commune stays."""
        chosen = self.cleaned_data["residence"]
        if self.village is not None and chosen == self.village.parent:
            return self.village
        return chosen


class RefusalForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The person reads it"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Give the reason; the person reads it.")},
    )
