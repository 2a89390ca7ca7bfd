"""What the desk of a unit shows: who completed courses, where, when, and the certificates of its people."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.core.cache import cache
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
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, StrIndex, Substr

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
from places.lineage import Found, find_units
from places.models import AdministrativeUnit, UnitQuerySet
from places.queries import home_province

WEEKS = 7  # as many columns as fit a phone
RECENT = timedelta(days=30)
MOST_BARS = 30
KEPT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class PlaceFigure:
    """A unit right below: people registered as living there and how many of them completed a course.

    Without a name it stands for people of whom only the unit above is known.
    """

    name: str
    registered: int
    completed: int


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """Figures of a unit as of a moment. People are counted where they live, each once whatever they completed."""

    as_of: datetime
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
    units = _units_to_open(user, day)
    if text:
        return units.exclude(level=Level.COUNTRY).search(text).order_by("level", "sort_key", "id")
    if reads_whole_site(user):
        province = home_province(day)
        return units.filter(pk=province.pk) if province else units.at_level(Level.PROVINCE)
    return units.filter(pk__in=[unit.pk for unit in units_of(user)])


def units_by_former_name(user, text: str, most: int) -> list[Found]:
    """Of the same units, those that `text` names by a name of before or by a whole address; at most `most`."""
    units = _units_to_open(user)
    found = find_units(text, most=most, among=units)
    whole = units.in_bulk([item.unit.pk for item in found])
    return [replace(item, unit=whole[item.unit.pk]) for item in found]


def _units_to_open(user, day: date | None = None) -> UnitQuerySet:
    units = AdministrativeUnit.objects.in_force(day).select_related("parent__parent")
    return units if reads_whole_site(user) else units.filter(within_any("path", units_of(user)))


def places_below(unit: AdministrativeUnit) -> UnitQuerySet:
    """Units in force right below, in Vietnamese order."""
    return AdministrativeUnit.objects.in_force().filter(parent=unit)


class _Keys(Aggregate):
    """Keys of a group as text, with commas between them."""

    function = "GROUP_CONCAT"
    output_field = TextField()

    def as_postgresql(self, compiler, connection, **extra):
        template = "STRING_AGG((%(expressions)s)::text, ',')"
        return self.as_sql(compiler, connection, template=template, **extra)


def figures_key(unit: AdministrativeUnit) -> str:
    """Under which key of the cache today's figures of the unit are kept."""
    return f"unit-figures:{unit.pk}:{clock.today()}"


def kept_figures(unit: AdministrativeUnit) -> UnitFigures:
    """Figures of the unit; above communes those of the last minute, for all who look, where they were counted.

    Counting a province leads over everybody who lives there.
    """
    if unit.level not in (Level.COUNTRY, Level.PROVINCE):
        return unit_figures(unit)
    key = figures_key(unit)
    figures = cache.get(key)
    if figures is None:
        figures = unit_figures(unit)
        cache.set(key, figures, KEPT_SECONDS)
    return figures


def unit_figures(unit: AdministrativeUnit) -> UnitFigures:
    """Two queries: the places below; and how many live in each, who of them completed something, for whom and when.

    Different people are counted here, as sets: a database sorts all completions once for each such count, and there
    are eleven. Records merged into another one live nowhere, so they need not be left out, which would cost a look
    at each row.
    """
    weeks = _weeks()
    living = Person.everyone.filter(residence=OuterRef("pk")).order_by().values("residence")
    living = Coalesce(Subquery(living.annotate(count=Count("*")).values("count")), 0)
    residents = (
        AdministrativeUnit.objects.filter(present_path__startswith=unit.path)
        .order_by()
        .annotate(place=_step_below("present_path", unit), label=Value(""), week=Value(0))
        .values("place", "label", "week")
        .annotate(living=Sum(living), who=Value(""))
    )
    completed = (
        CourseCompletion.objects.filter(person__residence__present_path__startswith=unit.path)
        .order_by()
        .annotate(
            place=_step_below("person__residence__present_path", unit), label=F("audience"), week=_number_of_week(weeks)
        )
        .values("place", "label", "week")
        .annotate(living=Value(0), who=_Keys("person"))
    )
    columns = ("place", "label", "week", "living", "who")
    rows = residents.values_list(*columns).union(completed.values_list(*columns), all=True)
    people: Counter[str] = Counter()
    done: dict[str, set[str]] = defaultdict(set)
    by_audience: dict[str, set[str]] = defaultdict(set)
    by_week: dict[int, set[str]] = defaultdict(set)
    for step, audience, week, living_there, who in rows:
        people[step] += living_there
        if who:
            keys = who.split(",")
            done[step].update(keys)
            by_audience[audience].update(keys)
            by_week[week].update(keys)
    steps = {path.removeprefix(unit.path): name for path, name in places_below(unit).values_list("path", "name")}
    places = [PlaceFigure(name, people[step], len(done[step])) for step, name in steps.items()]
    elsewhere = people.total() - sum(place.registered for place in places)
    if places and elsewhere:
        completed_there = sum(len(found) for step, found in done.items() if step not in steps)
        places.append(PlaceFigure("", elsewhere, completed_there))
    return UnitFigures(
        as_of=clock.now(),
        registered=people.total(),
        completed=sum(map(len, done.values())),
        by_audience={audience: len(by_audience[audience]) for audience in Audience},
        by_place=places,
        by_week=[(monday, len(by_week[number])) for number, monday in enumerate(weeks)],
    )


def _step_below(path: str, unit: AdministrativeUnit) -> Substr:
    """The next step of a path below the unit, such as 16012/; empty for the unit itself."""
    rest = Substr(path, len(unit.path) + 1)
    return Substr(rest, 1, StrIndex(rest, Value("/")))


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
