"""Learner cards as PDF: ten on a sheet of A4, with marks to cut along. Nothing on them but what tells people apart."""

from __future__ import annotations

import atexit
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import segno
from django.conf import settings
from django.db.models import Prefetch
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import override
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, TextStringObject

from common.documents import Press, make_press
from people.models import LearnerCard, Membership

CARDS_A_SHEET = 10
CARDS_A_STEP = 5 * CARDS_A_SHEET
_LONG_NAME = 24  # characters that stand in the full size


def valid_cards(person_ids: Sequence[int]) -> list[LearnerCard]:
    """The valid cards of these people, with what is printed on them."""
    memberships = Membership.objects.active().select_related("organisation").order_by("pk")
    return list(
        LearnerCard.objects.valid()
        .filter(person__in=person_ids)
        .select_related("person__residence")
        .prefetch_related(Prefetch("person__memberships", memberships, to_attr="current_memberships"))
    )


def draw_cards(cards: Sequence[LearnerCard]) -> bytes:
    """Sheets with these cards in this order."""
    drawn = [_card(card) for card in cards]
    sheets = [drawn[start : start + CARDS_A_SHEET] for start in range(0, len(drawn), CARDS_A_SHEET)]
    with override("vi"):
        context = {"sheets": sheets, "site": settings.WAGTAIL_SITE_NAME, "address": card_address()}
        return _press().draw(render_to_string("people/cards_sheet.html", context), tagged=False)


def bind(sheets: Sequence[bytes], count: int) -> bytes:
    """One file of all sheets."""
    writer = PdfWriter()
    for sheet in sheets:
        writer.append(PdfReader(BytesIO(sheet)), import_outline=False)
    writer.add_metadata({"/Title": f"{count} thẻ học", "/Producer": settings.WAGTAIL_SITE_NAME})
    writer.root_object[NameObject("/Lang")] = TextStringObject("vi")
    bound = BytesIO()
    writer.write(bound)
    return bound.getvalue()


def card_url(card: LearnerCard) -> str:
    """What the QR code says."""
    return f"{settings.SITE_URL.rstrip('/')}/the/{card.token}/"


def card_address() -> str:
    """Where the code is typed in, as one reads it out: `thonso.vn/the`."""
    return f"{settings.SITE_URL.partition('://')[2].rstrip('/')}/the"


def _card(card: LearnerCard) -> dict[str, Any]:
    person = card.person
    members = [m.organisation.name for m in person.current_memberships]  # type: ignore[attr-defined]
    place = person.residence.full_name if person.residence is not None else ""
    qr = segno.make(card_url(card), error="m", micro=False)
    return {
        "name": person.full_name,
        "long": len(person.full_name) > _LONG_NAME,
        "year": person.birth_year,
        "place": place or next(iter(members), ""),
        "code": card.written_code,
        "qr": mark_safe(qr.svg_inline(border=0, dark="#1c2420", omitsize=True)),
    }


@lru_cache(maxsize=1)
def _press() -> Press:
    folder = Path(settings.BASE_DIR) / "templates" / "people"
    return make_press(render_to_string("people/cards_sheet.css"), scheme="own:", art=folder)


# Fonts are given back while the libraries they came from are still there.
atexit.register(_press.cache_clear)
