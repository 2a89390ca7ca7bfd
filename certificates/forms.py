"""What people type about certificates."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from certificates.operations import LONGEST_REASON
from certificates.queries import units_that_may_issue
from places.models import AdministrativeUnit


class VerifyForm(forms.Form):
    """The verification code; how it is written does not matter."""

    code = forms.CharField(
        label=_("Verification code"),
        help_text=_("It stands beside the square code, for example 7K3M-9QXA-2BTD. Dashes and capitals do not matter."),
        max_length=60,
        error_messages={"required": _("Type the code that stands on the certificate.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "inputmode": "text"}
        ),
    )


class SerialForm(forms.Form):
    """Number and holder of a paper without a code; how they are written does not matter."""

    serial = forms.CharField(
        label=_("Number on the paper"),
        help_text=_("As it is printed, for example 12/2024 or 0147/2026/CN-TS"),
        max_length=80,
        error_messages={"required": _("Type the number that stands on the paper.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label=_("Full name on the paper"),
        help_text=_("Letters without accents will do"),
        max_length=200,
        error_messages={"required": _("Type the name of whom the paper was given to.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class WithdrawForm(forms.Form):
    """Why a line of an old register does not count any more; whoever checks the paper reads this."""

    reason = forms.CharField(
        label=_("What is wrong with it?"),
        help_text=_("Everybody who checks the paper will read this sentence. Name no third person."),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why. Whoever checks the paper will read this.")},
    )


class RevokeForm(forms.Form):
    """Why a certificate loses its validity; whoever checks it reads this."""

    reason = forms.CharField(
        label=_("Why is it revoked?"),
        help_text=_("Everybody who checks the certificate will read this sentence. Name no third person."),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why the certificate is revoked. Whoever checks it will read this.")},
    )


class _UnitOfBodyField(forms.ModelChoiceField):
    """A province or commune in force, by name: `Đồng Tiến (xã, tỉnh Lam Giang)`."""

    def label_from_instance(self, unit: Any) -> str:
        above = f", {unit.parent.full_name}" if unit.parent and unit.parent.parent_id else ""
        return f"{unit.name} ({unit.get_kind_display()}{above})"


class IssuingBodyForm(WagtailAdminModelForm):
    """An issuing body. At most one stands without a unit: the one that issues wherever no other does."""

    unit = _UnitOfBodyField(
        label=_("unit"),
        queryset=AdministrativeUnit.objects.none(),
        required=False,
        empty_label=_("Everywhere else"),
        help_text=_("It issues for people living in this unit; empty: for everybody else."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units_that_may_issue()
