"""Signing in with a code sent to a phone: one door for numbers the site knows and for new ones.

allauth's own process stops at an unknown number. Here nobody looks the number up before the code is confirmed:
the answer, the text, the session and the time taken are the same, and an account is opened, when there is
none, only for somebody who has proved that the phone is theirs.
"""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import (
    get_authentication_records,
    perform_login,
    record_authentication,
)
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from allauth.core import ratelimit
from allauth.core.exceptions import RateLimited
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from ledger.models import Message
from people.operations import open_account
from people.operations.codes import code_for

CODE_PURPOSE = "sign-in-code"
FRESH_SIGN_IN = 15 * 60  # seconds for which a confirmed code allows a new password without the old one


def sent_code_text(phone: str) -> str:
    """The last text with a code to `phone`; only a demonstration keeps texts and may show them."""
    if not settings.THONSO_DEMO:
        return ""
    sent = Message.objects.filter(to=phone, purpose=CODE_PURPOSE).order_by("-pk")
    return sent.values_list("body", flat=True).first() or ""


def signed_in_by_code(request: HttpRequest) -> bool:
    """Whether this session began a short while ago with a confirmed code, which is as good as the old password."""
    user: Any = request.user
    return user.is_authenticated and any(
        record.get("method") == "code" and time.time() - record.get("at", 0) < FRESH_SIGN_IN
        for record in get_authentication_records(request, user)
    )


class PhoneCodeProcess(LoginCodeVerificationProcess):
    """A code on its way to a phone, kept in the session until it is confirmed, has run out or was guessed at."""

    @classmethod
    def begin(cls, request: HttpRequest, phone: str) -> PhoneCodeProcess:
        """Send a code to `phone` and wait for it in this session."""
        login = Login(phone=phone)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.initial_state(user=None, phone=phone))
        stage.state["initiated_by_user"] = True
        process = cls(stage)
        process.send()
        process.persist()
        return process

    @classmethod
    def resume(cls, stage: LoginByCodeStage) -> PhoneCodeProcess | None:
        """The process of this session; None when its time is over."""
        return cls(stage).abort_if_invalid()

    @property
    def phone(self) -> str:
        return self.state["phone"]

    def send(self, skip_enumeration_mails: bool = False) -> bool:
        """Text a code, unless the phone has just been sent one; say whether a text went out."""
        code = self.state["code"] = code_for(self.phone)
        return get_adapter().send_verification_code_sms(user=None, phone=self.phone, code=code)

    def resend(self) -> bool:
        """Text a new code and say whether one went out. Raises `RateLimited`."""
        if not ratelimit.consume(self.request, action="request_login_code", key=self.phone):
            raise RateLimited
        fresh = self.send()
        if fresh:
            self.state["at"] = time.time()
            self.record_resend()
        self.persist()
        return fresh

    def finish(self, redirect_url: str | None) -> HttpResponse:
        """The code was right: sign the phone's owner in, opening an account for a new one."""
        user: Any = open_account(phone=self.phone)
        record_authentication(self.request, user, method="code", phone=self.phone)
        get_adapter().set_phone_verified(user, self.phone)
        return perform_login(self.request, Login(user=user, phone=self.phone, redirect_url=redirect_url))
