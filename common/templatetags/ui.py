"""Template tags of the site's components: `{% load ui %}`.

Every tag takes plain values (or a form field), runs no query, and draws a template of
`templates/components/`. docs/components.md lists them with their arguments.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField, BoundWidget
from django.template.loader import get_template
from django.utils.formats import number_format
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from common import figures, typography
from common.addresses import localized_path
from common.icons import icon_svg, picture_svg

register = template.Library()

MOST_PLOTS = 12  # look/NOTES: beyond twelve plots nobody counts them, a bar says it better


# Drawings


@register.simple_tag
def icon(name: str, size: int = 24) -> SafeString:
    """An interface icon in the colour of the text; `size` in CSS pixels."""
    return icon_svg(name, size)


@register.simple_tag
def course_picture(name: str, size: int = 52) -> SafeString:
    """The picture of a course: shield document qr chart phone cart people certificate."""
    return picture_svg(name, size)


@register.inclusion_tag("components/logo.html")
def logo(size: int = 31) -> dict[str, Any]:
    """The sign of the site, `size` CSS pixels wide."""
    return {"size": size}


# Text


@register.filter
def nobr_vi(text: object) -> str:
    """Keep Vietnamese words, numbers with their units and phone numbers on one line; safe HTML stays safe."""
    if isinstance(text, SafeString):
        return typography.keep_html_together(text)
    return typography.keep_together(str(text))


@register.filter
def thousands(number: int | str | None) -> str:
    """A count as people read it, 1.437; text stays as it is."""
    return number_format(number, force_grouping=True) if isinstance(number, int) else str(number or "")


@register.filter
def kilobytes(size: int | None) -> str:
    """A size in bytes as words for a button: "35 kB", "1,2 MB"; empty for None."""
    if size is None:
        return ""
    if size < 1_000_000:
        return f"{number_format(max(1, round(size / 1000)))}\u00a0kB"
    return f"{number_format(round(size / 1_000_000, 1), decimal_pos=1)}\u00a0MB"


# The page's frame


@register.simple_tag
def site_link(path: str) -> str:
    """The address of a stable page ("/khoa-hoc/") in the visitor's language."""
    return localized_path(path)


@register.inclusion_tag("components/nav.html", takes_context=True)
def main_nav(context: template.Context) -> dict[str, Any]:
    """The four places of the public site: tab bar on a phone, menu when wide."""
    request = context.get("request")
    path = request.path if request is not None else ""
    home = localized_path("/")
    places = (
        (gettext("Home"), home, "home"),
        (gettext("Courses"), localized_path("/khoa-hoc/"), "book"),
        (gettext("Campaigns"), localized_path("/thi-dua/"), "flag"),
        (gettext("My learning"), localized_path("/hoc-tap/"), "person"),
    )
    return {
        "items": [
            {
                "label": label,
                "href": href,
                "icon": name,
                "current": path == href if href == home else path.startswith(href),
            }
            for label, href, name in places
        ]
    }


@register.inclusion_tag("components/link_preview.html", takes_context=True)
def link_preview(context: template.Context, title: str = "", description: str = "", image: str = "") -> dict[str, Any]:
    """What a chat shows when the page's link is shared; `image` is an address or a path on this site."""
    request = context.get("request")
    settings = context.get("site_settings")
    site_name = getattr(settings, "name", "") or "Thôn Số"
    return {
        "title": title or site_name,
        "description": description,
        "site_name": site_name,
        "url": request.build_absolute_uri(request.path) if request is not None else "",
        "image": image,
        "origin": f"{request.scheme}://{request.get_host()}" if request is not None else "",
    }


@register.inclusion_tag("components/messages.html", takes_context=True)
def message_list(context: template.Context) -> dict[str, Any]:
    """Django's messages as notices; nothing when there are none."""
    kinds = {"error": "danger", "debug": "info"}
    return {
        "messages": [
            {
                "kind": kinds.get(message.level_tag, message.level_tag or "info"),
                "text": message.message,
            }
            for message in context.get("messages") or ()
        ]
    }


# Progress


def share(value: float, total: float) -> str:
    """Return value / total as an SVG percentage between "0%" and "100%"; nothing of nothing is 0."""
    if total <= 0:
        return "0%"
    return f"{min(100.0, max(0.0, 100 * value / total)):.4g}%"


@register.inclusion_tag("components/plots.html")
def plots(
    done: int,
    total: int,
    current: int | None = None,
    words: str = "",
    bare: bool = False,
) -> dict[str, Any]:
    """Progress as plots of a field, one per item, with words under them; more than twelve items give a bar.

    `current` is the number (from 1) of the item at hand. `bare` leaves the words out, for a table that
    says them beside.
    """
    return {
        "plots": ["n" if number == current else "d" if number <= done else "" for number in range(1, total + 1)]
        if total <= MOST_PLOTS
        else None,
        "done": done,
        "total": total,
        "share": share(done, total),
        "words": words,
        "bare": bare,
    }


@register.inclusion_tag("components/bar.html")
def bar(value: float, total: float = 100, height: int = 14, kind: str = "") -> dict[str, Any]:
    """A progress bar without words (they stand beside it); `height` in CSS pixels; kind "now" is rice."""
    return {"share": share(value, total), "height": height, "kind": kind}


@register.inclusion_tag("components/stone.html")
def stone(number: int | str, state: str = "") -> dict[str, Any]:
    """A kilometre stone with a number; state: done, now, later, or nothing for a plain step."""
    return {"number": number, "state": state}


# Components that wrap content


def _draw(name: str, **values: Any) -> SafeString:
    return mark_safe(get_template(f"components/{name}.html").render(values))


@register.simple_block_tag
def card(content: str, title: str = "", level: int = 2, kind: str = "") -> SafeString:
    """A quiet frame around things that belong together; it cannot be pressed as a whole."""
    return _draw("card", content=content, title=title, level=level, kind=kind)


@register.simple_block_tag
def now_card(content: str, title: str = "", over: str = "", level: int = 2) -> SafeString:
    """The one card of "Học tiếp": rice upper edge, a small line over the title."""
    return _draw("now_card", content=content, title=title, over=over, level=level)


@register.simple_block_tag
def notice(content: str, kind: str = "info", title: str = "") -> SafeString:
    """A message in the page; kind: info success warning danger. One per screen."""
    return _draw("notice", content=content, kind=kind, title=title)


@register.simple_block_tag
def thumb_bar(content: str, note: str = "", column: bool = False) -> SafeString:
    """The bar near the thumb that holds the page's one next thing. Give the body the class `has-thumb`."""
    return _draw("thumb_bar", content=content, note=note, column=column)


# Forms


def _choice_rows(bound: BoundField) -> list[BoundWidget]:
    """Return the inputs of a radio or checkbox group; `aria-invalid` belongs to the group, not to each."""
    rows = bound.subwidgets
    for row in rows:
        row.data["attrs"].pop("aria-invalid", None)
        row.data["attrs"].pop("aria-describedby", None)
    return rows


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, label: str = "", hint: str = "", size: str = "", mark: bool = True) -> dict[str, Any]:
    """One field of a form: label, hint above the box, box, error beneath.

    Attributes of the widget (autocomplete, inputmode, accept) pass through. `size` is "tel" or "code" for
    large digits. Optional fields say so in the label, unless nothing in the form is required or `mark` is off.
    """
    widget = bound.field.widget
    hint = hint or str(bound.help_text)
    errors = [str(error) for error in bound.errors]
    described = " ".join(
        part
        for part in (
            f"{bound.auto_id}_hint" if hint else "",
            f"{bound.auto_id}_error" if errors else "",
        )
        if part
    )
    values: dict[str, Any] = {
        "bound": bound,
        "label": label or bound.label,
        "optional": mark
        and not bound.field.required
        and not isinstance(widget, forms.CheckboxInput)
        and any(other.required for other in bound.form.fields.values()),
        "hint": hint,
        "errors": errors,
        "described": described,
        "id": bound.auto_id,
    }
    attrs: dict[str, Any] = {}
    if described:
        attrs["aria-describedby"] = described
    if errors:
        attrs["aria-invalid"] = "true"
    if bound.is_hidden:
        return values | {"kind": "hidden"}
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return values | {"kind": "group", "rows": _choice_rows(bound)}
    if isinstance(widget, forms.CheckboxInput):
        return values | {"kind": "check", "box": bound.as_widget(attrs=attrs)}
    attrs["class"] = " ".join(filter(None, (str(widget.attrs.get("class", "")), "box", size)))
    return values | {"kind": "box", "box": bound.as_widget(attrs=attrs)}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: forms.BaseForm, kept: str = "") -> dict[str, Any]:
    """What is wrong in a form, each line a link to its field; nothing when the form has no errors.

    `kept` says what was kept; the default says that everything typed still stands, beside PINs and passwords.
    """
    if not form.is_bound or not form.errors:
        return {"count": 0}
    secret = [isinstance(bound.field.widget, forms.PasswordInput) for bound in form.visible_fields()]
    links = []
    for bound in form:
        for error in bound.errors:
            target = bound.id_for_label or bound.auto_id
            if isinstance(bound.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
                target = f"{bound.auto_id}_0"
            links.append({"href": f"#{target}", "label": bound.label, "error": error})
    others = [str(error) for error in form.non_field_errors()]
    return {
        "count": len(links) + len(others),
        "links": links,
        "others": others,
        "kept": kept,
        "secret": any(secret),
        "all_secret": all(secret),
    }


@register.inclusion_tag("components/form_fields.html")
def form_fields(form: forms.BaseForm) -> dict[str, Any]:
    """The error summary and every field of a form, in its order."""
    return {"form": form}


# Tables and figures


@register.inclusion_tag("components/data_table.html")
def data_table(
    columns: Sequence[Mapping[str, Any]],
    rows: Iterable[Mapping[str, Any]],
    caption: str = "",
    total: Sequence[Any] | None = None,
    head: int = 0,
) -> dict[str, Any]:
    """A table that becomes cards on a phone.

    columns: {"label", "num" (right-aligned)}; rows: {"cells": [...], "state"} with
    state ok, warn, bad, mine or nothing. `head` is the position of the column that names the row, `total` the
    cells of a last row.
    """

    def prepared(cells: Sequence[Any]) -> list[dict[str, Any]]:
        return [
            {
                "value": cell,
                "label": column["label"],
                "num": column.get("num", False),
                "head": position == head,
            }
            for position, (cell, column) in enumerate(zip(cells, columns, strict=True))
        ]

    return {
        "caption": caption,
        "columns": columns,
        "rows": [{"cells": prepared(row["cells"]), "state": row.get("state", "")} for row in rows],
        "total": prepared(total) if total is not None else None,
    }


@register.inclusion_tag("components/standings.html")
def standings(
    rows: Iterable[Mapping[str, Any]],
    unit_label: str = "",
    rate_label: str = "",
    count_label: str = "",
) -> dict[str, Any]:
    """Ranks of units: rank, name, href, rate (text), share (0 to 100 of the leader), count, move, mine.

    `move` is the number of places gained (positive) or lost since the day before; None when unknown.
    Without `rate_label` the count is the figure that ranks, and stands in the rate's place.
    """
    drawn = []
    for row in rows:
        move = row.get("move")
        drawn.append(
            dict(row)
            | {
                "share": share(float(row.get("share") or 0), 100),
                "known": move is not None,
                "rise": max(0, move or 0),
                "fall": max(0, -(move or 0)),
            }
        )
    return {
        "rows": drawn,
        "unit_label": unit_label or gettext("Unit"),
        "rate_label": rate_label or gettext("Rate"),
        "count_label": count_label or gettext("people"),
        "has_count": any(row.get("count") is not None for row in drawn),
        "has_move": any(row.get("move") is not None for row in drawn),
    }


@register.simple_tag
def bar_figure(rows: Iterable[Mapping[str, Any]], words: Mapping[str, str] | None = None) -> SafeString:
    """One bar per unit against its target; rows: {"label", "value" (None: not reported), "target"}."""
    return figures.bar_figure([figures.BarRow(**row) for row in rows], words)


@register.simple_tag
def week_figure(points: Iterable[tuple[str, int]], title: str = "") -> SafeString:
    """A column per week, the last one in rice; points: (label, value)."""
    return figures.week_figure(list(points), title)


@register.filter
def marked(text: object, words: str) -> str:
    """Mark the words that a search matched, without regard to accents: "lua dao" marks "lừa đảo"."""
    return typography.mark_words(conditional_escape(str(text) if not isinstance(text, SafeString) else text), words)
