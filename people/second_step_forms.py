"""Forms of the second step: digits of an app, recovery codes, keys."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as key_forms
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from people.exceptions import TooManyWrongDigits
from people.forms import CodeField
from people.operations.codes import second_step_try

# Digits


class _CountedDigits:
    user: Any

    def clean_code(self) -> str:
        try:
            with second_step_try(self.user.pk):
                return super().clean_code()  # type: ignore[misc]
        except TooManyWrongDigits as error:
            raise ValidationError(str(error), code=error.code) from None


class DigitsForm(_CountedDigits, mfa_forms.AuthenticateForm):
    code = CodeField(label=_("Code"), help_text=_("Six digits from the app, or one of your recovery codes"))


class DigitsAgainForm(_CountedDigits, mfa_forms.ReauthenticateForm):
    code = CodeField(label=_("Code"), help_text=_("Six digits from the app, or one of your recovery codes"))


class SetUpAppForm(ActivateTOTPForm):
    code = CodeField(label=_("Code"), help_text=_("The six digits that the app shows now"))

    @property
    def key_to_type(self) -> str:
        """The app's key in groups of four, which is how people copy long keys."""
        return " ".join(self.secret[start : start + 4] for start in range(0, len(self.secret), 4))


# Keys

# What `fido2` raises for an answer that no browser would send; allauth expects the first kind or two of them.
_MALFORMED = (
    TypeError,
    ValueError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    RecursionError,
    struct.error,
)


@contextmanager
def _malformed_is_wrong() -> Iterator[None]:
    try:
        yield
    except _MALFORMED:
        raise get_adapter().validation_error("incorrect_code") from None


class _AnswerField(forms.JSONField):
    """What a browser's key answered."""

    def __init__(self) -> None:
        wrong = get_adapter().error_messages["incorrect_code"]
        super().__init__(widget=forms.HiddenInput, error_messages={"required": wrong, "invalid": wrong})

    def to_python(self, value: Any) -> Any:
        with _malformed_is_wrong():
            return super().to_python(value)


class AddKeyForm(key_forms.AddWebAuthnForm):
    """A passkey with a name by which its owner tells it from others."""

    name = forms.CharField(
        label=_("Name of the key"),
        help_text=_("For example: my phone"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    credential = _AnswerField()

    def clean(self) -> dict[str, Any]:
        with _malformed_is_wrong():
            cleaned = super().clean()
            if cleaned.get("credential"):  # whatever reads it later must not break on it either
                Authenticator(data={"credential": cleaned["credential"]}, type="webauthn").wrap().is_passwordless  # noqa: B018
        return cleaned


class KeyForm(key_forms.AuthenticateWebAuthnForm):
    credential = _AnswerField()

    def clean_credential(self) -> Authenticator:
        with _malformed_is_wrong():
            return super().clean_credential()


class KeyAgainForm(key_forms.ReauthenticateWebAuthnForm):
    credential = _AnswerField()

    def clean_credential(self) -> Authenticator:
        with _malformed_is_wrong():
            return super().clean_credential()
