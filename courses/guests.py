"""What somebody without a login has done in this session. It becomes rows once they sign in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

SESSION_KEY = "guest"


class GuestRecord:
    """`session["guest"]`: `{"lessons": {lesson_key: [course_key, iso time]}, "answers": {question_id: [choice ids]}}`.

    Only keys that exist on the site are written by the views, so the record stays as small as the site.
    """

    def __init__(self, session: Any) -> None:
        self._session = session
        self._data: dict[str, dict[str, Any]] = session.get(SESSION_KEY) or {}

    def __bool__(self) -> bool:
        return bool(self.lessons or self.answers)

    @property
    def lessons(self) -> dict[UUID, tuple[UUID, datetime]]:
        """Lessons done: lesson key → course key and moment."""
        return {
            UUID(lesson): (UUID(course), datetime.fromisoformat(moment))
            for lesson, (course, moment) in self._data.get("lessons", {}).items()
        }

    @property
    def answers(self) -> dict[int, list[int]]:
        """Answers to questions inside lessons: question id → chosen choice ids."""
        return {int(question): list(chosen) for question, chosen in self._data.get("answers", {}).items()}

    def done_in(self, course_key: UUID) -> set[UUID]:
        return {lesson for lesson, (course, _at) in self.lessons.items() if course == course_key}

    def answers_to(self, question_ids: Iterable[int]) -> dict[int, list[int]]:
        wanted = set(question_ids)
        return {question: chosen for question, chosen in self.answers.items() if question in wanted}

    def add_lesson(self, *, course_key: UUID, lesson_key: UUID, at: datetime) -> None:
        """Keep the first moment at which the lesson was done."""
        self._data.setdefault("lessons", {}).setdefault(str(lesson_key), [str(course_key), at.isoformat()])
        self._session[SESSION_KEY] = self._data

    def set_answer(self, *, question_id: int, chosen: list[int]) -> None:
        self._data.setdefault("answers", {})[str(question_id)] = chosen
        self._session[SESSION_KEY] = self._data

    def clear(self) -> None:
        self._data = {}
        self._session.pop(SESSION_KEY, None)
