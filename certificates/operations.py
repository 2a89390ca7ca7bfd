"""Issuing, revoking and printing certificates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from certificates.exceptions import (
    AlreadyRevoked,
    NothingToPrint,
    ReasonMissing,
    ReasonTooLong,
    TooManyToPrint,
)
from certificates.formats import new_code
from certificates.models import Certificate, PaperEntry, Register
from certificates.queries import in_print_order, issuing_body_for
from certificates.wording import Achievement, compose
from common import clock
from common.folding import name_sort_key, normalise_text
from ledger.models import Job
from ledger.operations import enqueue_job, record_audit
from people.models import Person
from places.models import AdministrativeUnit

PRINT_KIND = "certificates.print"
MOST_TO_PRINT = 5_000
LONGEST_REASON = 300


def issue_certificate(
    *,
    achievement: str,
    subject: str,
    person: Person,
    unit: AdministrativeUnit | None,
    achievement_lines: Achievement,
    template: str = "completion-1",
    by=None,
    at: datetime | None = None,
) -> Certificate:
    """The valid certificate for `achievement`, issued now when there is none yet.

    `achievement` names what earned it (`course-completion:<uuid>`), `subject` what it is about
    (`course:<key>`), `unit` where the holder lives on that day: it decides who issues. Numbers run without a gap
    in the register of the issuing body and year. Raises `NoIssuingBody`, and `AlreadyRevoked` when there was one
    and it was revoked.
    """
    at = at or clock.now()
    known = _valid_for(achievement)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return _issue(achievement, subject, person, unit, achievement_lines, template, by, at)
    except IntegrityError:
        # Two workers issued for the same achievement from two registers; the number went back with the transaction.
        known = _valid_for(achievement)
        if known is None:
            raise
        return known


def _issue(
    achievement: str,
    subject: str,
    person: Person,
    unit: AdministrativeUnit | None,
    lines: Achievement,
    template: str,
    by,
    at: datetime,
) -> Certificate:
    day = clock.day_of(at)
    body = issuing_body_for(unit)
    opened, _created = Register.objects.get_or_create(body=body, year=day.year)
    register = Register.objects.select_for_update().get(pk=opened.pk)
    known = _valid_for(achievement)  # issued while this one waited for the register
    if known is not None:
        return known
    register.last_number += 1
    register.save(update_fields=["last_number"])
    text = compose(body=body, person=person, unit=unit, achievement=lines, number=register.last_number, day=day)
    certificate = Certificate.objects.create(
        code=new_code(),
        achievement=achievement,
        subject=subject,
        register=register,
        number=register.last_number,
        person=person,
        unit=unit,
        template=template,
        text=text.to_json(),
        holder_key=name_sort_key(text.holder),
        issued_on=day,
        issued_at=at,
        issued_by=by,
    )
    record_audit(actor=by, action="certificates.issue", target=certificate, unit=unit, at=at)
    return certificate


def _valid_for(achievement: str) -> Certificate | None:
    """The valid certificate for an achievement. Raises `AlreadyRevoked` when the only ones were revoked."""
    found = list(Certificate.objects.filter(achievement=achievement))
    valid = next((certificate for certificate in found if certificate.revoked_at is None), None)
    if valid is None and found:
        raise AlreadyRevoked()
    return valid


def revoke_certificate(*, certificate: Certificate, reason: str, by, at: datetime | None = None) -> Certificate:
    """Take the certificate's validity away for a reason that everybody who checks it reads.

    Revoking again changes nothing. Raises `ReasonMissing`, `ReasonTooLong`.
    """
    at = at or clock.now()
    reason = _said(reason)
    with transaction.atomic():
        held = Certificate.objects.select_for_update(of=("self",)).select_related("unit").get(pk=certificate.pk)
        if held.revoked_at is None:
            held.revoked_at = at
            held.revoked_reason = reason
            held.save(update_fields=["revoked_at", "revoked_reason"])
            record_audit(
                actor=by,
                action="certificates.revoke",
                target=held,
                unit=held.unit,
                fields=["revoked_at", "revoked_reason"],
                at=at,
            )
    return held


def withdraw_entry(*, entry: PaperEntry, reason: str, by, at: datetime | None = None) -> PaperEntry:
    """Say that a line of an old register is wrong, for a reason that everybody who checks the paper reads.

    Its number may then be entered anew. Withdrawing again changes nothing. Raises `ReasonMissing`, `ReasonTooLong`.
    """
    at = at or clock.now()
    reason = _said(reason)
    with transaction.atomic():
        held = PaperEntry.objects.select_for_update(of=("self",)).select_related("unit").get(pk=entry.pk)
        if held.withdrawn_at is None:
            held.withdrawn_at, held.withdrawn_reason = at, reason
            held.save(update_fields=["withdrawn_at", "withdrawn_reason"])
            fields = ["withdrawn_at", "withdrawn_reason"]
            record_audit(
                actor=by, action="certificates.withdraw_entry", target=held, unit=held.unit, fields=fields, at=at
            )
    return held


def _said(reason: str) -> str:
    reason = normalise_text(reason)
    if not reason:
        raise ReasonMissing()
    if len(reason) > LONGEST_REASON:
        raise ReasonTooLong(limit=LONGEST_REASON)
    return reason


def request_print(*, certificate_ids: Sequence[int], by, unit=None, at: datetime | None = None) -> Job:
    """Ask for one PDF of these certificates, for the printer, by village and given name.

    Asking for the same ones while that work goes on returns the job at hand. The door checks that `by` may print
    them; `unit` is the one they are printed for. Raises `NothingToPrint`, `TooManyToPrint` (more than 5,000).
    """
    wanted = list(dict.fromkeys(certificate_ids))
    if not wanted:
        raise NothingToPrint()
    if len(wanted) > MOST_TO_PRINT:
        raise TooManyToPrint(count=len(wanted), limit=MOST_TO_PRINT)
    ids = in_print_order(wanted)
    with transaction.atomic():
        for job in Job.objects.unfinished().filter(kind=PRINT_KIND, created_by=by, cancel_requested=False):
            if job.params == {"ids": ids}:
                return job
        job = enqueue_job(PRINT_KIND, params={"ids": ids}, by=by, unit=unit, at=at)
        record_audit(actor=by, action="certificates.print", target=job, unit=unit, count=len(ids), at=at)
        return job
