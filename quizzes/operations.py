"""Attempts at a quiz and answers in a lesson. Courses and contests use the same four operations."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal
from random import SystemRandom

from django.db import transaction
from django.db.models import Max

from common import clock
from people.circumstances import circumstances_of, is_acted_for
from people.models import Person
from quizzes.enums import QuestionKind
from quizzes.exceptions import AttemptClosed, AttemptsUsedUp, HelpNotAllowed, NothingChosen, QuizEmpty, UnknownChoice
from quizzes.grading import WRONG, Asked, clean_chosen, grade_response, is_passed
from quizzes.models import Attempt, PracticeAnswer, Question, Quiz, Response
from quizzes.signals import attempt_submitted

GRACE = timedelta(seconds=30)
"""An answer that left the phone in time may arrive this much after the end."""

_random = SystemRandom()


def start_attempt(*, quiz: Quiz, person: Person, at: datetime | None = None) -> Attempt:
    """The person's open attempt, or a new one with its questions drawn and frozen.

    Raises `AttemptsUsedUp`, `QuizEmpty`, and `HelpNotAllowed` where somebody acts for the person at such a test.
    """
    at = at or clock.now()
    if is_acted_for(person.pk) and not quiz.with_help:
        raise HelpNotAllowed()
    overdue = Attempt.objects.open().filter(quiz=quiz, person=person, due_at__lt=at - GRACE).first()
    if overdue is not None:  # before the person is locked: a submission locks the attempt first
        submit_attempt(attempt=overdue, at=at)
    with transaction.atomic():
        # The attempts of a person are counted, so two starts at once have to follow each other.
        Person.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)
        still_open = Attempt.objects.open().filter(quiz=quiz, person=person).first()
        if still_open is not None:
            return still_open
        used = Attempt.objects.filter(quiz=quiz, person=person).aggregate(last=Max("number"))["last"] or 0
        if quiz.max_attempts is not None and used >= quiz.max_attempts:
            raise AttemptsUsedUp(allowed=quiz.max_attempts)
        questions = draw_questions(quiz)
        attempt = Attempt.objects.create(
            quiz=quiz,
            person=person,
            number=used + 1,
            pass_mark=quiz.pass_mark,
            started_at=at,
            due_at=at + timedelta(minutes=quiz.time_limit_minutes) if quiz.time_limit_minutes else None,
            max_points=Decimal(len(questions)),
        )
        Response.objects.bulk_create(
            Response(
                attempt=attempt,
                position=position,
                question=question,
                asked=freeze_question(question, shuffle=quiz.shuffle),
            )
            for position, question in enumerate(questions, start=1)
        )
    return attempt


def draw_questions(quiz: Quiz) -> list[Question]:
    """Questions for one attempt, those that cannot be answered left out. Raises `QuizEmpty`."""
    questions = [
        question
        for question in quiz.questions.order_by("pk").prefetch_related("choices")
        if any(choice.is_correct for choice in question.choices.all())
    ]
    if not questions:
        raise QuizEmpty()
    if quiz.draw is not None and quiz.draw < len(questions):
        drawn = _random.sample(questions, quiz.draw)
        questions = drawn if quiz.shuffle else sorted(drawn, key=lambda question: question.pk)
    elif quiz.shuffle:
        _random.shuffle(questions)
    return questions


def freeze_question(question: Question, *, shuffle: bool) -> Asked:
    """The question as it is asked now, its choices shuffled if wished."""
    choices = list(question.choices.all())
    if shuffle:
        _random.shuffle(choices)
    return Asked(
        kind=question.kind,
        text=question.text,
        explanation=question.explanation,
        choices=[
            {"id": choice.pk, "text": choice.text, "correct": choice.is_correct, "feedback": choice.feedback}
            for choice in choices
        ],
    )


def save_answer(*, attempt: Attempt, position: int, chosen: Collection[int], at: datetime | None = None) -> Response:
    """Keep the answer to the question at `position` (from 1); nothing chosen clears it.

    Raises `AttemptClosed` after the end and its grace or once submitted, `UnknownChoice` for a position or a
    choice that was not offered, `HelpNotAllowed` as `start_attempt` does.
    """
    at = at or clock.now()
    if is_acted_for(attempt.person_id) and not attempt.quiz.with_help:
        raise HelpNotAllowed()
    with transaction.atomic():
        # Locks the attempt too: an answer is not taken while the attempt is being graded.
        response = (
            Response.objects.select_related("attempt")
            .select_for_update(no_key=True)
            .filter(attempt=attempt, position=position)
            .first()
        )
        if response is None:
            raise UnknownChoice()
        if response.attempt.submitted_at is not None or is_overdue(response.attempt, at):
            raise AttemptClosed()
        offered = [choice["id"] for choice in response.asked["choices"]]
        response.chosen = clean_chosen(response.asked["kind"], offered, chosen)
        response.answered_at = at if response.chosen else None
        circumstances = circumstances_of(attempt.person_id)
        response.acted_by_id = circumstances.acted_by_id if circumstances is not None else None
        response.save(update_fields=["chosen", "answered_at", "acted_by"])
    return response


def is_overdue(attempt: Attempt, at: datetime) -> bool:
    """Whether the end and its grace have passed, by the server's clock."""
    return attempt.due_at is not None and at > attempt.due_at + GRACE


def submit_attempt(*, attempt: Attempt, at: datetime | None = None) -> Attempt:
    """Grade what was answered and close the attempt; a second call changes nothing.

    Sends `attempt_submitted` inside the transaction, once.
    """
    at = at or clock.now()
    with transaction.atomic():
        attempt = (
            Attempt.objects.select_for_update(of=("self",), no_key=True)
            .select_related("quiz", "person")
            .get(pk=attempt.pk)
        )
        if attempt.submitted_at is not None:
            return attempt
        responses = list(attempt.responses.all())
        for response in responses:
            response.points = grade_response(response.asked["kind"], response.asked, response.chosen)
        Response.objects.bulk_update(responses, ["points"])
        attempt.points = sum((response.points or WRONG for response in responses), WRONG)
        attempt.passed = is_passed(attempt.points, attempt.max_points, attempt.pass_mark)
        attempt.submitted_at = at
        attempt.save(update_fields=["points", "passed", "submitted_at"])
        attempt_submitted.send(Attempt, attempt=attempt)
    return attempt


def record_practice_answer(
    *, person: Person, question: Question, chosen: Collection[int], at: datetime | None = None
) -> PracticeAnswer:
    """Remember the last answer to a question inside a lesson. Raises `NothingChosen` and `UnknownChoice`."""
    cleaned = check_practice_answer(question=question, chosen=chosen)
    answer, _created = PracticeAnswer.objects.update_or_create(
        person=person,
        question=question,
        defaults={"chosen": cleaned, "answered_at": at or clock.now()},
    )
    return answer


def check_practice_answer(*, question: Question, chosen: Collection[int]) -> list[int]:
    """The chosen ids in the question's order, for whoever keeps them elsewhere (a guest's session).

    Raises `NothingChosen` and `UnknownChoice`.
    """
    if not chosen:
        raise NothingChosen()
    offered = [choice.pk for choice in question.choices.all()]
    return clean_chosen(QuestionKind(question.kind), offered, chosen)
