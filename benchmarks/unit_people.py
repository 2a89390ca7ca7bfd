"""The desk of a province of 60,000 people, three pages of the list of its people and a search in it, for its official.

Prints one JSON line: queries and CPU milliseconds of the dearest of these pages, and of each. Two stand apart: the
`middle` of 2,400 pages, to which no link leads, and `fresh`, the desk when its figures have to be counted, once in a
minute (`desks.unit_queries.kept_figures`).
Makes a SQLite database of its own; with DATABASE_URL it fills that one, so give it an empty database.
"""

from __future__ import annotations

import json
from functools import partial

from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User
from benchmarks._measure import Visitor, count_queries, cpu_of, make_tables
from benchmarks._province import PEOPLE, make_province
from common import clock
from desks.paging import LIST_SIZE
from people.enums import Role
from people.models import RoleAssignment

TIMES = 40


def main() -> None:
    make_tables()
    province = make_province()
    user = User.objects.create(username="bench-official")
    RoleAssignment.objects.create(user=user, role=Role.OFFICIAL, unit=province, valid_from=clock.today())
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user)
    desk, people = (reverse(name, args=[province.uuid]) for name in ("unit_desk", "unit_people"))
    client.get(desk)  # gets the CSRF cookie, as a browser has it from its first page on
    visitor = Visitor(client)
    pages = {
        "desk": (desk, ""),
        "people": (people, ""),
        "search": (people, "q=nguyen+thi+hoa"),
        "middle": (people, f"page={PEOPLE // LIST_SIZE // 2}"),
        "last": (people, f"page={PEOPLE // LIST_SIZE}"),
    }
    found = {}
    for name, (address, query) in pages.items():
        queries, _body = count_queries(lambda address=address, query=query: visitor.get(address, query))
        seconds = cpu_of(lambda address=address, query=query: visitor.get(address, query), TIMES)
        found |= {f"{name}_queries": queries, f"{name}_cpu_ms": round(seconds * 1000, 1)}
    fresh = partial(_fresh_desk, visitor, desk)
    queries, _body = count_queries(fresh)
    seconds = cpu_of(fresh, TIMES)
    dearest = {key: max(found[f"{name}_{key}"] for name in pages if name != "middle") for key in ("queries", "cpu_ms")}
    found |= {"fresh_queries": queries, "fresh_cpu_ms": round(seconds * 1000, 1)}
    print(json.dumps({"name": "unit_people", "people": PEOPLE, **dearest, **found}))


def _fresh_desk(visitor: Visitor, desk: str) -> bytes:
    cache.clear()
    return visitor.get(desk)


if __name__ == "__main__":
    main()
