"""Courses from files: what becomes of them, that doing it again changes nothing, and that an editor's work stays."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from content.models import CustomDocument, CustomImage
from courses.loading import CourseFileError, read_course
from courses.models import CoursePage, LessonPage, Topic
from quizzes.models import Question, Quiz
from tests.courses.sample import change, write_course
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

ITEMS = 5  # course, two lessons, one question, the test


@pytest.fixture
def folder(tmp_path):
    return write_course(tmp_path)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def load(path, **options) -> dict:
    out = io.StringIO()
    call_command("load_courses", path, stdout=out, **options)
    return json.loads(out.getvalue())


def lesson(slug: str = "bai-dau") -> LessonPage:
    return LessonPage.objects.get(slug=slug, alias_of=None)


def edit(page, **changes):
    """Do as an editor does: change, save, publish."""
    for name, value in changes.items():
        setattr(page, name, value)
    page.save_revision(user=make_user()).publish()


# What becomes of the files --------------------------------------------------------------------------------


def test_a_folder_becomes_pages_questions_pictures_and_files(folder):
    done = load(folder)
    assert done == {
        "courses": 1,
        "lessons": 2,
        "questions": 1,
        "created": ITEMS,
        "updated": 0,
        "kept": 0,
        "unchanged": 0,
    }
    course = CoursePage.objects.get(slug="khoa-nho", alias_of=None)
    assert str(course.translation_key) == "11111111-1111-4111-8111-111111111111"
    assert (course.live, course.audience, course.icon) == (True, "resident", "shield")
    assert course.intro == "<p>Lời <strong>giới thiệu</strong>.</p>"
    assert list(course.topics.all()) == [Topic.objects.get(slug="an-toan", title="An toàn trên mạng")]
    assert [page.slug for page in course.get_children()] == ["bai-dau", "bai-hai"]
    quiz = course.quiz
    assert (quiz.draw, quiz.pass_mark, quiz.max_attempts, quiz.time_limit_minutes) == (1, 70, 3, None)
    question = quiz.questions.get()
    assert [(choice.text, choice.is_correct) for choice in question.choices.all()] == [("Đúng", True), ("Sai", False)]

    page = lesson()
    assert (page.minutes, page.competence, page.search_description) == (5, "4.1", "Học một điều.")
    kinds = [block.block_type for block in page.body]
    assert kinds == ["text", "figure", "steps", "notice", "checklist", "question", "table", "file"]
    text, figure, steps, *_rest, question_block, table, file = (block.value for block in page.body)
    assert '<a href="https://example.vn/">' in text.source
    assert "<h2>Đầu đề</h2>" in text.source
    assert "<li>hai</li>" in text.source
    image = CustomImage.objects.get()
    assert figure["image"] == steps["steps"][0]["image"] == image
    assert (image.width, image.height, image.alt_text) == (40, 40, "Một hình vuông")
    assert figure["alt"] == "Một hình vuông"
    assert steps["steps"][0]["alt"] == "Hình của bước một"
    assert steps["steps"][1]["image"] is None
    assert question_block["question"] == question
    assert [list(row) for row in table["rows"]] == [["Công an", "113"]]
    document = CustomDocument.objects.get()
    assert file["document"] == document
    with document.file.open() as stored:
        assert stored.read().decode().startswith("Ghi nhớ")


def test_the_pages_are_shown_in_the_english_tree(folder, client):
    load(folder)
    alias = CoursePage.objects.get(locale__language_code="en")
    assert alias.alias_of_id == CoursePage.objects.get(alias_of=None).pk
    assert alias.live
    assert client.get("/en/khoa-hoc/khoa-nho/").status_code == 200
    answer = client.get("/en/khoa-hoc/khoa-nho/bai-dau/").content.decode()
    assert 'lang="vi"' in answer
    assert "Next lesson, 2 of 2" in answer.replace("\u00a0", " ")


def test_loaded_pages_are_served(folder, client):
    load(folder)
    for path in ("/", "/khoa-hoc/", "/khoa-hoc/khoa-nho/", "/khoa-hoc/khoa-nho/bai-hai/", "/tro-giup/"):
        assert client.get(path).status_code == 200, path
    markup = client.get("/khoa-hoc/khoa-nho/bai-dau/").content.decode()
    image = CustomImage.objects.get()
    assert f'src="{image.file.url}" alt="Một hình vuông" width="40" height="40" decoding' in markup
    assert 'width="40" height="40" loading="lazy"' in markup
    assert "style=" not in markup


# Again ----------------------------------------------------------------------------------------------------


def test_loading_again_changes_nothing(folder):
    load(folder)
    before = list(LessonPage.objects.order_by("pk").values("pk", "latest_revision_id", "live_revision_id"))
    done = load(folder)
    assert (done["unchanged"], done["created"], done["updated"]) == (ITEMS, 0, 0)
    assert before == list(LessonPage.objects.order_by("pk").values("pk", "latest_revision_id", "live_revision_id"))
    assert CustomImage.objects.count() == CustomDocument.objects.count() == Quiz.objects.count() == 1


def test_a_changed_file_changes_its_page_and_its_alias(folder):
    load(folder)
    change(folder / "02-bai-hai.md", "title: Bài thứ hai", "title: Bài hai mới")
    done = load(folder)
    assert (done["updated"], done["unchanged"]) == (1, ITEMS - 1)
    assert {page.title for page in LessonPage.objects.filter(slug="bai-hai")} == {"Bài hai mới"}


def test_a_changed_picture_changes_its_page(folder):
    load(folder)
    change(folder / "figures/hinh.svg", "#0b6e4f", "#f2b705")
    assert load(folder)["updated"] == 1
    assert lesson().body[1].value["image"] == CustomImage.objects.latest("pk")


def test_choices_keep_their_rows(folder):
    load(folder)
    before = list(Question.objects.get().choices.values_list("pk", flat=True))
    change(folder / "questions.yaml", "Chưa phải.", "Chưa đúng.")
    assert load(folder)["updated"] == 1
    assert list(Question.objects.get().choices.values_list("pk", flat=True)) == before


def test_what_an_editor_changed_stays_unless_forced(folder):
    load(folder)
    edit(lesson("bai-hai"), title="Tên của biên tập viên")
    question = Question.objects.get()
    question.text = "Câu của biên tập viên?"
    question.save()
    change(folder / "02-bai-hai.md", "title: Bài thứ hai", "title: Bài hai mới")
    change(folder / "questions.yaml", "Vì thế.", "Vì vậy.")
    Quiz.objects.update(pass_mark=90)
    done = load(folder)
    assert (done["kept"], done["updated"]) == (3, 0)
    assert Quiz.objects.get().pass_mark == 90
    assert lesson("bai-hai").title == "Tên của biên tập viên"
    assert Question.objects.get().text == "Câu của biên tập viên?"
    assert load(folder, force=True)["updated"] == 3
    assert Quiz.objects.get().pass_mark == 70
    assert lesson("bai-hai").title == "Bài hai mới"
    assert Question.objects.get().text == "Chọn câu đúng?"
    assert load(folder)["unchanged"] == ITEMS


def test_a_draft_of_an_editor_is_not_published_over(folder):
    load(folder)
    page = lesson("bai-hai")
    page.title = "Đang viết dở"
    page.save_revision(user=make_user())
    change(folder / "02-bai-hai.md", "minutes: 7", "minutes: 9")
    assert load(folder)["kept"] == 1
    assert lesson("bai-hai").minutes == 7
    assert lesson("bai-hai").get_latest_revision_as_object().title == "Đang viết dở"


def test_a_page_that_an_editor_unpublished_stays_so(folder):
    load(folder)
    lesson("bai-hai").unpublish()
    assert load(folder)["unchanged"] == ITEMS
    assert not lesson("bai-hai").live


def test_lessons_follow_the_order_of_the_files(folder):
    load(folder)
    (folder / "02-bai-hai.md").rename(folder / "00-bai-hai.md")
    load(folder)
    for course in CoursePage.objects.all():
        assert [page.slug for page in course.get_children()] == ["bai-hai", "bai-dau"]


def test_a_lesson_without_a_file_any_more_is_unpublished(folder):
    load(folder)
    (folder / "02-bai-hai.md").unlink()
    load(folder)
    assert not lesson("bai-hai").live


# Refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("course.md", "key: 1111", "key: xxxx", ("course.md", "front matter", "`key` must be a UUID")),
        ("course.md", "audience: resident", "audience: cat", ("`audience` must be one of", "resident")),
        ("course.md", "draw: 1", "draw: 5", ("at least 5 questions",)),
        ("course.md", "title: Khoá nhỏ", "title: [", ("course.md", "front matter, line", "valid YAML")),
        ("course.md", "language: vi", "language: xx", ("`language` must be one of",)),
        ("course.md", "Lời **giới", "# Lời **giới", ("the introduction", "headings of the levels")),
        ("01-bai-dau.md", "file: figures/hinh.svg", "file: figures/mat.svg", ("figures/mat.svg does not exist",)),
        ("01-bai-dau.md", "file: figures/hinh.svg", "file: ../../x.svg", ("does not exist in the course's folder",)),
        ("01-bai-dau.md", "```notice", "```lorem", ("block lorem at line", "one of figure")),
        ("01-bai-dau.md", "ref: cau-mot", "ref: cau-hai", ("no question with `ref` cau-hai",)),
        ("01-bai-dau.md", "kind: warning", "kind: pink", ("notice at line", "`kind` must be one of")),
        ("01-bai-dau.md", "alt: Một hình vuông", "note: x", ("figure at line 16", "`alt` must be a text")),
        ("01-bai-dau.md", '[Công an, "113"]', "[Công an]", ("each row must have 2 cells",)),
        ("01-bai-dau.md", "## Đầu đề", "#### Đầu đề", ("headings of the levels",)),
        ("01-bai-dau.md", "## Đầu đề", "![x](y.png)", ("the text, line 11", "not image")),
        ("02-bai-hai.md", "slug: bai-hai", "slug: bai-dau", ("lesson slugs", "only once")),
        ("02-bai-hai.md", "minutes: 7", "minutes: bảy", ("`minutes` must be a whole number",)),
        ("questions.yaml", "correct: true, ", "", ("question cau-mot",)),
        ("questions.yaml", "feedback: Chưa phải.", "note: x", ("question cau-mot, choice 2", "`feedback`")),
        ("figures/hinh.svg", "<rect", "<script/><rect", ("figures/hinh.svg", "script")),
    ],
)
def test_a_broken_file_says_where_and_what_and_changes_nothing(folder, file, old, new, said):
    change(folder / file, old, new)
    with pytest.raises(CommandError) as caught:
        load(folder)
    for part in said:
        assert part in str(caught.value)
    assert not CoursePage.objects.exists()
    assert not Question.objects.exists()
    assert not CustomImage.objects.exists()


def test_text_in_another_encoding_is_refused(folder):
    (folder / "02-bai-hai.md").write_bytes("Lừa đảo".encode("utf-16"))
    with pytest.raises(CourseFileError, match="text in UTF-8"):
        read_course(folder)


def test_a_broken_course_does_not_keep_the_others_out(tmp_path, folder):
    other = tmp_path / "khac"
    other.mkdir()
    (other / "course.md").write_text("không có gì", encoding="utf-8")
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"khac/course\.md, line 1"):
        call_command("load_courses", tmp_path, stdout=out)
    assert json.loads(out.getvalue())["courses"] == 1
    assert CoursePage.objects.filter(slug="khoa-nho", live=True).exists()


def test_a_folder_without_a_course_is_an_error(tmp_path):
    with pytest.raises(CommandError, match="There is no course in"):
        load(tmp_path)


def test_the_shipped_courses_are_whole():
    """Four courses as the format asks, each lesson with a figure and a question, each test with twelve questions."""
    from courses.management.commands.load_courses import LIBRARY, find_courses

    courses = [read_course(folder) for folder in find_courses(LIBRARY)]
    assert len(courses) == 4
    for course in courses:
        assert 5 <= len(course.lessons) <= 7
        assert sum(question.in_test for question in course.questions) >= 12
        for page in course.lessons:
            kinds = [block.kind for block in page.blocks]
            assert "question" in kinds, page.slug
            assert {"figure", "steps"} & set(kinds), page.slug
