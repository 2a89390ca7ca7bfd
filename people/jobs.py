"""The long work of `people`, as jobs of the ledger."""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common import clock
from ledger.kinds import job_kind
from ledger.models import Job
from ledger.runs import JobRun
from people.archives import archive_of
from people.cards import CARDS_A_STEP, bind, draw_cards, valid_cards
from people.learners import is_closed_to
from people.models import Person
from people.operations.data import apply_retention
from people.records import CARDS_KIND, EXPORT_KIND
from people.roster.applying import import_roster
from people.roster.reading import read_roster
from people.roster.reminding import send_reminders
from people.roster.undoing import take_back


@job_kind("people.read_roster", title=_("Reading the list"), max_attempts=3, lease_seconds=90)
def read_roster_job(run: JobRun, *, roster_id: int) -> dict[str, Any]:
    return read_roster(run, roster_id)


@job_kind("people.import_roster", title=_("Adding the people of the list"), lease_seconds=60)
def import_roster_job(run: JobRun, *, roster_id: int) -> dict[str, Any]:
    return import_roster(run, roster_id)


@job_kind("people.undo_roster", title=_("Taking the import back"), lease_seconds=60)
def undo_roster_job(run: JobRun, *, roster_id: int) -> dict[str, Any]:
    return take_back(run, roster_id)


@job_kind("people.send_reminders", title=_("Sending reminders"))
def send_reminders_job(run: JobRun, **params: Any) -> dict[str, Any]:
    return send_reminders(run, **params)


def _is_open(request: HttpRequest, job: Job) -> bool:
    """A copy of somebody's data is for the session that has been told their PIN, not for all who share the login."""
    person = Person.objects.select_related("residence").filter(pk=job.params.get("person_id")).first()
    return person is None or not is_closed_to(request, person)


@job_kind(EXPORT_KIND, title=_("Your data as a file"), door=_is_open, own_data=True)
def export_person_job(run: JobRun, *, person_id: int) -> dict[str, Any]:
    """One ZIP for the login that asked; a person who was erased meanwhile has none."""
    person = Person.objects.select_related("residence__parent__parent").filter(pk=person_id).first()
    if person is None:
        return {"bytes": 0}
    content, name = archive_of(person, at=clock.now())
    run.attach(ContentFile(content), name)
    return {"bytes": len(content)}


@job_kind(CARDS_KIND, title=_("Learner cards for the printer"), max_attempts=3, lease_seconds=60)
def print_cards_job(run: JobRun, *, ids: list[int]) -> dict[str, Any]:
    """One PDF with these people's valid cards in this order; who has none any more is left out."""
    cards = {card.person_id: card for card in valid_cards(ids)}
    chosen = [cards[pk] for pk in ids if pk in cards]
    run.progress(0, len(chosen))
    sheets = []
    for start in range(0, len(chosen), CARDS_A_STEP):
        sheets.append(draw_cards(chosen[start : start + CARDS_A_STEP]))
        run.progress(min(start + CARDS_A_STEP, len(chosen)), len(chosen))
    if chosen:
        run.attach(ContentFile(bind(sheets, len(chosen))), f"the-hoc-{len(chosen)}-{clock.today():%Y-%m-%d}.pdf")
    return {"printed": len(chosen), "left_out": len(ids) - len(chosen)}


@job_kind("people.apply_retention", every=24 * 60 * 60, lease_seconds=600)
def apply_retention_job(run: JobRun) -> dict[str, Any]:
    return dict(apply_retention(dry_run=False))
