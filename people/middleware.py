"""Who is learning in this request, and the second factor of staff."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject

from accounts.models import rights_resting
from ledger.operations import record_audit
from people.access import with_next
from people.circumstances import learn_under
from people.learners import DEVICE_AGE, DEVICE_COOKIE, current_learner, learns_without_login
from people.second_factor import has_second_factor, rests


class LearnerMiddleware:
    """Set `request.learner`: the Person who learns in this session, or None. Costs a query only when used.

    The circumstances that finding them sets (`people.circumstances`) end with the request; a device that got a name in
    it is told.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.learner = SimpleLazyObject(lambda: current_learner(request))  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            learn_under(None)
        if request.session.accessed and learns_without_login(request):
            # The next to learn on this device does not turn back to it.
            add_never_cache_headers(response)
        device = getattr(request, "new_device", "")
        if device:
            response.set_signed_cookie(
                DEVICE_COOKIE,
                device,
                max_age=DEVICE_AGE,
                httponly=True,
                secure=settings.SESSION_COOKIE_SECURE,
                samesite=settings.SESSION_COOKIE_SAMESITE,
            )
        return response


class AdminReadingMiddleware:
    """Lists and forms of logins in Wagtail's admin show names, too; its views are not ours to change."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        match = request.resolver_match
        if (
            match is not None
            and "wagtailusers_users" in match.namespaces
            and response.status_code == 200
            and request.user.is_authenticated
        ):
            record_audit(actor=request.user, action="people.read_logins", target=request.user)
        return response


class SecondFactorMiddleware:
    """Without the second step the rights of staff rest; a page closed to them for that leads to where it is done."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.FORCE_SECOND_FACTOR:
            return self.get_response(request)
        with rights_resting(lambda user: rests(request, user)):
            if self._enters_the_admin(request) and request.user.is_authenticated and request.user.rights_rest:
                return self._to_second_step(request)
            response = self.get_response(request)
            if response.status_code in (403, 404) and request.user.is_authenticated and request.user.rights_rest:
                return self._to_second_step(request)
        return response

    def _enters_the_admin(self, request: HttpRequest) -> bool:
        """Wagtail's admin asks groups directly, too, so it is shut as a whole."""
        path = request.path_info
        return path.startswith(("/admin/", "/documents/")) and not path.startswith("/admin/jsi18n")

    def _to_second_step(self, request: HttpRequest) -> HttpResponse:
        """Set it up, or do it; and come back to what was only looked at."""
        name = "mfa_reauthenticate" if has_second_factor(request.user) else "mfa_index"
        back = request.get_full_path() if request.method in ("GET", "HEAD") else ""
        return redirect(with_next(reverse(name), back))
