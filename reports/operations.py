"""Setting targets and closing monthly reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from common import clock
from courses.enums import Audience
from ledger.operations import record_audit
from people.exceptions import OutsideScope
from places.models import AdministrativeUnit
from reports.exceptions import LaterReportClosed, MonthNotOver, TargetInvalid
from reports.figures import compute, month_end
from reports.models import MonthlyReport, TrainingTarget

MOST_PEOPLE = 10_000_000


@transaction.atomic
def set_targets(
    *,
    audience: Audience,
    year: int,
    people: Mapping[AdministrativeUnit, int | None],
    by: User,
    at: datetime | None = None,
) -> int:
    """Give units their targets for a year; None takes one away. How many changed.

    Raises `OutsideScope`, `TargetInvalid`.
    """
    at = at or clock.now()
    changed = 0
    for unit, wanted in people.items():
        if not by.has_perm("reports.set_target", unit):
            raise OutsideScope()
        if wanted is not None and not 0 <= wanted <= MOST_PEOPLE:
            raise TargetInvalid(most=MOST_PEOPLE)
        held = TrainingTarget.objects.filter(unit=unit, audience=audience, year=year)
        if held.values_list("people", flat=True).first() == wanted:
            continue
        if wanted is None:
            held.delete()
        else:
            TrainingTarget.objects.update_or_create(
                unit=unit, audience=audience, year=year, defaults={"people": wanted, "set_by": by, "set_at": at}
            )
        record_audit(actor=by, action="reports.set_targets", target=unit, unit=unit, fields=["people"], at=at)
        changed += 1
    return changed


@transaction.atomic
def close_report(*, unit: AdministrativeUnit, month: date, by: User, at: datetime | None = None) -> MonthlyReport:
    """Fix the figures of a month as they are known now; a closed one is given as it is.

    Raises `OutsideScope`, `MonthNotOver`, `LaterReportClosed`.
    """
    at = at or clock.now()
    month = month.replace(day=1)
    if not by.has_perm("reports.close_report", unit):
        raise OutsideScope()
    AdministrativeUnit.objects.select_for_update().get(pk=unit.pk)  # two at once: the second finds the first's
    known = MonthlyReport.objects.filter(unit=unit, month=month).first()
    if known is not None:
        return known
    if at < clock.start_of(month_end(month)):
        raise MonthNotOver()
    if MonthlyReport.objects.filter(unit=unit, month__gt=month).exists():
        raise LaterReportClosed()
    figures = compute(unit, month, at)
    report = MonthlyReport.objects.create(unit=unit, month=month, cut_off=at, closed_by=by, figures=figures.to_json())
    record_audit(actor=by, action="reports.close_report", target=report, unit=unit, at=at)
    return report
