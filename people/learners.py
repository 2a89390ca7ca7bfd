"""Which person a session learns as, and which persons a login may learn as.

Four ways lead to a learner. A login learns as one of its household. Whoever works with people acts for somebody who is
present (`HelpSession`). Where nobody is signed in, somebody learns by card and PIN, or by name and PIN on a device that
was opened for their place (`SharedSession`). Wherever a PIN is set it has been given in this session, to this person:
choosing another one forgets it.

Forms say nothing of the learner, whom the session knows. So whenever that becomes somebody else the CSRF token is
changed, and forms of pages that are still open in other tabs, made for the one before, are refused.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils.crypto import salted_hmac

from common import clock
from people.circumstances import Circumstances, learn_under
from people.models import HelpSession, LearnerCard, Person, PersonQuerySet, PhoneMove, SharedSession
from people.rules import can_help_person
from people.scopes import active_roles
from people.signals import learner_chosen

SESSION_KEY = "learner"
PIN_KEY = "learner_pin"  # the mark of the PIN that was given, so that another PIN closes all sessions
CARD_KEY = "card"
SHARED_KEY = "shared"
HELP_KEY = "helping"
SEEN_KEY = "learner_seen"
DEVICE_KEY = "device"
DEVICE_COOKIE = "thiet_bi"
DEVICE_AGE = 60 * 60 * 24 * 400  # seconds; browsers keep no cookie longer
GUEST_KEY = "guest"  # of `courses.guests`
SEEN_EVERY = 60  # seconds between two notes that somebody is still there


class Standing(StrEnum):
    """How the session's learner learns; `shared` and `card` without a login."""

    OWN = "own"
    HELPED = "helped"
    SHARED = "shared"
    CARD = "card"


AWAY = (Standing.HELPED, Standing.SHARED, Standing.CARD)


def chosen_person(request: HttpRequest) -> Person | None:
    """The person of this session, whether or not they agree to a learning record; else the login's only person."""
    people = household(request.user).select_related("residence__parent__parent")
    return _chosen_of(people, request.session)


def current_learner(request: HttpRequest) -> Person | None:
    """The person chosen in this session, as long as they may learn in it and agree to a learning record; else the
    login's only person."""
    session: Any = request.session
    if not request.user.is_authenticated:
        return _learner_without_login(request) if SESSION_KEY in session else None
    if HELP_KEY in session:
        return _helped_person(request)
    return _chosen_of(household(request.user).learning().select_related("residence"), session)


def learns_by_other_means(request: HttpRequest) -> bool:
    """Whether the session's learner is not simply one of the login's household."""
    session: Any = request.session
    return HELP_KEY in session if request.user.is_authenticated else SESSION_KEY in session


def learns_without_login(request: HttpRequest) -> bool:
    """Whether the session has a learner and nobody is signed in."""
    return SESSION_KEY in request.session and not request.user.is_authenticated


def standing_of(request: HttpRequest) -> Standing | None:
    """How the learner of this request learns; None when nobody does."""
    if not getattr(request, "learner", None):
        return None
    session: Any = request.session
    if request.user.is_authenticated:
        return Standing.HELPED if HELP_KEY in session else Standing.OWN
    return Standing.SHARED if SHARED_KEY in session else Standing.CARD


def _chosen_of(people: PersonQuerySet, session: Any) -> Person | None:
    chosen = session.get(SESSION_KEY)
    if chosen is not None:
        person = people.filter(pk=chosen).first()
        return person if person is not None and pin_was_given(session, person.pin_hash) else None
    found = list(people.order_by("pk")[:2])
    return found[0] if len(found) == 1 and not found[0].has_pin else None


# PINs in the session


def pin_mark(pin_hash: str) -> str:
    """What the session remembers of a PIN that was given; empty without a PIN."""
    return salted_hmac("people.pin", pin_hash).hexdigest()[:20] if pin_hash else ""


def pin_was_given(session: Any, pin_hash: str) -> bool:
    """Whether this session was told the PIN of the person chosen in it, or there is none."""
    return not pin_hash or session.get(PIN_KEY) == pin_mark(pin_hash)


def is_closed_to(request: HttpRequest, person: Person) -> bool:
    """Whether the person's record is one of the household's that this session has not been told the PIN of."""
    user = request.user
    if not (user.is_authenticated and person.has_pin and person.account_id == user.pk):
        return False
    if can_help_person(user, person):
        return False
    chosen = chosen_person(request)
    return chosen is None or chosen.pk != person.pk


def device_of(request: HttpRequest) -> str:
    """What tells this device from others, for counting tries: a signed cookie, and in the session as long as it lasts.

    Made when there is none; `LearnerMiddleware` sends the cookie.
    """
    session: Any = request.session
    device = request.get_signed_cookie(DEVICE_COOKIE, default="", max_age=DEVICE_AGE) or session.get(DEVICE_KEY) or ""
    if not device:
        device = uuid4().hex
    if session.get(DEVICE_KEY) != device:
        session[DEVICE_KEY] = device
        request.new_device = device  # type: ignore[attr-defined]
    return device


# Choosing


def choose_learner(request: HttpRequest, person: Person) -> None:
    """Remember in the session who is learning now, and say so: what was done as a guest becomes theirs.

    The caller has made sure of the PIN. Of somebody who took back the consent nothing is added; they only reach
    their own data.
    """
    _remember(request, person)
    if person.learning_stopped_at is not None:
        request.learner = None  # type: ignore[attr-defined]
        return
    request.learner = person  # type: ignore[attr-defined]
    with transaction.atomic():
        learner_chosen.send(sender=Person, person=person, session=request.session)


def choose_without_login(request: HttpRequest, person: Person, card: LearnerCard | None) -> None:
    """The same where nobody is signed in. On a shared device what somebody did before is nobody's business."""
    session: Any = request.session
    if SHARED_KEY in session:
        forget_learner(request)
    session.cycle_key()
    session[SEEN_KEY] = int(clock.now().timestamp())
    if card is not None:
        session[CARD_KEY] = card.pk
    choose_learner(request, person)


def forget_learner(request: HttpRequest) -> None:
    """Nobody learns here any more: the session keeps nothing but what it says of the device."""
    session: Any = request.session
    if SESSION_KEY in session:
        rotate_token(request)
    for key in set(session.keys()) - {SHARED_KEY, DEVICE_KEY}:
        del session[key]
    request.learner = None  # type: ignore[attr-defined]


def leave_device(request: HttpRequest) -> None:
    """Somebody has signed in where others learnt: what those left behind is not theirs; the sign-in stays."""
    for key in (SESSION_KEY, PIN_KEY, CARD_KEY, SEEN_KEY, SHARED_KEY, GUEST_KEY):
        request.session.pop(key, None)
    request.learner = None  # type: ignore[attr-defined]


def _remember(request: HttpRequest, person: Person) -> None:
    session: Any = request.session
    if session.get(SESSION_KEY) != person.pk or HELP_KEY in session:
        rotate_token(request)
    session[SESSION_KEY] = person.pk
    session.pop(HELP_KEY, None)
    if person.has_pin:
        session[PIN_KEY] = pin_mark(person.pin_hash)
    else:
        session.pop(PIN_KEY, None)


# Without a login


def shared_session_of(request: HttpRequest) -> SharedSession | None:
    """The open session of this shared device; one query a request, none where there is no such session."""
    key = getattr(request, "session", {}).get(SHARED_KEY)
    if key is None:
        return None
    if not hasattr(request, "_shared_session"):
        sessions = SharedSession.objects.open().select_related("unit", "organisation__seat", "opened_by")
        request._shared_session = sessions.filter(pk=key).first()  # type: ignore[attr-defined]
        if request._shared_session is None:  # type: ignore[attr-defined]  # closed, perhaps from elsewhere
            forget_learner(request)
            request.session.pop(SHARED_KEY, None)
    return request._shared_session  # type: ignore[attr-defined]


def _learner_without_login(request: HttpRequest) -> Person | None:
    """By card, or by name on a shared device; always with a PIN, and only while somebody is there."""
    session: Any = request.session
    now = int(clock.now().timestamp())
    if now - session.get(SEEN_KEY, 0) > settings.SHARED_IDLE_MINUTES * 60:
        forget_learner(request)
        return None
    people: PersonQuerySet = Person.objects.none()
    shared = shared_session_of(request)
    if CARD_KEY in session:
        people = Person.objects.learning().filter(cards__pk=session[CARD_KEY], cards__revoked_at=None)
    elif shared is not None:
        people = shared.people()
    person = people.filter(pk=session.get(SESSION_KEY)).select_related("residence").first()
    if person is None or not person.has_pin or not pin_was_given(session, person.pin_hash):
        forget_learner(request)
        return None
    if now - session[SEEN_KEY] >= SEEN_EVERY:
        session[SEEN_KEY] = now
    if shared is not None:
        learn_under(Circumstances(person.pk, shared_session_id=shared.pk))
    return person


# Acting for somebody


def act_for(request: HttpRequest, session: HelpSession) -> None:
    """From now on whoever is signed in acts for the person of this help."""
    request.session[HELP_KEY] = session.pk
    rotate_token(request)


def act_for_nobody(request: HttpRequest) -> None:
    """The session's help is over."""
    if request.session.pop(HELP_KEY, None) is not None:
        rotate_token(request)


def help_session_of(request: HttpRequest) -> HelpSession | None:
    """The help that the signed-in user gives in this session, while they may."""
    key = request.session.get(HELP_KEY) if request.user.is_authenticated else None
    if key is None:
        return None
    found = (
        HelpSession.objects.open()
        .filter(pk=key, helper=request.user, person__learning_stopped_at=None)
        .select_related("person__residence")
        .first()
    )
    return found if found is not None and can_help_person(request.user, found.person) else None


def _helped_person(request: HttpRequest) -> Person | None:
    found = help_session_of(request)
    if found is None:
        act_for_nobody(request)
        return None
    learn_under(Circumstances(found.person_id, acted_by_id=request.user.pk))
    return found.person


# Whom a login serves


def household(user) -> PersonQuerySet:
    """The persons who learn with this login."""
    return Person.objects.filter(account_id=user.pk) if user.is_authenticated else Person.objects.none()


def claimable_people(user) -> PersonQuerySet:
    """Persons from lists who carry the login's confirmed phone and have no login yet, and those who are to learn with
    this number from now on."""
    if not user.phone or user.phone_verified_at is None:
        return Person.objects.none()
    coming = PhoneMove.objects.open().filter(phone=user.phone).values("person")
    return Person.objects.filter(Q(phone=user.phone, account=None) | Q(pk__in=coming)).exclude(account=user)


def is_staff_member(user) -> bool:
    """Whether the user works on the site: holds a role or may enter the admin. Staff need not be learners."""
    return bool(active_roles(user)) or user.has_perm("wagtailadmin.access_admin")
