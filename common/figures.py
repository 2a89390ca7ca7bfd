"""Figures drawn on the server, as markup that a strict content policy lets through.

Words and numbers are ordinary text (they grow with the reader's text size and can be copied); only the shapes
are SVG, sized by attributes and percentages. Each figure carries its table in <details>.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

LEAF, RICE, SAND, INK, EDGE = "#0b6e4f", "#f2b705", "#f1eee4", "#1c2420", "#6b7068"
COLUMN_HEIGHT = 110  # CSS pixels of the highest column


@dataclass(frozen=True)
class BarRow:
    """One bar: value reached (None: not reported, which is not zero) against a target (None: no target)."""

    label: str
    value: int | None
    target: int | None = None


def number(value: float) -> str:
    """Return a count as it is written in the reader's language: 1.437 in Vietnamese, 1,437 in English."""
    if isinstance(value, int) and abs(value) < 1000:
        return str(value)  # the same in both languages, and most figures of a page of a hundred communes
    return number_format(value, force_grouping=True)


def _percent(value: float, scale: float) -> str:
    return f"{100 * value / scale:.1f}%"


def _bar(row: BarRow, scale: float) -> str:
    """Draw one bar: track, what was reached, and an ink tick at the target."""
    stroke, fill = ("#dcd8cc", "none") if row.value is None else (EDGE, SAND)
    parts = f'<rect x=".5" y=".5" width="99.8%" height="15" fill="{fill}" stroke="{stroke}"/>'
    if row.value:
        behind = row.target is not None and row.value * 2 < row.target
        parts += f'<rect width="{_percent(row.value, scale)}" height="16" fill="{RICE if behind else LEAF}"/>'
    if row.target is not None:
        parts += f'<rect x="{_percent(row.target, scale * 1.005)}" y="0" width="3" height="16" fill="{INK}"/>'
    return f'<svg width="100%" height="16" aria-hidden="true">{parts}</svg>'


def _text(value: str) -> str:
    """Escaped unless it is markup, as `format_html` does it, without its lazy wrappers; a page has hundreds."""
    return value if hasattr(value, "__html__") else escape(value)


def _table(caption: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> SafeString:
    head = "".join(f'<th scope="col" class="num">{_text(cell)}</th>' for cell in header[1:])
    lines = []
    for label, *cells in rows:
        numbers = "".join(f'<td class="num">{_text(cell)}</td>' for cell in cells)
        lines.append(f'<tr><th scope="row">{_text(label)}</th>{numbers}</tr>')
    return format_html(
        '<details><summary>{}</summary><table><caption class="sr">{}</caption><thead><tr>'
        '<th scope="col">{}</th>{}</tr></thead><tbody>{}</tbody></table></details>',
        gettext("See the figures as a table"),
        caption,
        header[0],
        mark_safe(head),
        mark_safe("".join(lines)),
    )


def bar_figure(rows: Sequence[BarRow], words: Mapping[str, str] | None = None) -> SafeString:
    """Return one bar per row with its numbers, the target as a tick, and a table behind.

    All bars share one scale, so lengths compare. `words` replaces title, unit, done, behind, target, missing.
    Rows under half of their target are rice; the key says so. A missing value shows an empty frame and words.
    """
    said = {
        "title": gettext("Figures by unit"),
        "unit": gettext("Unit"),
        "done": gettext("done"),
        "behind": gettext("less than half of the target"),
        "target": gettext("target"),
        "missing": gettext("not reported"),
    } | dict(words or {})
    scale = max((max(row.value or 0, row.target or 0) for row in rows), default=0) * 1.02 or 1
    has_target = any(row.target is not None for row in rows)
    key = [
        format_html(
            '<svg width="14" height="14" aria-hidden="true"><rect width="14" height="14" fill="{}"/></svg>',
            LEAF,
        )
    ]
    key_items = [(key[0], said["done"])]
    if has_target:
        if any(row.value is not None and row.target and row.value * 2 < row.target for row in rows):
            swatch = format_html(
                '<svg width="14" height="14" aria-hidden="true">'
                '<rect x=".5" y=".5" width="13" height="13" fill="{}" stroke="{}"/></svg>',
                RICE,
                INK,
            )
            key_items.append((swatch, said["behind"]))
        tick = format_html(
            '<svg width="4" height="16" aria-hidden="true"><rect width="3" height="16" fill="{}"/></svg>',
            INK,
        )
        key_items.append((tick, said["target"]))

    def figure_of(row: BarRow) -> str:
        if row.value is None:
            return f'<span class="num meta">{_text(said["missing"])}</span>'
        if row.target is None:
            return f'<span class="num"><b>{number(row.value)}</b></span>'
        return f'<span class="num"><b>{number(row.value)}</b> / {number(row.target)}</span>'

    lines = "".join(f"<li><span>{_text(row.label)}</span>{_bar(row, scale)}{figure_of(row)}</li>" for row in rows)
    header = [said["unit"], said["done"], *([said["target"]] if has_target else [])]
    table = _table(
        said["title"],
        header,
        [
            [
                row.label,
                said["missing"] if row.value is None else number(row.value),
                *([number(row.target) if row.target is not None else "–"] if has_target else []),
            ]
            for row in rows
        ],
    )
    return format_html(
        '<figure class="flow"><ul class="key">{}</ul><ul class="bars">{}</ul>{}</figure>',
        format_html_join("", "<li>{}{}</li>", key_items),
        mark_safe(lines),
        table,
    )


def week_figure(points: Sequence[tuple[str, int]], title: str = "") -> SafeString:
    """Return one column per (label, value), the last one in rice with an ink outline.

    The numbers stand on the columns as text of the page's own size; a narrow screen scrolls the figure, not
    the page.
    """
    highest = max((value for _, value in points), default=0) or 1
    columns = []
    for position, (label, value) in enumerate(points, start=1):
        last = position == len(points)
        height = max(1, round(COLUMN_HEIGHT * value / highest)) if value else 0
        shape = format_html(
            '<svg width="100%" height="{0}" aria-hidden="true">'
            '<rect x="9%" y="1" width="82%" height="{0}" fill="{1}"{2}/></svg>',
            height + 2,
            RICE if last else LEAF,
            mark_safe(f' stroke="{INK}"') if last else "",
        )
        columns.append((number(value), shape, label))
    return format_html(
        '<figure class="flow"><ul class="weeks" tabindex="0" role="list" aria-label="{}">{}</ul></figure>',
        title or gettext("Figures by week"),
        format_html_join("", "<li><b>{}</b>{}<span>{}</span></li>", columns),
    )
