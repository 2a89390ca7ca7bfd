"""What benchmarks have in common: an empty database, CPU of everything that worked, a visitor like a server's."""

from __future__ import annotations

import io
import os
import resource
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path

from training_site import urls

FLOOR = "/floor/"


def make_tables() -> None:
    """Every table of an empty database, the shared cache included."""
    call_command("migrate", verbosity=0)
    volatile = "volatile" if settings.DATABASES["volatile"]["ENGINE"].endswith("sqlite3") else "default"
    if volatile != "default":
        call_command("migrate", database=volatile, verbosity=0)
    call_command("createcachetable", database=volatile, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def own_seconds() -> float:
    """CPU of this process and of those it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def database_seconds() -> float:
    """CPU of the server's processes for this database; none with SQLite, which runs in this process."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        pids = [pid for (pid,) in cursor.fetchall()]
    ticks = 0
    for pid in pids:
        values = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(values[11]) + int(values[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def cpu_of(run: Callable[[], object], times: int) -> float:
    """CPU seconds of one `run()` on average, the database's included; a first one warms up and is not counted."""
    run()
    start = own_seconds() + database_seconds()
    for _ in range(times):
        run()
    return (own_seconds() + database_seconds() - start) / times


def count_queries(run: Callable[[], bytes]) -> tuple[int, bytes]:
    """How many queries `run()` sends to all databases, and what it returns."""
    contexts = [CaptureQueriesContext(connections[alias]) for alias in settings.DATABASES]
    for context in contexts:
        context.__enter__()
    body = run()
    for context in contexts:
        context.__exit__(None, None, None)
    return sum(len(context) for context in contexts), body


def _bare(request: HttpRequest) -> HttpResponse:
    """What any page for a signed-in visitor costs at least: session, user, compression."""
    return HttpResponse(f"<!doctype html><title>{request.user.pk}</title>" + "<p>Thôn Số</p>" * 40)


class Visitor:
    """Asks the WSGI application as a server would; the test client would add its own work.

    It also finds a view at `FLOOR` that only reads `request.user`, behind the same middleware.
    """

    def __init__(self, client: Client) -> None:
        urls.urlpatterns.insert(0, path(FLOOR.lstrip("/"), _bare))
        self.application = get_wsgi_application()
        self.environ = {
            "REQUEST_METHOD": "GET",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_ACCEPT_ENCODING": "gzip",
            "HTTP_COOKIE": "; ".join(f"{name}={cookie.value}" for name, cookie in client.cookies.items()),
            "SCRIPT_NAME": "",
            "wsgi.url_scheme": "http",
            "wsgi.multithread": True,
        }

    def get(self, address: str, query: str = "") -> bytes:
        """The body of the answer; raises AssertionError unless it is a page."""
        status: list[str] = []
        environ = {**self.environ, "PATH_INFO": address, "QUERY_STRING": query, "wsgi.input": io.BytesIO()}
        answer = self.application(environ, lambda line, headers: status.append(line))
        body = b"".join(answer)
        answer.close()
        assert status == ["200 OK"], status
        return body
