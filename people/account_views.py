"""Pages of signing in, of one's account, of who is learning, and of registering a walk-in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account import views as allauth_views
from allauth.account.adapter import get_adapter
from allauth.account.internal.decorators import login_stage_required
from allauth.account.stages import LoginByCodeStage, LoginStage
from allauth.core.exceptions import RateLimited
from allauth.decorators import rate_limit
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe
from django.views.generic.edit import FormView

from common import clock
from common.exceptions import DomainError
from people import operations
from people.access import localized_path, login_required, next_url, role_required, with_next
from people.enums import ConsentPurpose, PersonSource, Role
from people.forms import ConsentForm, NewPersonForm, PasswordForm, PhoneForm, WalkInForm, add_refusal
from people.learners import choose_learner, claimable_people, household, is_staff_member
from people.models import Person
from people.sign_in import PhoneCodeProcess, sent_code_text, signed_in_by_code
from places.enums import Level
from places.models import AdministrativeUnit
from places.queries import home_province

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
        return kwargs | {"phone": self._process.phone, "tries_left": self._process.tries_left}

    def form_invalid(self, form: Any) -> HttpResponse:
        if not form.has_error("code", "required"):
            left = self._process.record_invalid_attempt()
            if not left or form.has_error("code", "too_many_tries"):
                self._process.abort()
                messages.error(self.request, gettext("Too many tries. Ask for a new code."))
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
    return render(
        request,
        "account/overview.html",
        {
            "learners": household(user),
            "learner": request.learner or None,  # type: ignore[attr-defined]
            "claimable": claimable_people(user).exists(),
            "has_password": user.has_usable_password(),
            "may_set_password": not user.has_usable_password() or signed_in_by_code(request),
            "staff": staff,
            "second_factor": is_mfa_enabled(user),
            "may_enter_admin": user.has_perm("wagtailadmin.access_admin"),
        },
    )


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
        if form.has_error("code", "required"):
            return self.render_to_response(self.get_context_data(form=form))
        return super().form_invalid(form)

    def respond_process_succeeded(self, form: Any) -> HttpResponse:
        # The new number may be on a list that holds this person's record.
        if claimable_people(self.request.user).exists():
            return redirect("who")
        return redirect("account")

    def respond_process_failed(self, form: Any) -> HttpResponse:
        messages.error(self.request, gettext("Too many tries. Ask for a new code."))
        return redirect("account_change_phone")


verify_phone = never_cache(login_required(VerifyPhoneView.as_view()))


# Who is learning


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def who(request: HttpRequest) -> HttpResponse:
    """Choose among the people who learn with this login, take over a record from a list, or be new."""
    url = next_url(request)
    if request.method == "POST":
        person = _chosen_person(request)
        choose_learner(request, person)
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
            "learners": learners,
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
        choose_learner(request, mine)
        return HttpResponseRedirect(url)
    person = get_object_or_404(claimable_people(request.user).select_related("residence"), uuid=uuid)
    form = ConsentForm(_posted(request))
    if form.is_valid():
        try:
            with transaction.atomic():
                person = operations.claim_person(person=person, user=request.user)
                _record_consent(request, person)
        except DomainError as error:
            add_refusal(form, error)
        else:
            choose_learner(request, person)
            return HttpResponseRedirect(url)
    context = {"person": person, "form": form, "next": next_url(request), "back": with_next(reverse("who"), url)}
    return render(request, "people/who_claim.html", context | _consent_context())


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
    form = NewPersonForm(_posted(request), province=province)
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
                _record_consent(request, person)
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
        "other_province_url": f"{reverse('who_new')}?{urlencode({'tinh': '', 'next': url})}",
    }
    return render(request, "people/who_new.html", context | _consent_context())


# Walk-ins


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.FACILITATOR, Role.OFFICIAL, Role.ADMINISTRATOR)
def register_walk_in(request: HttpRequest) -> HttpResponse:
    """Keep somebody who came without an account, and enrol them where asked."""
    form = WalkInForm(_posted(request), by=request.user)
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
            return redirect("register_walk_in")
    return render(request, "people/walk_in.html", {"form": form} | _consent_context())


def _record_consent(request: HttpRequest, person: Person) -> None:
    operations.give_consent(
        person=person,
        purpose=ConsentPurpose.LEARNING_RECORD,
        language=get_language() or "vi",
        recorded_by=request.user,
    )


def _posted(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with, also when that is nothing; None when it is only shown."""
    return request.POST if request.method == "POST" else None


def _consent_context() -> dict[str, Any]:
    return {"consent_version": settings.CONSENT_TEXT_VERSION, "data_url": localized_path("/du-lieu-cua-ban/")}


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
