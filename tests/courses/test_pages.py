"""Home and course pages: what a visitor, a learner and an editor see, and what it costs."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page

from common import clock
from content.memory import forget_everything
from content.models import FirstCourse
from courses.enums import Audience, EnrolmentReason
from courses.models import CourseCompletion, CoursePage, LessonPage
from courses.operations import complete_lesson, enrol
from quizzes.operations import start_attempt
from tests.factories.courses import lesson_keys, make_catalogue, make_course, make_home, make_lesson
from tests.factories.quizzes import make_learner, make_quiz

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_memory():
    forget_everything()


@pytest.fixture
def person():
    return make_learner()


@pytest.fixture
def learner(client, person):
    client.force_login(person.account)
    return client


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode().replace("\u00a0", " ")


def rows(markup: str) -> list[str]:
    return re.findall(r'class="row" href="([^"]+)"', markup)


# Home -----------------------------------------------------------------------------------------------------


def test_home_offers_three_courses_residents_first(client):
    for slug, audience in (("mot", "official"), ("hai", "resident"), ("ba", "resident"), ("bon", "cooperative")):
        make_course(slug=slug, audience=audience, lessons=1)
    assert rows(text(client, "/")) == ["/khoa-hoc/hai/", "/khoa-hoc/ba/", "/khoa-hoc/mot/"]


def test_editors_choose_the_first_courses_in_every_language(client):
    for slug in ("mot", "hai", "ba", "bon"):
        make_course(slug=slug, lessons=1)
    FirstCourse.objects.create(home=make_home(), course=CoursePage.objects.get(slug="bon"))
    make_home().save()
    assert rows(text(client, "/"))[:2] == ["/khoa-hoc/bon/", "/khoa-hoc/mot/"]
    assert "?doi-tuong=resident" in text(client, "/")  # four, three are shown


def test_home_without_courses_is_not_a_dead_end(client):
    make_catalogue()
    assert '<a class="chip"' in text(client, "/")


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_home(learner, django_assert_num_queries, count):
    for _ in range(count):
        make_course(lessons=2)
    text(learner, "/")
    with django_assert_num_queries(6):  # session, user, page, campaign, settings, learner's name
        text(learner, "/")


# Course ---------------------------------------------------------------------------------------------------

PATH = "/khoa-hoc/tranh-lua-dao/"


@pytest.fixture
def course():
    return make_course(slug="tranh-lua-dao", lessons=2, quiz=make_quiz(), outcomes="Biết một điều\nBiết hai điều")


def button(markup: str) -> str:
    """Markup of the thumb bar."""
    return markup.split('<div class="thumb')[1].split("</footer>")[0]


def test_a_visitor_starts_with_the_first_lesson(client, course):
    markup = text(client, PATH)
    assert f'href="{PATH}bai-1/"' in button(markup)
    assert "Bài số 1" in button(markup)
    assert markup.count('class="stone now"') == 1
    assert markup.count('class="stone later"') == 2
    assert "Biết hai điều" in markup


def test_a_guest_goes_on_and_is_asked_to_keep_it(client, course):
    client.post(reverse("lesson_done", args=[lesson_keys(course)[0]]))
    markup = text(client, PATH)
    assert f'href="{PATH}bai-2/"' in button(markup)
    assert markup.count('class="stone done"') == 1
    assert f"/tai-khoan/dang-nhap/?next={PATH}" in markup


def test_a_new_learner_enrols_with_the_button(learner, course, person):
    markup = button(text(learner, PATH))
    assert f'action="{reverse("enrol", args=[course.translation_key])}"' in markup
    assert f'name="next" value="{PATH}bai-1/"' in markup
    enrol(person=person, course_key=course.translation_key, reason=EnrolmentReason.SELF, by=person.account)
    assert "<form" not in button(text(learner, PATH))


def test_the_test_comes_after_the_last_lesson_and_goes_on_when_begun(learner, course, person):
    for key in lesson_keys(course):
        complete_lesson(person=person, course_key=course.translation_key, lesson_key=key)
    markup = text(learner, PATH)
    assert f'href="{reverse("course_test", args=[course.translation_key])}"' in button(markup)
    assert markup.count('class="stone now"') == 1
    attempt = start_attempt(quiz=course.quiz, person=person)
    assert f'href="{reverse("attempt", args=[attempt.uuid])}"' in button(text(learner, PATH))


def test_a_completed_course_shows_the_way_to_the_certificate(learner, course, person):
    CourseCompletion.objects.create(
        person=person,
        course_key=course.translation_key,
        course_title=course.title,
        audience=Audience.RESIDENT,
        completed_at=clock.now(),
        lessons=2,
    )
    address = reverse("course_completed", args=[course.translation_key])
    markup = text(learner, PATH)
    assert f'href="{address}"' in button(markup)
    assert "notice success" in markup
    assert address not in text(Client(), PATH)


def test_a_course_without_lessons_is_not_a_dead_end(client):
    make_course(slug="rong", lessons=0)
    markup = text(client, "/khoa-hoc/rong/")
    assert 'class="empty' in markup
    assert '<div class="thumb' not in markup


def test_an_unpublished_course_is_not_found(client, course):
    text(client, PATH)
    course.unpublish()
    assert client.get(PATH).status_code == 404


@pytest.mark.parametrize("lessons", [1, 6])
def test_queries_of_a_course(learner, django_assert_num_queries, lessons):
    make_course(slug="mot-khoa", lessons=lessons, quiz=make_quiz())
    text(learner, "/khoa-hoc/mot-khoa/")
    with django_assert_num_queries(6):  # session, user, page, learner, what they did, settings
        text(learner, "/khoa-hoc/mot-khoa/")


# Editors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/khoa-hoc/", PATH, f"{PATH}bai-1/"])
def test_a_link_shared_in_a_chat_says_what_it_is(client, course, path):
    markup = text(client, path)
    for name in ("og:title", "og:url", "og:image", "og:site_name"):
        assert re.search(rf'property="{name}" content="[^"]+"', markup), name


def test_a_post_to_a_page_is_left_to_wagtail(client, course):
    assert client.post(f"{PATH}bai-1/").status_code in {200, 403, 405}
    assert client.head(f"{PATH}bai-1/").content == b""


def test_phone_is_the_first_size_of_the_preview(course):
    for page in (make_home(), course, LessonPage.objects.first()):
        assert page.preview_sizes[0]["device_width"] == 360
        assert page.default_preview_size == "phone"


def test_pages_that_are_not_saved_yet_can_be_previewed(admin_client, course, rf):
    new = LessonPage(title="Bài mới", slug="bai-moi", locale=course.locale, minutes=5)
    new.depth, new.path = course.depth + 1, course.get_last_child()._inc_path()
    new.set_url_path(course)
    response = new.make_preview_request(original_request=rf.get("/"))
    assert response.status_code == 200
    markup = response.rendered_content
    assert "Bài mới" in markup
    assert len(re.findall(r"<i(?: class=.\w.)?></i>", markup)) == 3


def test_a_draft_is_previewed_as_it_is_written(rf, course):
    page = make_lesson(course, "Đã đăng")
    page.title = "Đang viết"
    page.save_revision()
    draft = page.get_latest_revision_as_object()
    markup = draft.make_preview_request(original_request=rf.get("/")).rendered_content
    assert "<h1>Đang viết</h1>" in markup
    for model in (Page.objects.get(pk=course.pk).specific, make_home(), make_catalogue()):
        assert model.make_preview_request(original_request=rf.get("/")).status_code == 200


def test_pages_are_listed_in_the_order_of_the_course(admin_client, course):
    for index in (course.get_parent(), course):
        response = admin_client.get(reverse("wagtailadmin_explore", args=[index.pk]))
        assert response.status_code == 200
        assert response.context["ordering"] == "ord"
    for name in ("courses", "lessons"):
        assert admin_client.get(reverse(f"{name}:index")).status_code == 200
