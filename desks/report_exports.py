"""A monthly report as a workbook and as PDF, made from its figures alone: the same whenever it is asked for."""

from __future__ import annotations

import atexit
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override

from common.documents import Press, make_press
from common.figures import number
from common.tabular import OutSheet, OutValue, write_workbook
from courses.enums import Audience
from reports.figures import Figures, Line, Tally


def audience_words() -> dict[str, str]:
    """Audience → its name in the present language, in the order of the report."""
    return {value: str(label) for value, label in Audience.choices}


def columns() -> list[str]:
    return [_("Target"), _("Trained this year"), _("Of the target"), _("New this month"), _("Late"), _("Other changes")]


def cells(tally: Tally) -> list[OutValue]:
    percent = f"{number(tally.percent)} %" if tally.percent is not None else ""
    return [tally.target, tally.trained, percent, tally.new, tally.late, tally.other]


def written(tally: Tally) -> list[str]:
    """The cells as they are read."""
    return [number(cell) if isinstance(cell, int) else str(cell or "") for cell in cells(tally)]


def name_of(line: Line, figures: Figures) -> str:
    """What stands before the figures of a line."""
    return _("Place not known") if not line.place and len(figures.lines) > 1 else capfirst(line.name)


def write_report(target: IO[bytes], figures: Figures, *, closed: bool) -> None:
    """One sheet for each audience, and one with classes and certificates; `closed`: the figures stay as they are."""
    sheets = [
        OutSheet(
            words,
            [_("Place"), *columns()],
            [
                *([name_of(line, figures), *cells(line.counts[audience])] for line in figures.lines),
                [_("The whole area"), *cells(figures.total[audience])],
            ],
        )
        for audience, words in audience_words().items()
    ]
    facts: list[list[OutValue]] = [
        [_("Unit"), figures.unit],
        [_("Month"), f"{month_of(figures):%m/%Y}"],
        [_("Cut-off") if closed else _("Not closed, as known at"), datetime.fromisoformat(figures.cut_off)],
        [_("Classes held"), figures.classes],
        [_("Classes held since the beginning of the year"), figures.classes_so_far],
        [_("People at classes"), figures.attended],
        [_("People at classes since the beginning of the year"), figures.attended_so_far],
        [_("Certificates issued"), figures.certificates],
    ]
    write_workbook(target, [OutSheet(_("Month"), [_("Figure"), _("Value")], facts), *sheets])


def month_of(figures: Figures) -> datetime:
    return datetime.strptime(figures.month, "%Y-%m")  # noqa: DTZ007  a month has no zone


def draw_report(figures: Figures, *, closed: bool) -> bytes:
    """The report in Vietnamese, A4 portrait, tagged for screen readers."""
    with override("vi"):
        parts: list[dict[str, Any]] = [
            {
                "title": words,
                "rows": [(name_of(line, figures), written(line.counts[audience])) for line in figures.lines],
                "total": written(figures.total[audience]),
            }
            for audience, words in audience_words().items()
        ]
        context = {
            "figures": figures,
            "parts": parts,
            "columns": columns(),
            "cut_off": datetime.fromisoformat(figures.cut_off),
            "month": month_of(figures),
            "closed": closed,
            "site": settings.WAGTAIL_SITE_NAME,
        }
        return _press().draw(render_to_string("reports/report.html", context), tagged=True)


@lru_cache(maxsize=1)
def _press() -> Press:
    folder = Path(settings.BASE_DIR) / "templates" / "reports"
    return make_press(render_to_string("reports/report.css"), scheme="own:", art=folder)


# Fonts are given back while the libraries they came from are still there.
atexit.register(_press.cache_clear)
