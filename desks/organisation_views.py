"""The desk of an organisation: who learns, who has not started, who joins and leaves."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import clock
from common.exceptions import DomainError
from common.phones import format_phone, is_mobile
from courses.enums import EnrolmentReason
from courses.operations import enrol_many
from courses.queries import lessons_of
from desks.organisation_exports import approximate_bytes, staff_workbook, state_words
from desks.organisation_queries import (
    DONE,
    OUTSIDE,
    STARTED,
    STATES,
    WAITING,
    StaffCourse,
    enrolments_of,
    last_reminder,
    last_studied,
    staff,
    staff_counts,
    staff_courses,
    to_remind,
    unsent_today,
)
from people.access import note_people_read
from people.enums import Role
from people.models import Organisation, Person
from people.operations.memberships import (
    add_member,
    end_membership,
    invite_member,
    move_member,
    remind_members,
)
from people.operations.organisations import end_organisation
from people.organisation_forms import EndOrganisationForm
from people.roster.exceptions import SameNameKnown
from people.roster_forms import CourseChoiceForm, MemberForm
from people.rules import can_manage_organisation
from people.scopes import OFFICE_READERS, has_role, reads_whole_site

PAGE = 25
OTHERS_SHOWN = 20  # organisations to choose from at once
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BADGES = {DONE: "success", STARTED: "", WAITING: "warning", OUTSIDE: ""}


def visible_organisation(request: HttpRequest, uuid: UUID) -> Organisation:
    """The organisation, if the user manages it or looks after the unit it is seated in; 404 otherwise."""
    found = Organisation.objects.visible_to(request.user).select_related("seat__parent__parent__parent")
    return get_object_or_404(found, uuid=uuid)


def managed_organisation(request: HttpRequest, uuid: UUID) -> Organisation:
    """The organisation, if the user manages its people; 404 for one out of sight, 403 for one only seen."""
    organisation = visible_organisation(request, uuid)
    if not can_manage(request, organisation):
        raise PermissionDenied
    return organisation


def can_manage(request: HttpRequest, organisation: Organisation) -> bool:
    return can_manage_organisation(request.user, organisation)


def desk_nav(organisation: Organisation, current: str) -> list[dict[str, Any]]:
    """The four places of a manager."""
    places = (
        ("people", _("People"), reverse("organisation", args=[organisation.uuid]), "people"),
        ("lists", _("Lists"), reverse("organisation_rosters", args=[organisation.uuid]), "table"),
        ("all", _("Organisations"), reverse("organisations"), "home"),
        ("mine", _("My learning"), reverse("my_learning"), "person"),
    )
    return [
        {"label": label, "href": href, "icon": icon, "current": name == current} for name, label, href, icon in places
    ]


def desk_crumbs(organisation: Organisation | None = None) -> list[dict[str, str]]:
    crumbs = [{"title": _("Organisations"), "url": reverse("organisations")}]
    if organisation is not None:
        crumbs.append({"title": organisation.name, "url": reverse("organisation", args=[organisation.uuid])})
    return crumbs


def course_choices(organisation: Organisation) -> list[tuple[str, str]]:
    return [(str(course.key), course.title) for course in staff_courses(organisation, language())]


def language() -> str:
    return (get_language() or "vi").split("-")[0]


# The organisations -----------------------------------------------------------------------------------------


@never_cache
@login_required
@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    """The organisations somebody manages or looks after; the only one opens at once."""
    user = request.user
    if not (reads_whole_site(user) or has_role(user, Role.MANAGER, *OFFICE_READERS)):
        raise PermissionDenied
    query = request.GET.get("q", "").strip()
    visible = Organisation.objects.visible_to(user).active().search(query).select_related("seat__parent__parent")
    page = Paginator(visible, PAGE).get_page(request.GET.get("trang"))
    found = list(page)
    if len(found) == 1 and not query and page.number == 1:
        return redirect("organisation", uuid=found[0].uuid)
    context = {"found": found, "query": query, "pages": page_links(request, page)}
    return render(request, "desks/organisations.html", context)


def page_links(request: HttpRequest, page: Any) -> dict[str, Any]:
    """What the pagination component takes, keeping the other parameters of the address."""

    def link(number: int) -> str:
        kept = {name: value for name, value in request.GET.items() if name != "trang"}
        return f"?{urlencode({**kept, 'trang': number})}"

    return {
        "number": page.number,
        "total": page.paginator.num_pages,
        "previous_url": link(page.previous_page_number()) if page.has_previous() else "",
        "next_url": link(page.next_page_number()) if page.has_next() else "",
    }


# The people of one -----------------------------------------------------------------------------------------


def chosen_course(request: HttpRequest, courses: list[StaffCourse]) -> StaffCourse | None:
    """The course the page is about: the one asked for, else the one with most people; None when there is none."""
    asked = request.GET.get("khoa", "") or request.POST.get("khoa", "")
    used = [course for course in courses if course.enrolled]
    return next((course for course in used if str(course.key) == asked), used[0] if used else None)


@never_cache
@login_required
@require_safe
def organisation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Reminder, figures, and the people with how far they are."""
    found = visible_organisation(request, uuid)
    manages = can_manage(request, found)
    courses = staff_courses(found, language())
    course = chosen_course(request, courses)
    everybody = staff(found, course)
    if not manages:
        everybody = everybody.filter(pk__in=Person.objects.visible_to(request.user).order_by().values("pk"))
    counts = staff_counts(everybody)
    state = request.GET.get("tinh-trang", "")
    query = request.GET.get("q", "").strip()
    people = everybody.filter(state=state) if state in STATES else everybody
    people = people.search(query)
    page = Paginator(people, PAGE).get_page(request.GET.get("trang"))
    note_people_read(request, "desks.read_organisation", found, unit=found.seat, count=len(page))
    lessons = len(lessons_of(course.page)) if course else 0
    choosing = manages and "chon" in request.GET
    form = None
    if choosing:
        initial = {"course": str(course.key)} if course else None
        form = CourseChoiceForm([(str(each.key), each.title) for each in courses], initial=initial)
    context = {
        "organisation": found,
        "manages": manages,
        "courses": [each for each in courses if each.enrolled],
        "course_tabs": _course_tabs(request, courses, course),
        "course": course,
        "course_key": str(course.key) if course else "",
        "counts": counts,
        "chips": _state_chips(request, counts, course, state),
        "state": state,
        "query": query,
        "rows": [_person_row(person, lessons, manages) for person in page],
        "shown": page.paginator.count,
        "pages": page_links(request, page),
        "lessons": lessons,
        "choosing": choosing,
        "choose_url": _with(request, chon="1"),
        "form": form,
        **_ending(request, found),
        "unsent": unsent_today(found) if manages and course else 0,
        "last_reminder": last_reminder(found, course) if manages and course else None,
        "export_bytes": approximate_bytes(counts.total),
        "nav_items": desk_nav(found, "people"),
        "crumbs": desk_crumbs(),
    }
    return render(request, "desks/organisation.html", context)


def _ending(request: HttpRequest, found: Organisation) -> dict[str, Any]:
    """Whether the user may end it; when it ended, and what became of it."""
    if found.valid_until is None or found.valid_until > clock.today():
        return {"may_end": request.user.has_perm("people.end_organisation", found)}
    successor = found.merged_into
    seen = successor is not None and Organisation.objects.visible_to(request.user).filter(pk=successor.pk).exists()
    url = reverse("organisation", args=[successor.uuid]) if successor is not None and seen else ""
    return {"ended_on": found.valid_until, "successor": successor, "successor_url": url}


def _with(request: HttpRequest, **values: str) -> str:
    kept = {name: value for name, value in request.GET.items() if name != "trang"}
    return f"?{urlencode({name: value for name, value in {**kept, **values}.items() if value})}"


def _course_tabs(request: HttpRequest, courses: list[StaffCourse], current: StaffCourse | None) -> list[dict[str, Any]]:
    return [
        {
            "label": course.title,
            "href": f"?{urlencode({'khoa': course.key})}",
            "count": course.enrolled,
            "current": course is current,
        }
        for course in courses
        if course.enrolled
    ]


def _state_chips(request: HttpRequest, counts: Any, course: StaffCourse | None, current: str) -> list[dict[str, Any]]:
    if course is None:
        return []
    labels = {
        "": _("Everybody"),
        WAITING: _("Not started"),
        STARTED: _("In progress"),
        DONE: _("Finished"),
        OUTSIDE: _("Not enrolled"),
    }
    return [
        {
            "label": label,
            "href": _with(request, **{"tinh-trang": state}),
            "count": counts.of(state),
            "current": state == current,
        }
        for state, label in labels.items()
        if counts.of(state) or state in ("", current)
    ]


def _person_row(person: Any, lessons: int, manages: bool) -> dict[str, Any]:
    return {
        "uuid": person.uuid,
        "pk": person.pk,
        "name": person.full_name,
        "title": person.title or "",
        "birth_year": person.birth_year,
        "phone": format_phone(person.phone) if manages and person.phone else "",
        "state": person.state,
        "words": state_words(person, lessons),
        "badge": _BADGES[person.state],
        "done": lessons if person.state == DONE else person.lessons_done,
        "last": last_studied(person),
    }


@never_cache
@login_required
@require_safe
def members_export(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Everybody of the organisation as a workbook, with how far they are."""
    found = managed_organisation(request, uuid)
    course = chosen_course(request, staff_courses(found, language()))
    lessons = len(lessons_of(course.page)) if course else 0
    people = staff(found, course)
    note_people_read(request, "desks.export_members", found, unit=found.seat, count=people.count())
    content, name = staff_workbook(found, people, course, lessons)
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def member_add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One person by hand, by the same rules as a row of a list."""
    found = managed_organisation(request, uuid)
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data["data"]
        try:
            person = add_member(
                organisation=found,
                full_name=data["full_name"],
                birth_year=data["birth_year"],
                birth_date=date.fromisoformat(data["birth_date"]) if data["birth_date"] else None,
                phone=data["phone"],
                title=data["title"],
                is_another=form.cleaned_data["is_another"],
                by=request.user,
            )
        except SameNameKnown as error:
            form.add_error("full_name", str(error))
            form.ask_whether_another()
        else:
            messages.success(request, _("%(name)s is on your list.") % {"name": person.full_name})
            return redirect("member", uuid=found.uuid, person=person.uuid)
    context = {
        "organisation": found,
        "form": form,
        "nav_items": desk_nav(found, "people"),
        "crumbs": desk_crumbs(found),
    }
    return render(request, "desks/organisation_add.html", context)


@never_cache
@login_required
@require_safe
def member(request: HttpRequest, uuid: UUID, person: UUID) -> HttpResponse:
    """One person of the organisation: what is known, and the way to let them go."""
    found = managed_organisation(request, uuid)
    who = _member(found, person)
    note_people_read(request, "people.read_person", who, unit=found.seat)
    titles = {course.key: course.title for course in staff_courses(found, language())}
    context = {
        "organisation": found,
        "person": who,
        "phone": format_phone(who.phone) if who.phone else "",
        "may_invite": who.account_id is None and bool(who.phone) and is_mobile(who.phone) and not who.reminded,
        "others": Organisation.objects.managed_by(request.user).active().exclude(pk=found.pk)[:OTHERS_SHOWN],
        "enrolments": [
            {"title": titles[row.course_key], "done_at": row.done_at}
            for row in enrolments_of(who, found)
            if row.course_key in titles
        ],
        "nav_items": desk_nav(found, "people"),
        "crumbs": desk_crumbs(found),
    }
    return render(request, "desks/organisation_person.html", context)


@login_required
@require_POST
def member_invite(request: HttpRequest, uuid: UUID, person: UUID) -> HttpResponse:
    """A text with the address at which the person signs in."""
    found = managed_organisation(request, uuid)
    who = _member(found, person)
    try:
        url = request.build_absolute_uri(reverse("account_login"))
        invite_member(person=who, organisation=found, url=url, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The invitation is on its way to %(name)s.") % {"name": who.full_name})
    return redirect("member", uuid=found.uuid, person=who.uuid)


@login_required
@require_POST
def member_move(request: HttpRequest, uuid: UUID, person: UUID) -> HttpResponse:
    """To another organisation that the user manages, too."""
    found = managed_organisation(request, uuid)
    who = _member(found, person)
    to = _managed(request, request.POST.get("den", ""))
    if to is None:
        messages.error(request, _("Choose the organisation that takes this person."))
        return redirect("member", uuid=found.uuid, person=who.uuid)
    try:
        move_member(person=who, organisation=found, to=to, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("member", uuid=found.uuid, person=who.uuid)
    messages.success(request, _("%(name)s belongs to %(to)s now.") % {"name": who.full_name, "to": to.name})
    return redirect("member", uuid=to.uuid, person=who.uuid)


def _managed(request: HttpRequest, text: str) -> Organisation | None:
    try:
        return Organisation.objects.managed_by(request.user).active().filter(uuid=UUID(text)).first()
    except ValueError:
        return None


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """It was dissolved, or merged into another one that is looked for by name."""
    found = visible_organisation(request, uuid)
    if not request.user.has_perm("people.end_organisation", found):
        raise PermissionDenied
    query = request.GET.get("q", "").strip()[:100]
    others = Organisation.objects.visible_to(request.user).active().exclude(pk=found.pk).select_related("seat")
    shown = others.search(query) if query else others.within(found.seat)
    form = EndOrganisationForm(
        request.POST if request.method == "POST" else None, others=others, shown=shown[:OTHERS_SHOWN]
    )
    if request.method == "POST" and form.is_valid():
        try:
            end_organisation(organisation=found, successor=form.cleaned_data["successor"], by=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(name)s has ended.") % {"name": found.name})
            return redirect("organisation", uuid=found.uuid)
    context = {
        "organisation": found,
        "form": form,
        "query": query,
        "people": Person.objects.members_of(found).count(),
        "nav_items": desk_nav(found, "end"),
        "crumbs": desk_crumbs(found),
    }
    return render(request, "desks/organisation_end.html", context)


@login_required
@require_POST
def member_end(request: HttpRequest, uuid: UUID, person: UUID) -> HttpResponse:
    found = managed_organisation(request, uuid)
    who = _member(found, person)
    end_membership(person=who, organisation=found, by=request.user)
    messages.success(request, _("%(name)s is no longer on your list.") % {"name": who.full_name})
    return redirect("organisation", uuid=found.uuid)


def _member(found: Organisation, person: UUID) -> Any:
    return get_object_or_404(staff(found, None), uuid=person)


@login_required
@require_POST
def members_enrol(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Enrol the ticked people in a course."""
    found = managed_organisation(request, uuid)
    form = CourseChoiceForm(course_choices(found), data=request.POST)
    asked = [int(text) for text in request.POST.getlist("nguoi") if text.isdecimal()]
    people = list(staff(found, None).filter(pk__in=asked).order_by().values_list("pk", flat=True))
    if not form.is_valid() or not people:
        messages.error(request, _("Tick at least one person and choose a course."))
        return redirect(f"{reverse('organisation', args=[found.uuid])}?chon=1")
    key = UUID(form.cleaned_data["course"])
    try:
        new = enrol_many(
            person_ids=people, course_key=key, reason=EnrolmentReason.MANAGER, by=request.user, organisation=found
        )
    except DomainError as error:
        messages.error(request, str(error))
    else:
        before = len(people) - new
        words = ngettext("%(count)s person is enrolled.", "%(count)s people are enrolled.", new) % {"count": new}
        if before:
            words += " " + ngettext("%(count)s was enrolled before.", "%(count)s were enrolled before.", before) % {
                "count": before
            }
        messages.success(request, words)
    return redirect(f"{reverse('organisation', args=[found.uuid])}?{urlencode({'khoa': key})}")


@login_required
@require_POST
def members_remind(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A text to everybody who has not started, as far as a text reaches them and they had none today."""
    found = managed_organisation(request, uuid)
    course = chosen_course(request, staff_courses(found, language()))
    back = reverse("organisation", args=[found.uuid])
    if course is None or (request.POST.get("khoa") and str(course.key) != request.POST["khoa"]):
        messages.error(request, _("This course is no longer there."))
        return redirect(back)
    people = to_remind(staff(found, course))
    try:
        remind_members(
            organisation=found,
            person_ids=people,
            course_key=course.key,
            course_title=course.title,
            course_url=request.build_absolute_uri(course.url),
            by=request.user,
        )
    except DomainError as error:
        messages.info(request, str(error))
    else:
        words = ngettext("%(count)s message is on its way.", "%(count)s messages are on their way.", len(people))
        messages.success(request, words % {"count": len(people)})
    return redirect(f"{back}?{urlencode({'khoa': course.key})}")
