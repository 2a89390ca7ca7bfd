"""What the desk of a unit shows: who completed courses, where, when, and the certificates of its people."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import (
    Aggregate,
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from certificates.models import Certificate, Register
from certificates.operations import PRINT_KIND
from common import clock
from courses.enums import Audience
from courses.models import CourseCompletion
from ledger.enums import JobStatus
from ledger.models import Job, JobQuerySet
from people.models import Person, PersonQuerySet
from people.scopes import PEOPLE_READERS, reads_whole_site, role_units, within_any
from places.enums import Level
from places.models import AdministrativeUnit, UnitQuerySet
from places.queries import home_province

WEEKS = 7  # as many columns as fit a phone
RECENT = timedelta(days=30)
MOST_BARS = 30


@dataclass(frozen=True, slots=True)
class PlaceFigure:
    """A unit right below: people registered as living there and how many of them completed a course."""

    unit: AdministrativeUnit | None
    registered: int
    completed: int


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """Figures of a unit. People are counted where they live today, each once whatever they completed.

    `unit` of a place is None for people of whom only this unit is known, not the one below it.
    """

    registered: int
    completed: int
    by_audience: dict[Audience, int]
    by_place: list[PlaceFigure]
    by_week: list[tuple[date, int]]


def units_of(user) -> list[AdministrativeUnit]:
    """Units the user looks after, each once, the largest first."""
    found = {unit.pk: unit for unit in role_units(user, *PEOPLE_READERS)}
    return sorted(found.values(), key=lambda unit: (unit.path.count("/"), unit.sort_key))


def units_to_choose(user, text: str = "", day: date | None = None) -> UnitQuerySet:
    """Units in force whose desk the user may open, with the units above them loaded; those named `text` if given."""
    units = AdministrativeUnit.objects.in_force(day).select_related("parent__parent")
    if not reads_whole_site(user):
        units = units.filter(within_any("path", units_of(user)))
    if text:
        return units.exclude(level=Level.COUNTRY).search(text).order_by("level", "sort_key", "id")
    if reads_whole_site(user):
        province = home_province(day)
        return units.filter(pk=province.pk) if province else units.at_level(Level.PROVINCE)
    return units.filter(pk__in=[unit.pk for unit in units_of(user)])


def places_below(unit: AdministrativeUnit) -> list[AdministrativeUnit]:
    """Units in force right below, in Vietnamese order."""
    return list(AdministrativeUnit.objects.in_force().filter(parent=unit))


class _Keys(Aggregate):
    """Keys of a group as text, with commas between them."""

    function = "GROUP_CONCAT"
    output_field = TextField()

    def as_postgresql(self, compiler, connection, **extra):
        template = "STRING_AGG((%(expressions)s)::text, ',')"
        return self.as_sql(compiler, connection, template=template, **extra)


def unit_figures(unit: AdministrativeUnit, below: list[AdministrativeUnit]) -> UnitFigures:
    """One query: how many live in each unit, and who of them completed something, by audience and week.

    Different people are counted here, as sets: a database sorts all completions once for each such count, and there
    are eleven. Records merged into another one live nowhere, so they need not be left out, which would cost a look
    at each row.
    """
    weeks = _weeks()
    living = Person.everyone.filter(residence=OuterRef("pk")).order_by().values("residence")
    residents = AdministrativeUnit.objects.filter(present_path__startswith=unit.path).annotate(
        where=F("pk"),
        label=F("present_path"),
        week=Value(0),
        living=Coalesce(Subquery(living.annotate(count=Count("*")).values("count")), 0),
        who=Value(""),
    )
    within = CourseCompletion.objects.filter(person__residence__present_path__startswith=unit.path).annotate(
        where=F("person__residence_id"), label=F("audience"), week=_number_of_week(weeks)
    )
    completed = within.values("where", "label", "week").annotate(living=Value(0), who=_Keys("person"))
    columns = ("where", "label", "week", "living", "who")
    rows = list(residents.order_by().values_list(*columns).union(completed.order_by().values_list(*columns), all=True))
    codes = {_code(place.path, unit): place.pk for place in below}
    place_of: dict[int, int | None] = {}
    people: Counter[int | None] = Counter()
    for where, path, _week, living_there, who in rows:
        if not who:
            place_of[where] = place = codes.get(_code(path, unit))
            people[place] += living_there
    done: dict[int | None, set[str]] = defaultdict(set)
    by_audience: dict[str, set[str]] = defaultdict(set)
    by_week: dict[int, set[str]] = defaultdict(set)
    for where, audience, week, _living, who in rows:
        if who:
            keys = who.split(",")
            done[place_of[where]].update(keys)
            by_audience[audience].update(keys)
            by_week[week].update(keys)
    places = [PlaceFigure(place, people[place.pk], len(done[place.pk])) for place in below]
    if below and people[None]:
        places.append(PlaceFigure(None, people[None], len(done[None])))
    return UnitFigures(
        registered=people.total(),
        completed=sum(map(len, done.values())),
        by_audience={audience: len(by_audience[audience]) for audience in Audience},
        by_place=places,
        by_week=[(monday, len(by_week[number])) for number, monday in enumerate(weeks)],
    )


def _code(path: str, unit: AdministrativeUnit) -> str:
    """The next step of a path below the unit, such as 16012; empty for the unit itself."""
    return path.removeprefix(unit.path).partition("/")[0]


def _weeks() -> list[date]:
    """Mondays of the last weeks, the present one last."""
    today = clock.today()
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=back) for back in reversed(range(WEEKS))]


def _number_of_week(weeks: list[date]) -> Case:
    """Which of the weeks a completion falls into; -1 for none of them."""
    starts = [clock.start_of(monday) for monday in weeks]
    before = When(completed_at__lt=starts[0], then=-1)  # most of them
    ends = [When(completed_at__lt=start, then=number) for number, start in enumerate(starts[1:])]
    last = When(completed_at__lt=starts[-1] + timedelta(weeks=1), then=len(weeks) - 1)
    return Case(before, *ends, last, default=-1, output_field=IntegerField())


def certificate_counts(unit: AdministrativeUnit) -> dict[str, int]:
    """Certificates of the unit's people: `recent` valid ones, and all numbers given out this `year`; one query."""
    today = clock.today()
    return Certificate.objects.within(unit).aggregate(
        recent=Count("pk", filter=Q(issued_on__gte=today - RECENT, revoked_at=None)),
        year=Count("pk", filter=Q(issued_on__year=today.year)),
    )


def print_jobs(user) -> JobQuerySet:
    """The user's print jobs of the last day that are waiting, running or have a file, the latest first."""
    jobs = Job.objects.visible_to(user).filter(kind=PRINT_KIND)
    going_on = Q(status__in=[JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.FAILED])
    ready = Q(status=JobStatus.DONE) & ~Q(result_file="")
    return jobs.filter(going_on | ready, created_at__gte=clock.now() - timedelta(days=1))[:3]


def people_of(unit: AdministrativeUnit, text: str = "") -> PersonQuerySet:
    """People living in the unit by given name, with `done` (courses completed), their place and valid certificates.

    What is counted for each is counted for the rows that are shown: no grouping of everybody who lives there.
    """
    certificates = Certificate.objects.valid().order_by("issued_at")
    completions = CourseCompletion.objects.filter(person=OuterRef("pk")).order_by().values("person")
    done = Subquery(completions.annotate(count=Count("pk")).values("count"), output_field=IntegerField())
    return (
        Person.objects.living_in(unit)
        .search(text)
        .select_related("residence__parent")
        .annotate(done=Coalesce(done, 0))
        .prefetch_related(Prefetch("certificates", certificates, to_attr="valid_certificates"))
        .order_by("name_key", "id")
    )


def registers_of(unit: AdministrativeUnit) -> list[Register]:
    """Register books that hold certificates of the unit's people, the latest year first."""
    held = Certificate.objects.within(unit).order_by().values("register")
    return list(Register.objects.filter(pk__in=held).select_related("body").order_by("-year", "body__name"))
