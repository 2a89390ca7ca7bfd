"""My learning: one thing to go on with, the rest below; for learners, guests and whoever has not said who they are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from wagtail.models import Locale

from certificates.models import IssuingBody
from common import clock
from courses import operations
from courses.models import CoursePage, Enrolment, LessonCompletion
from courses.overview import course_summaries, learning_facts
from quizzes.operations import start_attempt, submit_attempt
from tests.counting import statements
from tests.factories.courses import lesson_keys, make_course, make_home
from tests.factories.people import make_person, make_user
from tests.factories.quizzes import answer_all, make_learner, make_quiz

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_learner()


@pytest.fixture
def learner(client, person):
    client.force_login(person.account)
    return client


def read(person, course, count, at=None):
    for key in lesson_keys(course)[:count]:
        operations.complete_lesson(person=person, course_key=course.translation_key, lesson_key=key, at=at)


def page(client) -> str:
    response = client.get("/en/hoc-tap/", follow=False)
    assert response.status_code == 200
    return response.content.decode().replace("\u00a0", " ")


def context(client) -> dict:
    return client.get(reverse("my_learning")).context


def test_nothing_begun_leads_to_the_catalogue(learner):
    shown = page(learner)
    assert "You have not begun a course yet" in shown
    assert "/en/khoa-hoc/" in shown


def test_the_course_touched_last_is_the_one_to_go_on_with(learner, person):
    first, second, third = make_course("Một", lessons=3), make_course("Hai", lessons=3), make_course("Ba")
    at = clock.now() - timedelta(days=9)
    read(person, first, 1, at=at)
    read(person, second, 2, at=at + timedelta(days=2))
    operations.enrol(
        person=person, course_key=third.translation_key, reason="manager", by=None, at=at + timedelta(days=1)
    )
    shown = context(learner)
    assert shown["current"].title == "Hai"
    assert [course.title for course in shown["others"]] == ["Ba", "Một"]
    assert (shown["current"].done_count, shown["current"].total, shown["current"].next_number) == (2, 3, 3)
    assert shown["current"].next_lesson.url.endswith("/bai-3/")


def test_a_test_begun_just_now_comes_before_a_lesson_read_earlier(learner, person):
    at = clock.now() - timedelta(days=2)
    tested, read_before = make_course("Có bài kiểm tra", quiz=make_quiz(1)), make_course("Đọc trước")
    operations.enrol(person=person, course_key=tested.translation_key, reason="self", by=None, at=at)
    read(person, read_before, 1, at=at + timedelta(days=1))
    start_attempt(quiz=tested.quiz, person=person)
    assert context(learner)["current"].title == "Có bài kiểm tra"
    read(person, read_before, 2)
    start_attempt(quiz=make_quiz(1), person=person)  # of no course at all
    assert [course.title for course in context(learner)["others"]] == []


def test_the_next_step_follows_the_facts(learner, person):
    course = make_course(lessons=1, quiz=make_quiz(1, max_attempts=1))

    def step() -> str:
        current = context(learner)["current"]
        return current.next_step if current else ""

    operations.enrol(person=person, course_key=course.translation_key, reason="self", by=None)
    assert step() == "lesson"
    read(person, course, 1)
    assert step() == "test"
    attempt = start_attempt(quiz=course.quiz, person=person)
    assert step() == "attempt"
    assert reverse("attempt", args=[attempt.uuid]) in page(learner)
    submit_attempt(attempt=attempt)
    assert step() == "stuck"
    assert "All attempts at the test are used" in page(learner)


def test_a_course_that_misses_nothing_any_more_can_be_finished(learner, person):
    course = make_course(lessons=2)
    read(person, course, 1)
    course.get_children().specific()[1].unpublish()
    assert context(learner)["current"].next_step == "finish"
    assert reverse("enrol", args=[course.translation_key]) in page(learner)


def test_a_completed_course_shows_its_certificate_or_that_it_is_being_made(learner, person, run_jobs):
    IssuingBody.objects.create(name="UBND xã Đồng Tiến", place="x", signatory_title="y", signatory_name="z")
    first, second = make_course("Một", lessons=1, quiz=make_quiz(1)), make_course("Hai", lessons=1)
    read(person, first, 1)
    submit_attempt(attempt=answer_all(start_attempt(quiz=first.quiz, person=person)))
    run_jobs("courses.issue_certificate")
    read(person, second, 1)
    first.delete()
    shown = page(learner)
    certificate = person.certificates.get()
    assert reverse("certificate_pdf", args=[certificate.uuid]) in shown
    assert certificate.serial in shown
    assert shown.count("Certificate is being made") == 1
    assert "You have finished everything you began" in shown
    assert context(learner)["current"] is None


def test_a_revoked_certificate_is_not_offered(learner, person, run_jobs):
    from certificates.operations import revoke_certificate

    IssuingBody.objects.create(name="UBND xã Đồng Tiến", place="x", signatory_title="y", signatory_name="z")
    read(person, make_course(lessons=1), 1)
    run_jobs("courses.issue_certificate")
    certificate = person.certificates.get()
    revoke_certificate(certificate=certificate, reason="Sai tên", by=make_user())
    assert str(certificate.uuid) not in page(learner)


def test_nobody_sees_what_another_learns(learner, person):
    other = make_learner("Lò Văn Bun")
    household = make_person("Con trai")
    for title, who in (("Của Bun", other), ("Của con", household)):
        course = make_course(title, lessons=2)
        read(who, course, 1)
        start_attempt(quiz=make_quiz(1), person=who)
        Enrolment.objects.get_or_create(
            person=who, course_key=course.translation_key, defaults={"reason": "self", "enrolled_at": clock.now()}
        )
    shown = page(learner)
    assert "Của Bun" not in shown
    assert "Của con" not in shown


def test_withdrawn_and_unpublished_courses_are_not_shown(learner, person):
    withdrawn, gone = make_course("Đã rút"), make_course("Đã gỡ")
    for course in (withdrawn, gone):
        operations.enrol(person=person, course_key=course.translation_key, reason="self", by=None)
    Enrolment.objects.filter(course_key=withdrawn.translation_key).update(withdrawn_at=clock.now())
    gone.unpublish()
    assert context(learner)["current"] is None


def test_a_signed_in_visitor_says_who_is_learning_first(client):
    account = make_user()
    make_person("Một", account=account)
    make_person("Hai", account=account)
    client.force_login(account)
    assert client.get(reverse("my_learning")).url == f"{reverse('who')}?next=%2Fhoc-tap%2F"


def test_a_guest_sees_what_is_in_the_session_and_how_to_keep_it(client):
    assert "Nothing here yet" in page(client)
    course = make_course(lessons=2)
    client.post(reverse("lesson_done", args=[lesson_keys(course)[0]]))
    shown = page(client)
    assert "You have read 1 lesson. Keep it?" in shown
    assert "/tai-khoan/dang-nhap/?next=" in shown
    assert course.title in shown
    assert not LessonCompletion.objects.exists()


def test_in_english_the_vietnamese_course_is_marked_as_such(learner, person):
    course = make_course(lessons=2)
    english = make_home("en")
    alias = course.get_parent().specific.copy_for_translation(english.locale, copy_parents=True, alias=True)
    alias = CoursePage.objects.get(pk=course.copy_for_translation(english.locale, alias=True).pk)
    assert alias.get_parent().locale == Locale.objects.get(language_code="en")
    read(person, course, 1)
    facts = learning_facts(person)
    (in_vietnamese,), (in_english,) = course_summaries(facts, "vi"), course_summaries(facts, "en")
    assert (in_vietnamese.page.pk, in_english.page.pk) == (course.pk, alias.pk)
    assert in_english.language == "vi"
    assert 'lang="vi"' in page(learner)


@pytest.mark.parametrize("courses", [1, 3])
def test_queries(learner, person, courses, run_jobs):
    IssuingBody.objects.create(name="UBND xã Đồng Tiến", place="x", signatory_title="y", signatory_name="z")
    for number in range(courses):
        begun = make_course(f"Đang học {number}", lessons=courses + 1, quiz=make_quiz(1))
        read(person, begun, 1)
        start_attempt(quiz=begun.quiz, person=person)
        read(person, make_course(f"Đã xong {number}", lessons=1), 1)
    run_jobs("courses.issue_certificate")
    learner.get(reverse("my_learning"))  # the site's root paths are cached
    with statements(8):  # session, login, learner · facts, pages, certificates · settings
        assert len(learner.get(reverse("my_learning")).context["completed"]) == courses


@pytest.mark.parametrize("courses", [1, 3])
def test_queries_of_a_guest(client, courses):
    for number in range(courses):
        course = make_course(f"Đang học {number}", lessons=courses + 1)
        client.post(reverse("lesson_done", args=[lesson_keys(course)[0]]))
    client.get(reverse("my_learning"))
    with statements(3):  # session, pages, settings
        client.get(reverse("my_learning"))
