"""A monthly report as a workbook and as PDF, made from its figures alone: the same whenever it is asked for."""

from __future__ import annotations

import atexit
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from common.documents import Press, make_press
from common.tabular import OutSheet, OutValue, write_workbook
from courses.enums import Audience
from reports.figures import Figures, Tally


def audience_words() -> dict[str, str]:
    """Audience → its name in the present language, in the order of the report."""
    return {value: str(label) for value, label in Audience.choices}


def columns() -> list[str]:
    return [_("Target"), _("Trained this year"), _("Of the target"), _("New this month"), _("Late"), _("Other changes")]


def cells(tally: Tally) -> list[OutValue]:
    percent = f"{tally.percent} %" if tally.percent is not None else ""
    return [tally.target, tally.trained, percent, tally.new, tally.late, tally.other]


def write_report(target: IO[bytes], figures: Figures) -> None:
    """One sheet for each audience, and one with classes and certificates."""
    sheets = [
        OutSheet(
            words,
            [_("Place"), *columns()],
            [
                *([line.name, *cells(line.counts[audience])] for line in figures.lines),
                [_("Total"), *cells(figures.total[audience])],
            ],
        )
        for audience, words in audience_words().items()
    ]
    facts: list[list[OutValue]] = [
        [_("Unit"), figures.unit],
        [_("Month"), figures.month],
        [_("Cut-off"), datetime.fromisoformat(figures.cut_off)],
        [_("Classes held"), figures.classes],
        [_("People at classes"), figures.attended],
        [_("Certificates issued"), figures.certificates],
    ]
    write_workbook(target, [OutSheet(_("Month"), [_("Figure"), _("Value")], facts), *sheets])


def draw_report(figures: Figures) -> bytes:
    """The report in Vietnamese, A4 portrait, tagged for screen readers."""
    with override("vi"):
        parts: list[dict[str, Any]] = [
            {
                "title": words,
                "rows": [(line.name, cells(line.counts[audience])) for line in figures.lines],
                "total": cells(figures.total[audience]),
            }
            for audience, words in audience_words().items()
        ]
        context = {
            "figures": figures,
            "parts": parts,
            "columns": columns(),
            "cut_off": datetime.fromisoformat(figures.cut_off),
            "month": datetime.strptime(figures.month, "%Y-%m"),  # noqa: DTZ007  a month has no zone
            "site": settings.WAGTAIL_SITE_NAME,
        }
        return _press().draw(render_to_string("reports/report.html", context), tagged=True)


@lru_cache(maxsize=1)
def _press() -> Press:
    folder = Path(settings.BASE_DIR) / "templates" / "reports"
    return make_press(render_to_string("reports/report.css"), scheme="own:", art=folder)


# Fonts are given back while the libraries they came from are still there.
atexit.register(_press.cache_clear)
