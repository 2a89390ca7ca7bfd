"""The catalogue: searching without accents, filters with counts, and its cost."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from wagtail.models import PageViewRestriction
from wagtail.rich_text import RichText

from common import clock
from content.memory import forget_everything
from courses.catalogue import course_list, find
from courses.enums import Audience
from courses.models import CoursePage, LessonCompletion, LessonPage, Topic
from tests.factories.courses import make_catalogue, make_course, make_lesson
from tests.factories.quizzes import make_learner

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty_memory():
    forget_everything()


@pytest.fixture
def courses():
    """Three courses of three audiences; only the second one's lesson speaks of fraud."""
    first = make_course("Tránh lừa đảo trên mạng", slug="lua-dao", lessons=2, summary="Giữ tiền")
    second = make_course("Điện thoại an toàn", slug="dien-thoai", lessons=0, audience=Audience.COOPERATIVE)
    make_lesson(second, "Dấu hiệu lừa đảo", slug="dau-hieu")
    third = make_course("Bán nông sản", slug="nong-san", lessons=0, audience=Audience.OFFICIAL)
    page = make_lesson(third, "Ảnh thật", slug="anh-that")
    page.body = [("text", RichText("<p>Đặt giấy khai sinh cạnh máy</p>"))]
    page.save_revision().publish()
    topic = Topic.objects.create(slug="an-toan", title="An toàn")
    for course in (first, second):
        course.topics = [topic]
        course.save_revision().publish()
    return first, second, third


def found(query: str) -> list[str]:
    return [match.course.url for match in find(course_list("vi"), query)]


@pytest.mark.parametrize("query", ["lừa đảo", "lua dao", "LUA DAO", "lua da", "  lưa  đao ", "lua"])
def test_accents_and_case_do_not_matter_and_the_beginning_of_a_word_is_enough(courses, query):
    assert found(query) == ["/khoa-hoc/lua-dao/", "/khoa-hoc/dien-thoai/"]


def test_text_inside_lessons_is_found(courses):
    assert found("giay khai sinh") == ["/khoa-hoc/nong-san/"]
    assert found("sinh khai") == ["/khoa-hoc/nong-san/"]  # the words apart, in one lesson
    assert found("giay tien") == []  # one word here, another there


def test_the_middle_of_a_word_is_not_found(courses):
    assert found("ua dao") == []
    assert found("%") == found("(") == []


def test_topics_and_summaries_are_found(courses):
    assert found("giu tien") == ["/khoa-hoc/lua-dao/"]
    assert found("an toan")[0] == "/khoa-hoc/dien-thoai/"  # in the title before in the topic
    assert len(found("an toan")) == 2


def test_nothing_unpublished_or_restricted_is_found(courses):
    first, _second, third = courses
    first.unpublish()
    PageViewRestriction.objects.create(page=third, restriction_type=PageViewRestriction.LOGIN)
    LessonPage.objects.get(slug="dau-hieu").unpublish()
    assert found("") == ["/khoa-hoc/dien-thoai/"]
    assert found("lua dao") == []
    assert found("khai sinh") == []


# The page -------------------------------------------------------------------------------------------------


def text(client: Client, query: str = "") -> str:
    response = client.get(f"/khoa-hoc/{query}")
    assert response.status_code == 200
    return response.content.decode().replace("\u00a0", " ")


def rows(markup: str) -> list[str]:
    return re.findall(r'class="row" href="([^"]+)"', markup)


def test_the_page_marks_what_matched_and_says_why(client, courses):
    markup = text(client, "?q=lua+da")
    assert rows(markup) == ["/khoa-hoc/lua-dao/", "/khoa-hoc/dien-thoai/"]
    assert "Tránh <mark>lừa đảo</mark> trên mạng" in markup
    assert "Dấu hiệu <mark>lừa đảo</mark>" in markup
    assert 'value="lua da"' in markup


def test_filters_narrow_each_other_and_carry_counts(client, courses):
    markup = text(client, "?doi-tuong=resident")
    assert rows(markup) == ["/khoa-hoc/lua-dao/"]
    markup = text(client, "?chu-de=an-toan")
    assert len(rows(markup)) == 2
    counts = re.findall(r'<a class="chip" href="([^"]*)"[^>]*><span>[^<]*</span> <span>(\d+)</span>', markup)
    assert counts == [
        ("?chu-de=an-toan", "2"),
        ("?doi-tuong=resident&amp;chu-de=an-toan", "1"),
        ("?doi-tuong=cooperative&amp;chu-de=an-toan", "1"),
        ("?doi-tuong=official&amp;chu-de=an-toan", "0"),
        ("?", "2"),
    ]
    assert '<input type="hidden" name="chu-de" value="an-toan">' in markup


def test_unknown_filters_are_ignored_and_text_is_escaped(client, courses):
    assert len(rows(text(client, "?doi-tuong=meo&chu-de=khong-co"))) == 3
    markup = text(client, "?q=%3Cscript%3Ealert(1)%00")
    assert "<script>alert" not in markup
    assert "&lt;script&gt;" in markup
    text(client, "?q=" + "a" * 5000)


def test_nothing_found_says_what_to_do(client, courses):
    markup = text(client, "?q=khongcogi")
    assert rows(markup) == []
    assert 'class="empty' in markup
    assert 'class="btn alt" href="?"' in markup


def test_a_catalogue_without_courses_is_not_a_dead_end(client):
    make_catalogue()
    assert 'class="empty' in text(client)


def test_a_learner_sees_how_far_they_are(client, courses):
    person = make_learner()
    client.force_login(person.account)
    course = courses[0]
    LessonCompletion.objects.create(
        person=person,
        course_key=course.translation_key,
        lesson_key=LessonPage.objects.child_of(course).first().translation_key,
        completed_at=clock.now(),
    )
    assert text(client).count("badge warning") == 1
    assert text(Client()).count("badge warning") == 0


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("query", ["", "?q=bai&doi-tuong=resident"])
def test_queries_of_the_catalogue(client, django_assert_num_queries, count, query):
    for _ in range(count):
        make_course(lessons=2)
    client.force_login(make_learner().account)
    text(client, query)
    with django_assert_num_queries(6):  # session, user, page, learner, settings, what they did
        text(client, query)
    forget_everything()
    with django_assert_num_queries(6 + 3 + (1 if query else 0)):  # the first time after a change
        text(client, query)


def test_a_new_course_is_there_at_once(client, courses):
    assert len(rows(text(client))) == 3
    make_course("Khoá mới", lessons=1)
    assert len(rows(text(client))) == 4
    CoursePage.objects.get(title="Khoá mới").unpublish()
    assert len(rows(text(client))) == 3
