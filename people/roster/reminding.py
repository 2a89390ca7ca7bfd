"""Messages that ask members to start a course, or to sign in."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from common import clock
from common.phones import is_mobile
from ledger.enums import MessageChannel
from ledger.operations import send_message
from ledger.runs import JobRun
from people.models import Organisation, Person, Reminder
from people.roster.pace import Pace

PURPOSE = "reminder"


def send_reminders(
    run: JobRun, *, organisation_id: int, person_ids: list[int], course_key: str, course_title: str, course_url: str
) -> dict[str, int]:
    """Write one message to each person who has had none today. An interrupted run goes on with the rest.

    Whom none reaches because a budget of today is spent is counted as `left`; they may be reminded again today.
    """
    organisation = Organisation.objects.select_related("seat").get(pk=organisation_id)
    members = Person.objects.members_of(organisation).reachable().filter(pk__in=person_ids)
    people = list(members.select_related("account").order_by("pk"))
    key = UUID(course_key)
    pace = Pace(start=5, smallest=1, largest=50)
    sent, left = run.state.get("sent", 0), run.state.get("left", 0)
    done = 0
    for chunk in pace.chunks(people):
        with pace.timed(), run.step(done=done + len(chunk), total=len(people)):
            for person in chunk:
                words = {
                    "organisation": organisation.name,
                    "name": person.full_name,
                    "course": course_title,
                    "url": course_url,
                }
                with translation.override(settings.LANGUAGE_CODE):
                    text = _("%(organisation)s invites %(name)s to the course “%(course)s”. Start here: %(url)s")
                written = write_once_a_day(
                    person, text % words, organisation=organisation, course_key=key, by_id=run.owner_id
                )
                sent += written is True
                left += written is False
            run.state.update(sent=sent, left=left)
        done += len(chunk)
    return {"sent": sent, "left": left}


def write_once_a_day(
    person: Person, body: str, *, organisation: Organisation, course_key: UUID | None = None, by_id: int | None
) -> bool | None:
    """Send this as the day's one message: by text where one arrives, else to the e-mail address of the login.

    True when it is on its way, False when a budget of the day is spent, None when the person has had one today or
    nothing reaches them.
    """
    way = _way_to(person)
    if way is None:
        return None
    channel, to = way
    details = {"organisation": organisation, "course_key": course_key, "sent_by_id": by_id}
    try:
        with transaction.atomic():
            reminder = Reminder.objects.create(person=person, sent_on=clock.today(), **details)
    except IntegrityError:
        return None
    message = send_message(
        channel=channel, purpose=PURPOSE, to=to, subject=organisation.name, body=body, unit=organisation.seat
    )
    if message is None:
        reminder.delete()
    return message is not None


def _way_to(person: Person) -> tuple[MessageChannel, str] | None:
    if person.phone and is_mobile(person.phone):
        return MessageChannel.SMS, person.phone
    if person.account is not None and person.account.email:
        return MessageChannel.EMAIL, person.account.email
    return None
