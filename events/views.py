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
from common.folding import fold
from events import operations
from events.enums import AttendanceSource
from events.exceptions import ClassDayTooFar, ClassHasMarks
from events.forms import ClassForm, ClassPlaceForm
from events.models import ClassSession
from events.queries import (
    FOUND_SHOWN,
    classes_of,
    has_words,
    hidden_people,
    holder_of,
    people_of_class,
    who_is_meant,
)
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
            _refuse(form, error)
        else:
            messages.success(request, _("The class is planned. Now enter who comes, or print the sheet."))
            return redirect("class_session", uuid=session.uuid)
    return render(request, "events/class_form.html", {"form": form, "back": reverse("classes")})


@never_cache
@reads_classes
@require_http_methods(["GET", "HEAD", "POST"])
def class_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Another day, hour or room; or none at all."""
    session = reachable_class(request, uuid)
    initial = {"held_on": session.held_on, "starts_at": session.starts_at, "place": session.place}
    form = ClassPlaceForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            operations.change_class(session=session, **form.cleaned_data, by=request.user)
        except DomainError as error:
            _refuse(form, error)
        else:
            messages.success(request, _("The class was changed."))
            return redirect("class_session", uuid=session.uuid)
    context = {
        "form": form,
        "session": session,
        "back": reverse("class_session", args=[session.uuid]),
        "may_cancel": session.is_open and not session.attendances.exists(),
    }
    return render(request, "events/class_form.html", context)


def _refuse(form: ClassPlaceForm, error: DomainError) -> None:
    of_day = isinstance(error, ClassDayTooFar | ClassHasMarks)
    form.add_error("held_on" if of_day else None, str(error))


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
        "may_print": session.closed_at is not None and request.user.has_perm("certificates.print", session.unit),
        "people": people,
        "present": sum(entry.present for entry in people),
        "hidden": hidden_people(session, len(people)),
        "text": text,
        "found": found,
        "more": len(found) == FOUND_SHOWN,
        "marked": [entry.person for entry in people if entry.present and has_words(entry.person, text)] if text else [],
        "completes": operations.completes_course(session),
    }
    return render(request, "events/class.html", context)


@never_cache
@reads_classes
@require_POST
def class_mark(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Somebody is there, named by a button, a full name or a card; before the day of the class, is expected.

    Other names show who may be meant. Ticks that were changed on the page are kept, too.
    """
    session = reachable_class(request, uuid)
    text = request.POST.get("q", "")
    helped = Person.objects.helped_by(request.user).learning()
    holder = None
    if "person" in request.POST:
        people = list(helped.filter(uuid__in=_uuids(request.POST.getlist("person"))))
    else:
        holder = holder_of(text, request.user)
        people = [holder] if holder is not None else _named(session, text, request)
    try:
        _keep_ticks(request, session)
        if people:
            _enter(request, session, people, by_card=holder is not None or "card" in request.POST)
        elif "person" in request.POST:
            words = _("Nobody was entered: this person took back their consent, or lives where others look after them.")
            messages.error(request, words)
    except DomainError as error:
        messages.error(request, str(error))
    url = reverse("class_session", args=[session.uuid])
    if people or "person" in request.POST or not text.strip():
        return HttpResponseRedirect(url)
    return HttpResponseRedirect(f"{url}?{urlencode({'q': text[:200]})}#tim")


def _named(session: ClassSession, text: str, request: HttpRequest) -> list[Person]:
    """The one person of this full name; nobody where a part of a name was typed, or where two have it."""
    found = who_is_meant(session, text, request.user)
    if len(found) != 1 or found[0].name_folded != fold(text):
        return []
    same = Person.objects.helped_by(request.user).filter(name_folded=found[0].name_folded)
    return found if same.count() == 1 else []


def _enter(request: HttpRequest, session: ClassSession, people: list[Person], *, by_card: bool) -> None:
    """These people came, or are expected; and say so."""
    ids = [person.pk for person in people]
    if session.has_begun:
        source = AttendanceSource.CARD if by_card else AttendanceSource.NAME
        operations.mark_present(session=session, person_ids=ids, source=source, by=request.user)
        said = _("%(name)s is marked as present.")
    else:
        operations.register_people(session=session, person_ids=ids, by=request.user)
        said = _("%(name)s is entered for the class.")
    for person in people:
        messages.success(request, said % {"name": person.full_name})


def _uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _keep_ticks(request: HttpRequest, session: ClassSession) -> bool:
    """Keep what was changed among the ticks of the page, and say so where something was."""
    was, now = (set(_uuids(request.POST.getlist(name))) for name in ("was", "present"))
    if was == now:
        return False
    people = dict(Person.objects.helped_by(request.user).filter(uuid__in=was ^ now).values_list("uuid", "pk"))
    come = [pk for uuid, pk in people.items() if uuid in now]
    gone = [pk for uuid, pk in people.items() if uuid in was]
    if not session.has_begun:
        struck = operations.strike_off(session=session, person_ids=gone, by=request.user)
        words = ngettext("%(n)d name was struck off the list.", "%(n)d names were struck off the list.", struck)
        said = words % {"n": struck} if struck else ""
    else:
        added, taken = operations.set_presence(session=session, come=come, gone=gone, by=request.user)
        words = _("Kept: %(added)d marked as present, %(taken)d marks taken off.")
        said = words % {"added": added, "taken": taken} if added or taken else ""
    if said:
        messages.success(request, said)
    return bool(said)


@never_cache
@reads_classes
@require_POST
def class_presence(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The ticks of the page."""
    session = reachable_class(request, uuid)
    try:
        if not _keep_ticks(request, session):
            messages.info(request, _("The ticks are as they were."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("class_session", uuid=session.uuid)


@never_cache
@reads_classes
@require_POST
def class_close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Close it, with the ticks as they stand on the page."""
    session = reachable_class(request, uuid)
    try:
        _keep_ticks(request, session)
        new = operations.close_class(session=session, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        words = ngettext(
            "The class is closed. %(n)d person completed the course by it; the certificate is being made.",
            "The class is closed. %(n)d people completed the course by it; their certificates are being made.",
            new,
        )
        messages.success(request, words % {"n": new} if new else _("The class is closed."))
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
    else:
        messages.success(request, _("The class is open again. Correct the ticks, then close it."))
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
