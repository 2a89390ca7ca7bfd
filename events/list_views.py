"""People for a class by a paper list, one by one at the table, and the sheet to sign."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import UUID

from django.contrib import messages
from django.core.files import File
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from common import clock
from common.exceptions import DomainError
from common.folding import fold
from common.phones import format_phone
from events import operations
from events.enums import AttendanceSource
from events.exceptions import LineUndecided, SameLine
from events.forms import PaperListForm
from events.models import ClassSession
from events.paper_lists import ListLine, Meant, read_file, read_lines, whom_they_mean
from events.queries import people_of_class
from events.sheets import draw_sheet
from events.views import reachable_class, reads_classes
from people.access import note_people_read
from people.exceptions import GuardianMissing
from people.forms import add_refusal
from people.models import Person
from people.operations import register_walk_in
from people.operations.persons import needs_guardian
from people.walk_in_forms import WalkInForm
from people.who_views import consent_context

NEW, NOBODY, UNDECIDED = "new", "", "?"
PLACE_KEY = "class_walk_in"


@dataclass
class Choice:
    """A line of the list with what is chosen for it: the uuid of a person, `NEW`, `NOBODY` or, not yet, `UNDECIDED`."""

    meant: Meant
    chosen: str = NOBODY
    guardian: str = ""
    asks_guardian: bool = False
    hint: str = ""
    error: str = ""
    guardian_error: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"line_{self.meant.line.number}"

    @property
    def guardian_name(self) -> str:
        return f"guardian_{self.meant.line.number}"

    @property
    def written(self) -> str:
        """The line as people recognise it on their paper."""
        line = self.meant.line
        parts = (line.full_name, str(line.birth_year or ""), format_phone(line.phone) if line.phone else "")
        return ", ".join(part for part in parts if part)

    @property
    def who(self) -> object:
        """What two lines share that are kept as one person; None for nobody."""
        line = self.meant.line
        if self.chosen == NEW:
            return fold(line.full_name), line.birth_year, line.phone
        return None if self.chosen in (NOBODY, UNDECIDED) else self.chosen


@never_cache
@reads_classes
@require_http_methods(["GET", "HEAD", "POST"])
def class_list(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A list of people: first whom each line means, then they are entered, all of them or none."""
    session = reachable_class(request, uuid)
    if "edit" in request.POST:  # back to the lines, as they were
        form = PaperListForm(initial={"lines": request.POST.get("lines", "")})
        return render(request, "events/list.html", {"session": session, "form": form})
    confirmed = "confirm" in request.POST
    form = PaperListForm(request.POST if request.method == "POST" else None, request.FILES or None)
    context = {"session": session, "form": form}
    if not form.is_valid():
        return render(request, "events/list.html", context)
    try:
        lines = _lines(form)
    except DomainError as error:
        form.add_error("file" if form.cleaned_data["file"] else "lines", str(error))
        return render(request, "events/list.html", context)
    choices = [_choice(meant, request if confirmed else None) for meant in whom_they_mean(lines, session, request.user)]
    came = session.has_begun and request.POST.get("came", "1") == "1"
    consent = "consent" in request.POST
    missing = confirmed and not consent and any(choice.chosen == NEW for choice in choices)
    if not confirmed:
        _point_at_doubles(choices)
    elif _decided(choices) and not missing:
        try:
            count = _enter(session, choices, came, request)
        except DomainError:
            pass  # said beside its line
        else:
            messages.success(request, _said(count, sum(choice.chosen == NOBODY for choice in choices)))
            return redirect("class_session", uuid=session.uuid)
    shown = sum(len(choice.meant.people) for choice in choices)
    note_people_read(request, "events.read_class", session, unit=session.unit, count=shown)
    context |= {
        **consent_context(),
        "choices": choices,
        "wrong": [choice for choice in choices if choice.error or choice.guardian_error],
        "text": "\n".join(line.text for line in lines),
        "came": came,
        "asks_came": session.has_begun,
        "consent": consent,
        "consent_missing": missing,
    }
    return render(request, "events/list_check.html", context)


def _lines(form: PaperListForm) -> list[ListLine]:
    upload: File | None = form.cleaned_data["file"]
    if upload is None:
        return read_lines(form.cleaned_data["lines"])
    with NamedTemporaryFile() as kept:  # read outside this process, and not kept
        for chunk in upload.chunks():
            kept.write(chunk)
        kept.flush()
        return read_file(Path(kept.name), filename=upload.name or "")


def _choice(meant: Meant, request: HttpRequest | None) -> Choice:
    """What was sent for the line, if it is one of the options; else the only person of that name, or a new one."""
    choice = Choice(meant, hint=meant.line.problem)
    if not meant.line.problem:
        choice.options = [(str(person.uuid), _described(person)) for person in meant.people]
        choice.options.append((NEW, _("Somebody new")))
        choice.asks_guardian = needs_guardian(meant.line.birth_year, clock.now())
    choice.options.append((NOBODY, _("Leave this line out")))
    if len(meant.people) > 1:
        choice.hint = _("Several people have this name. Choose one.")
        choice.options.insert(0, (UNDECIDED, _("Choose")))
    choice.chosen = NOBODY if meant.line.problem else choice.options[0][0]
    if request is not None:
        sent = request.POST.get(choice.name)
        choice.chosen = sent if sent in {value for value, _label in choice.options} else NOBODY
        choice.guardian = request.POST.get(choice.guardian_name, "").strip()[:120]
    return choice


def _described(person: Person) -> str:
    parts = [person.full_name, str(person.birth_year or ""), person.residence.full_name if person.residence else ""]
    return ", ".join(part for part in parts if part)


def _doubles(choices: list[Choice]) -> list[tuple[Choice, SameLine]]:
    """Lines that would be kept as the person of an earlier line."""
    found, known = [], dict[object, int]()
    for choice in choices:
        if choice.who is not None:
            earlier = known.setdefault(choice.who, choice.meant.line.number)
            if earlier != choice.meant.line.number:
                found.append((choice, SameLine(number=earlier)))
    return found


def _point_at_doubles(choices: list[Choice]) -> None:
    """Said before anybody presses: a line is proposed once."""
    for choice, reason in _doubles(choices):
        choice.chosen, choice.hint = NOBODY, str(reason)


def _decided(choices: list[Choice]) -> bool:
    """Whether every line says who is meant, each somebody else; what is wrong stands beside its line."""
    for choice in choices:
        if choice.chosen == UNDECIDED:
            choice.error = str(LineUndecided())
    for choice, reason in _doubles(choices):
        choice.error = str(reason)
    return not any(choice.error for choice in choices)


def _said(count: int, left_out: int) -> str:
    said = ngettext("%(n)d person of the list is entered.", "%(n)d people of the list are entered.", count)
    words = said % {"n": count}
    if left_out:
        rest = ngettext("%(n)d line was left out.", "%(n)d lines were left out.", left_out)
        words = f"{words} {rest % {'n': left_out}}"
    return words


def _enter(session: ClassSession, choices: list[Choice], came: bool, request: HttpRequest) -> int:
    """Keep the new ones and enter all. Raises the refusal, which also stands beside its line."""
    at = clock.now()
    with transaction.atomic():
        people = []
        for choice in choices:
            line = choice.meant.line
            try:
                if choice.chosen == NEW:
                    person = register_walk_in(
                        full_name=line.full_name,
                        birth_year=line.birth_year,
                        phone=line.phone,
                        residence=session.unit,
                        consent=True,
                        guardian_name=choice.guardian,
                        by=request.user,
                        at=at,
                    )
                    people.append(person.pk)
            except GuardianMissing as error:
                choice.guardian_error = str(error)
                raise
            except DomainError as error:
                choice.error = str(error)
                raise
            people += [person.pk for person in choice.meant.people if str(person.uuid) == choice.chosen]
        try:
            if came:
                operations.mark_present(
                    session=session, person_ids=people, source=AttendanceSource.LIST, by=request.user, at=at
                )
            else:
                operations.register_people(session=session, person_ids=people, by=request.user, at=at)
        except DomainError as error:
            messages.error(request, str(error))
            raise
    return len(set(people))


@never_cache
@reads_classes
@require_http_methods(["GET", "HEAD", "POST"])
def class_walk_in(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Somebody nobody knows yet sits down at the table: kept, and present, in one step."""
    session = reachable_class(request, uuid)
    remembered = {"residence": session.unit_id, **(request.session.get(PLACE_KEY) or {})}
    form = WalkInForm(request.POST if request.method == "POST" else None, by=request.user, remembered=remembered)
    for name in [name for name in form.fields if name == "course"]:
        del form.fields[name]  # the class says it
    if form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():
                person = register_walk_in(
                    full_name=data["full_name"],
                    birth_year=data["birth_year"],
                    phone=data["phone"],
                    residence=data["residence"],
                    consent=data["consent"],
                    guardian_name=data["guardian_name"],
                    by=request.user,
                )
                if session.has_begun:
                    operations.mark_present(
                        session=session, person_ids=[person.pk], source=AttendanceSource.NAME, by=request.user
                    )
                else:
                    operations.register_people(session=session, person_ids=[person.pk], by=request.user)
        except DomainError as error:
            add_refusal(form, error)
        else:
            request.session[PLACE_KEY] = {"residence": data["residence"].pk}
            messages.success(
                request, _("%(name)s is registered and on the list of the class.") % {"name": person.full_name}
            )
            return redirect("class_walk_in", uuid=session.uuid)
    return render(request, "events/walk_in.html", {"session": session, "form": form, **consent_context()})


@never_cache
@reads_classes
@require_safe
def class_sheet(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The sheet to sign, as PDF."""
    session = reachable_class(request, uuid)
    people = [entry.person for entry in people_of_class(session, request.user)]
    note_people_read(request, "events.print_sheet", session, unit=session.unit, count=len(people))
    response = HttpResponse(draw_sheet(session, people), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="ky-ten-{session.held_on:%Y-%m-%d}.pdf"'
    return response
