"""Rows of a list of people as its pages show them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from common.phones import format_phone
from people.enums import RowOutcome
from people.models import Person, RosterImport, RosterRow
from people.roster.columns import ENTRY_FIELDS
from people.roster.deciding import IMPORTABLE, units_in_question
from people.roster.problems import ERROR, asks_where, level_of, problem_text
from people.roster.rows import typed
from people.roster.workbooks import outcome_words
from people.roster_forms import FIELD_CHOICES, ResidenceForm

ALL, MEND, NEW, KNOWN = "tat-ca", "sua", "moi", "da-co"
FILTERS = {
    MEND: Q(outcome__in=[RowOutcome.ERROR, RowOutcome.CONFLICT]),
    NEW: Q(outcome=RowOutcome.CREATE),
    KNOWN: Q(outcome__in=[RowOutcome.UPDATE, RowOutcome.SAME]),
}
_ABOUT_ADDRESS = {"address-unknown", "residence-home", "residence-missing", "residence-outside"}
RANK = Case(
    When(outcome=RowOutcome.ERROR, then=Value(0)),
    When(outcome=RowOutcome.CONFLICT, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def roster_url(roster: RosterImport, name: str = "roster", **more: Any) -> str:
    return reverse(name, kwargs={"roster": roster.uuid, **more})


def row_counts(roster: RosterImport) -> dict[str, int]:
    waiting = Q(applied_at__isnull=True)
    return roster.rows.aggregate(
        all=Count("pk"),
        mend=Count("pk", filter=FILTERS[MEND]),
        errors=Count("pk", filter=Q(outcome=RowOutcome.ERROR)),
        conflicts=Count("pk", filter=Q(outcome=RowOutcome.CONFLICT)),
        new=Count("pk", filter=FILTERS[NEW]),
        known=Count("pk", filter=FILTERS[KNOWN]),
        good=Count("pk", filter=waiting & Q(outcome__in=IMPORTABLE)),
        ticked=Count("pk", filter=waiting & Q(outcome__in=IMPORTABLE, chosen=True)),
        applied=Count("pk", filter=Q(applied_at__isnull=False)),
    )


def link_with(request: HttpRequest, **values: str) -> str:
    """This page with some parameters changed ('' takes one away), from its first page of rows."""
    kept = {name: value for name, value in request.GET.items() if name != "trang"}
    changed = {name: value for name, value in {**kept, **values}.items() if value or name == "khoa"}
    return f"?{urlencode(changed)}"


def row_chips(request: HttpRequest, counts: dict[str, int], wanted: str) -> list[dict[str, Any]]:
    found = [
        (ALL, _("All rows"), counts["all"]),
        (MEND, _("To mend"), counts["mend"]),
        (NEW, _("New people"), counts["new"]),
        (KNOWN, _("Known people"), counts["known"]),
    ]
    return [
        {"label": label, "count": count, "href": link_with(request, xem=name), "current": name == wanted}
        for name, label, count in found
        if count or name in (ALL, wanted)
    ]


def course_chips(request: HttpRequest, courses: list[tuple[str, str]], current: str) -> list[dict[str, Any]]:
    """Links that choose the course to enrol in."""
    return [
        {"label": title, "href": link_with(request, khoa=key), "current": key == current}
        for key, title in [("", _("No course now")), *courses]
    ]


def header_words(roster: RosterImport) -> str:
    """Which columns were understood, by their names in the file."""
    headers = roster.reading.get("headers") or []
    names = [headers[place] for place in sorted(roster.columns.values()) if place < len(headers) and headers[place]]
    return ", ".join(f"“{name}”" for name in names)


def shown_row(roster: RosterImport, row: RosterRow) -> dict[str, Any]:
    """One row for the table: what was understood, what is wrong, and the boxes to mend it in."""
    problems = [
        {"text": problem_text(problem), "level": level_of(problem["code"]), "field": problem["field"]}
        for problem in row.problems
    ]
    wrong = {problem["field"]: problem["text"] for problem in reversed(problems) if problem["level"] == ERROR}
    data = row.data
    birth = data["birth_date"] or ""
    state = {RowOutcome.ERROR: "bad", RowOutcome.CONFLICT: "warn"}.get(RowOutcome(row.outcome), "ok")
    return {
        "number": row.number,
        "url": roster_url(roster, "roster_row", number=row.number),
        "name": data["full_name"],
        "birth": "/".join(reversed(birth.split("-"))) if birth else data["birth_year"] or "",
        "phone": format_phone(data["phone"]) if data["phone"] else "",
        "title": data["title"],
        "state": state,
        "outcome": row.outcome,
        "applied": row.applied_at is not None,
        "words": outcome_words(row.outcome, is_applied=True, of_register=roster.is_register) if row.applied_at else "",
        "chosen": row.chosen,
        "boxes": [
            {
                "name": name,
                "label": FIELD_CHOICES[name],
                "value": typed(data, name),
                "error": wrong[name],
                "tel": name == "phone",
            }
            for name in ("full_name", "birth", *(() if roster.is_register else ("phone", "title")), *ENTRY_FIELDS)
            if name in wrong
        ],
        "entry": _entry_cells(data) if roster.is_register else [],
        "wrong": set(wrong),
        # That there is no phone is seen in its column.
        "asks_where": any(asks_where(problem["code"]) for problem in row.problems),
        "address": data.get("address", "") if any(p["field"] == "residence" for p in row.problems) else "",
        "mends_address": any(problem["code"] in _ABOUT_ADDRESS for problem in row.problems),
        "notes": [
            shown
            for shown, problem in zip(problems, row.problems, strict=True)
            if shown["level"] != ERROR and problem["code"] != "phone-none"
        ],
    }


def _entry_cells(data: dict[str, Any]) -> list[dict[str, Any]]:
    """What the line of an old register says, under its labels; a day that was not understood as it was typed."""
    entry = data["entry"]
    day = "/".join(reversed(entry["issued_on"].split("-"))) if entry["issued_on"] else typed(data, "issued_on")
    values = {"serial": entry["serial"], "issued_on": day, "course": entry["course"]}
    return [{"name": name, "label": FIELD_CHOICES[name], "value": values[name]} for name in ENTRY_FIELDS]


def questions_of(row: RosterRow) -> dict[str, Any]:
    """Whom a row in question could mean: people of this organisation, another row of the file."""
    if row.outcome != RowOutcome.CONFLICT or not any(
        problem["code"].startswith(("duplicate", "known")) for problem in row.problems
    ):
        return {}
    ids = [pk for problem in row.problems for pk in (problem.get("params") or {}).get("people", [])]
    roster = row.roster
    mine = {"memberships__organisation": roster.organisation_id} if roster.organisation_id is not None else {}
    belong = Person.objects.filter(pk__in=ids, **mine).distinct()
    if roster.is_register:
        belong = belong.living_in(roster.unit)
    numbers = [p["params"]["row"] for p in row.problems if p["code"].startswith("duplicate")]
    return {
        "people": [
            {
                "pk": person.pk,
                "name": person.full_name,
                "meta": _known_by(person.birth_year, person.phone),
            }
            for person in belong
        ],
        "rows": [
            {
                "number": other.number,
                "name": other.data["full_name"],
                "meta": _known_by(other.data["birth_year"], other.data["phone"]),
            }
            for other in row.roster.rows.filter(number__in=numbers)
        ],
    }


def where_form(row: RosterRow, data: Any = None) -> ResidenceForm | None:
    """The question where somebody lives; None for a row whose address asks nothing."""
    if row.outcome != RowOutcome.CONFLICT or not units_in_question(row):
        return None
    same = row.roster.rows.filter(
        applied_at__isnull=True, outcome=RowOutcome.CONFLICT, data__address=row.data.get("address", "")
    )
    return ResidenceForm(row, alike=same.count(), data=data)


def _known_by(birth_year: int | None, phone: str) -> str:
    parts = [_("born %(year)s") % {"year": birth_year} if birth_year else "", format_phone(phone) if phone else ""]
    return ", ".join(part for part in parts if part) or _("neither year of birth nor phone number")


def cells_with_headers(row: RosterRow) -> list[dict[str, str]]:
    headers = row.roster.reading.get("headers") or []
    found = []
    for place, cell in enumerate(row.cells):
        if cell:
            found.append({"label": headers[place] if place < len(headers) else "", "value": cell})
    return found
