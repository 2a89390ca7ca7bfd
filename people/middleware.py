"""Who is learning in this request, and the second factor of staff."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from ledger.operations import record_audit
from people.circumstances import learn_under
from people.learners import DEVICE_AGE, DEVICE_COOKIE, current_learner, needs_second_factor


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
    """Staff of the admin must have set up a second factor where `FORCE_SECOND_FACTOR` says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            settings.FORCE_SECOND_FACTOR
            and request.path_info.startswith("/admin/")
            and not request.path_info.startswith("/admin/jsi18n")
            and needs_second_factor(request.user)
        ):
            return redirect(reverse("mfa_activate_totp"))
        return self.get_response(request)
