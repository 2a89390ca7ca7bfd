"""What a facilitator who has scanned somebody's card may do for a class."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from common import clock
from events.models import ClassSession
from people.models import Person
from people.registry import HelpAction


def classes_to_mark(user: Any, person: Person) -> list[HelpAction]:
    """A button for each class of today in which the person is not marked yet."""
    today = ClassSession.objects.visible_to(user).open().filter(held_on=clock.today())
    sessions = today.exclude(attendances__person=person).select_related("unit")
    return [
        HelpAction(
            url=reverse("class_mark", args=[session.uuid]),
            label=_("Present at “%(course)s”") % {"course": session.course_title},
            fields={"card": "1", "person": str(person.uuid)},
        )
        for session in sessions
        if user.has_perm("events.hold_class", session)
    ]
