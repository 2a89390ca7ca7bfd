"""Shared devices: opening, closing, and who is next."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from common.exceptions import DomainError
from people.access import count_request, login_required, next_url, with_next
from people.forms import add_refusal
from people.learners import SHARED_KEY, device_of, forget_learner
from people.models import Person, SharedSession
from people.operations.sharing import close_shared_session, end_help, open_shared_session
from people.pin_views import secret_form
from people.scopes import PEOPLE_ROLES, has_role, is_site_administrator, managed_organisation_ids
from people.sharing_forms import CardCodeForm, OpenSharedForm

LEAST_LETTERS = 2
MOST_FOUND = 20
SEARCHES_A_MINUTE = 120  # from one address: forty people in a hall


@secret_form
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def shared_open(request: HttpRequest) -> HttpResponse:
    """Turn this phone into one that many learn on. It signs the user out: nothing of their rights stays behind."""
    user = request.user
    if not (has_role(user, *PEOPLE_ROLES) or managed_organisation_ids(user) or is_site_administrator(user)):
        raise PermissionDenied
    form = OpenSharedForm(request.POST if request.method == "POST" else None, by=user)
    if form.is_valid():
        try:
            session = open_shared_session(**form.scope, code=form.cleaned_data["code"], by=user)
        except DomainError as error:
            add_refusal(form, error)
        else:
            end_help(by=user)
            logout(request)
            request.session[SHARED_KEY] = session.pk
            device_of(request)
            return redirect("who")
    sessions = SharedSession.objects.open().filter(opened_by=user).select_related("unit", "organisation")
    return render(request, "people/shared_open.html", {"form": form, "sessions": list(sessions)})


@never_cache
@login_required
@require_POST
def shared_close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Close one's shared device from elsewhere, for example when it was lost."""
    session = get_object_or_404(SharedSession.objects.filter(opened_by=request.user), uuid=uuid)
    close_shared_session(session=session, by=request.user)
    messages.success(request, gettext("The shared device is closed."))
    return redirect("shared_open")


def shared_who(request: HttpRequest, session: SharedSession) -> HttpResponse:
    """Who is learning on this shared device: by card, or by name. Of people found it shows what tells them apart.

    Whoever learnt here before and went without a word has finished.
    """
    forget_learner(request)
    text = request.GET.get("q", "").strip()[:60]
    url = next_url(request)
    found: list[tuple[Person, str]] = []
    if len(text) >= LEAST_LETTERS:
        count_request(request, "shared-search", SEARCHES_A_MINUTE)
        people = session.people().search(text).order_by("name_key", "pk")[:MOST_FOUND]
        found = [(person, with_next(reverse("who_pin", args=[person.uuid]), url)) for person in people]
    context = {
        "session": session,
        "text": text,
        "too_short": 0 < len(text) < LEAST_LETTERS,
        "searched": len(text) >= LEAST_LETTERS,
        "found": found,
        "card_form": CardCodeForm(),
        "next": url,
        "close_url": with_next(reverse("account_login"), reverse("shared_open")),
    }
    return render(request, "people/shared_who.html", context)
