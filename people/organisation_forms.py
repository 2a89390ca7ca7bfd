"""Forms of the admin: organisations, and roles given to logins."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from accounts.models import User
from common import clock
from common.exceptions import DomainError
from common.folding import normalise_text
from common.phones import InvalidPhone, normalise_phone
from people.enums import Role
from people.models import Organisation, RoleAssignment
from people.operations import grant_role
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


class RoleForm(WagtailAdminModelForm):
    """A role for somebody who has a login. The scope is checked where the role is given."""

    login = forms.CharField(
        label=_("user name or phone number"), help_text=_("Of a login that is already there."), max_length=150
    )
    unit = UnitField(
        label=_("unit"),
        queryset=AdministrativeUnit.objects.none(),
        required=False,
        help_text=_("For officials and facilitators; for the others empty means the whole site."),
    )
    organisation = forms.ModelChoiceField(
        label=_("organisation"),
        queryset=Organisation.objects.none(),
        required=False,
        help_text=_("For managers of an organisation."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units_to_choose()
        self.fields["organisation"].queryset = Organisation.objects.active()

    def clean_login(self) -> User:
        """The login itself; an error when there is none."""
        text = normalise_text(self.cleaned_data["login"])
        found = User.objects.filter(username=text, is_active=True).first()
        if found is None:
            try:
                found = User.objects.filter(phone=normalise_phone(text), is_active=True).first()
            except InvalidPhone:
                found = None
        if found is None:
            raise forms.ValidationError(_("Nobody signs in with this name or number."))
        return found

    def grant(self, by: User) -> RoleAssignment | None:
        """Give the role of a valid form; None, with an error on the form, when its scope does not fit."""
        data = self.cleaned_data
        try:
            return grant_role(
                user=data["login"],
                role=Role(data["role"]),
                unit=data["unit"],
                organisation=data["organisation"],
                by=by,
            )
        except DomainError as error:
            self.add_error("role", str(error))
            return None

    class Meta:
        model = RoleAssignment
        fields = ("role", "unit", "organisation")

    def _get_validation_exclusions(self) -> set[str]:
        # The row is written by the operation; the constraints of a half-filled instance would only confuse.
        return {*super()._get_validation_exclusions(), "role", "unit", "organisation", "user"}

    def _post_clean(self) -> None:
        """Nothing to validate on the instance: `grant_role` says what fits."""
