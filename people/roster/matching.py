"""Whether a row of a list is somebody who is already known.

Inside the organisation: the same name and the same phone or the same year of birth is the same person; the same
name with nothing to compare is for the manager to decide. Outside of it: only name, phone and year together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from common import clock
from common.folding import fold, sort_key_vi
from people.enums import PersonSource, RowOutcome
from people.models import Membership, Person
from people.roster.problems import Problem

SAME, UNSURE, DIFFERENT = "same", "unsure", "different"


@dataclass(slots=True)
class Known:
    """A person as far as matching needs them; `person` is set for one who is being created in this moment."""

    pk: int | None
    full_name: str
    birth_year: int | None
    phone: str
    birth_date: str | None = None
    residence_id: int | None = None
    title: str = ""
    active: bool = False
    """Whether they belong to the organisation today."""
    replaceable: bool = False
    """Whether the list may correct the phone: nobody but this organisation has entered or claimed them."""
    person: Person | None = None


@dataclass(slots=True)
class Match:
    outcome: RowOutcome
    known: Known | None = None
    changes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Directory:
    """The people that the rows of one list could mean, loaded in two or three queries."""

    def __init__(self, organisation_id: int) -> None:
        self.organisation_id = organisation_id
        self._members: dict[str, list[Known]] = defaultdict(list)
        self._others: dict[str, list[Known]] = defaultdict(list)

    def load(self, names: Iterable[str], phones: Iterable[str], batch: int = 400) -> Directory:
        """Read whoever has one of the folded `names` in the organisation, and outside it with one of `phones`."""
        names = sorted(set(names))
        numbers = set(phones) - {""}
        mine = Membership.objects.filter(organisation=self.organisation_id, person=OuterRef("pk"))
        elsewhere = Membership.objects.filter(person=OuterRef("pk")).exclude(organisation=self.organisation_id)
        for start in range(0, len(names), batch):
            some = names[start : start + batch]
            belong = Membership.objects.filter(organisation=self.organisation_id).values("person")
            members = Person.objects.filter(name_folded__in=some, pk__in=belong).annotate(
                active=Exists(mine.as_of(clock.today())),
                title=Subquery(mine.order_by("-valid_from").values("title")[:1]),
                elsewhere=Exists(elsewhere),
            )
            for person in members.order_by("pk"):
                self._members[person.name_folded].append(_member(person))
        if numbers:
            found = Person.objects.filter(~Exists(mine), phone__in=sorted(numbers), birth_year__isnull=False)
            wanted = set(names)
            for person in found.order_by("pk"):
                if person.name_folded in wanted:
                    self._others[person.name_folded].append(_known(person))
        return self

    def add(self, name_folded: str, known: Known) -> None:
        """Remember somebody who is being created, for the rows that follow."""
        self._members[name_folded].append(known)

    def match(self, data: Mapping[str, Any]) -> Match:
        """Who the row is; `data` has passed `cells.read_fields` without an error."""
        name_folded = fold(data["full_name"])
        members = self._members.get(name_folded, [])
        decision = data.get("decision") or {}
        if decision.get("kind") == "row":
            return Match(RowOutcome.SAME, problems=[Problem("", "merged-row", {"row": decision["row"]})])
        if decision.get("kind") == "person":
            chosen = next((known for known in members if known.pk == decision["person"]), None)
            if chosen is not None:
                return _matched(data, chosen)
        sure: list[Known] = []
        unsure: list[Known] = []
        for known in members:
            verdict = compare(data, known)
            if verdict == SAME:
                sure.append(known)
            elif verdict == UNSURE:
                unsure.append(known)
        if decision.get("kind") == "another":
            return Match(RowOutcome.CREATE)
        if len(sure) > 1:
            closest = [k for k in sure if k.phone == data["phone"] != "" and k.birth_year == data["birth_year"]]
            sure = closest if len(closest) == 1 else sure
        if len(sure) == 1:
            return _matched(data, sure[0])
        if sure:
            return _conflict("known-several", sure)
        if unsure:
            return _conflict("known-maybe", unsure)
        for known in self._others.get(name_folded, []):
            if known.phone == data["phone"] and known.birth_year == data["birth_year"] and names_agree(data, known):
                return Match(RowOutcome.CREATE, known=known)
        return Match(RowOutcome.CREATE)


def compare(data: Mapping[str, Any], known: Known) -> str:
    """Whether a row and somebody of the same name without accents are one person."""
    same_phone = bool(data["phone"]) and data["phone"] == known.phone
    years = data["birth_year"], known.birth_year
    same_year = years[0] is not None and years[0] == years[1]
    years_differ = None not in years and not same_year
    if not names_agree(data, known):
        # Hoa and Hoà are two names; only a shared phone makes one a slip of the other.
        return UNSURE if same_phone and not years_differ else DIFFERENT
    if same_year or (same_phone and not years_differ):
        return SAME
    if years_differ and not same_phone:
        return DIFFERENT
    return UNSURE


def names_agree(data: Mapping[str, Any], known: Known) -> bool:
    """The same name in full: hoà and hòa are one, a name typed without accents fits any."""
    mine, theirs = data["full_name"], known.full_name
    return _bare(mine) or _bare(theirs) or sort_key_vi(mine) == sort_key_vi(theirs)


def _bare(name: str) -> bool:
    return fold(name) == name.casefold()


def _matched(data: Mapping[str, Any], known: Known) -> Match:
    """What the row adds to a known person: it fills what is empty, and corrects what only lists have said."""
    changes = []
    problems = []
    if _bare(known.full_name) and not _bare(data["full_name"]):
        changes.append("full_name")
    if known.birth_year is None and data["birth_year"] is not None:
        changes.append("birth_year")
    if known.birth_date is None and data["birth_date"] and known.birth_year in (None, data["birth_year"]):
        changes.append("birth_date")
    if data["phone"] and data["phone"] != known.phone:
        if not known.phone or known.replaceable:
            changes.append("phone")
        else:
            problems.append(Problem("phone", "phone-kept"))
    if data.get("residence") and known.residence_id is None:
        changes.append("residence")
    if data["title"] and data["title"] != known.title:
        changes.append("title")
    if changes:
        problems.append(Problem("", "will-change", {"fields": changes}))
    if not known.active:
        problems.append(Problem("", "returns"))
    outcome = RowOutcome.UPDATE if changes or not known.active else RowOutcome.SAME
    return Match(outcome, known=known, changes=changes, problems=problems)


def _conflict(code: str, candidates: list[Known]) -> Match:
    people = [known.pk for known in candidates if known.pk is not None]
    return Match(RowOutcome.CONFLICT, problems=[Problem("full_name", code, {"people": people})])


def _known(person: Person) -> Known:
    return Known(
        pk=person.pk,
        full_name=person.full_name,
        birth_year=person.birth_year,
        phone=person.phone,
        birth_date=person.birth_date.isoformat() if person.birth_date else None,
        residence_id=person.residence_id,
    )


def _member(person: Any) -> Known:
    known = _known(person)
    known.title = person.title or ""
    known.active = person.active
    known.replaceable = person.source == PersonSource.ROSTER and person.account_id is None and not person.elsewhere
    return known


class Repetitions:
    """Finds rows of one file that are, or may be, one person."""

    def __init__(self) -> None:
        self._seen: dict[str, list[tuple[int, Known]]] = defaultdict(list)
        self._phones: dict[str, int] = {}

    def look(self, number: int, data: Mapping[str, Any]) -> list[Problem]:
        """Problems of a row against those seen before it; then remember it."""
        folded = fold(data["full_name"])
        problems = []
        decision = (data.get("decision") or {}).get("kind")
        if decision is None:
            for other, known in self._seen[folded]:
                verdict = compare(data, known)
                if verdict != DIFFERENT:
                    code = "duplicate-row" if verdict == SAME else "duplicate-maybe"
                    problems.append(Problem("full_name", code, {"row": other}))
                    break
        phone = data["phone"]
        if phone and phone in self._phones and not problems and decision != "row":
            problems.append(Problem("phone", "phone-shared", {"row": self._phones[phone]}))
        self._seen[folded].append(
            (number, Known(pk=None, full_name=data["full_name"], birth_year=data["birth_year"], phone=phone))
        )
        self._phones.setdefault(phone, number)
        return problems


def members_of_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[set[str], set[str]]:
    """Folded names and phones of understood rows, for `Directory.load`."""
    names, phones = set(), set()
    for data in rows:
        names.add(fold(data["full_name"]))
        phones.add(data["phone"])
    return names, phones
