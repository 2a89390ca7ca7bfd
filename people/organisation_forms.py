"""Forms of organisations: in the admin, and for ending one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from common import clock
from people.models import Organisation
from places.enums import Level
from places.models import AdministrativeUnit


def units_to_choose() -> QuerySet[AdministrativeUnit]:
    """Provinces and communes in force; those of the home province where one is set."""
    units = AdministrativeUnit.objects.in_force().filter(level__in=[Level.PROVINCE, Level.COMMUNE])
    if settings.HOME_UNIT:
        home = AdministrativeUnit.objects.in_force().at_level(Level.PROVINCE).filter(code=settings.HOME_UNIT).first()
        if home is not None:
            units = units.within(home)
    return units.select_related("parent").order_by("sort_key", "id")


class UnitField(forms.ModelChoiceField):
    """A province or commune by name: ``Đồng Tiến (xã, tỉnh Thanh Hoá)``."""

    def label_from_instance(self, unit: Any) -> str:
        above = f", {unit.parent.full_name}" if unit.parent and unit.parent.level == Level.PROVINCE else ""
        return f"{unit.name} ({unit.get_kind_display()}{above})"


class OrganisationForm(WagtailAdminModelForm):
    """An organisation and where it is seated."""

    seat = UnitField(label=_("seat"), queryset=AdministrativeUnit.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = units_to_choose()
        if self.instance.seat_id:
            # A seat that has since been merged stays choosable, and so does a village.
            units = units | AdministrativeUnit.objects.filter(pk=self.instance.seat_id).select_related("parent")
        self.fields["seat"].queryset = units
        if self.instance.pk is None:
            self.initial.setdefault("valid_from", clock.today())

    class Meta:
        model = Organisation
        # It ends on its own page, with its people and managers: `people.operations.organisations.end_organisation`.
        fields = ("name", "kind", "seat", "registration_number", "valid_from")


class _SuccessorField(forms.ModelChoiceField):
    """The organisation that goes on; None when there is none, which is said, too, and never taken for granted."""

    NONE = "none"

    def to_python(self, value: Any) -> Organisation | None:
        return None if value == self.NONE else super().to_python(value)


class EndOrganisationForm(forms.Form):
    """What became of an organisation. `others` may be chosen, those of them in `shown` stand on the page."""

    successor = _SuccessorField(
        label=_("What became of it?"),
        queryset=Organisation.objects.none(),
        to_field_name="uuid",
        required=False,
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"invalid_choice": _("This organisation has ended or is out of reach. Choose another one.")},
    )

    def __init__(
        self, *args: Any, others: QuerySet[Organisation], shown: QuerySet[Organisation], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = others
        self.fields["successor"].choices = [
            (_SuccessorField.NONE, _("It was dissolved; its people leave")),
            *(
                (one.uuid, _("Merged into %(name)s, %(seat)s") % {"name": one.name, "seat": one.seat.full_name})
                for one in shown
            ),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.data.get("successor"):
            self.add_error("successor", _("Choose what became of it."))
        return cleaned
