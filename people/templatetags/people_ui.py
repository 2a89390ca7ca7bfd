"""How phones and years are written: `{% load people_ui %}`."""

from django import template

from common.phones import format_phone

register = template.Library()


@register.filter
def as_phone(phone: str | None) -> str:
    """An E.164 number as people write it, ``0912 345 678``; empty for none."""
    return format_phone(phone) if phone else ""


@register.filter
def as_year(number: int | None) -> str:
    """A year without the dot that thousands get; empty for none."""
    return "" if number is None else str(number)
