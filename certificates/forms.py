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
