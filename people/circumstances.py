"""Under which circumstances somebody learns in this request: helped by somebody, or on a device that many share.

Set where the request's learner is found, read by the facts of learning when they are written (`LearntUnder`), so that
no operation has to hand it on. It names the person: what the request does for somebody else is not marked.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Circumstances:
    """`acted_by_id` is the login that acts for the person, `shared_session_id` the session of the shared device."""

    person_id: int
    acted_by_id: int | None = None
    shared_session_id: int | None = None


_now: ContextVar[Circumstances | None] = ContextVar("circumstances", default=None)


def learn_under(circumstances: Circumstances | None) -> None:
    """What is written about the person from now on carries this; None: an ordinary learner, or the end of a request."""
    _now.set(circumstances)


def circumstances_of(person_id: int | None) -> Circumstances | None:
    """How this person learns in the present request; None for an ordinary learner and for everybody else."""
    found = _now.get()
    return found if found is not None and found.person_id == person_id else None


def is_acted_for(person_id: int) -> bool:
    """Whether somebody else acts for the person in the present request."""
    found = circumstances_of(person_id)
    return found is not None and found.acted_by_id is not None
