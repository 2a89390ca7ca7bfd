"""PDF documents drawn by WeasyPrint from our own templates, art and fonts; nothing is fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

FONTS = Path(__file__).resolve().parent / "fonts"
_FILE = re.compile(r"[A-Za-z0-9-]+\.(?:ttf|svg)")


@dataclass
class Press:
    """What renderings with one stylesheet share. Pango's font map serves one thread at a time."""

    scheme: str
    stylesheet: Any
    fonts: Any
    fetcher: Any
    images: dict[Any, Any] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def draw(self, markup: str, *, tagged: bool) -> bytes:
        """The document as bytes; `tagged` makes it PDF/UA-1, for screen readers."""
        from weasyprint import HTML

        with self.lock:
            page = HTML(string=markup, base_url=self.scheme, url_fetcher=self.fetcher)
            return page.write_pdf(
                stylesheets=[self.stylesheet],
                font_config=self.fonts,
                cache=self.images,
                pdf_variant="pdf/ua-1" if tagged else None,
            )


def make_press(css: str, *, scheme: str, art: Path) -> Press:
    """A press for a stylesheet that names our faces as `<scheme>Face.ttf` and pictures in `art` as `<scheme>x.svg`.

    Keep it: making one loads the stylesheet and the fonts.
    """
    # Imported here: WeasyPrint takes half a second to load, which a web worker that never draws should not pay.
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFilesOnly(URLFetcher):
        """Faces and art by name; every other address is refused and stops the rendering."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            name = url.removeprefix(scheme)
            if not url.startswith(scheme) or not _FILE.fullmatch(name):
                raise PermissionError(f"documents may not load {url}")
            if name.endswith(".ttf"):
                return URLFetcherResponse(url, (FONTS / name).read_bytes(), {"Content-Type": "font/ttf"})
            return URLFetcherResponse(url, (art / name).read_bytes(), {"Content-Type": "image/svg+xml"})

    fetcher = OwnFilesOnly(fail_on_errors=True)
    fonts = FontConfiguration()
    stylesheet = CSS(string=css, base_url=scheme, url_fetcher=fetcher, font_config=fonts)
    return Press(scheme, stylesheet, fonts, fetcher)
