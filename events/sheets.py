"""The sheet on which people sign in at a class, as PDF: those who are entered, and empty lines for the others."""

from __future__ import annotations

import atexit
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

from common.documents import Press, make_press
from events.models import ClassSession
from people.models import Person

LEAST_EMPTY = 5
FIRST_PAGE, FURTHER_PAGE = 17, 22
"""Lines that stand on a page: whole pages are printed, and whoever is in charge signs below the last line."""


def lines_of(people: int) -> int:
    """How many lines the sheet has, those of people included."""
    further = max(0, people + LEAST_EMPTY - FIRST_PAGE)
    return FIRST_PAGE + FURTHER_PAGE * -(-further // FURTHER_PAGE)


def draw_sheet(session: ClassSession, people: Sequence[Person]) -> bytes:
    """The sheet in Vietnamese, tagged for screen readers."""
    empty = range(lines_of(len(people)) - len(people))
    context = {
        "session": session,
        "people": people,
        "empty": empty,
        "site": settings.WAGTAIL_SITE_NAME,
        "consent_version": settings.CONSENT_TEXT_VERSION,
    }
    with override("vi"):
        return _press().draw(render_to_string("events/sheet.html", context), tagged=True)


@lru_cache(maxsize=1)
def _press() -> Press:
    folder = Path(settings.BASE_DIR) / "templates" / "events"
    return make_press(render_to_string("events/sheet.css"), scheme="own:", art=folder)


# Fonts are given back while the libraries they came from are still there.
atexit.register(_press.cache_clear)
