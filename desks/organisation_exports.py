"""The list of an organisation's people as a workbook."""

from __future__ import annotations

import io
from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from common import clock
from common.folding import slugify_vi
from common.phones import format_phone
from common.tabular import OutSheet, OutValue, write_workbook
from desks.organisation_queries import DONE, OUTSIDE, STARTED, WAITING, StaffCourse, last_studied
from people.models import Organisation, Person

_BASE_BYTES, _ROW_BYTES = 5200, 75


def approximate_bytes(rows: int) -> int:
    """About how large the workbook of so many people is, for the label of the button."""
    return _BASE_BYTES + _ROW_BYTES * rows


def state_words(person: Person, lessons: int) -> str:
    """How far somebody of `staff` is, in words."""
    if person.state == DONE:
        return _("Finished")
    if person.state == STARTED:
        return _("%(done)s of %(total)s lessons") % {"done": person.lessons_done, "total": lessons}
    return {WAITING: _("Not started"), OUTSIDE: _("Not enrolled")}[person.state]


def staff_workbook(
    organisation: Organisation, people: QuerySet[Person], course: StaffCourse | None, lessons: int
) -> tuple[bytes, str]:
    """The workbook and the name to download it by."""
    header = [_("No."), _("Full name"), _("Year of birth"), _("Phone number"), _("Position")]
    if course is not None:
        header += [course.title, _("Lessons done"), _("Last studied"), _("Finished on")]
    target = io.BytesIO()
    write_workbook(target, [OutSheet(_("People"), header, _rows(people, course, lessons))])
    name = f"{slugify_vi(organisation.name) or 'to-chuc'}-{clock.today():%Y%m%d}.xlsx"
    return target.getvalue(), name


def _rows(people: QuerySet[Person], course: StaffCourse | None, lessons: int) -> Iterator[list[OutValue]]:
    for number, person in enumerate(people.iterator(chunk_size=500), start=1):
        row: list[OutValue] = [
            number,
            person.full_name,
            person.birth_year,
            format_phone(person.phone) if person.phone else "",
            person.title or "",
        ]
        if course is not None:
            last, done = last_studied(person), person.done_at
            row += [
                state_words(person, lessons),
                person.lessons_done,
                clock.day_of(last) if last else None,
                clock.day_of(done) if done else None,
            ]
        yield row
