"""Training targets of a unit, how it stands, and its monthly reports."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import clock
from common.exceptions import DomainError
from courses.enums import Audience
from desks.report_exports import audience_words, columns, draw_report, name_of, write_report, written
from desks.report_forms import TargetsForm
from desks.unit_queries import places_below
from desks.unit_views import desk_context, desk_role, reachable_unit
from places.enums import Level
from places.models import AdministrativeUnit
from reports.figures import Figures, Line, Tally, compute, is_behind, month_end
from reports.models import MonthlyReport, TrainingTarget
from reports.operations import close_report, set_targets

MONTHS_SHOWN = 12
DUE_DAY = 5
"""Day of the next month by which a report is expected upward."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


# Targets


@never_cache
@desk_role
@require_http_methods(["GET", "HEAD", "POST"])
def unit_targets(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The targets of this year and how each place stands; a POST sets them for one audience."""
    unit = reachable_unit(request, uuid)
    may_set = request.user.has_perm("reports.set_target", unit)
    audience = _audience(request)
    year = clock.today().year
    units = [unit, *places_below(unit)]
    held = TrainingTarget.objects.filter(unit__in=units, audience=audience, year=year)
    known = dict(held.values_list("unit", "people"))
    form = TargetsForm(request.POST if request.method == "POST" else None, units=units, known=known)
    if request.method == "POST":
        if not may_set:
            raise PermissionDenied
        if form.is_valid():
            changed = set_targets(audience=audience, year=year, people=form.people(), by=request.user)
            words = ngettext("%(n)d target was changed.", "%(n)d targets were changed.", changed)
            if changed:
                messages.success(request, words % {"n": changed})
            else:
                messages.info(request, _("The targets are as they were."))
            return HttpResponseRedirect(f"{reverse('unit_targets', args=[unit.uuid])}?doi-tuong={audience}")
    figures = compute(unit, clock.today().replace(day=1), clock.now())
    context = {
        **desk_context(request, unit, "targets"),
        "form": form,
        "may_set": may_set,
        "year": year,
        "audience": audience,
        "audience_name": audience_words()[audience],
        "tabs": _tabs(audience),
        "columns": [{"label": _("Place")}, *({"label": label, "num": True} for label in columns()[:3])],
        "rows": [_standing(name_of(line, figures), line.counts[audience]) for line in figures.lines],
        "total": _standing(_("The whole area"), figures.total[audience])["cells"],
        "behind": sum(is_behind(line.counts[audience], clock.today()) for line in figures.lines),
    }
    return render(request, "desks/targets.html", context)


def _standing(name: str, tally: Tally) -> dict[str, Any]:
    return {"cells": [name, *written(tally)[:3]], "state": "warn" if is_behind(tally, clock.today()) else ""}


def _audience(request: HttpRequest) -> Audience:
    asked = request.GET.get("doi-tuong", "")
    return Audience(asked) if asked in Audience.values else Audience.RESIDENT


def _tabs(current: str) -> list[dict[str, Any]]:
    return [
        {"label": words, "href": f"?doi-tuong={value}", "current": value == current}
        for value, words in audience_words().items()
    ]


# Reports


@never_cache
@desk_role
@require_safe
def unit_reports(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The last twelve months of a unit, and which units right below have not reported the last one."""
    unit = reachable_unit(request, uuid)
    closed = {report.month: report for report in MonthlyReport.objects.filter(unit=unit)[:MONTHS_SHOWN]}
    months = _last_months(clock.today())
    latest = max(closed, default=date.min)
    last = months[1]
    below = [place for place in places_below(unit) if place.level != Level.VILLAGE]  # villages report to nobody
    sent = set(MonthlyReport.objects.filter(unit__in=below, month=last).values_list("unit", flat=True))
    waiting = [place for place in below if place.pk not in sent]
    context = {
        **desk_context(request, unit, "reports"),
        "months": [
            {
                "url": reverse("unit_report", args=[unit.uuid, f"{month:%Y-%m}"]),
                "month": month,
                "report": closed.get(month),
                "due": month_end(month) <= clock.today() and month > latest,
            }
            for month in months
        ],
        "last": last,
        "waiting": waiting,
        "sent": len(sent),
        "overdue": clock.today().day > DUE_DAY,
    }
    return render(request, "desks/reports.html", context)


def _last_months(day: date) -> list[date]:
    """This month and those before it, the latest first."""
    first = day.year * 12 + day.month - 1
    return [date(count // 12, count % 12 + 1, 1) for count in range(first, first - MONTHS_SHOWN, -1)]


def _month(text: str) -> date:
    """`2026-10` as its first day; 404 for what is none, or lies ahead."""
    try:
        month = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007  a month has no zone
    except ValueError:
        raise Http404 from None
    if month > clock.today() or month.year < 2020:
        raise Http404
    return month


def _figures(unit: AdministrativeUnit, month: date) -> tuple[MonthlyReport | None, Figures]:
    report = MonthlyReport.objects.filter(unit=unit, month=month).select_related("closed_by").first()
    if report is not None:
        return report, Figures.from_json(report.figures)
    return None, compute(unit, month, clock.now())


@never_cache
@desk_role
@require_safe
def unit_report(request: HttpRequest, uuid: UUID, month: str) -> HttpResponse:
    """A report: as it was closed, or as it would be now."""
    unit = reachable_unit(request, uuid)
    first = _month(month)
    report, figures = _figures(unit, first)
    closed_later = report is None and MonthlyReport.objects.filter(unit=unit, month__gt=first).exists()
    audience = _audience(request)
    head = [{"label": _("Place")}, *({"label": label, "num": True} for label in columns())]

    def row(name: str, tally: Tally) -> list[str]:
        return [name, *written(tally)]

    context = {
        **desk_context(request, unit, "report"),
        "report": report,
        "figures": figures,
        "month": first,
        "cut_off": datetime.fromisoformat(figures.cut_off),
        "tabs": _tabs(audience),
        "columns": head,
        "rows": [{"cells": row(_linked(line, figures), line.counts[audience])} for line in figures.lines],
        "total": row(_("The whole area"), figures.total[audience]),
        "closed_later": closed_later,
        "may_close": report is None
        and not closed_later
        and month_end(first) <= clock.today()
        and request.user.has_perm("reports.close_report", unit),
        "month_text": month,
    }
    context["crumbs"] = [
        {"title": unit.title, "url": reverse("unit_desk", args=[unit.uuid])},
        {"title": _("Monthly reports"), "url": reverse("unit_reports", args=[unit.uuid])},
    ]
    return render(request, "desks/report.html", context)


def _linked(line: Line, figures: Figures) -> str:
    name = name_of(line, figures)
    return format_html('<a href="{}">{}</a>', reverse("unit_reports", args=[line.place]), name) if line.place else name


@never_cache
@desk_role
@require_POST
def unit_report_close(request: HttpRequest, uuid: UUID, month: str) -> HttpResponse:
    unit = reachable_unit(request, uuid, "reports.close_report")
    try:
        close_report(unit=unit, month=_month(month), by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The report is closed. Its figures stay as they are."))
    return redirect("unit_report", uuid=unit.uuid, month=month)


@never_cache
@desk_role
@require_safe
def unit_report_workbook(request: HttpRequest, uuid: UUID, month: str) -> HttpResponse:
    unit = reachable_unit(request, uuid)
    report, figures = _figures(unit, _month(month))
    content = BytesIO()
    write_report(content, figures, closed=report is not None)
    return _file(content.getvalue(), XLSX, f"{_file_name(unit, month, report)}.xlsx")


@never_cache
@desk_role
@require_safe
def unit_report_pdf(request: HttpRequest, uuid: UUID, month: str) -> HttpResponse:
    unit = reachable_unit(request, uuid)
    report, figures = _figures(unit, _month(month))
    content = draw_report(figures, closed=report is not None)
    return _file(content, "application/pdf", f"{_file_name(unit, month, report)}.pdf")


def _file_name(unit: AdministrativeUnit, month: str, report: MonthlyReport | None) -> str:
    return f"bao-cao-{unit.code or unit.pk}-{month}{'' if report is not None else '-chua-chot'}"


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
