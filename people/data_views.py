"""One's own data: what is kept, consent, a copy, a correction, an erasure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.exceptions import DomainError
from ledger.models import Job
from people.access import login_required, with_next
from people.data_forms import CorrectionForm, ErasureForm
from people.enums import ConsentPurpose, RequestKind
from people.forms import add_refusal
from people.learners import chosen_person, learns_by_other_means
from people.models import Consent, DataRequest, HelpSession, Person
from people.operations import give_consent
from people.operations.data import (
    cancel_request,
    request_data_change,
    request_export,
    withdraw_consent,
)
from people.personal_data import personal_records, retentions
from people.records import EXPORT_KIND


@require_safe
def stored_data(request: HttpRequest) -> HttpResponse:
    """What is stored about people, why, and for how long; made from the registry, so that it cannot be forgotten."""
    columns = [{"label": gettext("What")}, {"label": gettext("Why")}, {"label": gettext("How long")}]
    rows = [{"cells": [str(r.title), str(r.purpose), str(r.kept)]} for r in personal_records()]
    kept = [{"title": rule.title, "days": rule.days} for rule in retentions() if rule.days]
    context = {"columns": columns, "rows": rows, "retentions": kept, "working_days": settings.REQUEST_WORKING_DAYS}
    return render(request, "people/stored_data.html", context)


def _own_person(request: HttpRequest) -> Person | None:
    """Whose data it is: the person chosen in this session, also when they stopped learning; nobody's while somebody
    acts for another."""
    return None if learns_by_other_means(request) else chosen_person(request)


def _first_say_who(request: HttpRequest) -> HttpResponse:
    return redirect(with_next(reverse("who"), reverse("my_data")))


@never_cache
@require_safe
@login_required
def my_data(request: HttpRequest) -> HttpResponse:
    """Consent, a copy, correction, erasure, and what became of one's requests."""
    person = _own_person(request)
    if person is None:
        return _first_say_who(request)
    consents = Consent.objects.filter(person=person).order_by("-given_at", "-pk")
    latest: dict[str, Consent] = {}
    for consent in consents:
        latest.setdefault(consent.purpose, consent)
    reminders = latest.get(ConsentPurpose.REMINDERS)
    learning = latest.get(ConsentPurpose.LEARNING_RECORD)
    jobs = Job.objects.visible_to(request.user).filter(kind=EXPORT_KIND, params__person_id=person.pk)
    context = {
        "person": person,
        "learning": learning if learning is not None and learning.withdrawn_at is None else None,
        "stopped_at": person.learning_stopped_at,
        "reminders_off": reminders is not None and reminders.withdrawn_at is not None,
        "requests": DataRequest.objects.filter(person=person).order_by("-pk"),
        "help_sessions": HelpSession.objects.filter(person=person).select_related("helper"),
        "job": jobs.first(),
    }
    return render(request, "people/my_data.html", context)


@never_cache
@login_required
@require_POST
def my_data_export(request: HttpRequest) -> HttpResponse:
    """Ask for a copy of everything; the page of the job hands it over."""
    person = _own_person(request)
    if person is None:
        return _first_say_who(request)
    job = request_export(person=person, by=request.user)
    return redirect("job", uuid=job.uuid)


@never_cache
@login_required
@require_POST
def my_data_consent(request: HttpRequest) -> HttpResponse:
    """One tap: take a consent back, or allow reminders again. Learning again is agreed to with the text before one."""
    person = _own_person(request)
    if person is None:
        return _first_say_who(request)
    purpose, wish = request.POST.get("purpose", ""), request.POST.get("wish", "")
    if purpose not in ConsentPurpose.values:
        raise Http404
    if wish == "give" and purpose == ConsentPurpose.LEARNING_RECORD:
        return redirect(with_next(reverse("who_consent", args=[person.uuid]), reverse("my_data")))
    if wish == "give":
        guardian = _guardian_of(person)
        try:
            give_consent(
                person=person,
                purpose=purpose,
                language=get_language() or settings.LANGUAGE_CODE,
                recorded_by=request.user,
                guardian_name=guardian,
            )
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, gettext("You get reminders again."))
    elif wish == "withdraw":
        withdraw_consent(person=person, purpose=purpose, by=request.user)
        messages.success(request, gettext("Your consent is taken back."))
    else:
        raise Http404
    return redirect("my_data")


def _guardian_of(person: Person) -> str:
    """The guardian who agreed before; a child's further consents rest on theirs."""
    named = person.consents.exclude(guardian_name="").order_by("-pk").first()
    return named.guardian_name if named is not None else ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def my_data_correct(request: HttpRequest) -> HttpResponse:
    """Say what is wrong; an official of one's place answers."""
    person = _own_person(request)
    if person is None:
        return _first_say_who(request)
    form = CorrectionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            request_data_change(
                person=person,
                kind=RequestKind.CORRECTION,
                wanted=form.wanted(person),
                words=form.cleaned_data["words"],
                by=request.user,
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, gettext("Your request is on its way."))
            return redirect("my_data")
    return render(request, "people/my_data_correct.html", {"form": form, "person": person})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def my_data_erase(request: HttpRequest) -> HttpResponse:
    """Ask for everything to be erased; nothing happens at once, so that a slip can be taken back."""
    person = _own_person(request)
    if person is None:
        return _first_say_who(request)
    form = ErasureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        request_data_change(person=person, kind=RequestKind.ERASURE, by=request.user)
        messages.success(request, gettext("Your request is on its way."))
        return redirect("my_data")
    return render(request, "people/my_data_erase.html", {"form": form, "person": person})


@never_cache
@login_required
@require_POST
def my_data_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take a request back that nobody has answered."""
    person = _own_person(request)
    found: Any = DataRequest.objects.filter(person=person) if person is not None else DataRequest.objects.none()
    cancel_request(request=get_object_or_404(found, uuid=uuid), by=request.user)
    messages.success(request, gettext("The request is taken back."))
    return redirect("my_data")
