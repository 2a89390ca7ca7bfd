"""Which person a session learns as, and which persons a login may learn as."""

from __future__ import annotations

from allauth.mfa.utils import is_mfa_enabled
from django.db import transaction
from django.http import HttpRequest

from people.models import Person, PersonQuerySet
from people.scopes import active_roles
from people.signals import learner_chosen

SESSION_KEY = "learner"


def chosen_person(request: HttpRequest) -> Person | None:
    """The person of this session, whether or not they agree to a learning record; else the login's only person."""
    people = household(request.user).select_related("residence__parent__parent")
    chosen = request.session.get(SESSION_KEY)
    if chosen is not None:
        return people.filter(pk=chosen).first()
    found = list(people.order_by("pk")[:2])
    return found[0] if len(found) == 1 else None


def current_learner(request: HttpRequest) -> Person | None:
    """The person chosen in this session, as long as the login still serves them and they agree to a learning record;
    else the login's only person."""
    user = request.user
    if not user.is_authenticated:
        return None
    learners = household(user).learning().select_related("residence")
    chosen = request.session.get(SESSION_KEY)
    if chosen is not None:
        return learners.filter(pk=chosen).first()
    found = list(learners.order_by("pk")[:2])
    return found[0] if len(found) == 1 else None


def choose_learner(request: HttpRequest, person: Person) -> None:
    """Remember in the session who is learning now, and say so: what was done as a guest becomes theirs.

    Of somebody who took back the consent nothing is added; they only reach their own data.
    """
    request.session[SESSION_KEY] = person.pk
    if person.learning_stopped_at is not None:
        request.learner = None  # type: ignore[attr-defined]
        return
    request.learner = person  # type: ignore[attr-defined]
    with transaction.atomic():
        learner_chosen.send(sender=Person, person=person, session=request.session)


def household(user) -> PersonQuerySet:
    """The persons who learn with this login."""
    return Person.objects.filter(account_id=user.pk)


def claimable_people(user) -> PersonQuerySet:
    """Persons from lists who carry the login's confirmed phone and have no login yet."""
    if not user.phone or user.phone_verified_at is None:
        return Person.objects.none()
    return Person.objects.filter(phone=user.phone, account=None)


def is_staff_member(user) -> bool:
    """Whether the user works on the site: holds a role or may enter the admin. Staff need not be learners."""
    return bool(active_roles(user)) or user.has_perm("wagtailadmin.access_admin")


def needs_second_factor(user) -> bool:
    """Whether the user may enter the admin but has no second factor yet."""
    return user.is_authenticated and user.has_perm("wagtailadmin.access_admin") and not is_mfa_enabled(user)
