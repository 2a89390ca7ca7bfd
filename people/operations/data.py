"""What people may ask of their data: taking consent back, a copy, a correction, an erasure; and keeping no longer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from common import clock
from common.folding import normalise_text
from common.phones import is_mobile, normalise_phone
from ledger.enums import MessageChannel
from ledger.models import Job
from ledger.operations import enqueue_job, record_audit, send_message
from people.enums import ConsentPurpose, RequestKind, RequestStatus
from people.exceptions import NothingToCorrect, OutsideScope, ReasonMissing, RequestAnswered, WorksHere
from people.models import Consent, DataRequest, Person
from people.names import checked_name
from people.operations.persons import check_birth_year
from people.personal_data import personal_records, retentions
from people.records import EXPORT_KIND
from people.rules import can_answer_request
from people.scopes import active_roles
from places.models import AdministrativeUnit

REQUEST_PURPOSE = "data_request"
CORRECTABLE = ("full_name", "birth_year", "phone", "residence")


@transaction.atomic
def withdraw_consent(*, person: Person, purpose: str, by: User, at: datetime | None = None) -> None:
    """Take a consent back from now on; again changes nothing.

    Without the consent to a learning record nothing more is added to it; what was learnt stays until its erasure
    is asked for. Withdrawing what was never given is an objection, and kept as such.
    """
    at = at or clock.now()
    purpose = ConsentPurpose(purpose)
    person = Person.objects.select_for_update(of=("self",)).select_related("residence").get(pk=person.pk)
    given = Consent.objects.filter(person=person, purpose=purpose)
    active = given.filter(withdrawn_at=None)
    latest = given.order_by("-given_at", "-pk").first()
    if active.exists():
        active.update(withdrawn_at=at)
    elif latest is not None:
        return
    else:
        Consent.objects.create(
            person=person,
            purpose=purpose,
            text_version=settings.CONSENT_TEXT_VERSION,
            language=translation.get_language() or settings.LANGUAGE_CODE,
            given_at=at,
            withdrawn_at=at,
            recorded_by=by,
        )
    if purpose == ConsentPurpose.LEARNING_RECORD:
        person.learning_stopped_at = at
        person.save(update_fields=["learning_stopped_at"])
    record_audit(
        actor=by, action="people.withdraw_consent", target=person, unit=person.residence, fields=[purpose], at=at
    )


@transaction.atomic
def request_export(*, person: Person, by: User, at: datetime | None = None) -> Job:
    """Ask for everything that is kept about a person, as one file for their login."""
    at = at or clock.now()
    record_audit(actor=by, action="people.export_person", target=person, unit=person.residence, at=at)
    return enqueue_job(EXPORT_KIND, params={"person_id": person.pk}, by=by, at=at)


@transaction.atomic
def request_data_change(
    *,
    person: Person,
    kind: str,
    wanted: Mapping[str, Any] | None = None,
    words: str = "",
    by: User,
    at: datetime | None = None,
) -> DataRequest:
    """Ask for a correction or an erasure; an open request of the kind is returned with the new words.

    `wanted`: field of `CORRECTABLE` → the right value, a unit by its id. Raises `NothingToCorrect`.
    """
    at = at or clock.now()
    kind = RequestKind(kind)
    changed = {name: value for name, value in (wanted or {}).items() if name in CORRECTABLE and value not in (None, "")}
    words = normalise_text(words)
    if kind == RequestKind.CORRECTION and not (changed or words):
        raise NothingToCorrect()
    due = clock.working_days_after(clock.day_of(at), settings.REQUEST_WORKING_DAYS, settings.PUBLIC_HOLIDAYS)
    open_one = DataRequest.objects.open().select_for_update().filter(person=person, kind=kind).first()
    if open_one is not None:
        open_one.wanted, open_one.words = changed, words
        open_one.save(update_fields=["wanted", "words"])
        return open_one
    try:
        with transaction.atomic():
            request = DataRequest.objects.create(
                person=person, kind=kind, wanted=changed, words=words, requested_at=at, due_on=due
            )
    except IntegrityError:  # a double click
        return DataRequest.objects.open().get(person=person, kind=kind)
    record_audit(
        actor=by, action="people.request_data_change", target=request, unit=person.residence, fields=[kind], at=at
    )
    return request


@transaction.atomic
def cancel_request(*, request: DataRequest, by: User, at: datetime | None = None) -> None:
    """Take one's own request back while nobody has answered it; later it changes nothing."""
    at = at or clock.now()
    open_one = DataRequest.objects.open().select_for_update().filter(pk=request.pk).first()
    if open_one is not None:
        _answer(open_one, RequestStatus.CANCELLED, "", by, at)


@transaction.atomic
def refuse_request(*, request: DataRequest, reason: str, by: User, at: datetime | None = None) -> None:
    """Answer no, with the reason that the person reads. Raises `ReasonMissing`, `RequestAnswered`, `OutsideScope`."""
    at = at or clock.now()
    reason = normalise_text(reason)
    if not reason:
        raise ReasonMissing()
    locked = _open_request(request, by)
    _answer(locked, RequestStatus.REFUSED, reason, by, at)
    _tell(locked.person, gettext_noop("Your request about your data was answered. Sign in to read it: %(url)s"), at)


@transaction.atomic
def correct_person(
    *,
    request: DataRequest,
    full_name: str,
    birth_year: int | None,
    phone: str,
    residence: AdministrativeUnit | None,
    answer: str = "",
    by: User,
    at: datetime | None = None,
) -> Person:
    """Answer a correction: the record says this from now on. Certificates already issued keep their words.

    Raises `RequestAnswered`, `OutsideScope`, `NameInvalid`, `NameTooLong`, `BirthYearInvalid`, `InvalidPhone`.
    """
    at = at or clock.now()
    locked = _open_request(request, by)
    person = Person.objects.select_for_update(of=("self",)).select_related("residence").get(pk=locked.person_id)
    check_birth_year(birth_year, at)
    new = {
        "full_name": checked_name(full_name),
        "birth_year": birth_year,
        "phone": normalise_phone(phone) if phone else "",
        "residence": residence,
    }
    changed = [name for name, value in new.items() if getattr(person, name) != value]
    for name in changed:
        setattr(person, name, new[name])
    if person.birth_date is not None and person.birth_date.year != person.birth_year:
        person.birth_date = None
        changed.append("birth_date")
    person.save()
    record_audit(actor=by, action="people.correct_person", target=person, unit=person.residence, fields=changed, at=at)
    _answer(locked, RequestStatus.DONE, normalise_text(answer), by, at)
    _tell(person, gettext_noop("Your data was corrected as you asked. Have a look: %(url)s"), at)
    return person


@transaction.atomic
def answer_erasure(*, request: DataRequest, by: User, at: datetime | None = None) -> None:
    """Answer an erasure: the person is erased. Raises `RequestAnswered`, `OutsideScope`, `WorksHere`."""
    at = at or clock.now()
    locked = _open_request(request, by)
    person = locked.person
    _answer(locked, RequestStatus.DONE, "", by, at)
    erase_person(person=person, by=by, at=at)


@transaction.atomic
def erase_person(*, person: Person, by: User | None, at: datetime | None = None) -> None:
    """Remove a person and what is kept about them, but for what the law needs of certificates already issued.

    The login goes, too, when nobody else learns or worked with it. Raises `WorksHere` while it holds a role.
    """
    at = at or clock.now()
    person = Person.objects.select_for_update(of=("self",)).select_related("residence", "account").get(pk=person.pk)
    login = person.account
    alone = login is not None and not login.learners.exclude(pk=person.pk).exists()
    if login is not None and alone and (login.is_superuser or active_roles(login)):
        raise WorksHere()
    for one in Person.everyone.filter(pk__in=person.record_ids).select_related("residence", "account"):
        for record in reversed(personal_records()):
            if record.before_erasure is not None:
                record.before_erasure(one)
    record_audit(actor=by, action="people.erase_person", target=person, unit=person.residence, at=at)
    phone = person.phone
    person.delete()
    if login is not None and alone:
        _close_login(login)
    if phone and is_mobile(phone):
        with translation.override(settings.LANGUAGE_CODE):
            words = _("Your data was erased from %(site)s as you asked.") % {"site": settings.WAGTAIL_SITE_NAME}
        send_message(channel=MessageChannel.SMS, purpose=REQUEST_PURPOSE, to=phone, body=words, at=at)


def apply_retention(*, dry_run: bool, at: datetime | None = None) -> dict[str, int]:
    """Remove what has been kept long enough, rule by rule; with `dry_run` only count it."""
    at = at or clock.now()
    counts = {}
    for rule in retentions():
        before = at - timedelta(days=rule.days)
        with transaction.atomic():
            counts[rule.name] = rule.sweep(before, dry_run)
    return counts


def _open_request(request: DataRequest, by: User) -> DataRequest:
    locked = DataRequest.objects.select_for_update(of=("self",)).select_related("person__residence").get(pk=request.pk)
    if locked.status != RequestStatus.OPEN or locked.person is None:
        raise RequestAnswered()
    if not can_answer_request(by, locked):
        raise OutsideScope()
    return locked


def _answer(request: DataRequest, status: RequestStatus, answer: str, by: User, at: datetime) -> None:
    request.status, request.answer = status, answer
    request.answered_at, request.answered_by = at, by
    request.save(update_fields=["status", "answer", "answered_at", "answered_by"])
    unit = request.person.residence if request.person is not None else None
    record_audit(
        actor=by, action="people.answer_request", target=request, unit=unit, fields=[request.kind, status], at=at
    )


def _close_login(login: User) -> None:
    """Delete a login that never worked on the site; of one that did, only that it existed stays."""
    if not login.roles.exists() and not login.is_staff:
        login.delete()
        return
    login.is_active = False
    login.phone = login.phone_verified_at = None
    login.first_name = login.last_name = login.email = ""
    login.set_unusable_password()
    login.save()


def _tell(person: Person | None, words: str, at: datetime) -> None:
    if person is None or not person.phone or not is_mobile(person.phone):
        return
    url = settings.SITE_URL.rstrip("/") + "/tai-khoan/du-lieu/"
    with translation.override(settings.LANGUAGE_CODE):
        body = f"{settings.WAGTAIL_SITE_NAME}: {_(words) % {'url': url}}"
    send_message(
        channel=MessageChannel.SMS, purpose=REQUEST_PURPOSE, to=person.phone, body=body, unit=person.residence, at=at
    )
