"""The desk of an organisation: who learns, who has not started, who joins and leaves."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from common import clock
from common.doors import login_required
from common.exceptions import DomainError
from common.phones import format_phone
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
    remind_members,
)
from people.roster_forms import CourseChoiceForm
from people.rules import can_manage_organisation
from people.scopes import OFFICE_READERS, has_role, reads_whole_site

PAGE = 25
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
    seen = None if manages else Person.objects.visible_to(request.user)
    courses = staff_courses(found, language(), seen)
    course = chosen_course(request, courses)
    everybody = staff(found, course)
    if seen is not None:
        everybody = everybody.filter(pk__in=seen.order_by().values("pk"))
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
        # Back to the same people, as they were filtered.
        asked_for = {name: request.POST.get(name, "") for name in ("khoa", "tinh-trang", "q", "trang")}
        kept = urlencode({"chon": "1", **{name: value for name, value in asked_for.items() if value}})
        return redirect(f"{reverse('organisation', args=[found.uuid])}?{kept}")
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
