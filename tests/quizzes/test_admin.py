"""The question bank in the admin: what an editor may save, and what is said about the rest."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import User
from quizzes.enums import QuestionKind
from quizzes.models import Category, Question, Quiz
from quizzes.validators import choice_problems
from tests.factories.quizzes import make_question, make_quiz

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    client.force_login(User.objects.create_superuser(username="editor"))
    return client


def address(model, name: str, *args) -> str:
    return reverse(model.snippet_viewset.get_url_name(name), args=args)


def question_form(choices, kind=QuestionKind.SINGLE, **fields) -> dict:
    category, _created = Category.objects.get_or_create(slug="an-toan", defaults={"title": "An toàn"})
    form = {
        "category": category.pk,
        "kind": kind,
        "text": "Số nào nhận tin báo lừa đảo?",
        "explanation": "",
        "competence": "",
        "difficulty": 1,
        "language": "vi",
        "choices-TOTAL_FORMS": len(choices),
        "choices-INITIAL_FORMS": 0,
        "choices-MIN_NUM_FORMS": 0,
        "choices-MAX_NUM_FORMS": 1000,
    }
    for number, (text, right, feedback) in enumerate(choices):
        form |= {
            f"choices-{number}-text": text,
            f"choices-{number}-feedback": feedback,
            f"choices-{number}-id": "",
            f"choices-{number}-ORDER": number + 1,
            f"choices-{number}-DELETE": "",
        }
        if right:
            form[f"choices-{number}-is_correct"] = "on"
    return form | fields


GOOD = [("156", True, "Đúng."), ("113", False, "Để báo việc khẩn."), ("115", False, "Để gọi cấp cứu.")]


@pytest.mark.parametrize("model", [Question, Quiz, Category])
def test_lists_and_forms_open(editor, model):
    make_quiz(2)
    assert editor.get(address(model, "list")).status_code == 200
    assert editor.get(address(model, "add")).status_code == 200
    assert editor.get(address(model, "edit", model.objects.first().pk)).status_code == 200


def test_a_question_is_saved_with_its_choices_in_order(editor):
    response = editor.post(address(Question, "add"), question_form(GOOD))
    assert response.status_code == 302
    question = Question.objects.get()
    assert list(question.choices.values_list("text", "is_correct", "feedback")) == GOOD


def test_several_right_answers_are_saved(editor):
    choices = [("Một", True, "x"), ("Hai", True, "y"), ("Ba", False, "z")]
    editor.post(address(Question, "add"), question_form(choices, QuestionKind.MULTIPLE))
    assert Question.objects.get().choices.filter(is_correct=True).count() == 2


@pytest.mark.parametrize(
    ("kind", "choices"),
    [
        (QuestionKind.SINGLE, [("Một", True, "x"), ("Hai", True, "y")]),
        (QuestionKind.SINGLE, [("Một", False, "x"), ("Hai", False, "y")]),
        (QuestionKind.SINGLE, [("Một", True, "x")]),
        (QuestionKind.SINGLE, []),
        (QuestionKind.MULTIPLE, [("Một", True, "x"), ("Hai", True, "y")]),
        (QuestionKind.MULTIPLE, [("Một", False, "x"), ("Hai", False, "y")]),
        (QuestionKind.SINGLE, [("Một", True, ""), ("Hai", False, "y")]),
        (QuestionKind.SINGLE, [("Một", True, "x"), ("một ", False, "y")]),
    ],
)
def test_a_question_that_cannot_be_asked_is_not_saved_and_nothing_typed_is_lost(editor, kind, choices):
    response = editor.post(address(Question, "add"), question_form(choices, kind))
    assert response.status_code == 200
    assert not Question.objects.exists()
    page = response.content.decode()
    assert "Số nào nhận tin báo lừa đảo?" in page
    for text, _right, _feedback in choices:
        assert text.strip() in page


def test_a_deleted_choice_does_not_count(editor):
    question = make_question()
    rows = list(question.choices.all())
    form = question_form([(row.text, row.is_correct, row.feedback) for row in rows])
    form["choices-INITIAL_FORMS"] = len(rows)
    for number, row in enumerate(rows):
        form[f"choices-{number}-id"] = row.pk
    form[f"choices-{len(rows) - 1}-DELETE"] = "1"  # the only right one
    assert editor.post(address(Question, "edit", question.pk), form).status_code == 200
    assert question.choices.filter(is_correct=True).exists()
    form["choices-0-is_correct"] = "on"
    assert editor.post(address(Question, "edit", question.pk), form).status_code == 302
    assert list(question.choices.values_list("is_correct", flat=True)) == [True, False, False]


def test_questions_are_found_without_accents(editor, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        make_question("Cuộc gọi nào là lừa đảo?")
        make_question("Đường dẫn nào là thật?")
    for words, call, link in (("lua dao", True, False), ("lừa đảo", True, False), ("duong dan", False, True)):
        page = editor.get(address(Question, "list"), {"q": words}).content.decode()
        assert ("Cuộc gọi nào" in page, "Đường dẫn nào" in page) == (call, link)


@pytest.mark.parametrize(
    ("fields", "saved"),
    [
        ({"draw": 2}, True),
        ({"draw": ""}, True),
        ({"draw": 3}, False),
        ({"draw": 0}, False),
        ({"pass_mark": 0}, False),
        ({"pass_mark": 101}, False),
        ({"max_attempts": 0}, False),
        ({"time_limit_minutes": 0}, False),
    ],
)
def test_the_rules_of_a_test(editor, fields, saved):
    questions = [make_question("Một?").pk, make_question("Hai?").pk]
    form = {"title": "Cuối khoá", "questions": questions, "pass_mark": 70, "shuffle": "on", **fields}
    response = editor.post(address(Quiz, "add"), form)
    assert (response.status_code, Quiz.objects.exists()) == ((302, True) if saved else (200, False))


def test_problems_name_their_choice():
    problems = choice_problems("single", [("Một", True, ""), ("Hai", True, "x"), ("MỘT", False, "y")])
    assert [(problem.code, problem.position) for problem in problems] == [
        ("one-right", None),
        ("no-feedback", 0),
        ("twice", 2),
    ]
