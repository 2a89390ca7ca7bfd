"""What pages of lessons and courses post to."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from certificates.models import IssuingBody
from courses.guests import SESSION_KEY
from courses.models import CourseCompletion, Enrolment, LessonCompletion, LessonPage
from courses.queries import practice_answers
from quizzes.models import PracticeAnswer
from tests.factories.courses import lesson_keys, make_course, make_lesson
from tests.factories.people import make_person, make_user
from tests.factories.quizzes import make_learner, make_question

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_learner()


@pytest.fixture
def learner(client, person):
    """A client signed in as the person."""
    client.force_login(person.account)
    return client


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


# A lesson done ----------------------------------------------------------------------------------------------


def test_a_learner_finishes_a_lesson_and_goes_on(learner, person):
    course = make_course()
    first = lesson_keys(course)[0]
    response = learner.post(reverse("lesson_done", args=[first]), {"next": "/khoa-hoc/x/bai-2/#dau"})
    assert (response.status_code, response.url) == (302, "/khoa-hoc/x/bai-2/#dau")
    assert LessonCompletion.objects.get().person == person
    assert Enrolment.objects.get().person == person


def test_a_guest_finishes_a_lesson_in_the_session(client):
    course = make_course()
    first = lesson_keys(course)[0]
    client.post(reverse("lesson_done", args=[first]))
    client.post(reverse("lesson_done", args=[first]))
    record = client.session[SESSION_KEY]
    assert list(record["lessons"]) == [str(first)]
    assert record["lessons"][str(first)][0] == str(course.translation_key)
    assert not LessonCompletion.objects.exists()


def test_signed_in_without_a_learner_counts_as_a_guest(client):
    """A login of two persons who have not said who is learning: nothing is written under a name by chance."""
    account = make_user()
    make_person("Một", account=account)
    make_person("Hai", account=account)
    client.force_login(account)
    course = make_course()
    client.post(reverse("lesson_done", args=[lesson_keys(course)[0]]))
    assert client.session[SESSION_KEY]["lessons"]
    assert not LessonCompletion.objects.exists()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_it_never_leads_to_another_site(client, elsewhere):
    course = make_course()
    response = client.post(reverse("lesson_done", args=[lesson_keys(course)[0]]), {"next": elsewhere})
    assert response.url == course.url


def test_unknown_lessons_are_not_found(learner):
    assert learner.post(reverse("lesson_done", args=[uuid.uuid4()])).status_code == 404
    course = make_course()
    draft = make_lesson(course, "Nháp", live=False)
    assert learner.post(reverse("lesson_done", args=[draft.translation_key])).status_code == 404
    assert learner.get(reverse("lesson_done", args=[lesson_keys(course)[0]])).status_code == 405


def test_the_last_lesson_leads_to_the_certificate(learner, person, run_jobs):
    IssuingBody.objects.create(name="UBND xã Đồng Tiến", place="x", signatory_title="y", signatory_name="z")
    course = make_course(lessons=1)
    done = reverse("lesson_done", args=[lesson_keys(course)[0]])
    response = learner.post(done, {"next": "/khoa-hoc/"})
    page = reverse("course_completed", args=[course.translation_key])
    assert response.url == page
    waiting = learner.get(page).content.decode()
    assert "data-job" in waiting
    assert "/chung-nhan/" not in waiting
    run_jobs("courses.issue_certificate")
    ready = learner.get(page).content.decode()
    assert "data-job" not in ready
    assert "/chung-nhan/" in ready
    assert person.full_name in ready
    # Pressing again is a lesson read again: it goes on to the next page.
    assert learner.post(done, {"next": "/khoa-hoc/"}).url == "/khoa-hoc/"


def test_a_certificate_that_could_not_be_made_says_so(learner, run_jobs):
    course = make_course(lessons=1)
    learner.post(reverse("lesson_done", args=[lesson_keys(course)[0]]))
    run_jobs("courses.issue_certificate")  # nobody issues: no issuing body
    page = learner.get(reverse("course_completed", args=[course.translation_key])).content.decode()
    assert "data-job" not in page
    assert "0900 000 137" in page.replace("\u00a0", " ")


def test_the_completed_page_is_for_who_completed_it(client, person):
    course = make_course(lessons=1)
    CourseCompletion.objects.create(
        person=person,
        course_key=course.translation_key,
        course_title=course.title,
        audience="resident",
        completed_at=person.created_at,
        lessons=1,
    )
    page = reverse("course_completed", args=[course.translation_key])
    assert client.get(page).status_code == 302
    client.force_login(make_learner("Lò Văn Bun").account)
    assert client.get(page).status_code == 404
    client.force_login(person.account)
    assert client.get(page).status_code == 200
    course.delete()
    assert client.get(page).status_code == 200


# Practice ---------------------------------------------------------------------------------------------------


@pytest.fixture
def practice():
    question = make_question()
    lesson = make_lesson(make_course(lessons=0), questions=[question])
    return lesson, question, reverse("practice_answer", args=[lesson.translation_key, question.pk])


def test_an_answer_is_kept_and_leads_back_to_the_question(learner, person, practice):
    lesson, question, address = practice
    chosen = question.choices.first().pk
    response = learner.post(address, {"choice": chosen})
    assert response.url == f"{lesson.url}#cau-{question.pk}"
    assert practice_answers(person, [question.pk]) == {question.pk: [chosen]}


def test_a_guest_s_answer_is_kept_in_the_session(client, practice):
    _lesson, question, address = practice
    first, last = question.choices.first().pk, question.choices.last().pk
    client.post(address, {"choice": first})
    client.post(address, {"choice": last})
    assert client.session[SESSION_KEY]["answers"] == {str(question.pk): [last]}
    assert not PracticeAnswer.objects.exists()


def test_several_choices_are_kept(learner, person):
    question = make_question(right=("Một", "Hai"), wrong=("Ba",))
    lesson = make_lesson(make_course(lessons=0), questions=[question])
    ids = list(question.choices.values_list("pk", flat=True))
    learner.post(reverse("practice_answer", args=[lesson.translation_key, question.pk]), {"choice": ids})
    assert practice_answers(person, [question.pk]) == {question.pk: ids}


def test_an_impossible_answer_is_said_and_the_kept_one_stays(learner, person, practice):
    _lesson, question, address = practice
    kept = question.choices.first().pk
    learner.post(address, {"choice": kept})
    foreign = make_question("Khác?").choices.first().pk
    for hostile in ({}, {"choice": foreign}, {"choice": [kept, question.choices.last().pk]}, {"choice": 10**17}):
        response = learner.post(address, hostile)
        assert response.status_code == 302
        assert said(response)
    for junk in ("x", "-1", "1.5", "", "9" * 30, "١", '{"a": 1}'):
        assert learner.post(address, {"choice": junk}).status_code == 400
    assert learner.post(address, {"choice": [kept] * 51}).status_code == 400
    assert practice_answers(person, [question.pk]) == {question.pk: [kept]}


def test_questions_that_the_lesson_does_not_ask_are_not_found(learner, practice):
    lesson, _question, _address = practice
    other = make_question("Của bài kiểm tra?")
    address = reverse("practice_answer", args=[lesson.translation_key, other.pk])
    assert learner.post(address, {"choice": other.choices.first().pk}).status_code == 404


# Enrolling --------------------------------------------------------------------------------------------------


def test_enrolling_leads_to_the_first_lesson_not_done(learner, person):
    course = make_course(lessons=2)
    address = reverse("enrol", args=[course.translation_key])
    assert learner.post(address).url.endswith("/bai-1/")
    learner.post(reverse("lesson_done", args=[lesson_keys(course)[0]]))
    assert learner.post(address).url.endswith("/bai-2/")
    assert learner.post(address, {"next": "/khoa-hoc/"}).url == "/khoa-hoc/"
    assert Enrolment.objects.count() == 1


def test_enrolling_completes_what_is_complete_since_a_lesson_went(learner, person):
    course = make_course(lessons=2)
    learner.post(reverse("lesson_done", args=[lesson_keys(course)[0]]))
    LessonPage.objects.get(translation_key=lesson_keys(course)[1]).unpublish()
    response = learner.post(reverse("enrol", args=[course.translation_key]))
    assert response.url == reverse("course_completed", args=[course.translation_key])


def test_a_visitor_signs_in_and_comes_back_to_the_course(client):
    course = make_course()
    response = client.post(reverse("enrol", args=[course.translation_key]))
    assert response.url == f"{reverse('account_login')}?next={course.url}"
    account = make_user()
    make_person("Một", account=account)
    make_person("Hai", account=account)
    client.force_login(account)
    assert client.post(reverse("enrol", args=[course.translation_key])).url.startswith(reverse("who"))


def test_what_a_guest_did_follows_into_the_account(client, practice):
    """Signing in keeps the session; saying who is learning makes it theirs."""
    lesson, question, address = practice
    client.post(address, {"choice": question.choices.first().pk})
    client.post(reverse("lesson_done", args=[lesson.translation_key]))
    account = make_user()
    person, other = make_person("Một", account=account), make_person("Hai", account=account)
    client.force_login(account)
    assert not LessonCompletion.objects.exists()
    client.post(reverse("who"), {"person": str(person.uuid)})
    assert LessonCompletion.objects.get().person == person
    assert practice_answers(person, [question.pk])
    client.post(reverse("who"), {"person": str(other.uuid)})
    assert LessonCompletion.objects.count() == PracticeAnswer.objects.count() == 1
