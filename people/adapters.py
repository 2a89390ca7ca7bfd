"""How allauth reaches our logins: phones, texts, words of our own, and where a sign-in leads."""

from __future__ import annotations

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import RateLimited
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.folding import fold
from common.phones import InvalidPhone, normalise_phone
from ledger.enums import MessageChannel
from ledger.operations import send_message
from people.access import home_of, is_safe_next, localized_path, with_next
from people.forms import PhoneField
from people.learners import (
    HELP_KEY,
    SESSION_KEY,
    choose_learner,
    household,
    is_staff_member,
    leave_device,
    shared_session_of,
)
from people.operations import set_account_phone
from people.operations.codes import begin_text, code_for, text_failed
from people.operations.logins import free_username
from people.operations.sharing import close_shared_session, end_help, may_close
from people.second_factor import rests
from people.sign_in import CODE_PURPOSE

# What is said after a step that the page itself does not show; allauth's other messages are left out.
SAID_AFTERWARDS = {
    "account/messages/logged_out.txt": _("You have signed out. Nobody can see your record on this device now."),
    "account/messages/password_changed.txt": _("Your new password works from now on."),
    "account/messages/password_set.txt": _("Your new password works from now on."),
    "account/messages/phone_verified.txt": _("Your phone number is confirmed."),
    "mfa/messages/totp_activated.txt": _("The second step is set up."),
    "mfa/messages/totp_deactivated.txt": _("The second step is switched off."),
    "mfa/messages/webauthn_added.txt": _("The second step is set up."),
    "mfa/messages/webauthn_removed.txt": _("The key is removed."),
    "mfa/messages/recovery_codes_generated.txt": _("You have new recovery codes. The old ones no longer work."),
}


class AccountAdapter(DefaultAccountAdapter):
    """Phones of logins, text messages through the ledger, and the question who is learning."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account has been closed."),
        "phone_password_mismatch": _("The phone number or the password is not right. Check both."),
        "username_password_mismatch": _("The user name or the password is not right. Check both."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password."),
        "incorrect_code": _("This code is not right. Look at the newest message."),
        "phone_taken": _("This number already belongs to another account. Sign in with the number instead."),
        "same_as_current": _("This is the number you already have."),
        "too_many_login_attempts": _("Too many tries. Wait ten minutes, then try again."),
        "rate_limited": _("Too many tries. Wait ten minutes, then try again."),
        "username_taken": _("This user name is taken. Choose another one."),
        "username_blacklisted": _("This user name cannot be used. Choose another one."),
    }

    # Phones

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        return PhoneField(**kwargs)

    def clean_phone(self, phone: str) -> str:
        return normalise_phone(phone)

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified_at is not None) if user.phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        set_account_phone(user=user, phone=phone, verified=verified)

    def set_phone_verified(self, user: User, phone: str) -> None:
        set_account_phone(user=user, phone=phone, verified=True)

    def get_user_by_phone(self, phone: str) -> User | None:
        """The login of a phone in any form; None for what is no phone."""
        try:
            return get_user_model().objects.filter(phone=normalise_phone(phone)).first()
        except InvalidPhone:
            return None

    def generate_phone_verification_code(self, *, user: User | None, phone: str) -> str:
        return code_for(phone)

    def send_verification_code_sms(self, user: User | None, phone: str, code: str, **kwargs: Any) -> bool:
        """Text the code of `code_for`, once: pressing the button twice is one text. Whether it went out now."""
        if not begin_text(phone):
            return False
        minutes = app_settings.LOGIN_BY_CODE_TIMEOUT // 60
        words = gettext(
            "%(code)s is your %(site)s code, for %(minutes)s minutes. Do not read it out to anyone, staff included."
        )
        try:
            self._send_text(phone, words % {"code": code, "site": settings.WAGTAIL_SITE_NAME, "minutes": minutes})
        except RateLimited:
            text_failed(phone)
            raise
        return True

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        """Nobody is left waiting, even where a door of allauth's own is opened one day."""
        self._send_text(
            phone, gettext("To learn with this number, open %(url)s and ask for a code.") % {"url": self._door()}
        )

    def send_account_already_exists_sms(self, phone: str) -> None:
        self._send_text(
            phone,
            gettext("This number already has an account. Open %(url)s and ask for a code.") % {"url": self._door()},
        )

    def _door(self) -> str:
        return settings.SITE_URL.rstrip("/") + reverse("account_login")

    def _send_text(self, phone: str, body: str) -> None:
        phone = normalise_phone(phone)
        if send_message(channel=MessageChannel.SMS, purpose=CODE_PURPOSE, to=phone, body=body, is_code=True) is None:
            raise RateLimited

    # User names

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Refuse user names that look like a phone number: somebody else would try to sign in with it."""
        try:
            normalise_phone(username)
        except InvalidPhone:
            return super().clean_username(username, shallow=shallow)
        raise self.validation_error("username_blacklisted")

    def generate_unique_username(self, txts: list[str | None], regex: str | None = None) -> str:
        return free_username()

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Wrong passwords are counted per login, however its name or number is written."""
        name = credentials.get("phone") or credentials.get("username") or ""
        try:
            return normalise_phone(name)
        except InvalidPhone:
            return fold(name)

    # Where things lead

    def is_safe_url(self, url: str) -> bool:
        return is_safe_next(self.request, url)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return home_of(request.user)

    get_signup_redirect_url = get_login_redirect_url

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return localized_path(app_settings.LOGOUT_REDIRECT_URL)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """On a shared device a sign-in closes it, so only those who may close it sign in; learners use card or name."""
        shared = shared_session_of(request)
        if shared is not None and not may_close(user, shared):
            clear_login(request)
            words = gettext("This device is shared. Learn with your card or your name; only its opener signs in.")
            messages.error(request, words)
            return HttpResponseRedirect(reverse("who"))
        return super().pre_login(request, user, **kwargs)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Once there is a second step, only that confirms who somebody is: a password alone could switch it off."""
        methods = super().get_reauthentication_methods(user)
        return [method for method in methods if method["id"].startswith("mfa_")] or methods

    def logout(self, request: HttpRequest) -> None:
        """Signing out ends what one does for somebody else."""
        if HELP_KEY in request.session and isinstance(request.user, User):
            end_help(by=request.user)
        super().logout(request)

    def post_login(self, request: HttpRequest, user: User, *, redirect_url: str | None, **kwargs: Any) -> HttpResponse:
        """Straight on when one person learns with this login, else to the question who is learning."""
        self._leave_shared_device(request, user)
        url = redirect_url or get_next_redirect_url(request) or home_of(user)
        if rests(request, user):  # the second step is not set up yet, or it would have been asked for
            return super().post_login(request, user, redirect_url=with_next(reverse("mfa_index"), url), **kwargs)
        learners = list(household(user)[:2])
        if len(learners) == 1 and learners[0].learning_stopped_at is None and not learners[0].has_pin:
            choose_learner(request, learners[0])
        elif learners or not is_staff_member(user):
            url = with_next(reverse("who"), url)
        return super().post_login(request, user, redirect_url=url, **kwargs)

    def _leave_shared_device(self, request: HttpRequest, user: User) -> None:
        """Not before the whole sign-in is done, second step included."""
        shared = shared_session_of(request)
        if shared is not None:
            close_shared_session(session=shared, by=user)
        if shared is not None or SESSION_KEY in request.session:  # what somebody did here is not the next one's
            leave_device(request)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        words = message or SAID_AFTERWARDS.get(message_template or "")
        if words:
            super().add_message(request, level, extra_tags=extra_tags, message=str(words))


class SecondFactorAdapter(DefaultMFAAdapter):
    """Words of our own for the second step."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That was not right. Use your key again, or type the six digits the app shows now."),
        "cannot_delete_authenticator": _("The second step cannot be switched off for this account."),
        "cannot_generate_recovery_codes": _("Set up the app first, then make recovery codes."),
        "unverified_email": _("Confirm your e-mail address first."),
    }
