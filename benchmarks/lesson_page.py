"""A lesson page for a signed-in learner, against a bare view that only reads `request.user`.

Both go through the same middleware with compression, in one process, in batches that alternate, so that whatever else
the machine does falls on both alike. Prints one JSON line: CPU milliseconds of each, their ratio, queries and bytes.
"""

from __future__ import annotations

import gzip
import io
import json
import statistics
import time
import uuid

from django.core.management import call_command
from django.test import Client

from accounts.models import User
from benchmarks._measure import FLOOR, Visitor, count_queries, make_tables
from common import clock
from courses.models import LessonPage
from courses.operations import complete_lesson
from people.enums import PersonSource
from people.models import Person

BATCHES, REQUESTS = 40, 50


def prepare() -> tuple[Client, str]:
    """A database with the shipped courses and a learner in the middle of one; returns a signed-in client and a path."""
    make_tables()
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
    return client, f"/khoa-hoc/{course.slug}/{lessons[2].slug}/"


def seconds(visitor: Visitor, address: str) -> float:
    """CPU seconds of a batch, per request."""
    start = time.process_time()
    for _ in range(REQUESTS):
        visitor.get(address)
    return (time.process_time() - start) / REQUESTS


def main() -> None:
    client, address = prepare()
    client.get(address)  # gets the CSRF cookie, as a browser has it from its first page on
    visitor = Visitor(client)
    assert gzip.decompress(visitor.get(address)).endswith(b"</html>\n")
    visitor.get(FLOOR)
    page, floor = [], []
    for _ in range(BATCHES):
        floor.append(seconds(visitor, FLOOR))
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
