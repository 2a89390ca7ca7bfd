"""Records that are probably of one person: the same name in full, and the same year of birth, phone or village."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.folding import fold, sort_key_vi
from people.models import DistinctPeople, Person, PersonQuerySet
from places.models import AdministrativeUnit

GROUPS = 200
"""Groups of people of one name that are looked into at once; the rest follows when these are decided."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records to be looked at, the older one first."""

    first: Person
    second: Person
    reason: str | Promise


def probable_duplicates(unit: AdministrativeUnit, most: int) -> list[Pair]:
    """Pairs living in the unit that nobody has decided upon, at most so many; five queries."""
    people = Person.objects.living_in(unit)
    told = set(
        DistinctPeople.objects.filter(first__in=people.order_by().values("pk")).values_list("first_id", "second_id")
    )
    found: dict[tuple[int, int], Pair] = {}
    for keys, condition, reason in (
        (("name_folded", "phone"), ~Q(phone=""), _("Same name and phone number")),
        (("name_folded", "birth_year"), Q(birth_year__isnull=False), _("Same name and year of birth")),
        (("name_folded", "residence_id"), Q(), _("Same name and village, no year of birth")),
    ):
        for pair in _pairs(people, keys, condition, reason):
            key = (pair.first.pk, pair.second.pk)
            if key not in told and len(found) < most:
                found.setdefault(key, pair)
    return list(found.values())


def _pairs(people: PersonQuerySet, keys: tuple[str, str], condition: Q, reason: Promise) -> Iterator[Pair]:
    name, other = keys
    groups = people.filter(condition).order_by().values(name, other).annotate(count=Count("pk"))
    if other == "residence_id":
        groups = groups.annotate(unknown=Count("pk", filter=Q(birth_year=None))).filter(unknown__gt=0)
    alike = list(groups.filter(count__gt=1).order_by(name, other)[:GROUPS])
    if not alike:
        return
    wanted = {(group[name], group[other]) for group in alike}
    members: dict[tuple[str, object], list[Person]] = {}
    candidates = people.filter(condition, name_folded__in={group[name] for group in alike})
    for person in candidates.select_related("residence__parent").order_by("pk"):
        key = (person.name_folded, getattr(person, other))
        if key in wanted:
            members.setdefault(key, []).append(person)
    for same in members.values():
        for first, second in combinations(same, 2):
            if _could_be_one(first, second, by_phone=other == "phone"):
                yield Pair(first, second, reason)


def _could_be_one(first: Person, second: Person, *, by_phone: bool) -> bool:
    """Hoa and Hoà are two names; two years of birth are two people, unless the phone is one and a slip is likely."""
    bare = any(fold(person.full_name) == person.full_name.casefold() for person in (first, second))
    if not bare and sort_key_vi(first.full_name) != sort_key_vi(second.full_name):
        return False
    return by_phone or None in (first.birth_year, second.birth_year) or first.birth_year == second.birth_year
