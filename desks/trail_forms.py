"""Which entries of the audit trail to show."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.folding import fold
from ledger.actions import all_actions, names_of
from ledger.enums import AuditKind
from ledger.models import AuditEntryQuerySet


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("Enter a day, for example 01/11/2026.")},
    )


class TrailForm(forms.Form):
    """Days, kind, action, who; everything may be left open."""

    tu = _day(_("From"))
    den = _day(_("Until"))
    loai = forms.ChoiceField(label=_("Kind"), required=False)
    viec = forms.ChoiceField(label=_("What was done"), required=False)
    ai = forms.CharField(label=_("Who did it"), required=False, max_length=100, help_text=_("Name or user name"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = sorted((str(action.title), action.name) for action in all_actions())
        self.fields["loai"].choices = [("", _("All kinds")), *AuditKind.choices]
        self.fields["viec"].choices = [("", _("Everything")), *((name, title) for title, name in titles)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first: date | None = cleaned.get("tu")
        last: date | None = cleaned.get("den")
        if first and last and last < first:
            self.add_error("den", _("This day lies before the first one."))
        return cleaned

    def selected(self, entries: AuditEntryQuerySet) -> AuditEntryQuerySet:
        """Those of `entries` that the form describes, the latest first; none while it has errors."""
        if not self.is_valid():
            return entries.none()
        cleaned = self.cleaned_data
        if cleaned["tu"]:
            entries = entries.filter(at__gte=clock.start_of(cleaned["tu"]))
        if cleaned["den"]:
            entries = entries.filter(at__lt=clock.start_of(cleaned["den"] + clock.ONE_DAY))
        if cleaned["loai"]:
            entries = entries.filter(action__in=names_of(cleaned["loai"]))
        if cleaned["viec"]:
            entries = entries.filter(action=cleaned["viec"])
        for word in cleaned["ai"].split():
            named = Q(actor__name_folded__contains=fold(word))
            entries = entries.filter(named | Q(actor__username__icontains=word))
        return entries.order_by("-at", "-id")
