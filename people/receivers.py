"""What allauth tells: a second step was set up in this session, so it need not be asked for again."""

from __future__ import annotations

from typing import Any

from allauth.mfa.signals import authenticator_added
from django.dispatch import receiver
from django.http import HttpRequest

from people.second_factor import SET_UP_KEY


@receiver(authenticator_added, dispatch_uid="people.second_step_set_up")
def note_second_step(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    request.session[SET_UP_KEY] = True
    request.user.__dict__.pop("rights_rest", None)  # decided anew
