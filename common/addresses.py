"""Addresses of the site in the visitor's language."""

from django.utils.translation import get_language


def localized_path(path: str) -> str:
    """A stable path of the public site in the language of this thread: English lives under /en/."""
    return f"/en{path}" if (get_language() or "vi").startswith("en") else path
