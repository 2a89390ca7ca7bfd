"""Forms of roles: who gets one, and who takes several over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.exceptions import DomainError
from common.folding import normalise_text
from common.phones import InvalidPhone, normalise_phone
from people.enums import Role
from people.models import Organisation, RoleAssignment
from people.operations import grant_role
from people.operations.logins import open_login_for
from people.rules import SCOPES_OF_ROLE, can_grant
from places.enums import Level
from places.models import AdministrativeUnit

Place = AdministrativeUnit | Organisation


def scope_in(place: Place, role: Role) -> dict[str, Any] | None:
    """What `grant_role` takes to give the role at a place; the country is the whole site where the role can be.

    None where the role has no such scope.
    """
    if isinstance(place, Organisation):
        return {"organisation": place} if "organisation" in SCOPES_OF_ROLE[role] else None
    if place.level == Level.COUNTRY and None in SCOPES_OF_ROLE[role]:
        return {}
    return {"unit": place} if "unit" in SCOPES_OF_ROLE[role] else None


def roles_to_give(user: User, place: Place) -> list[Role]:
    """The roles that the user may give at a unit or in an organisation."""
    offered = ((role, scope_in(place, role)) for role in Role)
    return [role for role, scope in offered if scope is not None and can_grant(user, role, **scope)]


class ColleagueForm(forms.Form):
    """A login by user name or phone; a phone that nobody signs in with yet opens one, with the name."""

    login = forms.CharField(
        label=_("Phone number or user name"),
        help_text=_("A person without a login gets one for their phone number; a code to the phone signs in"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Enter a phone number or a user name.")},
    )
    full_name = forms.CharField(
        label=_("Full name"),
        help_text=_("Needed for a new phone number"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "words"}),
    )

    def clean(self) -> dict[str, Any]:
        """Puts the login into `user` when there is one, else its phone into `phone`."""
        cleaned = super().clean() or {}
        text = normalise_text(cleaned.get("login", ""))
        if not text:
            return cleaned
        try:
            phone = normalise_phone(text)
        except InvalidPhone:
            phone = ""
        found = User.objects.filter(phone=phone).first() if phone else User.objects.filter(username=text).first()
        if found is not None and not found.is_active:
            self.add_error("login", _("This account has been closed."))
        elif found is None and not phone:
            self.add_error("login", _("Nobody signs in with this name. Enter a phone number with ten digits."))
        elif found is None and not cleaned.get("full_name"):
            self.add_error("full_name", _("Nobody signs in with this number yet. Enter the full name, too."))
        return {**cleaned, "user": found, "phone": phone}

    def colleague(self, by: User) -> User:
        """The login of a valid form, opened where it is new. Raises `DomainError`."""
        data = self.cleaned_data
        return data["user"] or open_login_for(phone=data["phone"], full_name=data["full_name"], by=by)


class RoleForm(ColleagueForm):
    """A role at one place, perhaps until a day."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=(),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a role."), "invalid_choice": _("Choose a role from the list.")},
    )
    last_day = forms.DateField(
        label=_("Last day"),
        help_text=_("Empty: until somebody ends it"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("Enter a day, for example 30/11/2026.")},
    )
    field_order = ["role", "login", "full_name", "last_day"]

    def __init__(self, *args: Any, place: Place, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place, self.by = place, by
        roles = roles_to_give(by, place)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]
        if len(roles) == 1:
            self.fields["role"].initial = roles[0].value

    def grant(self) -> RoleAssignment:
        """Give the role of a valid form. Raises `DomainError`; the caller's transaction opens and grants at once."""
        data = self.cleaned_data
        role = Role(data["role"])
        last_day: date | None = data["last_day"]
        return grant_role(
            user=self.colleague(self.by),
            role=role,
            **(scope_in(self.place, role) or {}),
            until=last_day + timedelta(days=1) if last_day else None,
            by=self.by,
        )


_FIELD_OF_REFUSAL = {
    "people-name-invalid": "full_name",
    "people-name-too-long": "full_name",
    "people-role-ends-in-the-past": "last_day",
    "people-may-not-grant": "role",
    "people-same-login": "login",
}


def add_role_refusal(form: ColleagueForm, error: DomainError) -> None:
    """Show why a role was refused beside the field it is about."""
    name = _FIELD_OF_REFUSAL.get(error.code, "login")
    form.add_error(name if name in form.fields else None, str(error))
