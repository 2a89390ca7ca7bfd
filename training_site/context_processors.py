"""What every template may ask for."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from content.models import SiteSettings
from people.learners import AWAY, standing_of


def site(request: HttpRequest) -> dict:
    """Site settings (read when used), the demonstration banner and the learner's name."""
    return {
        "site_settings": SimpleLazyObject(site_settings),
        "demo_mode": settings.THONSO_DEMO,
        "other_language_url": SimpleLazyObject(lambda: other_language_url(request)),
        "learner_name": SimpleLazyObject(lambda: learner_name(request)),
        "learner_url": SimpleLazyObject(lambda: reverse("my_learning") if standing_of(request) in AWAY else ""),
        "standing": SimpleLazyObject(lambda: standing_of(request) or ""),
    }


def site_settings() -> SiteSettings:
    """The settings of this installation, which is one site; one query, and the defaults before anybody saved any."""
    return SiteSettings.objects.filter(site__is_default_site=True).first() or SiteSettings()


def other_language_url(request: HttpRequest) -> str:
    """This page in the other language; addresses differ only by the prefix."""
    query = request.GET.copy()
    query.pop("next", None)  # where it leads has not been checked here
    path = request.path + (f"?{query.urlencode()}" if query else "")
    if get_language() == settings.LANGUAGE_CODE:
        return f"/en{path}"
    return path.removeprefix(f"/{get_language()}") or "/"


def learner_name(request: HttpRequest) -> str:
    """The given name shown in the header; a login without a person shows its own name; empty: nobody."""
    learner = getattr(request, "learner", None)
    if learner:
        return learner.given_name
    user = getattr(request, "user", None)
    return str(user) if user is not None and user.is_authenticated else ""
