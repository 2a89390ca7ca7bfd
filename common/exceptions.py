"""The base of every refusal that a person may read."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.functional import Promise


class DomainError(Exception):
    """A rule said no: a stable `code` for programs, a translatable `message` for people.

    A subclass sets both; the message may hold %-placeholders, which are filled from the keyword
    arguments when the error is shown, in the language that is active then::

        class SeatsTaken(DomainError):
            code = "seats-taken"
            message = _("All %(seats)d seats are taken.")

        raise SeatsTaken(seats=30)
    """

    code: ClassVar[str] = "domain-error"
    message: ClassVar[str | Promise] = ""

    def __init__(self, **params: Any) -> None:
        super().__init__()
        self.params: dict[str, Any] = params

    def __str__(self) -> str:
        return str(self.message % self.params) if self.params else str(self.message)

    def __repr__(self) -> str:
        # Parameters may name a person, and a repr ends in logs: the code is enough to find the rule.
        return f"<{type(self).__name__} {self.code}>"
