"""PINs of people: giving one, choosing, changing and removing one's own, forgetting it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from common.exceptions import DomainError
from people.access import learner_required, localized_path, login_required, may_say_who, next_url, with_next
from people.forms import add_refusal
from people.learners import (
    SESSION_KEY,
    Standing,
    choose_learner,
    choose_without_login,
    device_of,
    forget_learner,
    household,
    shared_session_of,
    standing_of,
)
from people.models import LearnerCard, Person
from people.operations.pins import give_pin, remove_pin, set_pin
from people.operations.sharing import admit
from people.sharing_forms import ChangePinForm, FirstPinForm, NewPinForm, PinForm
from people.sign_in import signed_in_by_code

secret_form = sensitive_post_parameters("pin", "new_pin", "again", "code")


@secret_form
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def who_pin(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The PIN of somebody of one's household or, on a shared device, of its place."""
    if not may_say_who(request):
        return login_required(who_pin)(request, uuid=uuid)
    shared = shared_session_of(request) if not request.user.is_authenticated else None
    people = shared.people() if shared is not None else household(request.user)
    person = get_object_or_404(people, uuid=uuid)
    return ask_pin(request, person, back=with_next(reverse("who"), next_url(request)))


def ask_pin(request: HttpRequest, person: Person, *, back: str, card: LearnerCard | None = None) -> HttpResponse:
    """The form for the PIN; on a shared device that for the first PIN of somebody without one. Then they learn."""
    url = next_url(request)
    posted = request.POST if request.method == "POST" else None
    shared = shared_session_of(request) if not request.user.is_authenticated else None
    if not request.user.is_authenticated and request.session.get(SESSION_KEY) not in (None, person.pk):
        # Whoever learnt here before and went without a word has finished.
        forget_learner(request)
    context: dict[str, Any] = {"person": person, "next": url, "back": back}
    if not person.has_pin:
        if request.user.is_authenticated:
            return redirect("who")
        if shared is None or not shared.people().filter(pk=person.pk).exists():
            return render(request, "people/card_unready.html", context)
    form: Any = PinForm(posted) if person.has_pin else FirstPinForm(posted)
    if form.is_valid():
        data = form.cleaned_data
        try:
            if person.has_pin:
                give_pin(person=person, pin=data["pin"], device=device_of(request))
            elif shared is not None:
                admit(session=shared, person=person, code=data["code"], pin=data["new_pin"])
                person.refresh_from_db()
        except DomainError as error:
            add_refusal(form, error)
        else:
            if request.user.is_authenticated:
                choose_learner(request, person)
                if person.learning_stopped_at is not None:
                    return HttpResponseRedirect(with_next(reverse("who_consent", args=[person.uuid]), url))
            else:
                choose_without_login(request, person, card)
            return HttpResponseRedirect(url or localized_path("/hoc-tap/"))
    context |= {"form": form, "first": not person.has_pin, "at_home": request.user.is_authenticated}
    return render(request, "people/pin.html", context)


@secret_form
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def who_pin_forgotten(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A new PIN for somebody of the household, when a fresh code has just shown whose phone it is; never by e-mail."""
    person = get_object_or_404(household(request.user), uuid=uuid)
    if not person.has_pin:
        return redirect("who")
    fresh = signed_in_by_code(request)
    form = NewPinForm(request.POST if request.method == "POST" and fresh else None)
    if form.is_valid():
        try:
            set_pin(person=person, pin=form.cleaned_data["new_pin"], by=request.user)
        except DomainError as error:
            add_refusal(form, error)
        else:
            choose_learner(request, person)
            messages.success(request, gettext("The new PIN works from now on."))
            return redirect("account")
    context = {
        "person": person,
        "form": form,
        "fresh": fresh,
        "back": reverse("who_pin", args=[person.uuid]),
        "again_url": with_next(reverse("account_login"), reverse("who_pin_forgotten", args=[person.uuid])),
    }
    return render(request, "people/pin_forgotten.html", context)


@secret_form
@never_cache
@learner_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_pin(request: HttpRequest) -> HttpResponse:
    """Set, change or remove the PIN of whoever is learning. Not while somebody acts for them: a PIN is one's own."""
    standing = standing_of(request)
    if standing == Standing.HELPED:
        raise Http404
    person = Person.objects.select_related("residence").get(pk=request.learner.pk)  # type: ignore[attr-defined]
    by = request.user if request.user.is_authenticated else None
    posted = request.POST if request.method == "POST" else None
    removing = posted is not None and posted.get("act") == "remove" and standing == Standing.OWN
    form: Any = (PinForm if removing else ChangePinForm if person.has_pin else NewPinForm)(posted)
    if form.is_valid():
        data = form.cleaned_data
        try:
            if person.has_pin:
                give_pin(person=person, pin=data["pin"], device=device_of(request))
            if removing:
                remove_pin(person=person, by=by)
            else:
                set_pin(person=person, pin=data["new_pin"], by=by)
        except DomainError as error:
            add_refusal(form, error)
        else:
            _stay(request, person)
            words = gettext("The PIN is removed.") if removing else gettext("The new PIN works from now on.")
            messages.success(request, words)
            return HttpResponseRedirect(localized_path("/hoc-tap/"))
    context = {
        "form": form if not removing else ChangePinForm(),
        "removal": form if removing else PinForm(prefix=None),
        "person": person,
        "may_remove": person.has_pin and standing == Standing.OWN,
        "removing": removing,
    }
    return render(request, "people/my_pin.html", context)


def _stay(request: HttpRequest, person: Person) -> None:
    """Whoever changed their PIN goes on learning: the session remembers the new one."""
    if request.user.is_authenticated:
        choose_learner(request, person)
        return
    key = request.session.get("card")
    card = LearnerCard.objects.valid().filter(pk=key).first() if key is not None else None
    choose_without_login(request, person, card)
