"""What editors may do, and that somebody else publishes."""

from __future__ import annotations

import pytest
from django.urls import reverse

from people.enums import Role
from people.operations import grant_role, sync_groups
from tests.factories.courses import make_catalogue, make_course, make_lesson
from tests.factories.people import make_user
from tests.factories.quizzes import make_question

pytestmark = pytest.mark.django_db


@pytest.fixture
def lesson():
    course = make_course(lessons=0)
    make_catalogue().refresh_from_db()
    return make_lesson(course, "Bốn dấu hiệu", questions=[make_question()])


@pytest.fixture
def editor(lesson):
    sync_groups()
    user = make_user("bien-tap")
    grant_role(user=user, role=Role.EDITOR, by=None)
    return user


@pytest.fixture
def moderator(lesson):
    sync_groups()
    user = make_user("duyet")
    grant_role(user=user, role=Role.ADMINISTRATOR, by=None)
    return user


def test_an_editor_writes_and_hands_in_and_a_moderator_publishes(lesson, editor, moderator):
    allowed = lesson.permissions_for_user(editor)
    assert allowed.can_edit()
    assert not allowed.can_publish()
    assert allowed.can_submit_for_moderation()
    assert lesson.permissions_for_user(moderator).can_publish()

    lesson.title = "Năm dấu hiệu"
    lesson.save_revision(user=editor)
    state = lesson.get_workflow().start(lesson, editor)
    lesson.refresh_from_db()
    assert lesson.title == "Bốn dấu hiệu"
    task = state.current_task_state
    assert task.task.specific.user_can_access_editor(lesson, moderator)
    task.approve(user=moderator)
    lesson.refresh_from_db()
    assert lesson.title == "Năm dấu hiệu"


def test_the_pages_of_the_admin_open_for_an_editor(client, lesson, editor):
    client.force_login(editor)
    course = lesson.get_parent()
    for address in (
        reverse("wagtailadmin_home"),
        reverse("wagtailadmin_explore", args=[course.pk]),
        reverse("wagtailadmin_pages:edit", args=[course.pk]),
        reverse("wagtailadmin_pages:edit", args=[lesson.pk]),
        reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", course.pk]),
        reverse("wagtailadmin_pages:add", args=["courses", "coursepage", course.get_parent().pk]),
        reverse("courses:index"),
        reverse("lessons:index"),
        reverse("wagtailsnippets_courses_topic:list"),
    ):
        response = client.get(address)
        assert response.status_code == 200, address
    markup = client.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk])).content.decode()
    assert 'data-device-width="360"' in markup
