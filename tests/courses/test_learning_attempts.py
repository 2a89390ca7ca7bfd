"""The final test through its pages: one question a page, saving, handing in, the result."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import translation

from certificates.models import IssuingBody
from common import clock
from courses.models import CourseCompletion, Enrolment
from quizzes.models import Attempt, Choice, Quiz, Response
from quizzes.operations import save_answer, start_attempt, submit_attempt
from tests.counting import statements
from tests.factories.courses import lesson_keys, make_course
from tests.factories.people import make_person, make_user
from tests.factories.quizzes import answer_all, make_learner, make_question, make_quiz, right_ids, wrong_ids

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_learner()


@pytest.fixture
def learner(client, person):
    client.force_login(person.account)
    return client


def rules(course) -> str:
    return reverse("course_test", args=[course.translation_key])


def begin(client, course, number=1) -> Attempt:
    response = client.post(rules(course), {"number": number})
    attempt = Attempt.objects.latest("pk")
    assert response.url == reverse("attempt", args=[attempt.uuid])
    return attempt


def address(name: str, attempt: Attempt) -> str:
    return reverse(name, args=[attempt.uuid])


def text(response) -> str:
    return response.content.decode().replace("\u00a0", " ")


# Rules ------------------------------------------------------------------------------------------------------


def test_a_visitor_signs_in_first_and_comes_back(client):
    course = make_course(quiz=make_quiz())
    assert client.get(rules(course)).url == f"{reverse('account_login')}?next={rules(course)}"
    assert client.post(rules(course)).url.startswith(reverse("account_login"))
    account = make_user()
    make_person("Một", account=account)
    make_person("Hai", account=account)
    client.force_login(account)
    assert client.get(rules(course)).url.startswith(reverse("who"))


def test_the_rules_stand_before_the_test(learner):
    course = make_course(lessons=2, quiz=make_quiz(5, draw=4, pass_mark=75, max_attempts=3, time_limit_minutes=20))
    with translation.override("en"):
        page = text(learner.get(rules(course)))
    for words in ("4 questions", "3 of 4 right", "20 minutes", "3 of 3 left", "2 lessons are still to be read"):
        assert words in page
    assert not Attempt.objects.exists()


def test_a_test_without_limits_says_so(learner):
    with translation.override("en"):
        page = text(learner.get(rules(make_course(lessons=0, quiz=make_quiz(1)))))
    assert page.count("as long as you like") == page.count("as many as you like") == 1


def test_starting_enrols_and_starts_one_attempt(learner, person):
    course = make_course(quiz=make_quiz(max_attempts=3))
    attempt = begin(learner, course)
    assert Enrolment.objects.get().person == person
    for number in (1, 2, "x", ""):  # a second press, another tab
        response = learner.post(rules(course), {"number": number})
        assert response.url == address("attempt", attempt)
    assert Attempt.objects.count() == 1


def test_an_old_page_starts_no_second_attempt(learner):
    course = make_course(quiz=make_quiz(max_attempts=3))
    submit_attempt(attempt=begin(learner, course))
    for number in (1, "", "3", "x"):
        assert learner.post(rules(course), {"number": number}).url == rules(course)
    assert Attempt.objects.count() == 1
    assert begin(learner, course, number=2).number == 2


def test_after_passing_there_is_nothing_to_start(learner, person):
    course = make_course(quiz=make_quiz(1))
    attempt = answer_all(begin(learner, course))
    submit_attempt(attempt=attempt)
    assert learner.post(rules(course), {"number": 2}).url == address("attempt_result", attempt)
    assert address("attempt_result", attempt) in text(learner.get(rules(course)))


def test_no_attempts_left_is_said(learner):
    course = make_course(quiz=make_quiz(1, max_attempts=1))
    submit_attempt(attempt=begin(learner, course))
    response = learner.post(rules(course), {"number": 2})
    assert response.url == rules(course)
    assert [str(message) for message in get_messages(response.wsgi_request)]
    assert 'form="start"' not in text(learner.get(rules(course)))


def test_an_empty_test_is_said(learner):
    course = make_course(quiz=make_quiz(0))
    response = learner.post(rules(course), {"number": 1})
    assert response.url == rules(course)
    assert [str(message) for message in get_messages(response.wsgi_request)]


def test_a_course_without_a_test_has_no_such_page(learner):
    assert learner.get(rules(make_course())).status_code == 404
    assert learner.get(reverse("course_test", args=[uuid.uuid4()])).status_code == 404


# One question a page ----------------------------------------------------------------------------------------


def test_answers_without_a_script(learner, person):
    """Next, previous and all keep the answer and lead on; the kept one is ticked when coming back."""
    course = make_course(quiz=make_quiz(3))
    attempt = begin(learner, course)
    page = address("attempt", attempt)
    responses = list(attempt.responses.all())
    for response, to, onward in zip(responses, ("next", "next", "next"), (2, 3, None), strict=True):
        sent = learner.post(page, {"position": response.position, "choice": right_ids(response.asked), "to": to})
        assert sent.url == (f"{page}?cau={onward}" if onward else address("attempt_overview", attempt))
    back = learner.post(page, {"position": 3, "choice": wrong_ids(responses[2].asked)[:1], "to": "previous"})
    assert back.url == f"{page}?cau=2"
    assert learner.post(page, {"position": 2, "to": "all"}).url == address("attempt_overview", attempt)
    kept = [response.chosen for response in attempt.responses.all()]
    assert kept == [right_ids(responses[0].asked), [], wrong_ids(responses[2].asked)[:1]]
    assert f'value="{kept[0][0]}" id="choice_' in text(learner.get(f"{page}?cau=1"))
    assert " checked" in text(learner.get(f"{page}?cau=1"))
    # Without a number the first question without an answer is shown.
    assert 'name="position" value="2"' in text(learner.get(page))


def test_what_is_right_stays_on_the_server_until_the_end(learner):
    """Neither words nor marks of the answers are in a page before handing in."""
    question = make_question(explanation="LỜI GIẢI")
    course = make_course(quiz=make_quiz([question, make_question("Khác?")]))
    attempt = begin(learner, course)
    pages = [learner.get(f"{address('attempt', attempt)}?cau={n}") for n in (1, 2)]
    pages.append(learner.get(address("attempt_overview", attempt)))
    pages.append(learner.post(address("attempt_save", attempt), {"position": 1}))
    for page in pages:
        assert page.status_code == 200
        for secret in ("LỜI GIẢI", "Vì sao", "correct", "is_correct"):
            assert secret not in text(page)
    answer_all(attempt, wrong=2)
    learner.post(address("attempt_submit", attempt))
    assert "LỜI GIẢI" in text(learner.get(address("attempt_result", attempt)))


def test_pages_of_a_test_are_not_kept_by_the_browser(learner):
    attempt = begin(learner, make_course(quiz=make_quiz(1)))
    for name in ("attempt", "attempt_overview", "attempt_result"):
        assert "no-store" in learner.get(address(name, attempt)).headers["Cache-Control"]


def test_an_attempt_is_reached_by_its_own_learner_only(client, person):
    attempt = start_attempt(quiz=make_quiz(2), person=person)
    names = ("attempt", "attempt_overview", "attempt_result", "attempt_save", "attempt_submit")
    visited = 0

    def statuses() -> list[int]:
        nonlocal visited
        found = []
        for name in names:
            for call in (client.get, client.post):
                found.append(call(address(name, attempt), {"position": "1"} if call == client.post else {}).status_code)
                visited += 1
        return found

    assert set(statuses()) <= {302, 405}
    # Another login, and another person of the same household.
    client.force_login(make_learner("Lò Văn Bun").account)
    assert set(statuses()) <= {404, 405}
    make_person("Con trai", account=person.account)
    client.force_login(person.account)
    session = client.session
    session["learner"] = person.account.learners.exclude(pk=person.pk).get().pk
    session.save()
    assert set(statuses()) <= {404, 405}
    assert visited == 30
    attempt.refresh_from_db()
    assert attempt.submitted_at is None


@pytest.mark.parametrize(
    "junk",
    [
        {},
        {"position": "0"},
        {"position": "3"},
        {"position": "-1"},
        {"position": "1.5"},
        {"position": "99999999999"},
        {"position": ["1", "2"]},
        {"position": "1", "choice": "x"},
        {"position": "1", "choice": '[{"id": 1}]'},
        {"position": "1", "choice": "0"},
        {"position": "1", "choice": "999999999999999999"},
        {"position": "1", "choice": "OTHER"},
        {"position": "1", "choice": "ALL"},
    ],
)
def test_hostile_input_is_refused_and_nothing_is_lost(learner, junk):
    attempt = begin(learner, make_course(quiz=make_quiz(2)))
    first, second = attempt.responses.all()
    kept = wrong_ids(first.asked)[:1]
    save_answer(attempt=attempt, position=1, chosen=kept)
    every = [choice["id"] for choice in first.asked["choices"]]
    other = right_ids(second.asked)
    stand_for = {"OTHER": other, "ALL": every}
    if "choice" in junk:
        junk = {**junk, "choice": stand_for.get(junk["choice"], junk["choice"])}
    for name in ("attempt", "attempt_save"):
        assert learner.post(address(name, attempt), junk).status_code == 400
    assert [response.chosen for response in attempt.responses.all()] == [kept, []]


@pytest.mark.parametrize("junk", ["0", "3", "-1", "x", "99999", "1e3", "²"])
def test_a_question_number_that_is_not_there_is_not_found(learner, junk):
    attempt = begin(learner, make_course(quiz=make_quiz(2)))
    assert learner.get(address("attempt", attempt), {"cau": junk}).status_code == 404


def test_json_is_not_what_the_page_sends(learner):
    attempt = begin(learner, make_course(quiz=make_quiz(1)))
    sent = learner.post(address("attempt_save", attempt), json.dumps({"position": 1}), content_type="application/json")
    assert sent.status_code == 400


# Saving at once ---------------------------------------------------------------------------------------------


def test_each_choice_is_saved_at_once_and_counted(learner):
    attempt = begin(learner, make_course(quiz=make_quiz(3)))
    save = address("attempt_save", attempt)
    for position, chosen, saved in ((1, True, 1), (2, True, 2), (1, True, 2), (1, False, 1)):
        asked = attempt.responses.get(position=position).asked
        body = {"position": position, "name": "choice", "choice": right_ids(asked) if chosen else []}
        response = learner.post(save, body)
        assert response.json()["saved"] == saved
        assert str(saved) in response.json()["words"]


def test_saving_after_the_end_says_so(learner):
    attempt = begin(learner, make_course(quiz=make_quiz(1)))
    submit_attempt(attempt=attempt)
    response = learner.post(address("attempt_save", attempt), {"position": 1})
    assert (response.status_code, response.json()["error"]) == (409, "attempt-closed")


# Time -------------------------------------------------------------------------------------------------------


def test_the_page_says_how_much_time_is_left(learner):
    attempt = begin(learner, make_course(quiz=make_quiz(1, time_limit_minutes=20)))
    with clock.frozen(attempt.due_at - timedelta(minutes=10, seconds=30.2)):
        page = text(learner.get(address("attempt", attempt)))
    assert 'data-seconds-left="631"' in page
    assert "<b>11 minutes</b>" in page or "11 phút" in page


def test_what_arrives_in_the_grace_counts_and_ends_the_attempt(learner):
    attempt = begin(learner, make_course(quiz=make_quiz(2, pass_mark=50, time_limit_minutes=20)))
    chosen = right_ids(attempt.responses.first().asked)
    with clock.frozen(attempt.due_at + timedelta(seconds=5)):
        assert learner.get(address("attempt", attempt)).status_code == 200  # the script sends what is there
        sent = learner.post(address("attempt", attempt), {"position": 1, "choice": chosen})
    assert sent.url == address("attempt_result", attempt)
    attempt.refresh_from_db()
    assert (attempt.points, attempt.passed) == (1, True)


def test_after_the_grace_every_page_leads_to_the_result(learner):
    doors = (("attempt", "get"), ("attempt", "post"), ("attempt_overview", "get"), ("attempt_submit", "post"))
    for name, call in doors:
        course = make_course(quiz=make_quiz(1, time_limit_minutes=20))
        attempt = begin(learner, course)
        chosen = right_ids(attempt.responses.get().asked)
        with clock.frozen(attempt.due_at + timedelta(seconds=31)):
            body = {"position": 1, "choice": chosen} if call == "post" else {}
            sent = getattr(learner, call)(address(name, attempt), body)
        assert sent.url == address("attempt_result", attempt)
        attempt.refresh_from_db()
        assert attempt.points == 0


def test_large_numbers_are_written_for_machines(learner):
    """Ids and seconds beyond a thousand carry no separator, whatever the language does with numbers."""
    question = make_question()
    question.choices.all().delete()
    for number, right in ((1234567, True), (1234568, False)):
        question.choices.add(Choice(pk=number, text=str(right), is_correct=right, feedback="x"))
    question.save()
    attempt = begin(learner, make_course(quiz=make_quiz([question], time_limit_minutes=60)))
    with clock.frozen(attempt.started_at):
        page = text(learner.get(address("attempt", attempt)))
    assert 'value="1234567"' in page
    assert f'data-seconds-left="{60 * 60}"' in page


# Handing in -------------------------------------------------------------------------------------------------


def test_open_questions_are_warned_about_once(learner):
    attempt = begin(learner, make_course(quiz=make_quiz(2)))
    submit, overview = address("attempt_submit", attempt), address("attempt_overview", attempt)
    assert 'name="sure"' in text(learner.get(overview))
    assert learner.post(submit).url == overview
    attempt.refresh_from_db()
    assert attempt.submitted_at is None
    assert learner.post(submit, {"sure": "1"}).url == address("attempt_result", attempt)


def test_with_every_answer_there_is_no_warning(learner):
    attempt = answer_all(begin(learner, make_course(quiz=make_quiz(2))))
    assert 'name="sure"' not in text(learner.get(address("attempt_overview", attempt)))
    for _press in range(2):
        assert learner.post(address("attempt_submit", attempt)).url == address("attempt_result", attempt)
    assert Attempt.objects.get().points == 2


def test_after_handing_in_the_pages_lead_to_the_result(learner):
    attempt = answer_all(begin(learner, make_course(quiz=make_quiz(1))))
    assert learner.get(address("attempt_result", attempt)).url == address("attempt", attempt)
    learner.post(address("attempt_submit", attempt))
    for name in ("attempt", "attempt_overview"):
        assert learner.get(address(name, attempt)).url == address("attempt_result", attempt)
    sent = learner.post(address("attempt", attempt), {"position": 1, "choice": 1})
    assert sent.url == address("attempt_result", attempt)


# Result -----------------------------------------------------------------------------------------------------


def test_passing_gives_the_certificate_as_soon_as_it_is_there(learner, person, run_jobs):
    IssuingBody.objects.create(name="UBND xã Đồng Tiến", place="x", signatory_title="y", signatory_name="z")
    course = make_course(lessons=1, quiz=make_quiz(10))
    learner.post(reverse("lesson_done", args=[lesson_keys(course)[0]]))
    attempt = answer_all(begin(learner, course), wrong=1)
    learner.post(address("attempt_submit", attempt))
    with translation.override("en"):
        result = address("attempt_result", attempt)
        waiting = text(learner.get(result))
        assert f"Well done, {person.given_name}: 9 of 10 right" in waiting
        assert "data-job" in waiting
        run_jobs("courses.issue_certificate")
        ready = text(learner.get(result))
    assert "data-job" not in ready
    assert "Here is your certificate" in ready
    assert CourseCompletion.objects.count() == 1


def test_passing_with_lessons_missing_says_which(learner):
    course = make_course(lessons=2, quiz=make_quiz(2))
    attempt = answer_all(begin(learner, course))
    learner.post(address("attempt_submit", attempt))
    page = text(learner.get(address("attempt_result", attempt)))
    assert "Bài số 1" in page
    assert "Bài số 2" in page
    assert not CourseCompletion.objects.exists()


def test_failing_says_what_to_read_again_and_how_often_one_may_try(learner):
    first, second = make_question("Một?", competence="4.1"), make_question("Hai?", competence="4.2")
    course = make_course(lessons=3, quiz=make_quiz([first, second], max_attempts=2))
    about = course.get_children().specific()[1]
    about.competence = "4.2"
    about.save()
    attempt = begin(learner, course)
    for response in attempt.responses.all():
        ids = wrong_ids(response.asked)[:1] if response.question == second else right_ids(response.asked)
        save_answer(attempt=attempt, position=response.position, chosen=ids)
    learner.post(address("attempt_submit", attempt))
    with translation.override("en"):
        page = text(learner.get(address("attempt_result", attempt)))
    assert "1 of 2 right" in page
    assert "You have 1 attempt left." in page
    assert "Bài số 2" in page
    assert "Bài số 1" not in page
    assert "Hai?" in page
    assert "Một?" not in page
    assert rules(course) in page


def test_the_result_stays_when_the_course_goes(learner):
    course = make_course(quiz=make_quiz(1))
    attempt = answer_all(begin(learner, course), wrong=1)
    course.unpublish()
    assert learner.get(address("attempt", attempt)).status_code == 200
    learner.post(address("attempt_submit", attempt))
    assert learner.get(address("attempt_result", attempt)).status_code == 200


def test_a_shown_result_is_of_what_was_asked(learner):
    question = make_question("Cũ?")
    course = make_course(quiz=make_quiz([question]))
    attempt = answer_all(begin(learner, course), wrong=1)
    submit_attempt(attempt=attempt)
    question.text = "Mới?"
    question.save()
    question.choices.all().delete()
    page = text(learner.get(address("attempt_result", attempt)))
    assert "Cũ?" in page
    assert "Mới?" not in page


# Cost -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("questions", [1, 3])
def test_queries(learner, questions):
    course = make_course(lessons=questions, quiz=make_quiz(questions, time_limit_minutes=20))
    learner.get(rules(course))  # the site's root paths are cached
    with statements(10):  # session, login, learner · course, lessons, done, completion, attempts, size · settings
        learner.get(rules(course))
    attempt = begin(learner, course)
    with statements(7):  # session, login, learner · attempt, answers, course · settings
        learner.get(address("attempt", attempt))
    with statements(7):
        learner.get(address("attempt_overview", attempt))
    asked = attempt.responses.first().asked
    with statements(6):  # session, login, learner · attempt, the answer with its attempt, the answer kept
        learner.post(address("attempt_save", attempt), {"position": 1, "choice": right_ids(asked)})
    answer_all(attempt)
    # session, login, learner · attempt, open answers · attempt, answers, points, attempt · courses of the quiz ·
    # lessons, person, completion, lessons done, attempts
    with statements(15):
        learner.post(address("attempt_submit", attempt))
    assert Response.objects.filter(points=1).count() == questions
    # session, login, learner · attempt, answers, course, completion · lessons, done, completion, attempts · settings
    with statements(12):
        learner.get(address("attempt_result", attempt))


def test_quizzes_know_neither_courses_nor_pages():
    """The engine's tables have no way up."""
    assert Quiz.objects.model._meta.app_label == "quizzes"
    assert {field.related_model._meta.app_label for field in Attempt._meta.fields if field.is_relation} == {
        "accounts",
        "people",
        "quizzes",
    }
