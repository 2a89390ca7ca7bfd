"""Tags of the blocks that make a page's body: `{% load content_tags %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from common.typography import keep_html_together

register = template.Library()

WIDTHS = (360, 720, 1080)
"""Of the copies of a photograph, in pixels: a phone, a dense phone or a desk, a dense desk."""
SIZES = "(min-width: 47.5em) 38rem, 100vw"
"""How wide the reading column is."""


@register.simple_tag(takes_context=True)
def picture(context: template.Context, image: Any, alt: str = "") -> SafeString:
    """An `<img>` with its size in the markup, so that nothing jumps; all but the page's first load when scrolled to.

    A drawing (SVG) is sent as it is; a photograph as WebP in the widths a screen may need.
    """
    if image is None:
        return mark_safe("")
    if image.is_svg():
        source, extra, width, height = image.file.url, mark_safe(""), image.width, image.height
    else:
        copies = image.get_renditions(*(f"width-{width}|format-webp" for width in WIDTHS))
        ready = list({copy.width: copy for copy in copies.values()}.values())
        source, width, height = ready[-1].url, ready[-1].width, ready[-1].height
        if len(ready) > 1:
            widths = ", ".join(f"{copy.url} {copy.width}w" for copy in ready)
            extra = format_html(' srcset="{}" sizes="{}"', widths, SIZES)
        else:
            extra = mark_safe("")
    loading = "" if _is_first(context) else mark_safe(' loading="lazy"')
    tag = '<img src="{}"{} alt="{}" width="{}" height="{}"{} decoding="async">'
    return format_html(tag, source, extra, alt, width, height, loading)


def _is_first(context: template.Context) -> bool:
    """Whether this is the first picture of the page that is being drawn."""
    page = context.get("page")
    if page is None:
        return False
    first = not getattr(page, "_picture_drawn", False)
    page._picture_drawn = True
    return first


@register.filter
def prose(text: Any) -> SafeString:
    """Rich text of an editor, with Vietnamese words of several syllables kept on one line."""
    return keep_html_together(str(text)) if text else mark_safe("")


@register.filter
def table_columns(header: Any) -> list[dict[str, str]]:
    """The columns of a table block for `data_table`."""
    return [{"label": title} for title in header]


@register.filter
def table_rows(block: Any) -> list[dict[str, list[str]]]:
    """The rows of a table block, each as long as the header: short ones filled up, long ones cut."""
    columns = len(block["header"])
    rows = []
    for row in block["rows"]:
        cells = [*row][:columns]
        rows.append({"cells": cells + [""] * (columns - len(cells))})
    return rows


@register.filter
def file_bytes(document: Any) -> int | None:
    """The size of a document in bytes; None when the file is gone."""
    try:
        return document.get_file_size()
    except OSError:
        return None


@register.filter
def file_kind(document: Any) -> str:
    """What kind of file it is, as people call it: "PDF", "TXT"."""
    return (document.file_extension or "").upper()
