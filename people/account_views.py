"""Pages of signing in and of one's account."""

from __future__ import annotations

from typing import Any

from allauth.account import views as allauth_views
from allauth.account.adapter import get_adapter
from allauth.account.internal.decorators import login_stage_required
from allauth.account.stages import LoginByCodeStage, LoginStage
from allauth.core.exceptions import RateLimited
from allauth.decorators import rate_limit
from allauth.mfa.base import views as mfa_views
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import views as totp_views
from allauth.mfa.webauthn import views as webauthn_views
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe
from django.views.generic.edit import FormView

from people.access import home_of, login_required, next_url, with_next
from people.exceptions import CodeSpent
from people.forms import PasswordForm, PhoneForm
from people.learners import claimable_people, help_session_of, household, is_staff_member
from people.second_factor import has_second_factor, must_have_second_factor, note_second_step
from people.sign_in import PhoneCodeProcess, sent_code_text, signed_in_by_code

GOING_KEY = "going_to"

# Signing in


def _door_context(request: HttpRequest) -> dict[str, Any]:
    """What the sign-in page needs besides its forms."""
    url = next_url(request)
    guest = request.session.get("guest") or {}
    return {
        "next": url,
        "kept": bool(guest.get("lessons") or guest.get("answers")),
        "code_url": with_next(reverse("account_request_login_code"), url),
        "password_url": with_next(reverse("account_login"), url),
        "no_phone_url": with_next(reverse("account_signup_password"), url),
    }


class _OpenDoor:
    """A code on its way does not lock the door: the sign-in page opens, to correct the number or use a password."""

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: LoginStage) -> None:
        return None


class SignInView(_OpenDoor, allauth_views.LoginView):
    """The door: a code to the phone first, user name and password below."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | _door_context(self.request)
        return context | {"phone_form": PhoneForm(), "password_form": context["form"]}


class RequestCodeView(_OpenDoor, allauth_views.RequestLoginCodeView):
    """Send a code to a phone, whoever it belongs to."""

    template_name = "account/login.html"

    def form_valid(self, form: PhoneForm) -> HttpResponse:
        PhoneCodeProcess.begin(self.request, form.cleaned_data["phone"])
        return HttpResponseRedirect(with_next(reverse("account_confirm_login_code"), next_url(self.request)))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | _door_context(self.request)
        return context | {"phone_form": context["form"], "password_form": PasswordForm(request=self.request)}


@method_decorator(login_stage_required(stage=LoginByCodeStage.key, redirect_urlname="account_login"), name="dispatch")
class ConfirmCodeView(allauth_views.ConfirmLoginCodeView):
    """Type the code; five tries, then a new one."""

    _process: PhoneCodeProcess

    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        process = PhoneCodeProcess.resume(request._login_stage)  # type: ignore[attr-defined]
        if process is None:
            messages.warning(request, gettext("The time for this code is over. Ask for a new one."))
            return self._start_again()
        self._process = process
        return FormView.dispatch(self, request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if self._action == "resend":
            return kwargs
        return kwargs | {"phone": self._process.phone}

    def form_invalid(self, form: Any) -> HttpResponse:
        if form.has_error("code", CodeSpent.code):
            self._process.abort()
            messages.error(self.request, str(CodeSpent()))
            return self._start_again()
        return self.render_to_response(self.get_context_data(form=form))

    def _resend_form_valid(self, form: Any) -> HttpResponse:
        try:
            sent = self._process.resend()
        except RateLimited:
            messages.error(self.request, get_adapter().error_messages["rate_limited"])
        else:
            if sent:
                messages.success(self.request, gettext("A new code is on its way. Only the newest one works."))
            else:
                messages.info(self.request, gettext("A code was sent a moment ago. Give it half a minute."))
        return HttpResponseRedirect(self.passthrough_next_url(reverse("account_confirm_login_code")))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "edit_url": with_next(reverse("account_login"), next_url(self.request)),
            "sent_text": sent_code_text(self._process.phone),
        }

    def _start_again(self) -> HttpResponseRedirect:
        return HttpResponseRedirect(with_next(reverse("account_login"), next_url(self.request)))


class PasswordSignUpView(allauth_views.SignupView):
    """A user name and a password, for those without a phone."""

    template_name = "account/signup_password.html"

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: LoginStage) -> None:
        return None

    def form_valid(self, form: Any) -> HttpResponse:
        # A sign-up that breaks half way must not leave a user name behind that nobody can use.
        with transaction.atomic():
            return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | _door_context(self.request)


@require_safe
def forgotten_password(request: HttpRequest) -> HttpResponse:
    """There is no e-mail to send a link to: a code to the phone opens the account, where a new password is set."""
    if request.user.is_authenticated:
        return redirect("account_set_password")
    messages.info(request, gettext("Sign in with a code to your phone. Then choose a new password in your account."))
    return redirect("account_login")


# One's account


@never_cache
@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """What this login is: who learns with it, phone, password, second step, the way out."""
    user = request.user
    staff = is_staff_member(user)
    helping = help_session_of(request)
    return render(
        request,
        "account/overview.html",
        {
            "learners": household(user),
            "learner": None if helping else request.learner or None,  # type: ignore[attr-defined]
            "helped": helping.person if helping else None,
            "claimable": claimable_people(user).exists(),
            "has_password": user.has_usable_password(),
            "may_set_password": not user.has_usable_password() or signed_in_by_code(request),
            "staff": staff,
            "second_factor": has_second_factor(user),
            "may_enter_admin": user.has_perm("wagtailadmin.access_admin"),
        },
    )


# The second step


class SecondStepView(mfa_views.AuthenticateView):
    """A key, if the login has one, or a code."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.stage.login.user
        has_key = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists()
        return super().get_context_data(**kwargs) | {"has_key": has_key}


class _SetUp(FormView):
    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        note_second_step(self.request)
        return response


class SetUpAppView(_SetUp, totp_views.ActivateTOTPView):
    """An app for codes as the second step."""


class SetUpKeyView(_SetUp, webauthn_views.AddWebAuthnView):
    """A key as the second step."""


@method_decorator(never_cache, name="dispatch")
class SecondStepsView(mfa_views.IndexView):
    """What there is of it, and the ways to set it up. Remembers where somebody was going when it stood in the way."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if "next" in request.GET and request.user.is_authenticated:
            request.session[GOING_KEY] = next_url(request)
            return redirect("mfa_index")
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        going = self.request.session.get(GOING_KEY) or (home_of(user) if is_staff_member(user) else "")
        return super().get_context_data(**kwargs) | {
            "is_mfa_enabled": has_second_factor(user),
            "forced": settings.FORCE_SECOND_FACTOR and must_have_second_factor(user),
            "desk_url": going,
        }


@method_decorator(login_required, name="dispatch")
@method_decorator(rate_limit(action="change_password"), name="dispatch")
class SetPasswordView(allauth_views.PasswordSetView):
    """A first password, or a new one for somebody who has just signed in with a code and forgot the old one."""

    @method_decorator(sensitive_post_parameters("password1", "password2"))
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.has_usable_password() and not signed_in_by_code(request):
            return redirect("account_change_password")
        return FormView.dispatch(self, request, *args, **kwargs)


class VerifyPhoneView(allauth_views._VerifyPhoneChangeView):
    """Confirm a new number of one's own."""

    template_name = "account/verify_phone.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"sent_text": sent_code_text(self.process.phone)}

    def form_invalid(self, form: Any) -> HttpResponse:
        if form.has_error("code", CodeSpent.code):
            self.process.abort()
            return self.respond_process_failed(form)
        return self.render_to_response(self.get_context_data(form=form))

    def respond_process_succeeded(self, form: Any) -> HttpResponse:
        # The new number may be on a list that holds this person's record.
        if claimable_people(self.request.user).exists():
            return redirect("who")
        return redirect("account")

    def respond_process_failed(self, form: Any) -> HttpResponse:
        messages.error(self.request, str(CodeSpent()))
        return redirect("account_change_phone")


verify_phone = never_cache(login_required(VerifyPhoneView.as_view()))
