"""Shared devices, and acting for somebody who is present."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from accounts.models import User
from common import clock
from common.folding import normalise_text
from ledger.operations import record_audit
from people.enums import ConsentPurpose
from people.exceptions import ConsentMissing, NotLearning, OutsideScope
from people.models import HelpSession, Organisation, Person, SharedSession
from people.operations.persons import give_consent
from people.operations.pins import check_code, check_new_pin, set_pin
from people.rules import can_help_person, can_share_device
from places.models import AdministrativeUnit

# A shared device


@transaction.atomic
def open_shared_session(
    *,
    unit: AdministrativeUnit | None = None,
    organisation: Organisation | None = None,
    code: str,
    by: User,
    at: datetime | None = None,
) -> SharedSession:
    """Let the people of a unit or an organisation learn on one device. `code` stays with whoever opens it.

    Raises `OutsideScope`, `PinUnfit`, `PinTooSimple`.
    """
    at = at or clock.now()
    if not can_share_device(by, unit=unit, organisation=organisation):
        raise OutsideScope()
    check_new_pin(code)
    session = SharedSession.objects.create(
        opened_by=by,
        unit=unit if organisation is None else None,
        organisation=organisation,
        code_hash=make_password(code),
        opened_at=at,
        expires_at=at + timedelta(hours=settings.SHARED_HOURS),
    )
    place = organisation.seat if organisation is not None else unit
    record_audit(actor=by, action="people.open_shared_session", target=session, unit=place, at=at)
    return session


@transaction.atomic
def close_shared_session(*, session: SharedSession, by: User, at: datetime | None = None) -> None:
    """End it, from the device or from elsewhere; a second time changes nothing. Raises `OutsideScope`."""
    at = at or clock.now()
    if not may_close(by, session):
        raise OutsideScope()
    if SharedSession.objects.filter(pk=session.pk, closed_at=None).update(closed_at=at):
        place = session.organisation.seat if session.organisation is not None else session.unit
        record_audit(actor=by, action="people.close_shared_session", target=session, unit=place, at=at)


def may_close(user: Any, session: SharedSession) -> bool:
    """Whoever opened it, and whoever might have."""
    return session.opened_by_id == user.pk or can_share_device(
        user, unit=session.unit, organisation=session.organisation
    )


def admit(*, session: SharedSession, person: Person, code: str, pin: str, at: datetime | None = None) -> None:
    """The first PIN of somebody on a shared device; the code says that whoever opened it knows who they are.

    Raises `OutsideScope` for somebody of another place or with a PIN, `PinUnfit` and `PinTooSimple` before the code
    is looked at, `CodeWrong` and `CodeLocked`.
    """
    at = at or clock.now()
    if person.has_pin or not session.people().filter(pk=person.pk).exists():
        raise OutsideScope()
    check_new_pin(pin, birth_year=person.birth_year)
    rows = SharedSession.objects.filter(pk=session.pk)
    check_code(rows, right=check_password(code, session.code_hash), at=at)
    with transaction.atomic():
        set_pin(person=person, pin=pin, by=session.opened_by, at=at)


# Acting for somebody


@transaction.atomic
def begin_help(
    *,
    person: Person,
    consent: bool,
    guardian_name: str = "",
    language: str,
    by: User,
    at: datetime | None = None,
) -> HelpSession:
    """Act for a person who sits beside `by` and agreed to it; what `by` began before with somebody else ends.

    The consent to a learning record is kept, too, where there was none. Raises `ConsentMissing`, `GuardianMissing`,
    `OutsideScope`, `NotLearning`.
    """
    at = at or clock.now()
    if not consent:
        raise ConsentMissing()
    if not can_help_person(by, person):
        raise OutsideScope()
    if person.learning_stopped_at is not None:
        raise NotLearning()
    get_user_model().objects.select_for_update().get(pk=by.pk)  # one at a time for each helper
    give_consent(
        person=person,
        purpose=ConsentPurpose.LEARNING_RECORD,
        language=language,
        recorded_by=by,
        guardian_name=guardian_name,
        at=at,
    )
    HelpSession.objects.filter(helper=by, ended_at=None).update(ended_at=at)
    session = HelpSession.objects.create(
        person=person,
        helper=by,
        guardian_name=normalise_text(guardian_name),
        text_version=settings.CONSENT_TEXT_VERSION,
        language=language,
        started_at=at,
        expires_at=at + timedelta(hours=settings.HELP_HOURS),
    )
    record_audit(actor=by, action="people.begin_help", target=person, unit=person.residence, at=at)
    return session


def end_help(*, by: User, at: datetime | None = None) -> int:
    """Stop acting for anybody; how many sessions this ended."""
    return HelpSession.objects.filter(helper=by, ended_at=None).update(ended_at=at or clock.now())
