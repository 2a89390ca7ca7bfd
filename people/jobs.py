"""The long work of `people`, as jobs of the ledger."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from ledger.registry import job_kind
from ledger.runs import JobRun
from people.roster.applying import import_roster
from people.roster.reading import read_roster
from people.roster.reminding import send_reminders


@job_kind("people.read_roster", title=_("Reading the list"), max_attempts=3, lease_seconds=90)
def read_roster_job(run: JobRun, *, roster_id: int) -> dict[str, Any]:
    return read_roster(run, roster_id)


@job_kind("people.import_roster", title=_("Adding the people of the list"), lease_seconds=60)
def import_roster_job(run: JobRun, *, roster_id: int) -> dict[str, Any]:
    return import_roster(run, roster_id)


@job_kind("people.send_reminders", title=_("Sending reminders"))
def send_reminders_job(run: JobRun, **params: Any) -> dict[str, Any]:
    return send_reminders(run, **params)
