"""Lesson pages from shells: the same page as drawn plainly, never stale, nobody's data in another's page."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.views import serve as wagtail_serve

from common import clock
from content.memory import forget_everything
from content.models import ContentVersion, SiteSettings
from courses import page_views, shells
from courses.models import LessonCompletion, LessonPage
from courses.readers import reader_of
from people.learners import current_learner
from quizzes.models import PracticeAnswer
from tests.factories.courses import make_catalogue, make_course, make_lesson
from tests.factories.people import make_person
from tests.factories.quizzes import make_learner, make_question

pytestmark = pytest.mark.django_db

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@pytest.fixture(autouse=True)
def _empty_memory():
    forget_everything()


@pytest.fixture
def question():
    return make_question()


@pytest.fixture
def course(question):
    course = make_course("Tránh lừa đảo", lessons=0, slug="tranh-lua-dao")
    make_lesson(course, "Bốn dấu hiệu", slug="bon-dau-hieu", questions=[question])
    make_lesson(course, "Cuộc gọi giả", slug="cuoc-goi-gia")
    make_lesson(course, "Chặn và báo", slug="chan-va-bao")
    return course


FIRST = "/khoa-hoc/tranh-lua-dao/bon-dau-hieu/"
SECOND = "/khoa-hoc/tranh-lua-dao/cuoc-goi-gia/"


def lesson(slug: str = "bon-dau-hieu") -> LessonPage:
    return LessonPage.objects.get(slug=slug, alias_of=None)


def text(client: Client, path: str = FIRST) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode().replace("\u00a0", " ")


def drawn_plainly(client: Client, path: str, monkeypatch) -> str:
    """The same page through Wagtail's own view."""
    with monkeypatch.context() as patch:
        patch.setattr(page_views, "_is_ordinary", lambda request: False)
        return text(client, path)


def same_tokens(markup: str) -> str:
    """Django masks the token anew each time."""
    return TOKEN.sub('name="csrfmiddlewaretoken" value="…"', markup)


def publish(page: LessonPage, **changes) -> None:
    for name, value in changes.items():
        setattr(page, name, value)
    page.save_revision().publish()


# Equality -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [FIRST, SECOND, "/khoa-hoc/tranh-lua-dao/chan-va-bao/"])
def test_a_visitor_gets_the_page_that_is_drawn_plainly(client, course, monkeypatch, path):
    from_shell = text(client, path)
    assert same_tokens(from_shell) == same_tokens(drawn_plainly(client, path, monkeypatch))


@pytest.mark.parametrize("answer", ["right", "wrong", None])
@pytest.mark.parametrize("done", [0, 1, 3])
def test_a_learner_gets_the_page_that_is_drawn_plainly(client, course, question, monkeypatch, done, answer):
    person = make_learner()
    client.force_login(person.account)
    for page in LessonPage.objects.order_by("path")[:done]:
        LessonCompletion.objects.create(
            person=person,
            course_key=course.translation_key,
            lesson_key=page.translation_key,
            completed_at=clock.now(),
        )
    if answer:
        chosen = question.choices.filter(is_correct=answer == "right").first()
        PracticeAnswer.objects.create(person=person, question=question, chosen=[chosen.pk], answered_at=clock.now())
    for path in (FIRST, SECOND):
        assert same_tokens(text(client, path)) == same_tokens(drawn_plainly(client, path, monkeypatch))


def test_a_guest_who_did_something_gets_the_page_that_is_drawn_plainly(client, course, question, monkeypatch):
    client.post(reverse("lesson_done", args=[lesson().translation_key]))
    chosen = question.choices.filter(is_correct=True).values_list("pk", flat=True)
    client.post(reverse("practice_answer", args=[lesson().translation_key, question.pk]), {"choice": list(chosen)})
    markup = text(client)
    assert "<b>You chose this, correct</b>" in markup or "<b>Bạn chọn" in markup
    assert same_tokens(markup) == same_tokens(drawn_plainly(client, FIRST, monkeypatch))


def test_the_english_page_is_the_same_too_and_marks_what_is_vietnamese(client, course, monkeypatch):
    path = _english(course)
    markup = text(client, path)
    assert '<html lang="en">' in markup
    assert '<article class="flow" lang="vi">' in markup
    assert same_tokens(markup) == same_tokens(drawn_plainly(client, path, monkeypatch))
    assert '<html lang="vi">' in text(client)


def _english(course) -> str:
    """Show the course in the English tree; returns the address of its first lesson there."""
    index = make_catalogue("en")
    Page.objects.filter(pk=index.pk).update(translation_key=course.get_parent().translation_key)
    english = index.locale
    course.copy_for_translation(english, alias=True)
    for page in LessonPage.objects.child_of(course).order_by("path"):
        page.copy_for_translation(english, alias=True)
    return f"/en{FIRST}"


def test_the_spliced_gzip_stream_is_the_page(client, course):
    person = make_learner()
    client.force_login(person.account)
    packed = client.get(FIRST, headers={"accept-encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip"
    assert int(packed["Content-Length"]) == len(packed.content)
    assert "Accept-Encoding" in packed["Vary"]
    plain = client.get(FIRST)
    assert "Content-Encoding" not in plain
    assert same_tokens(gzip.decompress(packed.content).decode()) == same_tokens(plain.content.decode())


def test_nothing_of_the_reader_is_kept_in_the_shell(client, course):
    person = make_learner()
    person.full_name = "Nguyễn Thị Bích Thuỷ"
    person.save()
    client.force_login(person.account)
    assert "<span>Thuỷ</span>" in text(client)
    for _token, shell in shells._shells._things.values():
        kept = b"".join(
            piece.plain
            for pieces in (shell.pieces, *shell.drawn.values())
            for piece in pieces
            if isinstance(piece, shells.Piece)
        ).decode()
        assert "Thuỷ" not in kept
        assert not TOKEN.search(kept)
    assert "Thuỷ" not in text(Client())


def test_a_name_is_escaped(client, course):
    person = make_learner()
    person.full_name = "Lan <script>alert(1)</script>"
    person.save()
    client.force_login(person.account)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text(client)


# Never stale ----------------------------------------------------------------------------------------------


def test_a_published_change_is_seen_at_once_and_a_draft_is_not(client, course):
    assert "Bốn dấu hiệu" in text(client)
    page = lesson()
    page.title = "Năm dấu hiệu"
    page.save_revision()
    assert "Năm dấu hiệu" not in text(client)
    publish(page)
    assert "Năm dấu hiệu" in text(client)


def test_saving_a_draft_throws_no_shell_away(client, course):
    before = ContentVersion.current()
    page = lesson()
    page.title = "Bản nháp"
    page.save_revision()
    assert ContentVersion.current() == before


def test_a_new_title_of_the_next_lesson_is_seen(client, course):
    assert "Cuộc gọi giả" in text(client)
    publish(lesson("cuoc-goi-gia"), title="Cuộc gọi lạ")
    assert "Cuộc gọi lạ" in text(client)


def test_unpublished_is_gone_and_published_again_is_back(client, course):
    text(client)
    lesson().unpublish()
    assert client.get(FIRST).status_code == 404
    publish(lesson())
    text(client)


def test_a_sibling_that_is_unpublished_leaves_the_plots(client, course):
    plots = re.compile(r"<i(?: class=.\w.)?></i>")
    assert len(plots.findall(text(client))) == 3
    lesson("chan-va-bao").unpublish()
    assert len(plots.findall(text(client))) == 2


def test_a_scheduled_lesson_opens_and_expires_by_the_clock(client, course):
    page = lesson("cuoc-goi-gia")
    page.unpublish()
    page = lesson("cuoc-goi-gia")
    page.go_live_at = timezone.now() + timedelta(minutes=5)
    page.save_revision().publish()
    assert client.get(SECOND).status_code == 404
    # Five minutes later, without waiting for them.
    ago = timezone.now() - timedelta(minutes=1)
    Page.objects.filter(pk=page.pk).update(go_live_at=ago)
    revision = lesson("cuoc-goi-gia").scheduled_revision
    revision.approved_go_live_at = ago
    revision.content["go_live_at"] = ago.isoformat()
    revision.save()
    call_command("publish_scheduled")
    assert client.get(SECOND).status_code == 200
    Page.objects.filter(pk=page.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
    call_command("publish_scheduled")
    assert client.get(SECOND).status_code == 404


def test_a_restricted_lesson_or_course_is_left_to_wagtail(client, course):
    text(client)
    restriction = PageViewRestriction.objects.create(page=lesson(), restriction_type=PageViewRestriction.LOGIN)
    assert client.get(FIRST).status_code == 302
    restriction.delete()
    text(client)
    PageViewRestriction.objects.create(page=course, restriction_type=PageViewRestriction.LOGIN)
    assert client.get(FIRST).status_code == 302


def test_a_changed_question_is_seen(client, course, question):
    assert "Bấm vào xem thử" in text(client)
    choice = question.choices.get(text="Bấm vào xem thử")
    choice.text = "Bấm thử xem sao"
    choice.save()
    assert "Bấm thử xem sao" in text(client)


def test_changed_site_settings_are_seen(client, course):
    text(client)
    settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    settings.name = "Tỉnh Học Số"
    settings.save()
    assert "Tỉnh Học Số" in text(client)


def test_a_moved_lesson_is_found_where_it_is_now(client, course):
    text(client)
    other = make_course("Khoá khác", lessons=0, slug="khoa-khac")
    lesson().move(other, pos="last-child")
    moved = client.get(FIRST)  # Wagtail keeps the old address as a redirect
    assert (moved.status_code, moved["Location"]) == (301, "/khoa-hoc/khoa-khac/bon-dau-hieu/")
    assert "Khoá khác" in text(client, "/khoa-hoc/khoa-khac/bon-dau-hieu/")


def test_a_rolled_back_change_leaves_nothing_behind(client, course):
    from django.db import transaction

    before = text(client)
    try:
        with transaction.atomic():
            publish(lesson(), title="Không bao giờ")
            assert "Không bao giờ" in text(client)
            raise RuntimeError
    except RuntimeError:
        pass
    assert same_tokens(text(client)) == same_tokens(before)


def test_two_sites_or_a_waiting_message_go_to_wagtail(client, course, monkeypatch):
    called = []
    monkeypatch.setattr(page_views, "wagtail_serve", lambda *args: called.append(args) or wagtail_serve(*args))
    text(client)
    assert not called
    client.post(reverse("practice_answer", args=[lesson().translation_key, make_question().pk]))
    Site.objects.create(hostname="khac.vn", root_page=Page.objects.get(depth=1))
    text(client)
    assert len(called) == 1


# Forms ----------------------------------------------------------------------------------------------------


def test_the_token_in_the_page_is_accepted(course, question):
    client = Client(enforce_csrf_checks=True)
    markup = text(client)
    tokens = TOKEN.findall(markup)
    assert len(tokens) == 2  # the question's form and the way on
    address = reverse("lesson_done", args=[lesson().translation_key])
    assert f'action="{address}"' in markup
    assert client.post(address, {"next": SECOND}).status_code == 403
    answer = client.post(address, {"next": SECOND, "csrfmiddlewaretoken": tokens[1]})
    assert (answer.status_code, answer["Location"]) == (302, SECOND)


def test_the_token_of_a_later_visit_is_accepted_and_never_compressed(course):
    client = Client(enforce_csrf_checks=True)
    text(client)
    packed = client.get(FIRST, headers={"accept-encoding": "gzip"})
    token = TOKEN.findall(gzip.decompress(packed.content).decode())[0]
    assert packed.content.count(token.encode()) == 2
    address = reverse("lesson_done", args=[lesson().translation_key])
    assert client.post(address, {"csrfmiddlewaretoken": token}).status_code == 302
    assert Client(enforce_csrf_checks=True).post(address, {"csrfmiddlewaretoken": token}).status_code == 403


def test_the_way_on_is_quiet_until_the_question_is_answered(client, course, question):
    assert 'class="btn alt two"' in text(client)
    chosen = question.choices.get(is_correct=True)
    client.post(reverse("practice_answer", args=[lesson().translation_key, question.pk]), {"choice": chosen.pk})
    assert 'class="btn alt two"' not in text(client)


def test_the_last_lesson_leads_to_the_course_or_its_test(client, course):
    from tests.factories.quizzes import make_quiz

    path = "/khoa-hoc/tranh-lua-dao/chan-va-bao/"
    assert 'name="next" value="/khoa-hoc/tranh-lua-dao/"' in text(client, path)
    course.quiz = make_quiz()
    course.save_revision().publish()
    assert reverse("course_test", args=[course.translation_key]) in text(client, path)


# Cost -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lessons", [1, 6])
def test_queries_of_a_lesson(client, django_assert_num_queries, lessons):
    make_course(lessons=lessons, slug="mot-khoa")
    person = make_learner()
    client.force_login(person.account)
    path = "/khoa-hoc/mot-khoa/bai-1/"
    text(client, path)
    with django_assert_num_queries(4):  # session, user, page, reader
        text(client, path)
    with django_assert_num_queries(1):  # page
        text(Client(), path)


# Who reads ------------------------------------------------------------------------------------------------


def test_the_reader_is_the_learner_of_the_session(rf, course):
    key = course.translation_key
    alone = make_learner()
    request = rf.get(FIRST)
    request.user, request.session = alone.account, {}
    assert reader_of(request, key, []).learner_id == current_learner(request).pk == alone.pk
    second = make_person("Lê Văn Nam", account=alone.account)
    assert reader_of(request, key, []).learner_id is current_learner(request) is None
    assert reader_of(request, key, []).name == str(alone.account)
    request.session = {"learner": second.pk}
    assert reader_of(request, key, []).learner_id == current_learner(request).pk == second.pk
    assert reader_of(request, key, []).name == "Nam"
    request.session = {"learner": make_person("Người khác").pk}
    assert reader_of(request, key, []).learner_id is current_learner(request) is None


def test_what_others_of_the_household_did_is_not_the_readers(rf, course, question):
    first = make_learner()
    second = make_person("Lê Văn Nam", account=first.account)
    LessonCompletion.objects.create(
        person=second, course_key=course.translation_key, lesson_key=uuid4(), completed_at=clock.now()
    )
    PracticeAnswer.objects.create(person=second, question=question, chosen=[1], answered_at=clock.now())
    request = rf.get(FIRST)
    request.user, request.session = first.account, {"learner": first.pk}
    reader = reader_of(request, course.translation_key, [question.pk])
    assert (reader.done, reader.answers) == (frozenset(), {})
    request.session = {"learner": second.pk}
    reader = reader_of(request, course.translation_key, [question.pk])
    assert len(reader.done) == 1
    assert reader.answers == {question.pk: (1,)}
