"""Forms of signing in, of one's account, of persons and of walk-ins."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.core import context, ratelimit
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common import clock
from common.exceptions import DomainError
from common.phones import InvalidPhone, normalise_phone
from people.exceptions import (
    BirthYearInvalid,
    CodeLocked,
    CodeWrong,
    ConsentMissing,
    GuardianMissing,
    NameInvalid,
    NameTooLong,
    OutsideScope,
    PinLocked,
    PinTooSimple,
    PinUnfit,
    PinWrong,
    SameNumber,
)
from people.models import Person
from people.operations.codes import check_sent_code
from people.operations.persons import FIRST_BIRTH_YEAR
from places.forms import UnitChoiceField
from places.models import AdministrativeUnit
from places.queries import communes_to_choose, home_province

# Fields


class PhoneField(forms.CharField):
    """A mobile number in any form people write it; the value is E.164. What was typed stays on an error."""

    def __init__(self, *, mobile_only: bool = True, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Phone number"))
        kwargs.setdefault("help_text", _("10 digits, starting with 0"))
        kwargs.setdefault("max_length", 30)
        kwargs.setdefault("widget", forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}))
        kwargs.setdefault("error_messages", {"required": _("Enter your phone number.")})
        self.mobile_only = mobile_only
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        value = super().clean(value)
        if not value:
            return ""
        try:
            return normalise_phone(value, mobile_only=self.mobile_only)
        except InvalidPhone as error:
            raise ValidationError(str(error), code=error.code) from None


class CodeField(forms.CharField):
    """Digits from a text or an app; phones offer the code from the text by themselves."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 20)
        kwargs.setdefault(
            "widget",
            forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
        )
        kwargs.setdefault("error_messages", {"required": _("Enter the six digits.")})
        super().__init__(**kwargs)


class BirthYearField(forms.IntegerField):
    """A year of somebody alive; the operation that keeps the person holds the same rule."""

    def __init__(self, **kwargs: Any) -> None:
        wrong = _("Enter the year of birth with four digits, for example 1961.")
        kwargs.setdefault("label", _("Year of birth"))
        kwargs.setdefault("help_text", _("Four digits, for example 1961"))
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "bday-year"}))
        kwargs.setdefault("error_messages", {"required": wrong, "invalid": wrong})
        super().__init__(**kwargs)

    def validate(self, value: int | None) -> None:
        super().validate(value)
        if value is not None and not FIRST_BIRTH_YEAR <= value <= clock.today().year:
            raise ValidationError(self.error_messages["invalid"], code="invalid")


def full_name_field(*, required: bool = True) -> forms.CharField:
    return forms.CharField(
        required=required,
        label=_("Full name"),
        help_text=_("As it shall stand on the certificate"),
        max_length=Person._meta.get_field("full_name").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autocapitalize": "words"}),
        error_messages={"required": _("Enter the full name.")},
    )


def _words(form: forms.BaseForm, **labels: tuple[Any, Any]) -> None:
    """Set label and hint of fields that allauth made, and take its placeholders away: the label stands above."""
    for name, (label, hint) in labels.items():
        form.fields[name].label = label
        form.fields[name].help_text = hint
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


PASSWORD_HINT = _("At least 8 characters; a short sentence is easy to remember")
REPEAT_HINT = _("So that no slip of the finger locks you out")


# Signing in


class PhoneForm(forms.Form):
    """Where the code goes to. Known and new numbers alike."""

    phone = PhoneField()

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"]
        if not ratelimit.consume(context.request, action="request_login_code", key=phone):
            raise ValidationError(
                _("Too many codes were asked for. Wait ten minutes; the last one may still work."),
                code="too_many_codes",
            )
        return phone


def _check_code(actual: str, *, expected: str, phone: str) -> None:
    address = get_adapter().get_client_ip(context.request)
    try:
        check_sent_code(actual=actual, expected=expected, phone=phone, address=address)
    except DomainError as error:
        raise ValidationError(str(error), code=error.code) from None


class CodeForm(forms.Form):
    """The code from the text."""

    code = CodeField(label=_("Code in the message"))

    def __init__(self, *args: Any, code: str = "", phone: str = "", **kwargs: Any) -> None:
        self._expected = {"expected": code, "phone": phone}
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        _check_code(self.cleaned_data["code"], **self._expected)
        return self.cleaned_data["code"]


class PasswordForm(account_forms.LoginForm):
    """User name or phone in any form, and the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _words(self, login=(_("User name or phone number"), ""), password=(_("Password"), ""))
        self.fields["login"].error_messages["required"] = _("Enter your user name or phone number.")
        self.fields["password"].error_messages["required"] = _("Enter your password.")
        self.fields["login"].widget.attrs.update(autocomplete="username", autocapitalize="none", spellcheck="false")

    def clean_login(self) -> str:
        login = super().clean_login()
        try:
            return normalise_phone(login)
        except InvalidPhone:
            return login


class SignUpForm(account_forms.SignupForm):
    """A user name and a password, for those without a phone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _words(
            self,
            username=(_("User name"), _("Letters and digits without spaces, for example ngocanh1961")),
            password1=(_("Password"), PASSWORD_HINT),
            password2=(_("Password once more"), REPEAT_HINT),
        )
        self.fields["username"].widget.attrs.update(autocapitalize="none", spellcheck="false")
        self.fields["username"].error_messages["required"] = _("Choose a user name.")
        self.fields["password1"].error_messages["required"] = _("Choose a password.")
        self.fields["password2"].error_messages["required"] = _("Type the password once more.")


# One's account


class ChangePhoneForm(account_forms.ChangePhoneForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _words(self, phone=(_("New phone number"), _("10 digits, starting with 0")))


class VerifyPhoneForm(account_forms.VerifyPhoneForm):
    """The code that was sent to a new number of one's own."""

    code = CodeField(label=_("Code in the message"))

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        _check_code(code, expected=self.expected_code or "", phone=self.phone or "")
        return super().clean_code()


class ChangePasswordForm(account_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _words(
            self,
            oldpassword=(_("Current password"), ""),
            password1=(_("New password"), PASSWORD_HINT),
            password2=(_("New password once more"), REPEAT_HINT),
        )


class SetPasswordForm(account_forms.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _words(
            self,
            password1=(_("New password"), PASSWORD_HINT),
            password2=(_("New password once more"), REPEAT_HINT),
        )


class ReauthenticateForm(account_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _words(self, password=(_("Password"), ""))


# Persons


class ConsentForm(forms.Form):
    """Never ticked beforehand; without it nothing is kept."""

    consent = forms.BooleanField(
        label=_("I agree that my learning record is kept"),
        error_messages={"required": _("Tick this if you agree. Without it no learning record can be kept.")},
    )


class GuardianFields(forms.Form):
    """For a child: the name of the parent or guardian who agrees, too. Asked for once the year of birth says so."""

    guardian_name = forms.CharField(
        label=_("Parent or guardian"),
        help_text=_("Full name of whoever agrees together with the child"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "words"}),
    )

    @property
    def asks_guardian(self) -> bool:
        """Whether the field is to be shown: the form said so, or somebody typed into it."""
        return bool(self.is_bound and (self.errors.get("guardian_name") or self["guardian_name"].data))


class ClaimForm(GuardianFields, ConsentForm):
    """Taking a record over, or starting to learn again."""


class NewPersonForm(GuardianFields, ConsentForm):
    """Who is learning, in their own words."""

    full_name = full_name_field()
    birth_year = BirthYearField()
    residence = UnitChoiceField(
        help_text=_("What you finish counts for this place"),
        error_messages={"required": _("Choose your commune or ward.")},
    )
    field_order = ["full_name", "birth_year", "residence", "guardian_name", "consent"]

    def __init__(self, *args: Any, province: AdministrativeUnit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["residence"].queryset = communes_to_choose(province or home_province())


_FIELD_OF_REFUSAL: dict[type[DomainError], str] = {
    NameInvalid: "full_name",
    NameTooLong: "full_name",
    BirthYearInvalid: "birth_year",
    InvalidPhone: "phone",
    ConsentMissing: "consent",
    OutsideScope: "residence",
    GuardianMissing: "guardian_name",
    PinWrong: "pin",
    PinLocked: "pin",
    PinUnfit: "new_pin",
    PinTooSimple: "new_pin",
    CodeWrong: "code",
    CodeLocked: "code",
    SameNumber: "phone",
}


def add_refusal(form: forms.BaseForm, error: DomainError) -> None:
    """Show why an operation refused, beside the field it is about where there is one."""
    name = next((name for kind, name in _FIELD_OF_REFUSAL.items() if isinstance(error, kind)), None)
    form.add_error(name if name in form.fields else None, str(error))
