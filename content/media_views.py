"""Pictures of the site, served safely. A front server may take this over: docs/deploy.md says with which headers.

Only pictures come from here. A document is handed out by Wagtail's own view, which asks whether the visitor may have it
and always offers it as a download.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils._os import safe_join
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import http_date, parse_http_date_safe
from django.views.decorators.http import require_safe

FOLDERS = ("images/", "original_images/")
TYPES = {
    ".gif": "image/gif",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".svg": "image/svg+xml",
}
POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
"""A drawing opened by its own address runs nothing and loads nothing, whatever is in it."""
KEEP_FOR = 60 * 60 * 24 * 30
"""Seconds a browser keeps a picture; another picture gets another name."""


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponse:
    """A picture of MEDIA_ROOT; 404 for anything else there."""
    file = _find(path)
    kind = TYPES.get(file.suffix.lower()) if file else None
    if file is None or kind is None:
        raise Http404
    changed = int(file.stat().st_mtime)
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    response: HttpResponse
    if since is not None and since >= changed:
        response = HttpResponseNotModified()
    elif kind == TYPES[".svg"] and "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(_packed(str(file), changed), content_type=kind)
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(file.read_bytes(), content_type=kind)
    if kind == TYPES[".svg"]:
        patch_vary_headers(response, ("Accept-Encoding",))
    response["Last-Modified"] = http_date(changed)
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    patch_cache_control(response, public=True, max_age=KEEP_FOR)
    return response


def _find(path: str) -> Path | None:
    if not path.startswith(FOLDERS) or "\0" in path:
        return None
    try:
        file = Path(safe_join(settings.MEDIA_ROOT, path))
    except SuspiciousFileOperation:
        return None
    return file if file.is_file() else None


@lru_cache(maxsize=500)
def _packed(name: str, changed: int) -> bytes:
    """A drawing compressed once; `changed` makes another version another entry."""
    return gzip.compress(Path(name).read_bytes(), 9, mtime=0)
