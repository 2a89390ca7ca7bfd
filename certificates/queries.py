"""Finding certificates, and who issues them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from django.db.models import Max, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Length

from certificates.exceptions import NoIssuingBody
from certificates.formats import read_code
from certificates.models import Certificate, CertificateQuerySet, IssuingBody, PaperEntry, PaperEntryQuerySet
from common.folding import fold, sort_key_vi
from people.roster.cells import serial_key
from places.enums import Level
from places.models import AdministrativeUnit, UnitQuerySet
from places.queries import home_province, paths_to

_SERIAL = re.compile(r"(\d{1,9})/(\d{4})(?:/|$)")  # of this site: `0147/2026/CN-TS`


def issuing_body_for(unit: AdministrativeUnit | None) -> IssuingBody:
    """Whoever issues for people living in `unit`: the closest unit above that has a body, else the one without a unit.

    Raises `NoIssuingBody`.
    """
    found = None
    if unit is not None:
        bodies = IssuingBody.objects.filter(unit__path__in=paths_to(unit))
        found = bodies.order_by(Length("unit__path").desc(), "-unit__valid_from").first()
    found = found or IssuingBody.objects.filter(unit=None).first()
    if found is None:
        raise NoIssuingBody()
    return found


def units_that_may_issue() -> UnitQuerySet:
    """Provinces and communes in force, of the province this site serves or of the country, with `parent` loaded."""
    units = AdministrativeUnit.objects.in_force().filter(level__in=[Level.PROVINCE, Level.COMMUNE])
    province = home_province()
    if province is not None:
        units = units.within(province)
    return units.select_related("parent").order_by("sort_key", "parent__sort_key", "id")


def find_by_code(text: str) -> Certificate | None:
    """The certificate whose verification code somebody typed or scanned, revoked ones too."""
    code = read_code(text)
    if code is None:
        return None
    return Certificate.objects.select_related("replaced_by", "register__body").filter(code=code).first()


def find_by_serial(serial: str, name: str) -> tuple[list[Certificate], list[PaperEntry]]:
    """Certificates of this site and lines of old registers with this number of this holder, revoked ones too.

    How number and name are written does not matter. Two queries.
    """
    key, holder = serial_key(serial), fold(name)
    if not key or not holder:
        return [], []
    issued = []
    if match := _SERIAL.match(key):
        numbered = Certificate.objects.filter(number=int(match[1]), register__year=int(match[2]))
        issued = [one for one in numbered if serial_key(one.serial) == key and fold(one.holder) == holder]
    found = PaperEntry.objects.filter(serial_key=key, holder_folded=holder)
    return issued, list(found.select_related("unit__parent").order_by("-issued_on", "pk"))


def paper_entries_of(unit: AdministrativeUnit, text: str = "") -> PaperEntryQuerySet:
    """Lines of old registers entered for the unit or below it, by given name; those of which a number, name or title
    has `text` in it.
    """
    found = PaperEntry.objects.within(unit).select_related("unit", "person").order_by("holder_key", "-issued_on", "pk")
    if not (folded := fold(text)):
        return found
    return found.filter(
        Q(holder_folded__contains=folded) | Q(title_key__contains=folded) | Q(serial_key__contains=serial_key(text))
    )


def issuers_of(unit: AdministrativeUnit) -> list[str]:
    """Who gave the papers entered for the unit so far, to be offered again."""
    names = PaperEntry.objects.within(unit).order_by().values_list("issuer", flat=True).distinct()
    return sorted(names, key=sort_key_vi)


def select_certificates(
    certificates: CertificateQuerySet,
    *,
    unit: AdministrativeUnit,
    subject: str = "",
    first_day: date | None = None,
    last_day: date | None = None,
) -> CertificateQuerySet:
    """Of `certificates` those of the unit, about the subject, issued from the first to the last day (inclusive)."""
    found = certificates.within(unit)
    if subject:
        found = found.filter(subject=subject)
    if first_day is not None:
        found = found.filter(issued_on__gte=first_day)
    if last_day is not None:
        found = found.filter(issued_on__lte=last_day)
    return found


def subjects_of(certificates: CertificateQuerySet) -> list[tuple[str, str]]:
    """(subject, title) of these certificates, by title; of a title that changed, the one issued last."""
    rows = (
        certificates.order_by()
        .annotate(title=KT("text__title"))
        .values_list("subject", "title")
        .annotate(last=Max("issued_at"))
        .order_by("last")
    )
    titles = {subject: title for subject, title, _last in rows}
    return sorted(titles.items(), key=lambda row: sort_key_vi(row[1]))


def in_print_order(ids: Sequence[int]) -> list[int]:
    """The ids by commune, village and given name, so that a printed pile is handed out place by place."""
    rows = Certificate.objects.filter(pk__in=ids).values_list(
        "pk", "holder_key", "unit__level", "unit__sort_key", "unit_id", "unit__parent__sort_key", "unit__parent_id"
    )

    def place(row: tuple) -> tuple:
        pk, holder_key, level, sort_key, unit_id, parent_key, parent_id = row
        if level == Level.VILLAGE:
            return (parent_key or "", parent_id or 0, sort_key, unit_id, holder_key, pk)
        return (sort_key or "", unit_id or 0, "", 0, holder_key, pk)

    return [row[0] for row in sorted(rows, key=place)]
