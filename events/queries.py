"""Classes of somebody's places, and the people of a class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from common.folding import fold, normalise_text
from events.models import Attendance, ClassSession
from people.models import LearnerCard, Person

FOUND_SHOWN = 8


@dataclass(frozen=True)
class OnTheList:
    """A person of a class, as its page shows them."""

    person: Person
    present: bool
    completed: bool

    @property
    def may_learn(self) -> bool:
        """Whether new facts may be written about them."""
        return self.person.learning_stopped_at is None


def classes_of(user: Any) -> QuerySet[ClassSession]:
    """Classes the user may see, latest first, with `entered` and `present`."""

    def counted(name: str) -> Coalesce:
        rows = ClassSession.objects.filter(pk=OuterRef("pk")).order_by()
        people = Count(name, filter=Q(**{f"{name}__person__merged_into": None}))
        return Coalesce(Subquery(rows.annotate(n=people).values("n")), 0)

    found = ClassSession.objects.visible_to(user).select_related("unit__parent")
    return found.annotate(entered=counted("registrations"), present=counted("attendances"))


def people_of_class(session: ClassSession, user: Any) -> list[OnTheList]:
    """Who is entered and may be seen by the user, by given name. Two queries."""
    people = Person.objects.visible_to(user).filter(class_registrations__session=session)
    present = dict(session.attendances.values_list("person", "completion"))
    return [
        OnTheList(person, person.pk in present, present.get(person.pk) is not None)
        for person in people.select_related("residence").order_by("name_key", "pk").distinct()
    ]


def holder_of(text: str, user: Any) -> Person | None:
    """The person the user looks after whose card has this code, or this address in its QR code."""
    text = normalise_text(text)[:200]
    token = text.rstrip("/").rpartition("/")[2]
    code = "".join(letter for letter in text.upper() if letter.isalnum())
    if not code:
        return None
    valid = LearnerCard.objects.valid()
    cards = valid.filter(token=token) | valid.filter(code=code)
    return Person.objects.helped_by(user).learning().filter(pk__in=cards.values("person")).first()


def who_is_meant(session: ClassSession, text: str, user: Any) -> list[Person]:
    """People the user looks after of this name, with or without accents; a few, those of the class first.

    Who is marked as present is left out.
    """
    if not text.strip():
        return []
    helped = Person.objects.helped_by(user).learning().select_related("residence")
    marked = Attendance.objects.filter(session=session).values("person")
    found = helped.search(text[:200]).exclude(pk__in=marked)
    entered = list(found.filter(class_registrations__session=session).order_by("name_key", "pk")[:FOUND_SHOWN])
    others = found.exclude(pk__in=[person.pk for person in entered]).order_by("name_key", "pk")
    return entered + list(others[: FOUND_SHOWN - len(entered)])


def has_words(person: Person, text: str) -> bool:
    """Whether the person would be found by this text."""
    return all(word in person.name_folded for word in fold(text).split())


def hidden_people(session: ClassSession, shown: int) -> int:
    """How many more people are entered than the `shown` ones."""
    return session.registrations.filter(person__merged_into=None).count() - shown
