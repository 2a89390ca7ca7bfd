"""Who is learning with a login: choosing, being new, taking a record over, agreeing again; and walk-ins."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from common import clock
from common.exceptions import DomainError
from people import operations
from people.access import learner_required, localized_path, login_required, next_url, role_required, with_next
from people.enums import ConsentPurpose, PersonSource, Role
from people.forms import ClaimForm, NewPersonForm, add_refusal
from people.helping_views import move_page, registered_today
from people.learners import (
    choose_learner,
    chosen_person,
    claimable_people,
    help_session_of,
    household,
    is_closed_to,
    learns_by_other_means,
    shared_session_of,
)
from people.models import Person, PhoneMove
from people.operations.moves import take_move
from people.sharing_forms import TakeOverForm
from people.sharing_views import shared_who
from people.walk_in_forms import WalkInForm
from places.enums import Level
from places.forms import PlaceForm
from places.lineage import places_to_choose
from places.models import AdministrativeUnit
from places.queries import home_province

WALK_IN_KEY = "walk_in"  # in the session: what the next walk-in probably shares with the last one
WALK_INS_SHOWN = 12


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def who(request: HttpRequest) -> HttpResponse:
    """Who is learning: on a shared device, with a card, or among the people of the login."""
    if request.user.is_authenticated:
        session = help_session_of(request)
        return redirect("helped_person", uuid=session.person.uuid) if session is not None else _household(request)
    shared = shared_session_of(request)
    if shared is not None:
        return shared_who(request, shared)
    if request.learner:  # type: ignore[attr-defined]  # by card
        return redirect("card_find")
    return login_required(_household)(request)


def _household(request: HttpRequest) -> HttpResponse:
    """Choose among the people who learn with this login, take over a record, or be new."""
    url = next_url(request)
    if request.method == "POST":
        person = _chosen_person(request)
        if person.has_pin:
            return HttpResponseRedirect(with_next(reverse("who_pin", args=[person.uuid]), url))
        choose_learner(request, person)
        if person.learning_stopped_at is not None:
            return HttpResponseRedirect(with_next(reverse("who_consent", args=[person.uuid]), url))
        return HttpResponseRedirect(url or localized_path("/hoc-tap/"))
    learners = list(household(request.user))
    claimable = list(claimable_people(request.user))
    new_url = with_next(reverse("who_new"), url)
    if not (learners or claimable):
        return HttpResponseRedirect(new_url)
    return render(
        request,
        "people/who.html",
        {
            "learners": name_briefly(learners),
            "claimable": [(person, with_next(reverse("who_claim", args=[person.uuid]), url)) for person in claimable],
            "new_url": new_url,
            "next": url,
        },
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def who_claim(request: HttpRequest, uuid: Any) -> HttpResponse:
    """Is this you? Take over the record that a list holds under one's confirmed phone."""
    url = next_url(request, localized_path("/hoc-tap/"))
    mine = household(request.user).filter(uuid=uuid).first()
    if mine is not None:  # sent twice
        if mine.has_pin:
            return HttpResponseRedirect(with_next(reverse("who_pin", args=[mine.uuid]), url))
        choose_learner(request, mine)
        return HttpResponseRedirect(url)
    person = get_object_or_404(claimable_people(request.user).select_related("residence"), uuid=uuid)
    move = PhoneMove.objects.open().filter(person=person, phone=request.user.phone).first()
    form = (ClaimForm if move is None else TakeOverForm)(_posted(request))
    if form.is_valid():
        try:
            if move is not None:
                # Outside the transaction below: a wrong code stays counted.
                person = take_move(move=move, code=form.cleaned_data["code"], user=request.user)
            with transaction.atomic():
                if move is None:
                    person = operations.claim_person(person=person, user=request.user)
                _record_consent(request, person, form)
        except DomainError as error:
            add_refusal(form, error)
        else:
            choose_learner(request, person)
            return HttpResponseRedirect(url)
    context = {
        "person": person,
        "form": form,
        "move": move,
        "shown": person.full_name if move is None else person.given_name,  # to whoever a wrong number belongs to
        "next": next_url(request),
        "back": with_next(reverse("who"), url),
    }
    return render(request, "people/who_claim.html", context | consent_context())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def who_consent(request: HttpRequest, uuid: Any) -> HttpResponse:
    """Learning again after the consent was taken back."""
    person = get_object_or_404(household(request.user).select_related("residence"), uuid=uuid)
    url = next_url(request, localized_path("/hoc-tap/"))
    if is_closed_to(request, person):
        return HttpResponseRedirect(with_next(reverse("who_pin", args=[person.uuid]), url))
    if person.learning_stopped_at is None:
        choose_learner(request, person)
        return HttpResponseRedirect(url)
    form = ClaimForm(_posted(request))
    if form.is_valid():
        try:
            with transaction.atomic():
                _record_consent(request, person, form)
        except DomainError as error:
            add_refusal(form, error)
        else:
            person.refresh_from_db()
            choose_learner(request, person)
            return HttpResponseRedirect(url)
    context = {"person": person, "form": form, "next": next_url(request)}
    return render(request, "people/who_consent.html", context | consent_context())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def who_new(request: HttpRequest) -> HttpResponse:
    """I am new: name, year of birth, commune and consent."""
    url = next_url(request)
    has_choice = household(request.user).exists() or claimable_people(request.user).exists()
    back = with_next(reverse("who"), url) if has_choice else ""
    province = _chosen_province(request)
    if province is None:
        provinces = AdministrativeUnit.objects.in_force().at_level(Level.PROVINCE)
        return render(request, "people/who_province.html", {"provinces": provinces, "next": url, "back": back})
    chosen = request.GET.get("xa", "")
    form = NewPersonForm(_posted(request), province=province, initial={"residence": chosen} if chosen else None)
    if form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():
                person = operations.create_person(
                    full_name=data["full_name"],
                    birth_year=data["birth_year"],
                    phone=request.user.phone if request.user.phone_verified_at else "",
                    residence=data["residence"],
                    source=PersonSource.SELF,
                    account=request.user,
                    by=request.user,
                )
                _record_consent(request, person, form)
        except DomainError as error:
            add_refusal(form, error)
        else:
            choose_learner(request, person)
            return HttpResponseRedirect(url or localized_path("/hoc-tap/"))
    context = {
        "form": form,
        "province": province,
        "next": url,
        "back": back,
        "find_place_url": f"{reverse('find_place')}?{urlencode({'chon': with_next(reverse('who_new'), url)})}",
        "other_province_url": f"{reverse('who_new')}?{urlencode({'tinh': '', 'next': url})}",
    }
    return render(request, "people/who_new.html", context | consent_context())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@learner_required
def my_place(request: HttpRequest) -> HttpResponse:
    """My commune or village was divided: where do I live today?"""
    person = request.learner  # type: ignore[attr-defined]
    url = next_url(request, localized_path("/hoc-tap/"))
    choices = places_to_choose(person.residence) if person.residence else []
    if not choices:
        return HttpResponseRedirect(url)
    form = PlaceForm(_posted(request), places=choices)
    if form.is_valid():
        try:
            operations.place_people(people=[person], unit=form.cleaned_data["place"], by=request.user)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, gettext("Thank you. Your place of residence is up to date."))
            return HttpResponseRedirect(url)
    context = {"form": form, "former": person.residence, "next": next_url(request)}
    return render(request, "people/my_place.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.FACILITATOR, Role.OFFICIAL, Role.ADMINISTRATOR)
def register_walk_in(request: HttpRequest) -> HttpResponse:
    """Keep somebody who came without an account, and enrol them where asked."""
    remembered = request.session.get(WALK_IN_KEY) or {}
    form = WalkInForm(_posted(request), by=request.user, remembered=remembered)
    if form.is_valid():
        data = form.cleaned_data
        at = clock.now()
        try:
            with transaction.atomic():
                person = operations.register_walk_in(
                    full_name=data["full_name"],
                    birth_year=data["birth_year"],
                    phone=data["phone"],
                    residence=data["residence"],
                    consent=data["consent"],
                    guardian_name=data["guardian_name"],
                    by=request.user,
                    at=at,
                )
                form.apply_choices(person=person, by=request.user, at=at)
        except DomainError as error:
            add_refusal(form, error)
        else:
            words = (
                gettext("%(name)s is registered.")
                if person.created_at == at
                else gettext("%(name)s was already known here and was not kept twice.")
            )
            messages.success(request, words % {"name": person.full_name})
            request.session[WALK_IN_KEY] = form.worth_remembering()
            return redirect("register_walk_in")
    today = registered_today(request.user)
    context = {"form": form, "today": list(today[:WALK_INS_SHOWN]), "today_count": today.count()}
    return render(request, "people/walk_in.html", context | consent_context())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def who_move(request: HttpRequest) -> HttpResponse:
    """Whoever is learning goes on with a number of their own."""
    person = None if learns_by_other_means(request) else chosen_person(request)
    if person is None:
        return HttpResponseRedirect(with_next(reverse("who"), reverse("who_move")))
    return move_page(request, person, back=reverse("account"))


def name_briefly(people: list[Person]) -> list[tuple[Person, str]]:
    """Each with the given name; with the full one where given name and year do not tell two of them apart."""
    alike = Counter((person.given_name, person.birth_year) for person in people)
    return [(p, p.given_name if alike[p.given_name, p.birth_year] == 1 else p.full_name) for p in people]


def _record_consent(request: HttpRequest, person: Person, form: ClaimForm | NewPersonForm) -> None:
    operations.give_consent(
        person=person,
        purpose=ConsentPurpose.LEARNING_RECORD,
        language=get_language() or "vi",
        recorded_by=request.user,
        guardian_name=form.cleaned_data["guardian_name"],
    )


def _posted(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with, also when that is nothing; None when it is only shown."""
    return request.POST if request.method == "POST" else None


def consent_context() -> dict[str, Any]:
    """What `people/consent_text.html` needs."""
    return {"consent_version": settings.CONSENT_TEXT_VERSION, "data_url": reverse("stored_data")}


def _chosen_person(request: HttpRequest) -> Person:
    """The person of one's household that the form names; anybody else is not found."""
    try:
        chosen = UUID(request.POST.get("person", ""))
    except ValueError:
        raise Http404 from None
    return get_object_or_404(household(request.user), uuid=chosen)


def _chosen_province(request: HttpRequest) -> AdministrativeUnit | None:
    """The province whose communes to offer: the address names it, else the installation; None asks for it."""
    code = request.GET.get("tinh")
    if code is None:
        return home_province()
    return AdministrativeUnit.objects.in_force().at_level(Level.PROVINCE).filter(code=code).first()
