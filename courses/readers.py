"""Who reads a lesson and what they did in its course: one query for name, lessons done and answers together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest

from content.prepared import Placeholders, PreparedQuery
from courses.guests import GuestRecord
from courses.models import LessonCompletion
from people.learners import (
    HELP_KEY,
    SESSION_KEY,
    Standing,
    learns_by_other_means,
    pin_was_given,
    standing_of,
)
from people.models import Person
from quizzes.models import PracticeAnswer


@dataclass(frozen=True)
class Reader:
    """Somebody who reads a lesson. `name` stands in the header and is empty for a visitor without a login."""

    name: str = ""
    standing: str = ""
    """How they learn (`people.learners.Standing`); empty when nobody does."""
    learner_id: int | None = None
    done: frozenset[UUID] = frozenset()
    answers: dict[int, tuple[int, ...]] = field(default_factory=dict)

    @property
    def signed_in(self) -> bool:
        return bool(self.name)

    @property
    def has_something_to_keep(self) -> bool:
        """A visitor who did something that is lost with the session."""
        return not self.signed_in and bool(self.done or self.answers)


NOBODY = Reader()


def reader_of(request: HttpRequest, course_key: UUID, question_ids: Sequence[int]) -> Reader:
    """The reader behind a request: one query for a login, none for a guest.

    Who learns in a login's household is decided as in `people.learners.current_learner`, read here together with what
    they did; who learns by other means was found there.
    """
    user = getattr(request, "user", None)
    session: Any = getattr(request, "session", {})
    if user is None:
        return _guest(session, course_key, question_ids)
    if learns_by_other_means(request):
        learner = request.learner  # type: ignore[attr-defined]
        if learner:
            return _reader(request, {"person": learner.pk}, learner.pk, course_key, question_ids)
    if not user.is_authenticated:
        return _guest(session, course_key, question_ids)
    return _reader(request, {"account": user.pk}, session.get(SESSION_KEY), course_key, question_ids)


def _reader(
    request: HttpRequest, whose: dict[str, int], chosen: int | None, course_key: UUID, question_ids: Sequence[int]
) -> Reader:
    session: Any = request.session
    pins: dict[int, str] = {}
    names: dict[int, str] = {}
    done: dict[int, set[UUID]] = {}
    answers: dict[int, dict[int, tuple[int, ...]]] = {}
    rows = _facts(len(question_ids), *whose).rows(
        **whose,
        course=course_key,
        **{f"question{place}": pk for place, pk in enumerate(question_ids)},
    )
    for kind, person, number, words in rows:
        if kind == "person":
            pins[person], _space, names[person] = words.partition(" ")
        elif kind == "lesson":
            done.setdefault(person, set()).add(UUID(str(words)))
        else:
            answers.setdefault(person, {})[number] = tuple(json.loads(words))
    learner_id = _chosen(chosen, pins, session)
    if learner_id is None:
        guest = _guest(session, course_key, question_ids)
        return Reader(name=str(request.user), done=guest.done, answers=guest.answers)
    return Reader(
        name=names[learner_id].rsplit(" ", 1)[-1],
        standing=Standing.OWN if "account" in whose else standing_of(request) or "",
        learner_id=learner_id,
        done=frozenset(done.get(learner_id, ())),
        answers=answers.get(learner_id, {}),
    )


def _chosen(chosen: int | None, pins: dict[int, str], session: Any) -> int | None:
    """Of the persons with the hashes of their PINs, the one whom the session may learn as."""
    if chosen is not None:
        known = chosen in pins and (HELP_KEY in session or pin_was_given(session, pins[chosen]))
        return chosen if known else None
    return next((person for person, pin in pins.items() if not pin), None) if len(pins) == 1 else None


def _guest(session: Any, course_key: UUID, question_ids: Sequence[int]) -> Reader:
    record = GuestRecord(session)
    return Reader(
        done=frozenset(record.done_in(course_key)),
        answers={pk: tuple(chosen) for pk, chosen in record.answers_to(question_ids).items()},
    )


@lru_cache(maxsize=32)
def _facts(questions: int, whose: str) -> PreparedQuery:
    """Rows of (kind, person, number, words) for lessons with that many questions, about all persons of an `account` or
    about one `person`. The words of a person are the hash of the PIN, a space and the name."""

    def build(places: Placeholders) -> QuerySet:
        number = places.number(whose)
        own, theirs = ("pk", "person") if whose == "person" else ("account", "person__account")
        called = Concat(F("pin_hash"), Value(" "), F("full_name"))
        parts = [
            _columns(Person.objects.learning().filter(**{own: number}), "person", F("pk"), called),
            _columns(
                LessonCompletion.objects.filter(**{theirs: number}, course_key=places.key("course")),
                "lesson",
                F("person_id"),
                F("lesson_key"),
            ),
        ]
        if questions:
            asked = [places.number(f"question{place}") for place in range(questions)]
            answered = PracticeAnswer.objects.filter(**{theirs: number}, question__in=asked)
            parts.append(_columns(answered, "answer", F("person_id"), F("chosen"), number=F("question_id")))
        return parts[0].union(*parts[1:], all=True)

    return PreparedQuery(build)


def _columns(rows: QuerySet, kind: str, person: F, words: Any, number: Any = None) -> QuerySet:
    return (
        rows.order_by()
        .annotate(
            _kind=Value(kind, output_field=CharField()),
            _person=Cast(person, IntegerField()),
            _number=Cast(number if number is not None else Value(0), IntegerField()),
            _words=Cast(words, TextField()),
        )
        .values_list("_kind", "_person", "_number", "_words")
    )
