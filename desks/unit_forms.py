"""Which certificates of a unit to list and to print."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.models import CertificateQuerySet
from certificates.queries import select_certificates
from places.models import AdministrativeUnit


class SelectionForm(forms.Form):
    """Place, course and days; everything may be left open."""

    place = forms.ChoiceField(label=_("Place"), required=False)
    subject = forms.ChoiceField(label=_("Course"), required=False)
    first_day = forms.DateField(
        label=_("Issued from"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("Enter a day, for example 01/11/2026.")},
    )
    last_day = forms.DateField(
        label=_("Issued until"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("Enter a day, for example 30/11/2026.")},
    )

    def __init__(
        self,
        *args: Any,
        unit: AdministrativeUnit,
        below: Iterable[AdministrativeUnit],
        subjects: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        self.places = {str(place.uuid): place for place in below}
        whole = _("All of %(unit)s") % {"unit": unit.full_name}
        self.fields["place"].choices = [("", whole), *((key, place.title) for key, place in self.places.items())]
        self.fields["subject"].choices = [("", _("All courses")), *subjects]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first: date | None = cleaned.get("first_day")
        last: date | None = cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("This day lies before the first one."))
        return cleaned

    def selected(self, certificates: CertificateQuerySet) -> CertificateQuerySet:
        """Those of `certificates` that the form describes, by given name; none while it has errors."""
        if not self.is_valid():
            return certificates.none()
        cleaned = self.cleaned_data
        return select_certificates(
            certificates,
            unit=self.places.get(cleaned["place"], self.unit),
            subject=cleaned["subject"],
            first_day=cleaned["first_day"],
            last_day=cleaned["last_day"],
        ).order_by("holder_key", "id")
