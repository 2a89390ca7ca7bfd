"""The sign-in door: who is not signed in goes there, and comes back to a page that can be opened."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

View = Callable[..., HttpResponseBase]


def is_safe_next(request: HttpRequest, url: str) -> bool:
    """Whether `url` stays on this site, so that a sign-in link cannot lead elsewhere."""
    return url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure())


def way_back(request: HttpRequest) -> str:
    """Where to return to. What a form was sent to cannot be opened by a link: then it is the page with the form, ""
    where that is not known."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    came_from = request.headers.get("Referer", "")
    if not came_from or not is_safe_next(request, came_from):
        return ""
    return urlsplit(came_from)._replace(scheme="", netloc="", fragment="").geturl()


def to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """To the sign-in page, which leads back; without a way back, to where the login starts.

    Whoever pressed a button is told that it did nothing, for they come back to the page that still has it.
    """
    if request.method not in ("GET", "HEAD"):
        words = _("Nothing was sent yet, because you are not signed in. Sign in, then do it once more.")
        messages.info(request, words, fail_silently=True)
    door, back = reverse("account_login"), way_back(request)
    return redirect_to_login(back, door) if back else HttpResponseRedirect(door)


def login_required(view: View) -> View:
    """Visitors go to the sign-in page of their language and come back."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        return view(request, *args, **kwargs)

    return guarded
