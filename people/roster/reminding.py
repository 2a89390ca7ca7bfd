"""Texts that ask members to start a course."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from common import clock
from common.phones import is_mobile
from ledger.operations import send_message
from ledger.runs import JobRun
from people.models import Organisation, Person, Reminder
from people.roster.pace import Pace

PURPOSE = "reminder"


def reachable(phone: str) -> bool:
    """Whether a text can be sent to this number at all."""
    return bool(phone) and is_mobile(phone)


def send_reminders(
    run: JobRun, *, organisation_id: int, person_ids: list[int], course_key: str, course_title: str, course_url: str
) -> dict[str, int]:
    """Write one text for each person who has had none today. An interrupted run goes on with the rest.

    Whom no text reaches because a budget of today is spent is counted as `left`; they may be reminded again today.
    """
    organisation = Organisation.objects.select_related("seat").get(pk=organisation_id)
    people = list(Person.objects.members_of(organisation).reachable().filter(pk__in=person_ids).order_by("pk"))
    key = UUID(course_key)
    pace = Pace(start=5, smallest=1, largest=50)
    sent, left = run.state.get("sent", 0), run.state.get("left", 0)
    done = 0
    for chunk in pace.chunks(people):
        with pace.timed(), run.step(done=done + len(chunk), total=len(people)):
            for person in chunk:
                if not reachable(person.phone):
                    continue
                reminder = _first_today(person, key, organisation_id, run.owner_id)
                if reminder is None:
                    continue
                words = {
                    "organisation": organisation.name,
                    "name": person.full_name,
                    "course": course_title,
                    "url": course_url,
                }
                with translation.override(settings.LANGUAGE_CODE):
                    text = _("%(organisation)s invites %(name)s to the course “%(course)s”. Start here: %(url)s")
                message = send_message(
                    channel="sms", purpose=PURPOSE, to=person.phone, body=text % words, unit=organisation.seat
                )
                if message is None:
                    reminder.delete()
                    left += 1
                else:
                    sent += 1
            run.state.update(sent=sent, left=left)
        done += len(chunk)
    return {"sent": sent, "left": left}


def _first_today(person: Person, course_key: UUID, organisation_id: int, by_id: int | None) -> Reminder | None:
    """Claim today's one reminder for this person; None when somebody has sent it."""
    details: dict[str, Any] = {"organisation_id": organisation_id, "course_key": course_key, "sent_by_id": by_id}
    try:
        with transaction.atomic():
            return Reminder.objects.create(person=person, sent_on=clock.today(), **details)
    except IntegrityError:
        return None
