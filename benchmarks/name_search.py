"""Finding a person by full name, by given name, and finding nobody, among 60,000 people of a province.

As an official's search does it: names folded, the first 25 by given name, and how many there are, up to 500. Prints
one JSON line: CPU milliseconds of the dearest search and of each, the database's included. The floor is a plain SQL
statement for the dearest one: the keys of 500 who bear the name, in no order, wherever they live.
"""

from __future__ import annotations

import json

from django.db import connection

from benchmarks._measure import cpu_of, make_tables
from benchmarks._province import PEOPLE, make_province
from common.folding import fold
from desks.paging import LIST_SIZE, SearchPaginator
from desks.unit_queries import people_of

TIMES = 100
SEARCHES = {"full": "Nguyễn Thị Ngọc Ánh", "given": "anh", "miss": "Quàng Thị Không"}


def main() -> None:
    make_tables()
    province = make_province()
    found = {}
    for name, text in SEARCHES.items():

        def search(text: str = text) -> tuple[int, list[object]]:
            pages = SearchPaginator(people_of(province, text), LIST_SIZE)
            return pages.count, list(pages.page(1))

        count, _people = search()
        assert bool(count) != (name == "miss"), (name, count)
        found[f"{name}_cpu_ms"] = round(cpu_of(search, TIMES) * 1000, 2)
    dearest = max(found, key=found.__getitem__)
    floor = cpu_of(lambda: _plainly(SEARCHES[dearest.removesuffix("_cpu_ms")]), TIMES) * 1000
    ratio = {"floor_cpu_ms": round(floor, 2), "ratio": round(found[dearest] / floor, 1)}
    print(json.dumps({"name": "name_search", "people": PEOPLE, "cpu_ms": found[dearest], **ratio, **found}))


def _plainly(text: str) -> list[tuple[int]]:
    with connection.cursor() as cursor:
        statement = "SELECT id FROM people_person WHERE name_folded LIKE %s LIMIT 500"
        cursor.execute(statement, [f"%{fold(text)}%"])
        return cursor.fetchall()


if __name__ == "__main__":
    main()
