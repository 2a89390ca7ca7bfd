"""Learning with a card: its code typed, its QR code opened, done."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from common.addresses import localized_path
from people.access import count_request, next_url, rate_limited, with_next
from people.learners import SHARED_KEY, forget_learner, household
from people.models import LearnerCard
from people.pin_views import ask_pin, secret_form
from people.rules import can_help_person
from people.sharing_forms import CardCodeForm

MISSES_A_MINUTE = 20
"""Unknown codes that one address may try; a class behind one address stays far below."""


@never_cache
@rate_limited
@require_http_methods(["GET", "HEAD"])
def card_find(request: HttpRequest) -> HttpResponse:
    """The form for the code on a card; with one (`?ma=`), on to the card."""
    form = CardCodeForm(request.GET if "ma" in request.GET else None)
    status = 200
    if form.is_valid():
        card = LearnerCard.objects.valid().filter(code=form.cleaned_data["ma"]).first()
        if card is not None:
            return HttpResponseRedirect(with_next(reverse("card", args=[card.token]), next_url(request)))
        _missed(request)
        form.add_error("ma", gettext("No card has this code. Compare it with the card, letter by letter."))
        status = 404
    return unlisted(render(request, "people/card_find.html", {"form": form, "next": next_url(request)}, status=status))


@secret_form
@never_cache
@rate_limited
@require_http_methods(["GET", "HEAD", "POST"])
def card(request: HttpRequest, token: str) -> HttpResponse:
    """Whose card this is, by given name, and the form for the PIN. Unknown and void cards are answered alike."""
    cards = LearnerCard.objects.valid().filter(person__learning_stopped_at=None)
    found = cards.select_related("person__residence").filter(token=token).first()
    if found is None:
        _missed(request)
        return unlisted(render(request, "people/card_unknown.html", status=404))
    person = found.person
    if request.user.is_authenticated:
        if can_help_person(request.user, person):
            return redirect("helped_person", uuid=person.uuid)
        if household(request.user).filter(pk=person.pk).exists():
            return HttpResponseRedirect(with_next(reverse("who_pin", args=[person.uuid]), next_url(request)))
        context = {"person": person, "again_url": reverse("card", args=[token])}
        return unlisted(render(request, "people/card_signed_in.html", context))
    return unlisted(ask_pin(request, person, back=reverse("card_find"), card=found))


@never_cache
@require_POST
def learner_done(request: HttpRequest) -> HttpResponse:
    """Whoever learnt without a login has finished; a shared device asks who is next."""
    if request.user.is_authenticated:
        return redirect("who")
    forget_learner(request)
    if SHARED_KEY in request.session:
        return redirect("who")
    return HttpResponseRedirect(localized_path("/"))


def unlisted(response: HttpResponse) -> HttpResponse:
    """Reached by whoever has the code, and by nobody's search."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _missed(request: HttpRequest) -> None:
    """Count a code that does not exist. Raises `RateLimited` for an address that tries one after the other."""
    count_request(request, "card-miss", MISSES_A_MINUTE)
