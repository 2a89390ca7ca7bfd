"""The second step of a sign-in: who needs it, whether this session has done it.

The rights of somebody who needs it and has not done it rest: every rule and every `visible_to` reads the roles through
`people.scopes.active_roles`, and every permission through the login, so no door has to ask (docs/adr/0008). Learning
goes on.
"""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest

from people.scopes import TWO_STEP_ROLES, held_roles


def must_have_second_factor(user: Any) -> bool:
    """Whether the login holds a role with power over others, counting at present or not, or is in an admin group."""
    held = any(assignment.role in TWO_STEP_ROLES for assignment in held_roles(user))
    return user.is_superuser or held or user.groups.exists()


def has_second_factor(user: Any) -> bool:
    return is_mfa_enabled(user)


def did_second_step(request: HttpRequest, user: Any) -> bool:
    """Whether this session did the second step, with something the login still has.

    A session whose app or key was reset since does it again: its owner may have lost it to somebody.
    """
    records = get_authentication_records(request, user)
    used = [record.get("id") for record in records if record.get("method") == "mfa"]
    return bool(used) and Authenticator.objects.filter(user=user, pk__in=used).exists()


def note_second_step(request: HttpRequest) -> None:
    """It was set up in this session just now, so it need not be asked for again."""
    steps = Authenticator.objects.filter(user=request.user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    newest = steps.latest("pk")
    record_authentication(request, request.user, "mfa", id=newest.pk, type=newest.type)


def rests(request: HttpRequest, user: Any) -> bool:
    """Whether the rights of `user` rest in this request; only those of whoever is signed in ever do."""
    if not settings.FORCE_SECOND_FACTOR or request.session.get(SESSION_KEY) != str(user.pk):
        return False
    return must_have_second_factor(user) and not did_second_step(request, user)
