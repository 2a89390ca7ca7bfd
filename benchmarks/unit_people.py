"""The desk of a province of 60,000 people, three pages of the list of its people and a search in it, for its official.

Prints one JSON line: queries and CPU milliseconds of the dearest of these pages, and of each. Two stand apart: the
`middle` of 2,400 pages, to which no link leads, and `fresh`, the desk when its figures have to be counted, once in a
minute (`desks.unit_queries.kept_figures`). The floor is a bare view for the same official, in the same process.
"""

from __future__ import annotations

import json

from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User
from benchmarks._measure import FLOOR, Visitor, count_queries, cpu_of, make_tables
from benchmarks._province import PEOPLE, make_province
from common import clock
from desks.paging import LIST_SIZE
from desks.unit_queries import figures_key
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
    dearest = {key: max(found[f"{name}_{key}"] for name in pages if name != "middle") for key in ("queries", "cpu_ms")}

    def fresh() -> bytes:
        cache.delete(figures_key(province))
        return visitor.get(desk)

    queries, _body = count_queries(fresh)
    seconds = cpu_of(fresh, TIMES)
    found |= {"fresh_queries": queries, "fresh_cpu_ms": round(seconds * 1000, 1)}
    floor = cpu_of(lambda: visitor.get(FLOOR), TIMES) * 1000
    ratio = {"floor_cpu_ms": round(floor, 1), "ratio": round(dearest["cpu_ms"] / floor, 1)}
    print(json.dumps({"name": "unit_people", "people": PEOPLE, **dearest, **ratio, **found}))


if __name__ == "__main__":
    main()
