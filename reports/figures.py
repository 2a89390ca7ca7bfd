"""How many people a unit trained: by place and audience, against the target, and what a month changed.

People are counted once for each audience, where they lived on the day they completed a course. Whoever completed one in
an earlier month and could not stand in the last report yet is "late"; what vanished from its sum since (an erasure, two
records merged, a completion taken back) or moved between its lines is "other", so that each report follows from the one
before.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min, Q, Sum

from certificates.models import Certificate
from common import clock
from courses.enums import Audience
from courses.models import CourseCompletion
from events.models import ClassSession
from places.models import AdministrativeUnit
from reports.models import MonthlyReport, TrainingTarget


@dataclass
class Tally:
    """Of one place and audience: `target` for the year (None: none set), people `trained` in the year so far, of whom
    `new` in the month, `late` from earlier months, `other` the rest of the change since the last report."""

    target: int | None = None
    trained: int = 0
    new: int = 0
    late: int = 0
    other: int = 0

    @property
    def percent(self) -> int | None:
        return None if not self.target else round(100 * self.trained / self.target)


@dataclass
class Line:
    """A place right below the unit; `place` is empty for people of whom only the unit itself is known."""

    place: str
    name: str
    counts: dict[str, Tally] = field(default_factory=dict)


@dataclass
class Figures:
    """A whole report. Days and moments are ISO texts, so that it is kept as it is."""

    unit: str
    address: str
    month: str
    cut_off: str
    lines: list[Line]
    total: dict[str, Tally]
    classes: int
    attended: int
    certificates: int
    classes_so_far: int | None = None
    attended_so_far: int | None = None
    """Of the year up to the month's end, so also what was closed after the report of its month; None in old reports."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Figures:
        def counts(found: dict[str, Any]) -> dict[str, Tally]:
            return {audience: Tally(**values) for audience, values in found.items()}

        lines = [Line(line["place"], line["name"], counts(line["counts"])) for line in kept["lines"]]
        return cls(**{**kept, "lines": lines, "total": counts(kept["total"])})


_First = tuple[datetime, datetime | None]
"""When somebody first completed a course in the year, and when the months of the last report first knew of one."""


def month_end(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def compute(unit: AdministrativeUnit, month: date, at: datetime) -> Figures:
    """The figures of a month as known at `at`. Six queries, whatever the number of people."""
    until = min(clock.start_of(month_end(month)), at)
    since, year = clock.start_of(month), clock.start_of(date(month.year, 1, 1))
    below = list(AdministrativeUnit.objects.in_force().filter(parent=unit))
    last = MonthlyReport.objects.filter(unit=unit, month__lt=month, month__year=month.year).first()
    in_last = Q(completed_at__lt=clock.start_of(month_end(last.month))) if last is not None else Q(pk__in=[])
    found = (
        CourseCompletion.objects.filter(
            residence__present_path__startswith=unit.path,
            person__merged_into=None,
            completed_at__gte=year,
            completed_at__lt=until,
            recorded_at__lte=at,
        )
        .order_by()
        .values_list("residence__present_path", "audience", "person")
        .annotate(first=Min("completed_at"), noted=Min("recorded_at", filter=in_last))
    )
    known = {place.path.removeprefix(unit.path).partition("/")[0]: str(place.uuid) for place in below}
    people: dict[tuple[str | None, str], dict[int, _First]] = defaultdict(dict)
    for path, audience, person, first, noted in found.iterator(chunk_size=2000):
        place = known.get(path.removeprefix(unit.path).partition("/")[0], "")
        for key in ((place, audience), (None, audience)):
            people[key][person] = _earliest(people[key].get(person), (first, noted))
    targets = {
        (unit_id, audience): wanted
        for unit_id, audience, wanted in TrainingTarget.objects.filter(
            unit__in=[unit.pk, *(place.pk for place in below)], year=month.year
        ).values_list("unit", "audience", "people")
    }
    last_figures = Figures.from_json(last.figures) if last is not None else None
    before = {line.place: line.counts for line in last_figures.lines} if last_figures else {}

    def count(place: str | None, audience: str, target: int | None, earlier: dict[str, Tally] | None) -> Tally:
        firsts = people[(place, audience)].values()
        made = Tally(target, len(firsts), sum(first >= since for first, _noted in firsts))
        if last is not None:
            made.late = sum(first < since and (noted is None or noted > last.cut_off) for first, noted in firsts)
            was = (earlier or {}).get(audience, Tally()).trained
            made.other = made.trained - was - made.new - made.late
        return made

    lines = [
        Line(
            str(place.uuid),
            place.full_name,
            {
                a: count(str(place.uuid), a, targets.get((place.pk, a)), before.get(str(place.uuid)))
                for a in Audience.values
            },
        )
        for place in below
    ]
    rest = {a: count("", a, None, before.get("")) for a in Audience.values}
    if not below or any(made.trained or made.other for made in rest.values()):
        lines.append(Line("", unit.full_name, rest))
    in_month = Q(held_on__gte=month)
    held = ClassSession.objects.filter(
        unit__present_path__startswith=unit.path,
        held_on__gte=date(month.year, 1, 1),
        held_on__lt=month_end(month),
        closed_at__lte=at,
    ).aggregate(
        classes=Count("pk", filter=in_month),
        classes_so_far=Count("pk"),
        attended_so_far=Sum("attended", default=0),
        in_month=Sum("attended", filter=in_month, default=0),
    )
    certificates = Certificate.objects.within(unit).filter(issued_at__gte=since, issued_at__lt=until).count()
    return Figures(
        unit=unit.title,
        address=unit.address,
        month=f"{month:%Y-%m}",
        cut_off=at.isoformat(),
        lines=lines,
        total={
            a: count(None, a, targets.get((unit.pk, a)), last_figures.total if last_figures else None)
            for a in Audience.values
        },
        classes=held["classes"],
        attended=held["in_month"],
        classes_so_far=held["classes_so_far"],
        attended_so_far=held["attended_so_far"],
        certificates=certificates,
    )


def _earliest(known: _First | None, other: _First) -> _First:
    if known is None:
        return other
    noted = [moment for moment in (known[1], other[1]) if moment is not None]
    return min(known[0], other[0]), min(noted, default=None)


def share_of_year(day: date) -> float:
    """How much of the year is over, from 0 to 1: where a target spread evenly would stand."""
    return (day - date(day.year, 1, 1)).days / ((date(day.year + 1, 1, 1) - date(day.year, 1, 1)).days)


def is_behind(count: Tally, day: date) -> bool:
    """Whether fewer were trained than an even pace over the year would have."""
    return bool(count.target) and count.trained < (count.target or 0) * share_of_year(day)
