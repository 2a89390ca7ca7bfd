"""Starting, answering and submitting an attempt."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from common import clock
from ledger.models import Job
from ledger.operations import enqueue_job
from quizzes.exceptions import (
    AttemptClosed,
    AttemptsUsedUp,
    NothingChosen,
    OneChoiceOnly,
    QuizEmpty,
    UnknownChoice,
)
from quizzes.models import Attempt, PracticeAnswer, Question, Response
from quizzes.operations import GRACE, record_practice_answer, save_answer, start_attempt, submit_attempt
from quizzes.signals import attempt_submitted
from tests.concurrency import at_once
from tests.factories.quizzes import answer_all, make_learner, make_question, make_quiz, right_ids, wrong_ids

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_learner()


@pytest.fixture
def heard():
    """Attempts whose submission was announced."""
    attempts = []

    def receiver(sender, attempt, **kwargs):
        attempts.append(attempt.pk)

    attempt_submitted.connect(receiver)
    yield attempts
    attempt_submitted.disconnect(receiver)


# Start ------------------------------------------------------------------------------------------------------


def test_an_attempt_draws_and_freezes_its_questions(person):
    quiz = make_quiz(5, draw=3, time_limit_minutes=20)
    attempt = start_attempt(quiz=quiz, person=person)
    responses = list(attempt.responses.all())
    assert [response.position for response in responses] == [1, 2, 3]
    assert len({response.question_id for response in responses}) == 3
    assert attempt.max_points == 3
    assert attempt.due_at - attempt.started_at == timedelta(minutes=20)
    for response in responses:
        assert {choice["id"] for choice in response.asked["choices"]} == set(
            response.question.choices.values_list("pk", flat=True)
        )


def test_starting_twice_gives_the_open_attempt(person):
    quiz = make_quiz()
    assert start_attempt(quiz=quiz, person=person) == start_attempt(quiz=quiz, person=person)
    assert Response.objects.count() == 3


def test_without_shuffling_the_order_is_the_banks(person):
    quiz = make_quiz(6, shuffle=False, draw=4)
    attempt = start_attempt(quiz=quiz, person=person)
    ids = [response.question_id for response in attempt.responses.all()]
    assert ids == sorted(ids)
    for response in attempt.responses.all():
        order = [choice["id"] for choice in response.asked["choices"]]
        assert order == list(response.question.choices.order_by("sort_order").values_list("pk", flat=True))


def test_drawing_differs_from_attempt_to_attempt(person):
    quiz = make_quiz(20, draw=10)
    seen = set()
    for _ in range(4):
        attempt = start_attempt(quiz=quiz, person=person)
        seen.add(tuple(attempt.responses.values_list("question_id", flat=True)))
        submit_attempt(attempt=attempt)
    assert len(seen) > 1


def test_more_questions_drawn_than_there_are_means_all(person):
    assert start_attempt(quiz=make_quiz(2, draw=10), person=person).responses.count() == 2


def test_a_quiz_without_questions_cannot_start(person):
    with pytest.raises(QuizEmpty):
        start_attempt(quiz=make_quiz(0), person=person)
    assert not Attempt.objects.exists()


def test_a_question_without_a_right_choice_is_never_asked(person):
    broken = make_question("Hỏng?", right=())
    good = make_question("Tốt?")
    attempt = start_attempt(quiz=make_quiz([broken, good]), person=person)
    assert [response.question for response in attempt.responses.all()] == [good]


def test_attempts_are_counted_and_end(person):
    quiz = make_quiz(1, max_attempts=2)
    for number in (1, 2):
        attempt = start_attempt(quiz=quiz, person=person)
        assert attempt.number == number
        submit_attempt(attempt=attempt)
    with pytest.raises(AttemptsUsedUp) as refusal:
        start_attempt(quiz=quiz, person=person)
    assert "2" in str(refusal.value)
    assert start_attempt(quiz=quiz, person=make_learner("Lò Văn Bun")).number == 1


def test_an_overdue_attempt_is_closed_before_the_next_starts(person, heard):
    quiz = make_quiz(1, time_limit_minutes=10, max_attempts=2)
    first = start_attempt(quiz=quiz, person=person)
    second = start_attempt(quiz=quiz, person=person, at=first.due_at + GRACE + timedelta(seconds=1))
    assert second.number == 2
    assert heard == [first.pk]


# Answers ----------------------------------------------------------------------------------------------------


def test_an_answer_is_kept_changed_and_cleared(person):
    attempt = start_attempt(quiz=make_quiz(1), person=person)
    asked = attempt.responses.get().asked
    first, second = wrong_ids(asked)[:2]
    for chosen in ([first], [second], []):
        response = save_answer(attempt=attempt, position=1, chosen=chosen)
        response.refresh_from_db()
        assert response.chosen == chosen
        assert (response.answered_at is not None) is bool(chosen)


@pytest.mark.parametrize("position", [0, 2, -1, 10**6])
def test_a_position_outside_is_refused(person, position):
    attempt = start_attempt(quiz=make_quiz(1), person=person)
    with pytest.raises(UnknownChoice):
        save_answer(attempt=attempt, position=position, chosen=[])


def test_choices_of_another_question_are_refused_and_the_answer_stays(person):
    attempt = start_attempt(quiz=make_quiz(2), person=person)
    mine, other = attempt.responses.all()
    kept = wrong_ids(mine.asked)[:1]
    save_answer(attempt=attempt, position=1, chosen=kept)
    with pytest.raises(UnknownChoice):
        save_answer(attempt=attempt, position=1, chosen=right_ids(other.asked))
    with pytest.raises(OneChoiceOnly):
        save_answer(attempt=attempt, position=1, chosen=[choice["id"] for choice in mine.asked["choices"]])
    mine.refresh_from_db()
    assert mine.chosen == kept


@pytest.mark.parametrize(("late", "taken"), [(-1, True), (0, True), (29, True), (30, True), (31, False)])
def test_the_servers_clock_with_its_grace_decides(person, late, taken):
    attempt = start_attempt(quiz=make_quiz(1, time_limit_minutes=20), person=person)
    chosen = right_ids(attempt.responses.get().asked)
    at = attempt.due_at + timedelta(seconds=late)
    if taken:
        save_answer(attempt=attempt, position=1, chosen=chosen, at=at)
    else:
        with pytest.raises(AttemptClosed):
            save_answer(attempt=attempt, position=1, chosen=chosen, at=at)
    assert submit_attempt(attempt=attempt, at=at).points == (1 if taken else 0)


def test_after_submitting_nothing_changes(person):
    attempt = start_attempt(quiz=make_quiz(1), person=person)
    submit_attempt(attempt=attempt)
    with pytest.raises(AttemptClosed):
        save_answer(attempt=attempt, position=1, chosen=[])


# Submission -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wrong", "points", "passed"), [(0, 10, True), (3, 7, True), (4, 6, False), (10, 0, False)])
def test_grading_happens_on_the_server(person, wrong, points, passed):
    attempt = answer_all(start_attempt(quiz=make_quiz(10), person=person), wrong=wrong)
    graded = submit_attempt(attempt=attempt)
    assert (graded.points, graded.max_points, graded.passed) == (Decimal(points), Decimal(10), passed)
    assert sum(attempt.responses.values_list("points", flat=True)) == points


def test_several_right_answers_need_all_of_them(person):
    question = make_question(right=("Một", "Hai"), wrong=("Ba", "Bốn"))
    for chosen, points in ((2, 1), (1, 0)):
        attempt = start_attempt(quiz=make_quiz([question]), person=person)
        save_answer(attempt=attempt, position=1, chosen=right_ids(attempt.responses.get().asked)[:chosen])
        assert submit_attempt(attempt=attempt).points == points


def test_submitting_twice_gives_one_result_and_one_signal(person, heard):
    attempt = answer_all(start_attempt(quiz=make_quiz(), person=person))
    first = submit_attempt(attempt=attempt)
    second = submit_attempt(attempt=attempt, at=clock.now() + timedelta(hours=1))
    assert first.submitted_at == second.submitted_at
    assert heard == [attempt.pk]


def test_a_receiver_that_raises_undoes_the_submission(person):
    def receiver(sender, **kwargs):
        raise RuntimeError("no")

    attempt = answer_all(start_attempt(quiz=make_quiz(), person=person))
    attempt_submitted.connect(receiver)
    try:
        with pytest.raises(RuntimeError):
            submit_attempt(attempt=attempt)
    finally:
        attempt_submitted.disconnect(receiver)
    attempt.refresh_from_db()
    assert (attempt.submitted_at, attempt.points, attempt.passed) == (None, None, None)
    assert not attempt.responses.filter(points__isnull=False).exists()
    assert submit_attempt(attempt=attempt).passed


def test_the_rules_of_the_day_stay_with_the_attempt(person):
    quiz = make_quiz(10, pass_mark=70)
    attempt = answer_all(start_attempt(quiz=quiz, person=person), wrong=3)
    quiz.pass_mark = 90
    quiz.save()
    assert submit_attempt(attempt=attempt).passed is True


def test_an_edited_or_deleted_question_changes_no_attempt(person):
    quiz = make_quiz(2)
    attempt = start_attempt(quiz=quiz, person=person)
    first, second = attempt.responses.all()
    frozen = first.asked
    right = right_ids(frozen)
    Question.objects.filter(pk=first.question_id).update(text="Khác hẳn?")
    for choice in first.question.choices.all():
        choice.is_correct = not choice.is_correct
        choice.text = "Khác"
        choice.save()
    Question.objects.get(pk=second.question_id).delete()
    save_answer(attempt=attempt, position=1, chosen=right)
    save_answer(attempt=attempt, position=2, chosen=right_ids(second.asked))
    assert submit_attempt(attempt=attempt).points == 2
    first.refresh_from_db()
    assert first.asked == frozen


def test_submit_takes_the_same_queries_for_any_number_of_questions(person, django_assert_num_queries):
    for questions in (1, 3):
        attempt = answer_all(start_attempt(quiz=make_quiz(questions), person=person))
        # savepoint and its release; attempt, responses, points, attempt; courses that end with this quiz
        with django_assert_num_queries(7):
            submit_attempt(attempt=attempt)


# What can never be stored -----------------------------------------------------------------------------------


def test_two_open_attempts_cannot_be_stored(person):
    quiz = make_quiz(1)
    attempt = start_attempt(quiz=quiz, person=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.create(
            quiz=quiz, person=person, number=2, pass_mark=70, max_points=1, started_at=attempt.started_at
        )


def test_an_attempt_is_not_submitted_without_a_grade(person):
    attempt = start_attempt(quiz=make_quiz(1), person=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.filter(pk=attempt.pk).update(submitted_at=clock.now())


# Overdue ----------------------------------------------------------------------------------------------------


def test_the_periodic_job_closes_what_is_overdue_and_nothing_else(person, run_jobs, heard):
    began = clock.now()
    timed, untimed = make_quiz(2, time_limit_minutes=10), make_quiz(1)
    overdue = answer_all(start_attempt(quiz=timed, person=person, at=began), wrong=1, at=began)
    start_attempt(quiz=untimed, person=person, at=began)
    in_time = start_attempt(quiz=timed, person=make_learner("Lò Văn Bun"), at=began + timedelta(minutes=1))
    with clock.frozen(began + timedelta(minutes=10, seconds=31)):
        enqueue_job("quizzes.close_overdue", params={})
        run_jobs("quizzes.close_overdue")
    overdue.refresh_from_db()
    assert (overdue.points, overdue.passed) == (1, False)
    assert heard == [overdue.pk]
    assert set(Attempt.objects.open().values_list("quiz_id", "person_id")) == {
        (untimed.pk, person.pk),
        (timed.pk, in_time.person_id),
    }
    assert Job.objects.get(kind="quizzes.close_overdue").result == {"closed": 1, "failed": 0}


def test_one_attempt_that_fails_does_not_hold_the_others_up(person, run_jobs):
    began = clock.now()
    quiz = make_quiz(1, time_limit_minutes=10)
    bad = start_attempt(quiz=quiz, person=person, at=began)
    good = start_attempt(quiz=quiz, person=make_learner("Lò Văn Bun"), at=began + timedelta(seconds=1))

    def receiver(sender, attempt, **kwargs):
        if attempt.pk == bad.pk:
            raise RuntimeError("no")

    attempt_submitted.connect(receiver)
    try:
        with clock.frozen(began + timedelta(minutes=20)):
            enqueue_job("quizzes.close_overdue", params={})
            run_jobs("quizzes.close_overdue")
    finally:
        attempt_submitted.disconnect(receiver)
    assert Job.objects.get(kind="quizzes.close_overdue").result == {"closed": 1, "failed": 1}
    good.refresh_from_db()
    assert good.submitted_at is not None
    assert Attempt.objects.open().get() == bad


# Practice ---------------------------------------------------------------------------------------------------


def test_a_practice_answer_is_remembered_once(person):
    question = make_question()
    first, last = question.choices.first().pk, question.choices.last().pk
    record_practice_answer(person=person, question=question, chosen=[first])
    record_practice_answer(person=person, question=question, chosen=[last])
    assert PracticeAnswer.objects.get().chosen == [last]


def test_practice_refuses_nothing_foreign_and_too_much(person):
    question, other = make_question("Một?"), make_question("Hai?")
    with pytest.raises(NothingChosen):
        record_practice_answer(person=person, question=question, chosen=[])
    with pytest.raises(UnknownChoice):
        record_practice_answer(person=person, question=question, chosen=[other.choices.first().pk])
    with pytest.raises(OneChoiceOnly):
        record_practice_answer(
            person=person, question=question, chosen=list(question.choices.values_list("pk", flat=True))
        )
    assert not PracticeAnswer.objects.exists()


# At once ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_last_attempt_is_taken_once(person):
    quiz = make_quiz(1, max_attempts=1)
    outcomes = at_once(*[lambda: start_attempt(quiz=quiz, person=person)] * 4)
    assert {outcome.pk for outcome in outcomes} == {Attempt.objects.get().pk}
    assert Response.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_submit_grades_once(person, heard):
    attempt = answer_all(start_attempt(quiz=make_quiz(2), person=person))
    outcomes = at_once(*[lambda: submit_attempt(attempt=attempt)] * 3)
    assert {outcome.submitted_at for outcome in outcomes} == {Attempt.objects.get().submitted_at}
    assert heard == [attempt.pk]
