"""Asking as somebody, and reading what came back: which kind of answer it is, and every word in it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Max
from django.http import HttpResponseBase
from django.middleware.csrf import get_token
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pypdf import PdfReader

from ledger.actions import get_action
from ledger.models import AuditEntry

OUR_APPS = {
    "accounts",
    "campaigns",
    "certificates",
    "common",
    "content",
    "courses",
    "desks",
    "events",
    "ledger",
    "people",
    "places",
    "quizzes",
    "reports",
    "training_site",
}


class Answer(StrEnum):
    OPEN = "open"
    MOVED = "moved on"  # somewhere else on the site
    SIGN_IN = "sign in"
    WHO = "say who learns"
    BAD = "bad request"
    DENIED = "denied"  # 403: the role is missing
    HIDDEN = "hidden"  # 404: out of scope, nobody learns that it exists
    METHOD = "wrong method"
    CONFLICT = "conflict"
    INVALID = "invalid"


_BY_STATUS = {
    200: Answer.OPEN,
    400: Answer.BAD,
    403: Answer.DENIED,
    404: Answer.HIDDEN,
    405: Answer.METHOD,
    409: Answer.CONFLICT,
    422: Answer.INVALID,
}


def kind_of(response: HttpResponseBase, prefix: str = "") -> Answer | str:
    """The kind of answer; a status that no page should give comes back as text."""
    if response.status_code == 302:
        path = response.headers["Location"].partition("?")[0]
        if path == f"{prefix}/tai-khoan/dang-nhap/":
            return Answer.SIGN_IN
        if path == f"{prefix}/tai-khoan/ai-hoc/":
            return Answer.WHO
        return Answer.MOVED if path.startswith("/") else f"302 to {path}"
    return _BY_STATUS.get(response.status_code, str(response.status_code))


@dataclass
class Seen:
    """An answer with everything that can be read in it."""

    response: HttpResponseBase
    words: str
    noted: list[str]
    """Kinds of what the request left on the audit trail."""

    @property
    def status(self) -> int:
        return self.response.status_code

    def tells(self, secrets: Mapping[str, str]) -> list[str]:
        """Whose secrets stand in the answer; `secrets` says whose each is."""
        return sorted({whose for secret, whose in secrets.items() if secret in self.words})

    def holds_any(self, texts: set[str]) -> bool:
        return any(text in self.words for text in texts)


def words_of(response: HttpResponseBase) -> str:
    """Everything that can be read in an answer: its headers, its body, the cells of a workbook, the text of a PDF."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = " ".join(f"{name}: {value}" for name, value in response.headers.items())
    return f"{headers}\n{_unpacked(body)}".replace("\u00a0", " ")


def _unpacked(body: bytes) -> str:
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    if body[:5] == b"%PDF-":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    return body.decode("utf-8", "replace")


class Visitor:
    """A browser in which the user is signed in, or nobody; no request leaves a trace for the next one."""

    def __init__(self, user: Any, **options: Any) -> None:
        self._client = Client(raise_request_exception=False, **options)
        if user.is_authenticated:
            self._client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")

    def ask(self, method: str, address: str, data: dict[str, Any] | None = None, **headers: Any) -> Seen:
        """What the visitor gets; rows, session, cookies and counted tries are as before afterwards.

        A form always brings the field with the token, as from a browser.
        """
        if method == "post":
            data = {"csrfmiddlewaretoken": "", **(data or {})}
        cache.clear()
        cookies = deepcopy(self._client.cookies)
        with transaction.atomic():
            last = AuditEntry.objects.aggregate(last=Max("pk", default=0))["last"]
            response = getattr(self._client, method)(address, data, **headers)
            noted = AuditEntry.objects.filter(pk__gt=last).values_list("action", flat=True)
            seen = Seen(response, words_of(response), [get_action(name).kind for name in noted])
            transaction.set_rollback(True)
        self._client.cookies = cookies
        return seen

    def token_of(self, address: str) -> str:
        """The token of the form on a page, whose cookie the browser keeps."""
        return get_token(self._client.get(address).wsgi_request)


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """All addresses of the site as (pattern, what answers it)."""
    for entry in (resolver or get_resolver()).url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, address)
        else:
            yield address, entry


def own_routes() -> list[str]:
    """Names of the addresses that views of ours answer, outside the admin. Everything of ours has a name."""
    found = []
    for address, entry in patterns():
        if address.startswith("admin/") or entry.callback.__module__.split(".")[0] not in OUR_APPS:
            continue
        assert entry.name, address
        found.append(entry.name)
    return found
