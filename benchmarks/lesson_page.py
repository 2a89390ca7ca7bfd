"""A lesson page for a signed-in learner, against a bare view that only reads `request.user`.

Both go through the same middleware with compression, in one process, in batches that alternate, so that whatever else
the machine does falls on both alike. Prints one JSON line: CPU milliseconds of each, their ratio, queries and bytes.
Makes a SQLite database of its own; with DATABASE_URL it fills that one, so give it an empty database.
"""

from __future__ import annotations

import gzip
import io
import json
import statistics
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path

from accounts.models import User
from common import clock
from courses.models import LessonPage
from courses.operations import complete_lesson
from people.enums import PersonSource
from people.models import Person
from training_site import urls

BATCHES, REQUESTS = 40, 50
FLOOR = "floor/"


def bare(request: HttpRequest) -> HttpResponse:
    """What any page for a signed-in visitor costs at least: session, user, compression."""
    return HttpResponse(f"<!doctype html><title>{request.user.pk}</title>" + "<p>Thôn Số</p>" * 40)


def prepare() -> tuple[Client, str]:
    """A database with the shipped courses and a learner in the middle of one; returns a signed-in client and a path."""
    call_command("migrate", verbosity=0)
    volatile = "volatile" if settings.DATABASES["volatile"]["ENGINE"].endswith("sqlite3") else "default"
    if volatile != "default":
        call_command("migrate", database=volatile, verbosity=0)
    call_command("createcachetable", database=volatile, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("load_courses", stdout=io.StringIO())
    user = User.objects.create(username=f"bench-{uuid.uuid4()}")
    person = Person(full_name="Nguyễn Thị Ngọc Ánh", account=user, source=PersonSource.SELF, created_at=clock.now())
    person.save()
    lessons = list(LessonPage.objects.filter(alias_of=None, url_path__contains="/tranh-lua-dao/").order_by("path"))
    course = lessons[0].get_parent()
    for lesson in lessons[:2]:
        complete_lesson(person=person, course_key=course.translation_key, lesson_key=lesson.translation_key)
    client = Client(headers={"accept-encoding": "gzip", "host": "127.0.0.1"})
    client.force_login(user)
    urls.urlpatterns.insert(0, path(FLOOR, bare))
    return client, f"/khoa-hoc/{course.slug}/{lessons[2].slug}/"


class Visitor:
    """Asks the WSGI application as a server would; the test client would add its own work to both sides."""

    def __init__(self, cookies: str) -> None:
        self.application = get_wsgi_application()
        self.environ = {
            "REQUEST_METHOD": "GET",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1",
            "HTTP_ACCEPT_ENCODING": "gzip",
            "HTTP_COOKIE": cookies,
            "SCRIPT_NAME": "",
            "QUERY_STRING": "",
            "wsgi.url_scheme": "http",
            "wsgi.multithread": True,
        }

    def get(self, address: str) -> bytes:
        """The body of the answer; raises AssertionError unless it is a page."""
        status: list[str] = []
        environ = {**self.environ, "PATH_INFO": address, "wsgi.input": io.BytesIO()}
        answer = self.application(environ, lambda line, headers: status.append(line))
        body = b"".join(answer)
        answer.close()
        assert status == ["200 OK"], status
        return body


def seconds(visitor: Visitor, address: str) -> float:
    """CPU seconds of a batch, per request."""
    start = time.process_time()
    for _ in range(REQUESTS):
        visitor.get(address)
    return (time.process_time() - start) / REQUESTS


def count_queries(run: Callable[[], bytes]) -> tuple[int, bytes]:
    contexts = [CaptureQueriesContext(connections[alias]) for alias in settings.DATABASES]
    for context in contexts:
        context.__enter__()
    body = run()
    for context in contexts:
        context.__exit__(None, None, None)
    return sum(len(context) for context in contexts), body


def main() -> None:
    client, address = prepare()
    client.get(address)  # gets the CSRF cookie, as a browser has it from its first page on
    visitor = Visitor("; ".join(f"{name}={cookie.value}" for name, cookie in client.cookies.items()))
    assert gzip.decompress(visitor.get(address)).endswith(b"</html>\n")
    visitor.get(f"/{FLOOR}")
    page, floor = [], []
    for _ in range(BATCHES):
        floor.append(seconds(visitor, f"/{FLOOR}"))
        page.append(seconds(visitor, address))
    queries, body = count_queries(lambda: visitor.get(address))
    cpu, floor_cpu = statistics.median(page) * 1000, statistics.median(floor) * 1000
    print(
        json.dumps(
            {
                "name": "lesson_page",
                "cpu_ms": round(cpu, 3),
                "floor_cpu_ms": round(floor_cpu, 3),
                "ratio": round(cpu / floor_cpu, 2),
                "queries": queries,
                "bytes_gz": len(body),
            }
        )
    )


if __name__ == "__main__":
    main()
