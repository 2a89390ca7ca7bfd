"""Forms of the admin: organisations, and roles given to logins."""

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
        fields = ("name", "kind", "seat", "registration_number", "valid_from", "valid_until")
