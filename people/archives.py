"""Everything that is kept about a person, as one ZIP: for programs as JSON, for people as PDF."""

from __future__ import annotations

import atexit
import io
import json
import zipfile
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

from common import clock
from common.documents import Press, make_press
from common.folding import slugify_vi
from people.models import Person
from people.personal_data import as_json, as_words, sections

JSON_NAME, PDF_NAME = "du-lieu.json", "du-lieu-cua-toi.pdf"


def archive_of(person: Person, *, at: datetime) -> tuple[bytes, str]:
    """The ZIP and the name to download it by."""
    found = list(sections(person))
    described = {
        "site": settings.WAGTAIL_SITE_NAME,
        "made_at": as_json(at),
        "records": [
            {
                "model": record.model._meta.label_lower,
                "title": str(record.title),
                "purpose": str(record.purpose),
                "kept": str(record.kept),
                "rows": [
                    {column.name: as_json(value) for column, value in zip(record.columns, row, strict=True)}
                    for row in rows
                ],
            }
            for record, rows in found
        ],
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(JSON_NAME, json.dumps(described, ensure_ascii=False, indent=1))
        archive.writestr(PDF_NAME, _document(person, found, at))
    return target.getvalue(), f"du-lieu-{slugify_vi(person.full_name)}-{clock.day_of(at):%Y-%m-%d}.zip"


def _document(person: Person, found: list, at: datetime) -> bytes:
    parts = [
        {
            "title": record.title,
            "purpose": record.purpose,
            "kept": record.kept,
            "rows": [
                [(column.label, as_words(value)) for column, value in zip(record.columns, row, strict=True)]
                for row in rows
            ],
        }
        for record, rows in found
    ]
    context = {"person": person, "parts": parts, "made_at": as_words(at), "site": settings.WAGTAIL_SITE_NAME}
    return _press().draw(render_to_string("people/archive.html", context), tagged=True)


@lru_cache(maxsize=1)
def _press() -> Press:
    folder = Path(settings.BASE_DIR) / "templates" / "people"
    return make_press(render_to_string("people/archive.css"), scheme="own:", art=folder)


# Fonts are given back while the libraries they came from are still there.
atexit.register(_press.cache_clear)
