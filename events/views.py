"""Classes: the list, a new one, one with its people, closing and correcting it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.exceptions import DomainError
from events import operations
from events.enums import AttendanceSource
from events.exceptions import ClassDayTooFar
from events.forms import ClassForm, ClassPlaceForm
from events.models import ClassSession
from events.queries import classes_of, holder_of, people_of_class, who_is_meant
from people.access import note_people_read, role_required
from people.models import Person
from people.scopes import PEOPLE_READERS, PEOPLE_ROLES, has_role, is_site_administrator

LIST_SIZE = 20

reads_classes = role_required(*PEOPLE_READERS)


def reachable_class(request: HttpRequest, uuid: UUID, *, to_hold: bool = True) -> ClassSession:
    """The class if the user may see it, else 404; `to_hold`: 403 for those who only read."""
    found = ClassSession.objects.visible_to(request.user).select_related("unit__parent")
    session = get_object_or_404(found, uuid=uuid)
    if to_hold and not request.user.has_perm("events.hold_class", session):
        raise PermissionDenied
    return session


@never_cache
@reads_classes
@require_safe
def classes(request: HttpRequest) -> HttpResponse:
    """Classes of the user's places, the latest first."""
    page = Paginator(classes_of(request.user), LIST_SIZE).get_page(request.GET.get("trang"))
    turn = {
        "previous_url": f"?trang={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?trang={page.next_page_number()}" if page.has_next() else "",
    }
    may_plan = has_role(request.user, *PEOPLE_ROLES) or is_site_administrator(request.user)
    return render(request, "events/classes.html", {"page": page, "may_plan": may_plan, **turn})


@never_cache
@role_required(*PEOPLE_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def class_new(request: HttpRequest) -> HttpResponse:
    form = ClassForm(request.POST if request.method == "POST" else None, by=request.user)
    if form.is_valid():
        data = form.cleaned_data
        try:
            session = operations.create_class(
                unit=data["unit"],
                course_key=data["course"],
                held_on=data["held_on"],
                starts_at=data["starts_at"],
                place=data["place"],
                by=request.user,
            )
        except DomainError as error:
            form.add_error("held_on" if isinstance(error, ClassDayTooFar) else None, str(error))
        else:
            messages.success(request, _("The class is planned. Now enter who comes, or print the sheet."))
            return redirect("class_session", uuid=session.uuid)
    return render(request, "events/class_form.html", {"form": form, "back": reverse("classes")})


@never_cache
@reads_classes
@require_http_methods(["GET", "HEAD", "POST"])
def class_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Another day, hour or room."""
    session = reachable_class(request, uuid)
    initial = {"held_on": session.held_on, "starts_at": session.starts_at, "place": session.place}
    form = ClassPlaceForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            operations.change_class(session=session, **form.cleaned_data, by=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The class was changed."))
            return redirect("class_session", uuid=session.uuid)
    context = {"form": form, "session": session, "back": reverse("class_session", args=[session.uuid])}
    return render(request, "events/class_form.html", context)


@never_cache
@reads_classes
@require_safe
def class_session(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The class and its people: find somebody, tick who is there, close."""
    session = reachable_class(request, uuid, to_hold=False)
    may_hold = request.user.has_perm("events.hold_class", session)
    people = people_of_class(session, request.user)
    text = request.GET.get("q", "").strip()[:200]
    found = who_is_meant(session, text, request.user) if text and may_hold and session.is_open else []
    note_people_read(request, "events.read_class", session, unit=session.unit, count=len(people) + len(found))
    context = {
        "session": session,
        "may_hold": may_hold,
        "may_mark": may_hold and session.is_open and session.has_begun,
        "people": people,
        "present": sum(entry.present for entry in people),
        "hidden": session.registrations.count() - len(people),
        "text": text,
        "found": found,
        "completes": operations.completes_course(session),
    }
    return render(request, "events/class.html", context)


@never_cache
@reads_classes
@require_POST
def class_mark(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Somebody is there, named by a button, a typed name or a card; before the day of the class, is expected."""
    session = reachable_class(request, uuid)
    text = request.POST.get("q", "")
    by_card = "card" in request.POST
    if "person" in request.POST:
        people = list(Person.objects.helped_by(request.user).filter(uuid__in=_uuids(request.POST.getlist("person"))))
    else:
        holder = holder_of(text, request.user)
        by_card = holder is not None
        people = [holder] if holder is not None else who_is_meant(session, text, request.user)
        if len(people) != 1:
            url = reverse("class_session", args=[session.uuid])
            return HttpResponseRedirect(f"{url}?{urlencode({'q': text})}#tim" if text.strip() else url)
    source = AttendanceSource.CARD if by_card else AttendanceSource.NAME
    ids = [person.pk for person in people]
    try:
        if session.has_begun:
            operations.mark_present(session=session, person_ids=ids, source=source, by=request.user)
            said = _("%(name)s is marked as present.")
        else:
            operations.register_people(session=session, person_ids=ids, by=request.user)
            said = _("%(name)s is entered for the class.")
    except DomainError as error:
        messages.error(request, str(error))
    else:
        for person in people:
            messages.success(request, said % {"name": person.full_name})
    return redirect("class_session", uuid=session.uuid)


def _uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


@never_cache
@reads_classes
@require_POST
def class_presence(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The ticks of the page: of those who stood on it, these are there."""
    session = reachable_class(request, uuid)
    people = Person.objects.helped_by(request.user)
    shown = people.filter(uuid__in=_uuids(request.POST.getlist("shown"))).values_list("pk", flat=True)
    present = people.filter(uuid__in=_uuids(request.POST.getlist("present"))).values_list("pk", flat=True)
    try:
        added, taken = operations.set_presence(
            session=session, shown=list(shown), present=list(present), by=request.user
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            _("Kept: %(added)d marked as present, %(taken)d marks taken off.") % {"added": added, "taken": taken},
        )
    return redirect("class_session", uuid=session.uuid)


@never_cache
@reads_classes
@require_POST
def class_close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    session = reachable_class(request, uuid)
    try:
        new = operations.close_class(session=session, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The class is closed."))
        if new:
            messages.success(
                request,
                ngettext(
                    "%(n)d person completed the course by it; the certificate is being made.",
                    "%(n)d people completed the course by it; their certificates are being made.",
                    new,
                )
                % {"n": new},
            )
    return redirect("class_session", uuid=session.uuid)


@never_cache
@reads_classes
@require_POST
def class_reopen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    session = reachable_class(request, uuid)
    try:
        operations.reopen_class(session=session, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("class_session", uuid=session.uuid)


@never_cache
@reads_classes
@require_POST
def class_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    session = reachable_class(request, uuid)
    try:
        operations.cancel_class(session=session, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The class is cancelled."))
    return redirect("class_session", uuid=session.uuid)
