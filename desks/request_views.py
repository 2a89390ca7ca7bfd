"""Requests about personal data: the queue of a unit, and the answer to one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common import clock
from common.exceptions import DomainError
from common.phones import format_phone
from desks.paging import page_links, page_of
from desks.unit_views import desk_context, reachable_unit
from people.access import note_people_read, role_required
from people.data_forms import AnswerForm, RefusalForm
from people.enums import RequestKind, RequestStatus
from people.forms import add_refusal
from people.models import DataRequest
from people.operations.data import answer_erasure, correct_person, refuse_request
from people.scopes import ANSWERING_ROLES

answering_role = role_required(*ANSWERING_ROLES)


@never_cache
@answering_role
@require_safe
def unit_requests(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Requests of the people of a unit: those to answer by their last day, those answered on request."""
    unit = reachable_unit(request, uuid, "people.answer_requests")
    answered = request.GET.get("xong") == "1"
    found = DataRequest.objects.answerable_by(request.user).filter(
        person__residence__present_path__startswith=unit.path
    )
    found = found.exclude(status=RequestStatus.OPEN).order_by("-answered_at") if answered else found.open()
    page = page_of(request, found.select_related("person__residence"))
    note_people_read(request, "desks.read_requests", unit, unit=unit, count=len(page))
    query = request.GET.copy()
    query.pop("page", None)
    columns = [_("Name"), _("What is asked"), _("Place"), _("To be answered by"), _("State")]
    context = {
        **desk_context(request, unit, "requests"),
        "page": page,
        "answered": answered,
        "columns": [{"label": label} for label in columns],
        "rows": [_row(item) for item in page],
        **page_links(page, query),
    }
    return render(request, "desks/requests.html", context)


def _row(item: DataRequest) -> dict[str, Any]:
    person = item.person
    assert person is not None  # the list is of people who live in the unit
    name = format_html('<a href="{}">{}</a>', reverse("data_request", args=[item.uuid]), person.full_name)
    place = person.residence.full_name if person.residence else ""
    late = item.status == RequestStatus.OPEN and item.due_on < clock.today()
    state = _("overdue") if late else item.get_status_display()
    cells = [name, item.get_kind_display(), place, f"{item.due_on:%d/%m/%Y}", state]
    return {"cells": cells, "state": "bad" if late else ""}


@never_cache
@answering_role
@require_http_methods(["GET", "HEAD", "POST"])
def data_request(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One request: correct the record, erase the person, or refuse with a reason."""
    found = DataRequest.objects.answerable_by(request.user).exclude(person=None)
    item = get_object_or_404(found.select_related("person__residence__parent__parent", "answered_by"), uuid=uuid)
    if item.person is not None:
        note_people_read(request, "desks.read_requests", item, unit=item.person.residence)
    act = request.POST.get("act", "")
    refusing, answering = act == "refuse", act == "answer"
    form = AnswerForm(_posted(request, answering), request=item) if item.kind == RequestKind.CORRECTION else None
    refusal = RefusalForm(_posted(request, refusing))
    if request.method == "POST":
        try:
            if refusing and refusal.is_valid():
                refuse_request(request=item, reason=refusal.cleaned_data["reason"], by=request.user)
                return _answered(request, item, _("The request is refused."))
            if answering and form is None:
                answer_erasure(request=item, by=request.user)
                return _answered(request, item, _("The person's data is erased."))
            if answering and form is not None and form.is_valid():
                _correct(request, item, form)
                return _answered(request, item, _("The record is corrected."))
        except DomainError as error:
            if refusing:
                refusal.add_error(None, str(error))
            elif form is not None:
                add_refusal(form, error)
            else:
                messages.error(request, str(error))
    return render(request, "desks/request.html", _context(item, form, refusal))


def _posted(request: HttpRequest, wanted: bool) -> Any:
    return request.POST if request.method == "POST" and wanted else None


def _correct(request: HttpRequest, item: DataRequest, form: AnswerForm) -> None:
    data = form.cleaned_data
    correct_person(
        request=item,
        full_name=data["full_name"],
        birth_year=data["birth_year"],
        phone=data["phone"],
        residence=form.place(),
        answer=data["answer"],
        by=request.user,
    )


def _answered(request: HttpRequest, item: DataRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("todo")


def _context(item: DataRequest, form: AnswerForm | None, refusal: RefusalForm) -> dict[str, Any]:
    person = item.person
    assert person is not None
    labels = {"full_name": _("Full name"), "birth_year": _("Year of birth"), "phone": _("Phone number")}
    now = {"full_name": person.full_name, "birth_year": person.birth_year, "phone": format_phone(person.phone)}
    wanted = dict(item.wanted)
    if wanted.get("phone"):
        wanted["phone"] = format_phone(wanted["phone"])
    return {
        "item": item,
        "person": person,
        "lines": [
            {"label": label, "now": str(now[name] or "–"), "wanted": str(wanted.get(name) or "")}
            for name, label in labels.items()
        ],
        "place": person.residence.address if person.residence else "–",
        "form": form,
        "refusal": refusal,
        "is_open": item.status == RequestStatus.OPEN,
        "late": item.status == RequestStatus.OPEN and item.due_on < clock.today(),
        "crumbs": [{"title": _("To do"), "url": reverse("todo")}],
    }
