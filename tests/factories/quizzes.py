"""Questions and quizzes for tests."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import User
from common import clock
from people.enums import PersonSource
from people.models import Person
from quizzes.enums import QuestionKind
from quizzes.models import Attempt, Category, Choice, Question, Quiz


def make_question(
    text: str = "Tin nhắn nào đáng ngờ?",
    *,
    right: Sequence[str] = ("Gọi lại số chính thức",),
    wrong: Sequence[str] = ("Bấm vào xem thử", "Đọc mã cho họ", "Chuyển tiền ngay"),
    kind: str | None = None,
    **fields,
) -> Question:
    """A question with its choices, the right ones last; multiple when several are right."""
    kind = kind or (QuestionKind.MULTIPLE if len(right) > 1 else QuestionKind.SINGLE)
    category, _created = Category.objects.get_or_create(slug="an-toan", defaults={"title": "An toàn trên mạng"})
    fields = {"category": category, "explanation": "Kẻ gian luôn giục bạn làm ngay.", **fields}
    question = Question.objects.create(kind=kind, text=text, **fields)
    Choice.objects.bulk_create(
        Choice(
            question=question,
            sort_order=order,
            text=choice,
            is_correct=choice in right,
            feedback=f"Vì sao: {choice}",
        )
        for order, choice in enumerate([*wrong, *right])
    )
    return question


def make_quiz(questions: int | Sequence[Question] = 3, **fields) -> Quiz:
    """A quiz of that many new questions, or of these; by default no limits and a pass mark of 70 per cent."""
    if isinstance(questions, int):
        questions = [make_question(f"Câu hỏi số {number}?") for number in range(1, questions + 1)]
    quiz = Quiz.objects.create(**{"title": "Bài kiểm tra", "pass_mark": 70, **fields})
    quiz.questions.set(questions)
    return quiz


def right_ids(asked: dict) -> list[int]:
    """The right choices of a frozen question."""
    return [choice["id"] for choice in asked["choices"] if choice["correct"]]


def wrong_ids(asked: dict) -> list[int]:
    return [choice["id"] for choice in asked["choices"] if not choice["correct"]]


def answer_all(attempt: Attempt, *, wrong: int = 0, at=None) -> Attempt:
    """Answer every question of an attempt, the first `wrong` of them wrongly."""
    from quizzes.operations import save_answer

    for response in attempt.responses.all():
        ids = wrong_ids(response.asked)[:1] if response.position <= wrong else right_ids(response.asked)
        save_answer(attempt=attempt, position=response.position, chosen=ids, at=at)
    return attempt


def make_learner(full_name: str = "Nguyễn Thị Ngọc Ánh", **fields) -> Person:
    """A person with a login of their own."""
    number = User.objects.count() + 1
    account = fields.pop("account", None) or User.objects.create(username=f"learner-{number}")
    return Person.objects.create(
        **{
            "full_name": full_name,
            "birth_year": 1960,
            "account": account,
            "source": PersonSource.SELF,
            "created_at": clock.now(),
            **fields,
        }
    )
