"""Who reads a lesson and what they did in its course: one query for name, lessons done and answers together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.http import HttpRequest

from content.prepared import Placeholders, PreparedQuery
from courses.guests import GuestRecord
from courses.models import LessonCompletion
from people.learners import SESSION_KEY
from people.models import Person
from quizzes.models import PracticeAnswer


@dataclass(frozen=True)
class Reader:
    """Somebody who reads a lesson. `name` stands in the header and is empty for a visitor without a login."""

    name: str = ""
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

    Who learns is decided as in `people.learners.current_learner`; read here together with what they did.
    """
    user = getattr(request, "user", None)
    session: Any = getattr(request, "session", {})
    if user is None or not user.is_authenticated:
        return _guest(session, course_key, question_ids)
    names: dict[int, str] = {}
    done: dict[int, set[UUID]] = {}
    answers: dict[int, dict[int, tuple[int, ...]]] = {}
    rows = _facts(len(question_ids)).rows(
        account=user.pk,
        course=course_key,
        **{f"question{place}": pk for place, pk in enumerate(question_ids)},
    )
    for kind, person, number, words in rows:
        if kind == "person":
            names[person] = words
        elif kind == "lesson":
            done.setdefault(person, set()).add(UUID(str(words)))
        else:
            answers.setdefault(person, {})[number] = tuple(json.loads(words))
    learner_id = _chosen(session.get(SESSION_KEY), names)
    if learner_id is None:
        guest = _guest(session, course_key, question_ids)
        return Reader(name=str(user), done=guest.done, answers=guest.answers)
    return Reader(
        name=names[learner_id].rsplit(" ", 1)[-1],
        learner_id=learner_id,
        done=frozenset(done.get(learner_id, ())),
        answers=answers.get(learner_id, {}),
    )


def _chosen(chosen: int | None, names: dict[int, str]) -> int | None:
    if chosen is not None:
        return chosen if chosen in names else None
    return next(iter(names)) if len(names) == 1 else None


def _guest(session: Any, course_key: UUID, question_ids: Sequence[int]) -> Reader:
    record = GuestRecord(session)
    return Reader(
        done=frozenset(record.done_in(course_key)),
        answers={pk: tuple(chosen) for pk, chosen in record.answers_to(question_ids).items()},
    )


@lru_cache(maxsize=32)
def _facts(questions: int) -> PreparedQuery:
    """Rows of (kind, person, number, words) about all persons of an account, for lessons with that many questions."""

    def build(places: Placeholders) -> QuerySet:
        account = places.number("account")
        parts = [
            _columns(Person.objects.learning().filter(account=account), "person", F("pk"), F("full_name")),
            _columns(
                LessonCompletion.objects.filter(person__account=account, course_key=places.key("course")),
                "lesson",
                F("person_id"),
                F("lesson_key"),
            ),
        ]
        if questions:
            asked = [places.number(f"question{place}") for place in range(questions)]
            answered = PracticeAnswer.objects.filter(person__account=account, question__in=asked)
            parts.append(_columns(answered, "answer", F("person_id"), F("chosen"), number=F("question_id")))
        return parts[0].union(*parts[1:], all=True)

    return PreparedQuery(build)


def _columns(rows: QuerySet, kind: str, person: F, words: F, number: Any = None) -> QuerySet:
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
