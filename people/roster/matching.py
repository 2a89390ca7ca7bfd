"""Whether a row of a list is somebody who is already known.

Inside the organisation: the same name and the same phone or the same year of birth is the same person; the same
name with nothing to compare is for the manager to decide. Outside of it: only name, phone and year together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet, Subquery, Value

from common import clock
from common.folding import fold, sort_key_vi
from people.enums import PersonSource, RowOutcome
from people.models import Membership, Person, RosterImport
from people.roster.problems import Problem
from places.models import AdministrativeUnit

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
    _spelling: tuple[bool, str] | None = None

    @classmethod
    def from_row(cls, data: Mapping[str, Any]) -> Known:
        """What an understood row says, to be compared."""
        return cls(pk=None, full_name=data["full_name"], birth_year=data["birth_year"], phone=data["phone"])

    @property
    def spelling(self) -> tuple[bool, str]:
        """Whether the name has no accents at all, and the key in which hoà and hòa are one."""
        if self._spelling is None:
            self._spelling = (_bare(self.full_name), sort_key_vi(self.full_name))
        return self._spelling


@dataclass(slots=True)
class Match:
    outcome: RowOutcome
    known: Known | None = None
    changes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Directory:
    """The people that the rows of one list could mean, loaded in two or three queries: those of an organisation."""

    def __init__(self, organisation_id: int) -> None:
        self.organisation_id = organisation_id
        self._prepare()

    def _prepare(self) -> None:
        self._members: dict[str, list[Known]] = defaultdict(list)
        self._by_id: dict[int, Known] = {}
        self._others: dict[str, list[Known]] = defaultdict(list)

    def load(self, rows: Iterable[Mapping[str, Any]], batch: int = 400) -> Directory:
        """Read everybody whom these rows could mean; they have passed `cells.read_fields` without an error.

        In the organisation: the same folded name, and nothing that tells the two apart for certain; or whom somebody
        has decided upon. Outside of it: the same phone and name.
        """
        by_name: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for data in rows:
            by_name[fold(data["full_name"])].append(data)
        names = sorted(by_name)
        for start in range(0, len(names), batch):
            some = names[start : start + batch]
            wanted = _could_be([data for name in some for data in by_name[name]], some)
            for known in self._read_members(wanted):
                self._members[fold(known.full_name)].append(known)
        everybody = [data for same in by_name.values() for data in same]
        decided = {(data.get("decision") or {}).get("person") for data in everybody} - {None, *self._by_id}
        ids = sorted(decided)
        for start in range(0, len(ids), batch):
            self._read_members(Q(pk__in=ids[start : start + batch]))
        if phones := {data["phone"] for data in everybody if data["birth_year"] is not None} - {""}:
            found = self._others_than_mine().filter(phone__in=phones, birth_year__isnull=False)
            for person in found.order_by("pk"):
                if person.name_folded in by_name:
                    self._others[person.name_folded].append(_known(person))
        return self

    def _read_members(self, wanted: Q) -> list[Known]:
        found = [_member(person) for person in self._mine().filter(wanted).order_by("pk")]
        self._by_id.update((known.pk, known) for known in found if known.pk is not None)
        return found

    def _others_than_mine(self) -> QuerySet[Person]:
        mine = Membership.objects.filter(organisation=self.organisation_id, person=OuterRef("pk"))
        return Person.objects.filter(~Exists(mine))

    def _mine(self) -> QuerySet[Person]:
        """People who belong to the organisation or did once."""
        mine = Membership.objects.filter(organisation=self.organisation_id, person=OuterRef("pk"))
        elsewhere = Membership.objects.filter(person=OuterRef("pk")).exclude(organisation=self.organisation_id)
        # Asked for each person found, not as a list of all members, which grows with every chunk of an import.
        return Person.objects.filter(Exists(mine)).annotate(
            active=Exists(mine.as_of(clock.today())),
            title=Subquery(mine.order_by("-valid_from").values("title")[:1]),
            elsewhere=Exists(elsewhere),
        )

    def add(self, name_folded: str, known: Known) -> None:
        """Remember somebody who is being created, for the rows that follow."""
        self._members[name_folded].append(known)

    def settle(self, known: Known) -> None:
        """Whoever was added is somebody of the organisation by now, as `load` would find them."""
        person = known.person
        assert person is not None
        known.pk, known.person = person.pk, None
        known.full_name, known.birth_year, known.phone = person.full_name, person.birth_year, person.phone
        known.birth_date = person.birth_date.isoformat() if person.birth_date else None
        known.residence_id = person.residence_id
        known.active, known.replaceable = True, person.source == PersonSource.ROSTER
        known._spelling = None
        self._by_id[person.pk] = known

    def match(self, data: Mapping[str, Any]) -> Match:
        """Who the row is; `data` has passed `cells.read_fields` without an error."""
        name_folded = fold(data["full_name"])
        members = self._members.get(name_folded, [])
        decision = data.get("decision") or {}
        if decision.get("kind") == "row":
            return Match(RowOutcome.SAME, problems=[Problem("", "merged-row", {"row": decision["row"]})])
        if decision.get("kind") == "done":
            return Match(RowOutcome.SAME, self._active(decision["person"]), problems=[Problem("", "done-before")])
        if decision.get("kind") == "person":
            chosen = self._by_id.get(decision["person"])
            if chosen is not None:
                return _matched(data, chosen)
        if decision.get("kind") == "mended":
            # A row of a result file: its person is known, unless the name says otherwise.
            former = self._by_id.get(decision["person"])
            if former is not None:
                agree = names_agree(Known.from_row(data), former) and fold(former.full_name) == name_folded
                return _matched(data, former) if agree else _conflict("known-renamed", [former])
        sure: list[Known] = []
        unsure: list[Known] = []
        wanted = Known.from_row(data)
        for known in members:
            verdict = compare(wanted, known)
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
            same = known.phone == wanted.phone and known.birth_year == wanted.birth_year
            if same and names_agree(wanted, known):
                return Match(RowOutcome.CREATE, known=known)
        return Match(RowOutcome.CREATE)

    def _active(self, person_id: int | None) -> Known | None:
        known = self._by_id.get(person_id) if person_id else None
        return known if known is not None and known.active else None


class Residents(Directory):
    """The people that the lines of an old register could mean: those who live in a unit.

    A line fills what is empty in a known person's record and corrects nothing.
    """

    def __init__(self, unit: AdministrativeUnit) -> None:
        self.unit = unit
        self._prepare()

    def _others_than_mine(self) -> QuerySet[Person]:
        return Person.objects.exclude(pk__in=Person.objects.living_in(self.unit).order_by().values("pk"))

    def _mine(self) -> QuerySet[Person]:
        everywhere = Value(True, output_field=BooleanField())
        return Person.objects.living_in(self.unit).annotate(active=everywhere, title=Value(""), elsewhere=everywhere)

    def match(self, data: Mapping[str, Any]) -> Match:
        """As of any list, but a line is something new about somebody known."""
        found = super().match({**data, "title": ""})
        if found.outcome == RowOutcome.SAME and (data.get("decision") or {}).get("kind") != "done":
            found.outcome = RowOutcome.UPDATE
        return found


def directory_of(roster: RosterImport) -> Directory:
    """Among whom the rows of a list are looked for."""
    return Directory(roster.organisation_id) if roster.organisation_id is not None else Residents(roster.unit)


def _could_be(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Q:
    """Whom `compare` would not tell apart from every one of these rows: a village has many of one name."""
    years = {data["birth_year"] for data in rows}
    if None in years:
        return Q(name_folded__in=names)
    phones = {data["phone"] for data in rows} - {""}
    alike = Q(birth_year__isnull=True) | Q(birth_year__in=years) | Q(phone__in=phones)
    return Q(name_folded__in=names) & alike


def compare(mine: Known, theirs: Known) -> str:
    """Whether two of the same name without accents are one person."""
    same_phone = bool(mine.phone) and mine.phone == theirs.phone
    same_year = mine.birth_year is not None and mine.birth_year == theirs.birth_year
    years_differ = mine.birth_year is not None and theirs.birth_year is not None and not same_year
    if years_differ and not same_phone:
        return DIFFERENT
    if not names_agree(mine, theirs):
        # Hoa and Hoà are two names; only a shared phone makes one a slip of the other.
        return UNSURE if same_phone and not years_differ else DIFFERENT
    if same_year or (same_phone and not years_differ):
        return SAME
    return UNSURE


def names_agree(mine: Known, theirs: Known) -> bool:
    """The same name in full: hoà and hòa are one, a name typed without accents fits any."""
    (mine_bare, my_key), (their_bare, their_key) = mine.spelling, theirs.spelling
    return mine_bare or their_bare or my_key == their_key


def _bare(name: str) -> bool:
    return fold(name) == name.casefold()


def _matched(data: Mapping[str, Any], known: Known) -> Match:
    """What the row adds to a known person: it fills what is empty, and corrects what only lists have said."""
    changes = []
    problems = []
    # These two differ only where somebody has said that the row is this person.
    renamed = fold(data["full_name"]) != fold(known.full_name) or not names_agree(Known.from_row(data), known)
    born_otherwise = None not in (known.birth_year, data["birth_year"]) and known.birth_year != data["birth_year"]
    if (renamed and known.replaceable) or (_bare(known.full_name) and not _bare(data["full_name"])):
        changes.append("full_name")
    elif renamed:
        problems.append(Problem("full_name", "name-kept"))
    if born_otherwise and not known.replaceable:
        problems.append(Problem("birth", "birth-kept"))
    elif born_otherwise or (known.birth_year is None and data["birth_year"] is not None):
        changes.append("birth_year")
    dated = known.birth_date is None and data["birth_date"] and known.birth_year in (None, data["birth_year"])
    if dated or (born_otherwise and known.replaceable):
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
        mine = Known.from_row(data)
        problems = []
        decision = (data.get("decision") or {}).get("kind")
        if decision in {None, "mended"}:
            for other, known in self._seen[folded]:
                verdict = compare(mine, known)
                if verdict != DIFFERENT:
                    code = "duplicate-row" if verdict == SAME else "duplicate-maybe"
                    problems.append(Problem("full_name", code, {"row": other}))
                    break
        phone = data["phone"]
        if phone and phone in self._phones and not problems and decision != "row":
            problems.append(Problem("phone", "phone-shared", {"row": self._phones[phone]}))
        self._seen[folded].append((number, mine))
        self._phones.setdefault(phone, number)
        return problems


class RepeatedLines(Repetitions):
    """The same for an old register, in which somebody may stand with several papers, but each number once."""

    def __init__(self) -> None:
        super().__init__()
        self._serials: dict[tuple[str, str], int] = {}

    def look(self, number: int, data: Mapping[str, Any]) -> list[Problem]:
        unclear = [problem for problem in super().look(number, data) if problem.code == "duplicate-maybe"]
        entry = data["entry"]
        if not entry["serial_key"]:
            return unclear
        first = self._serials.setdefault((entry["serial_key"], (entry["issued_on"] or "")[:4]), number)
        return unclear if first == number else [Problem("serial", "entry-serial-repeated", {"row": first}), *unclear]


def repetitions_of(roster: RosterImport) -> Repetitions:
    """What finds rows of one list that are, or may be, the same."""
    return RepeatedLines() if roster.is_register else Repetitions()
