"""Doors: who may open a page, and where to go from there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import RateLimited
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from common import clock
from common.addresses import localized_path
from common.doors import View, is_safe_next, login_required, to_sign_in, way_back
from ledger.operations import record_audit
from people.enums import Role
from people.learners import shared_session_of
from people.models import Person
from people.scopes import active_roles, has_role, is_site_administrator

RETRY_AFTER = 60  # seconds


def next_url(request: HttpRequest, default: str = "") -> str:
    """Where the visitor was going, from the form or the address; `default` when that is missing or elsewhere."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    return url if url and is_safe_next(request, url) else default


def with_next(path: str, url: str) -> str:
    """`path` carrying on where the visitor was going."""
    return f"{path}?{urlencode({'next': url})}" if url else path


def home_of(user) -> str:
    """The page a login starts at: the desk of its role, else one's own learning."""
    roles = {Role(assignment.role) for assignment in active_roles(user)}
    if is_site_administrator(user) or roles & {Role.EDITOR, Role.ORGANISER}:
        return reverse("wagtailadmin_home")
    if roles & {Role.OFFICIAL, Role.FACILITATOR, Role.ADMINISTRATOR}:
        return localized_path("/don-vi/")
    if Role.MANAGER in roles:
        return localized_path("/to-chuc/")
    return localized_path(settings.LOGIN_REDIRECT_URL)


def may_say_who(request: HttpRequest) -> bool:
    """Whether somebody who has not said who is learning can: signed in, or on a shared device."""
    return request.user.is_authenticated or shared_session_of(request) is not None


def learner_required(view: View) -> View:
    """The page needs to know who is learning: visitors sign in first, others say who they are."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.learner:  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)
        if may_say_who(request):
            return HttpResponseRedirect(with_next(reverse("who"), way_back(request)))
        return to_sign_in(request)

    return guarded


def role_required(*roles: Role) -> Callable[[View], View]:
    """The page is for those who hold one of the roles today, and for administrators of the site; others get 403."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not (has_role(request.user, *roles) or is_site_administrator(request.user)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def note_people_read(request: HttpRequest, action: str, target: Model, *, unit: Any = None, count: int = 1) -> None:
    """Write on the audit trail that somebody is shown, or takes away, personal data of others.

    Before the answer is made: what cannot be written down is not shown. Nothing is written where nobody is shown.
    """
    if count:
        record_audit(actor=request.user, action=action, target=target, unit=unit, count=count)


def note_person_read(request: HttpRequest, person: Person) -> None:
    """The same for the page of one person; people of one's own household are not others."""
    if person.account_id is None or person.account_id != request.user.pk:
        note_people_read(request, "people.read_person", person, unit=person.residence)


def rate_limited(view: View) -> View:
    """Too many tries become the page that says so, with the time to wait, however allauth noticed them."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except RateLimited:
            response = render(request, "429.html", status=429)
        if response.status_code == 429:
            response.headers["Retry-After"] = str(RETRY_AFTER)
        return response

    return guarded


def count_request(request: HttpRequest, action: str, limit: int) -> None:
    """Count what one address does within a minute; `rate_limited` answers the `RateLimited` that this raises.

    allauth's own limits leave pages that are only read uncounted.
    """
    minute = int(clock.now().timestamp() // RETRY_AFTER)
    key = f"{action}:{get_adapter(request).get_client_ip(request)}:{minute}"
    cache.add(key, 0, 2 * RETRY_AFTER)
    if cache.incr(key) > limit:
        raise RateLimited
