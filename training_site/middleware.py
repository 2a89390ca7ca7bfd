"""Middleware of the whole site: health, compression, the content security policy and the page of a wrong method."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers

ADMIN_PREFIX = "/admin/"
SMALLEST_WORTH_COMPRESSING = 400  # bytes


class HealthMiddleware:
    """Answer `/healthz` before anything else runs, whatever host name the prober used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == "/healthz":
            return HttpResponse("ok\n", content_type="text/plain", headers={"X-Content-Type-Options": "nosniff"})
        return self.get_response(request)


class CompressionMiddleware(GZipMiddleware):
    """gzip at zlib's fastest level: half the CPU time of the default for a tenth more bytes.

    Django's own middleware stays in charge of streamed answers. Pages that carry a CSRF token are
    safe from BREACH because Django masks the token anew in every answer.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.streaming or response.has_header("Content-Encoding"):
            return super().process_response(request, response)
        if len(response.content) < SMALLEST_WORTH_COMPRESSING:
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if "gzip" not in request.headers.get("Accept-Encoding", ""):
            return response
        if response.headers.get("Content-Type", "").startswith(("image/", "application/pdf", "application/zip")):
            return response
        packer = zlib.compressobj(1, zlib.DEFLATED, 31)
        packed = packer.compress(response.content) + packer.flush()
        if len(packed) < len(response.content):
            response.content = packed
            response.headers["Content-Length"] = str(len(packed))
            response.headers["Content-Encoding"] = "gzip"
        return response


class PolicyMiddleware(CSPMiddleware):
    """The strict policy everywhere; Wagtail's admin gets the one its inline widgets need."""

    def get_policy_parts(self, request, response, report_only: bool = False) -> PolicyParts:
        parts = super().get_policy_parts(request=request, response=response, report_only=report_only)
        if not report_only and request.path_info.startswith(ADMIN_PREFIX):
            parts.replace = settings.ADMIN_CONTENT_SECURITY_POLICY
        return parts


class NotAllowedMiddleware:
    """What opens an address that only takes what a form sends reads why; Django answers with an empty page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.status_code == 405
            and not response.streaming
            and not response.content
            and request.method != "HEAD"
            and "text/html" in request.headers.get("Accept", "")
        ):
            response.content = render_to_string("405.html", request=request)
        return response
