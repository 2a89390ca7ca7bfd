"""Forms of PINs, cards, shared devices, help, and moving to a number of one's own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from people.forms import ClaimForm, CodeField, GuardianFields, PhoneField
from people.models import Organisation
from people.operations.pins import LEAST_DIGITS, MOST_DIGITS
from people.rules import can_share_device
from people.scopes import PEOPLE_ROLES, is_site_administrator, role_units
from people.walk_in_forms import ResidenceField, residences_of
from places.models import AdministrativeUnit
from places.queries import home_province


class PinField(forms.CharField):
    """Digits that nobody beside the phone can read."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("PIN"))
        kwargs.setdefault("max_length", MOST_DIGITS)
        attrs = {"inputmode": "numeric", "autocomplete": "off", "maxlength": MOST_DIGITS}
        kwargs.setdefault("widget", forms.PasswordInput(attrs=attrs))
        kwargs.setdefault("error_messages", {"required": _("Type the PIN.")})
        super().__init__(**kwargs)


def _new_pin_hint() -> str:
    limits = {"least": LEAST_DIGITS, "most": MOST_DIGITS}
    return gettext("%(least)d to %(most)d digits, not your year of birth") % limits


NEW_PIN_HINT = lazy(_new_pin_hint, str)()


class PinForm(forms.Form):
    """The PIN of whoever is learning."""

    pin = PinField(label=_("Your PIN"))


class NewPinForm(forms.Form):
    """A PIN of one's own, typed twice."""

    new_pin = PinField(label=_("New PIN"), help_text=NEW_PIN_HINT)
    again = PinField(label=_("New PIN once more"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "new_pin" in data and "again" in data and data["new_pin"] != data["again"]:
            self.add_error("again", _("The two PINs differ. Type the same one twice."))
        return data


class ChangePinForm(NewPinForm):
    """Another PIN; the old one says that it is you."""

    pin = PinField(label=_("Present PIN"))
    field_order = ["pin", "new_pin", "again"]


class FirstPinForm(NewPinForm):
    """The first PIN on a shared device: whoever opened it types their code, too."""

    code = PinField(
        label=_("Code of the facilitator"),
        help_text=_("Ask whoever opened this device to type it"),
        error_messages={"required": _("Ask whoever opened this device to type their code.")},
    )
    field_order = ["new_pin", "again", "code"]


class CardCodeForm(forms.Form):
    """The code on a card; how it is written does not matter."""

    ma = forms.CharField(
        label=_("Code on your card"),
        help_text=_("Eight letters and digits, for example 7K3M-9QXB"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Type the code that stands on the card.")},
    )

    def clean_ma(self) -> str:
        return "".join(letter for letter in self.cleaned_data["ma"].upper() if letter.isalnum())


class OpenSharedForm(forms.Form):
    """For whom the device is, and the code that stays with whoever opens it."""

    place = forms.ChoiceField(
        label=_("Who learns on this device"), error_messages={"required": _("Choose a place or an organisation.")}
    )
    code = PinField(
        label=_("A code that only you know"),
        help_text=_("You type it to let somebody in who has no PIN yet. 4 to 6 digits."),
        error_messages={"required": _("Choose a code of 4 to 6 digits.")},
    )

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places: dict[str, AdministrativeUnit | Organisation] = {
            f"{kind}-{place.pk}": place for kind, place in _places_of(by)
        }
        choices = [
            (key, place.full_name if isinstance(place, AdministrativeUnit) else place.name)
            for key, place in self._places.items()
        ]
        self.fields["place"].choices = choices if len(choices) == 1 else [("", _("Choose a place")), *choices]

    @property
    def scope(self) -> dict[str, Any]:
        """What to open it for, as the operation takes it."""
        found = self._places[self.cleaned_data["place"]]
        return {"organisation" if isinstance(found, Organisation) else "unit": found}


def _places_of(user: Any) -> list[tuple[str, AdministrativeUnit | Organisation]]:
    """Units the user works in with people, and organisations they manage."""
    units = {unit.pk: unit for unit in role_units(user, *PEOPLE_ROLES)}
    province = home_province() if is_site_administrator(user) else None
    if province is not None:
        units.setdefault(province.pk, province)
    managed = Organisation.objects.managed_by(user).active().select_related("seat").order_by("name_folded", "id")
    found: list[tuple[str, AdministrativeUnit | Organisation]] = [
        ("unit", unit) for unit in units.values() if can_share_device(user, unit=unit)
    ]
    return found + [("organisation", organisation) for organisation in managed[:200]]


class HelpForm(GuardianFields):
    """Somebody who is present agrees that another person acts for them."""

    consent = forms.BooleanField(
        label=_("I read the text on data out, and the person agrees that I act for them now"),
        error_messages={"required": _("Ask the person, and tick this if they agree.")},
    )
    field_order = ["guardian_name", "consent"]


class MoveForm(forms.Form):
    """The number somebody will learn with."""

    phone = PhoneField(label=_("New phone number"))


class TakeOverForm(ClaimForm):
    """Taking one's record over with a number of one's own: the code was shown where the number was stated."""

    code = CodeField(
        label=_("Code of the move"), help_text=_("Six digits, shown on the phone or desk where the number was entered")
    )
    field_order = ["code", "guardian_name", "consent"]


class CardsForm(forms.Form):
    """Whose cards to print: a village or commune, or a name."""

    noi = ResidenceField(
        queryset=AdministrativeUnit.objects.none(), required=False, label=_("Village or commune"), empty_label=_("All")
    )
    q = forms.CharField(label=_("Name"), help_text=_("Letters without accents will do"), required=False, max_length=100)

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["noi"].queryset = residences_of(by)
        self.fields["noi"].to_field_name = "uuid"
