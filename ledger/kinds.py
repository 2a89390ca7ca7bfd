"""Which function does which kind of job. Apps register theirs in `AppConfig.ready`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from ledger.exceptions import UnknownJobKind

if TYPE_CHECKING:
    from django.http import HttpRequest

Handler = Callable[..., dict[str, Any] | None]


@dataclass(frozen=True)
class JobKind:
    """`title` is what its owner reads; `lease_seconds` is how long a silent worker is trusted; `every` (seconds)
    makes a job periodic. `door(request, job)` may hide a job's pages from its owner, for example in a session that has
    not been told a PIN. `own_data`: what it makes is about whoever asked, by no right that may rest."""

    name: str
    handler: Handler
    title: str | Promise = ""
    max_attempts: int = 5
    lease_seconds: int = 60
    every: int | None = None
    door: Callable[[HttpRequest, Any], bool] | None = None
    own_data: bool = False


_kinds: dict[str, JobKind] = {}


def job_kind(
    name: str,
    *,
    title: str | Promise = "",
    max_attempts: int = 5,
    lease_seconds: int = 60,
    every: int | None = None,
    door: Callable[[HttpRequest, Any], bool] | None = None,
    own_data: bool = False,
) -> Callable[[Handler], Handler]:
    """Register the decorated `handler(run: JobRun, **params)` for jobs of this kind.

    The handler does its work in steps (`with run.step(): …`) and returns the job's result; it must be
    able to start again from `run.state` after an interruption.
    """

    def register(handler: Handler) -> Handler:
        known = _kinds.get(name)
        if known and known.handler is not handler:
            raise ValueError(f"two handlers for jobs of kind {name}")
        _kinds[name] = JobKind(name, handler, title, max_attempts, lease_seconds, every, door, own_data)
        return handler

    return register


def get_kind(name: str) -> JobKind:
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownJobKind() from None


def may_open(request: HttpRequest, job: Any) -> bool:
    """Whether the job's kind lets its owner open its pages in this request."""
    kind = _kinds.get(job.kind)
    return kind is None or kind.door is None or kind.door(request, job)


def own_data_kinds() -> list[str]:
    return [kind.name for kind in _kinds.values() if kind.own_data]


def periodic_kinds() -> list[JobKind]:
    return [kind for kind in _kinds.values() if kind.every]
