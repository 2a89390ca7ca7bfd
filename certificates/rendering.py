"""Certificates as PDF, drawn by WeasyPrint from a versioned template, its stylesheet and our own fonts.

The PDF is made anew whenever it is asked for; what was certified is in `Certificate.text`, not in a file.
"""

from __future__ import annotations

import atexit
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import segno
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override

from certificates.models import Certificate
from certificates.wording import CertificateText
from common.documents import Press, make_press
from common.folding import slugify_vi

ART = Path(settings.BASE_DIR) / "templates" / "certificates"
SCHEME = "certificate:"
_TEMPLATE = re.compile(r"[a-z]+-[0-9]+")

# Up to so many characters stand in the full size, then in the classes s, m and l of the stylesheet.
_NAME_STEPS = (26, 36, 50)
_TITLE_STEPS = (58, 90, 150)
_BODY_STEPS = (75,)
_LINE_STEPS = (85,)
_SIGN_STEPS = (30,)
_CROWDED = 430  # characters of everything that may wrap; an ordinary certificate has about 250
_SIZES = ("", " s", " m", " l")


def verification_url(certificate: Certificate) -> str:
    """What the QR code says: the page that shows the whole certified text."""
    return f"{settings.SITE_URL.rstrip('/')}/xac-minh/{certificate.code}/"


def verification_address() -> str:
    """Where a code is typed in, as one reads it out: `thonso.vn/xac-minh`."""
    return f"{settings.SITE_URL.partition('://')[2].rstrip('/')}/xac-minh"


def download_name(certificate: Certificate) -> str:
    """For example `chung-nhan-nguyen-thi-ngoc-anh-0147-2026.pdf`."""
    text = CertificateText.from_json(certificate.text)
    return f"chung-nhan-{slugify_vi(text.holder)}-{certificate.number:04d}-{certificate.register.year}.pdf"


def render(certificates: Sequence[Certificate], *, tagged: bool = True) -> bytes:
    """One PDF with a page for each certificate, in the order given.

    `tagged` makes it PDF/UA-1, for screen readers; files for the printer do without. All certificates must have
    the same template. Raises ValueError for none, for two templates and for a template name that is none.
    """
    templates = {certificate.template for certificate in certificates}
    if len(templates) != 1:
        raise ValueError("certificates of exactly one template are drawn together")
    template = templates.pop()
    if not _TEMPLATE.fullmatch(template):
        raise ValueError(f"no template is called {template!r}")
    with override("vi"):
        markup = render_to_string(f"certificates/{template}.html", _context(certificates))
    return _press(template).draw(markup, tagged=tagged)


def _context(certificates: Sequence[Certificate]) -> dict[str, Any]:
    sheets = [_sheet(certificate) for certificate in certificates]
    first = sheets[0]["text"]
    title = f"Chứng nhận số {first.serial}, {first.holder}" if len(sheets) == 1 else f"{len(sheets)} chứng nhận"
    return {"title": title, "author": first.body, "address": verification_address(), "sheets": sheets}


def _sheet(certificate: Certificate) -> dict[str, Any]:
    text = CertificateText.from_json(certificate.text)
    return {
        "text": text,
        "qr": _qr(certificate, text),
        "code": certificate.code,
        "name_size": _size(text.holder, _NAME_STEPS),
        "title_size": _size(text.title, _TITLE_STEPS),
        "body_size": _size(text.body, _BODY_STEPS),
        "about_size": _size(text.about, _LINE_STEPS),
        "authority_size": _size(text.authority, _SIGN_STEPS),
        "signatory_size": _size(text.signatory_title, _SIGN_STEPS),
        "crowded": len(f"{text.body}{text.holder}{text.about}{text.title}{text.decision}{text.authority}") > _CROWDED,
    }


def _size(words: str, steps: tuple[int, ...]) -> str:
    """The class for a line of this length, with a space before it; empty for the full size."""
    return _SIZES[sum(len(words) > step for step in steps)]


def _qr(certificate: Certificate, text: CertificateText) -> SafeString:
    code = segno.make(verification_url(certificate), error="m", micro=False)
    title = f"Mã QR để xác minh chứng nhận số {text.serial}"
    return mark_safe(code.svg_inline(border=0, dark="#1c2420", omitsize=True, title=title))


@lru_cache(maxsize=8)
def _press(template: str) -> Press:
    return make_press(render_to_string(f"certificates/{template}.css"), scheme=SCHEME, art=ART)


# Fonts are given back while the libraries they came from are still there.
atexit.register(_press.cache_clear)
