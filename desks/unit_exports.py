"""The people and certificates of a unit as an Excel file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from django.utils.translation import gettext as _

from certificates.models import Certificate
from certificates.wording import CertificateText
from common.tabular import OutSheet, OutValue, write_workbook
from desks.unit_queries import people_of
from ledger.operations import record_audit
from people.models import Person
from places.models import AdministrativeUnit

MOST_ROWS = 20_000
"""People in one file. More is a matter of figures, not of names."""


def write_unit_workbook(target: IO[bytes], *, unit: AdministrativeUnit, by) -> None:
    """Write the sheets "people" and "certificates" to `target` and say so in the audit trail.

    No phone numbers: whoever needs to call looks them up one by one.
    """
    people = OutSheet(
        _("People"),
        [_("Full name"), _("Year of birth"), _("Place"), _("Courses completed")],
        _people(unit),
    )
    certificates = OutSheet(
        _("Certificates"),
        [
            _("Number"),
            _("Full name"),
            _("Born, living in"),
            _("Course"),
            _("Issued by"),
            _("Issued on"),
            _("Revoked on"),
            _("Reason"),
        ],
        _certificates(unit),
    )
    record_audit(
        actor=by,
        action="desks.export_unit",
        target=unit,
        unit=unit,
        count=Person.objects.living_in(unit).count(),
    )
    write_workbook(target, [people, certificates])


def _people(unit: AdministrativeUnit) -> Iterator[list[OutValue]]:
    found = people_of(unit).prefetch_related(None)
    for person in found.select_related("residence__parent__parent").iterator(chunk_size=500):
        yield [person.full_name, person.birth_year, person.residence.address, person.done]


def _certificates(unit: AdministrativeUnit) -> Iterator[list[OutValue]]:
    for certificate in Certificate.objects.within(unit).order_by("register", "number").iterator(chunk_size=500):
        text = CertificateText.from_json(certificate.text)
        yield [
            text.serial,
            text.holder,
            text.about,
            text.title,
            text.body,
            certificate.issued_on,
            certificate.revoked_at,
            certificate.revoked_reason,
        ]
