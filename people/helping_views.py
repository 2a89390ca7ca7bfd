"""A person at the desk of whoever works with people: learning with them, PIN, card and number; sheets of cards."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import clock
from common.addresses import localized_path
from common.exceptions import DomainError
from people.access import login_required, note_people_read, note_person_read
from people.enums import PersonSource
from people.forms import add_refusal
from people.learners import act_for, act_for_nobody, help_session_of
from people.models import HelpSession, LearnerCard, Organisation, Person, PhoneMove
from people.operations.cards import MOST_CARDS, request_cards, revoke_card
from people.operations.moves import cancel_move, state_move
from people.operations.persons import needs_guardian
from people.operations.pins import reset_pin
from people.operations.sharing import begin_help, end_help
from people.pin_views import secret_form
from people.registry import help_actions
from people.scopes import PEOPLE_ROLES, has_role, is_site_administrator, managed_organisation_ids
from people.sharing_forms import CardsForm, HelpForm, MoveForm, NewPinForm


def helps_people(user: Any) -> bool:
    """Whether the user works with people somewhere."""
    return bool(has_role(user, *PEOPLE_ROLES) or managed_organisation_ids(user) or is_site_administrator(user))


def helped(request: HttpRequest, uuid: UUID) -> Person:
    """The person, if the user looks after them: else 404; 403 for those who look after nobody."""
    if not helps_people(request.user):
        raise PermissionDenied
    people = Person.objects.helped_by(request.user).select_related("residence__parent__parent")
    person = get_object_or_404(people, uuid=uuid)
    note_person_read(request, person)
    return person


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@never_cache
@login_required
@require_safe
def helped_person(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Everything that is done for a person who sits beside one."""
    person = helped(request, uuid)
    context = {
        "person": person,
        "card": LearnerCard.objects.valid().filter(person=person).first(),
        "move": PhoneMove.objects.open().filter(person=person).first(),
        "help_sessions": HelpSession.objects.filter(person=person).select_related("helper")[:5],
        "actions": help_actions(request.user, person),
        "back": _back(request, person),
    }
    return render(request, "people/helped.html", context)


def _back(request: HttpRequest, person: Person) -> str:
    """The list the person was found in: of their commune, or of an organisation one manages."""
    commune = person.residence
    if commune is not None and request.user.has_perm("people.view_unit", commune):
        return reverse("unit_people", args=[commune.uuid])
    managed = Organisation.objects.managed_by(request.user).filter(memberships__person=person).first()
    return reverse("organisation", args=[managed.uuid]) if managed is not None else localized_path("/don-vi/")


@secret_form
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def helped_pin(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A PIN that the person chooses on the facilitator's phone, or none any more."""
    person = helped(request, uuid)
    removing = request.POST.get("act") == "remove"
    form = NewPinForm(_posted(request) if not removing else None)
    if removing or form.is_valid():
        try:
            reset_pin(person=person, pin="" if removing else form.cleaned_data["new_pin"], by=request.user)
        except DomainError as error:
            add_refusal(form, error)
        else:
            words = gettext("The PIN is removed.") if removing else gettext("The new PIN works from now on.")
            messages.success(request, words)
            return redirect("helped_person", uuid=person.uuid)
    return render(request, "people/helped_pin.html", {"person": person, "form": form})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def helped_move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The number the person will learn with from now on."""
    person = helped(request, uuid)
    return move_page(request, person, back=reverse("helped_person", args=[person.uuid]))


def move_page(request: HttpRequest, person: Person, *, back: str) -> HttpResponse:
    """State a number, see the code for it, take it back."""
    if request.method == "POST" and request.POST.get("act") == "cancel":
        cancel_move(person=person, by=request.user)
        messages.success(request, gettext("The move is taken back."))
        return HttpResponseRedirect(request.path)
    form = MoveForm(_posted(request))
    if form.is_valid():
        try:
            state_move(person=person, phone=form.cleaned_data["phone"], by=request.user)
        except DomainError as error:
            add_refusal(form, error)
        else:
            return HttpResponseRedirect(request.path)
    move = PhoneMove.objects.open().filter(person=person).first()
    context = {"person": person, "form": form, "move": move, "back": back, "days": settings.MOVE_DAYS}
    return render(request, "people/move.html", context)


# Acting for somebody


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def help_begin(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Record that the person agrees, then act for them."""
    person = helped(request, uuid)
    form = HelpForm(_posted(request))
    if form.is_valid():
        try:
            session = begin_help(
                person=person,
                consent=form.cleaned_data["consent"],
                guardian_name=form.cleaned_data["guardian_name"],
                language=get_language() or settings.LANGUAGE_CODE,
                by=request.user,
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            act_for(request, session)
            return HttpResponseRedirect(localized_path("/hoc-tap/"))
    context = {
        "person": person,
        "form": form,
        "child": form.asks_guardian or needs_guardian(person.birth_year, clock.now()),
        "hours": settings.HELP_HOURS,
        "consent_version": settings.CONSENT_TEXT_VERSION,
        "data_url": reverse("stored_data"),
    }
    return render(request, "people/help_begin.html", context)


@never_cache
@login_required
@require_POST
def help_end(request: HttpRequest) -> HttpResponse:
    """Stop acting for somebody; back to their page."""
    session = help_session_of(request)
    end_help(by=request.user)
    act_for_nobody(request)
    if session is None:
        return HttpResponseRedirect(localized_path("/hoc-tap/"))
    messages.success(request, gettext("You no longer act for %(name)s.") % {"name": session.person.full_name})
    return redirect("helped_person", uuid=session.person.uuid)


# Cards

CARDS_SHOWN = 100


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cards(request: HttpRequest) -> HttpResponse:
    """Choose people and print their cards: those registered today, of a village, of an organisation, by name."""
    user = request.user
    if not helps_people(user):
        raise PermissionDenied
    form = CardsForm(request.GET, by=user)
    found = _to_print(request, form)
    if request.method == "POST":
        chosen = [int(text) for text in request.POST.getlist("nguoi") if text.isascii() and text.isdigit()]
        if "tat-ca" in request.POST:
            chosen = list(found.values_list("pk", flat=True)[: MOST_CARDS + 1])
        try:
            job = request_cards(person_ids=chosen, by=user)
        except DomainError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(request.get_full_path())
        return redirect("job", uuid=job.uuid)
    page = Paginator(found, CARDS_SHOWN).get_page(request.GET.get("trang"))
    people = list(page)
    if people:
        note_people_read(request, "people.read_people", people[0], unit=people[0].residence, count=len(people))
    total = page.paginator.count
    context = {
        "form": form,
        "today": "hom-nay" in request.GET,
        "organisation": _organisation(request),
        "people": people,
        "total": total,
        "all_at_once": CARDS_SHOWN < total <= MOST_CARDS,
        "asked": bool(set(request.GET) & {"hom-nay", "to-chuc", "noi", "q"}),
        "number": page.number,
        "pages": page.paginator.num_pages,
        "previous_url": _turn(request, page.number - 1) if page.has_previous() else "",
        "next_url": _turn(request, page.number + 1) if page.has_next() else "",
    }
    return render(request, "people/cards.html", context)


def _turn(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query["trang"] = str(number)
    return f"?{query.urlencode()}"


def _to_print(request: HttpRequest, form: CardsForm) -> Any:
    """Whom the search means, by given name."""
    people = Person.objects.helped_by(request.user).learning().select_related("residence")
    if not form.is_valid():
        return people.none()
    unit, text = form.cleaned_data["noi"], form.cleaned_data["q"].strip()
    organisation = _organisation(request)
    if "hom-nay" in request.GET:
        people = people.filter(pk__in=registered_today(request.user).values("pk"))
    elif organisation is not None:
        people = people.members_of(organisation)
    elif unit is None and not text:
        return people.none()
    if unit is not None:
        people = people.living_in(unit)
    return (people.search(text) if text else people).order_by("name_key", "pk")


def _organisation(request: HttpRequest) -> Organisation | None:
    """The organisation whose members are asked for; 404 for one that is not the user's."""
    raw = request.GET.get("to-chuc")
    if not raw:
        return None
    try:
        return get_object_or_404(Organisation.objects.managed_by(request.user), uuid=UUID(raw))
    except ValueError:
        raise Http404 from None


def registered_today(user: Any) -> Any:
    """Whom the user registered since midnight, the last one first."""
    midnight = datetime.combine(clock.today(), time(), tzinfo=clock.VIETNAM)
    people = Person.objects.filter(created_by=user, source=PersonSource.WALK_IN, created_at__gte=midnight)
    return people.order_by("-created_at", "-pk")


@never_cache
@login_required
@require_POST
def card_revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The person's card is lost: it opens nothing any more."""
    person = helped(request, uuid)
    card = LearnerCard.objects.valid().select_related("person__residence").filter(person=person).first()
    if card is not None:
        revoke_card(card=card, by=request.user)
    messages.success(request, gettext("The card is void. The next sheet you print has a new one."))
    return redirect("helped_person", uuid=person.uuid)
