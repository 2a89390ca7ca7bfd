"""Readiness and the pages of errors."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common import clock
from common.styleguide import sample_context
from ledger.models import Job

OLDEST_WAITING_JOB = timedelta(minutes=5)


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether database and cache answer and the queue moves: 200, or 503 with what is wrong."""
    checks = {"database": _database_answers(), "cache": _cache_answers()}
    age = _queue_age() if checks["database"] else None
    checks["queue"] = age is not None and age < OLDEST_WAITING_JOB
    body = {"ready": all(checks.values()), **checks, "queue_age_s": round(age.total_seconds(), 1) if age else 0}
    return JsonResponse(body, status=200 if body["ready"] else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    except DatabaseError:
        return False


def _cache_answers() -> bool:
    try:
        cache.set("readyz", "ok", 10)
        return cache.get("readyz") == "ok"
    except Exception:  # each cache back-end has errors of its own
        return False


def _queue_age() -> timedelta:
    """How long the oldest job that could run has been waiting."""
    now = clock.now()
    oldest = Job.objects.claimable(now).order_by("run_after").values_list("run_after", flat=True).first()
    return now - oldest if oldest else timedelta(0)


def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """Wagtail sends whoever may not enter the admin here: visitors sign in, others are told that they may not."""
    if request.user.is_authenticated and not request.user.has_perm("wagtailadmin.access_admin"):
        raise PermissionDenied  # the sign-in page would send them straight back
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"{reverse('account_login')}?{query}" if query else reverse("account_login"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old or came from elsewhere: say so kindly, nothing was done."""
    return render(request, "403.html", {"stale_form": True}, status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "60"
    return response


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component with every state, for those who build pages; not on a production site."""
    if not (settings.DEBUG or settings.THONSO_DEMO):
        raise Http404
    return render(request, "styleguide.html", sample_context())
