"""Persons: keeping one, registering a walk-in, claiming a record from a list, consent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from accounts.models import User
from common import clock
from common.folding import name_sort_key, normalise_text
from common.phones import normalise_phone
from ledger.operations import record_audit
from people.enums import ConsentPurpose, PersonSource
from people.exceptions import (
    AlreadyClaimed,
    BirthYearInvalid,
    ConsentMissing,
    GuardianMissing,
    HouseholdFull,
    NotYourPhone,
    OutsideScope,
)
from people.models import Consent, Person
from people.names import checked_name
from places.enums import Level
from places.models import AdministrativeUnit

FIRST_BIRTH_YEAR = 1900
HOUSEHOLD_LIMIT = 12  # people who share one login; more is a mistake or mischief


@transaction.atomic
def create_person(
    *,
    full_name: str,
    birth_year: int | None,
    phone: str = "",
    residence: AdministrativeUnit | None = None,
    source: str,
    account: User | None = None,
    by: Any = None,
    at: datetime | None = None,
) -> Person:
    """Keep a new person; with an `account`, one of the same name and year who learns there is returned instead.

    Raises `NameInvalid`, `NameTooLong`, `BirthYearInvalid`, `HouseholdFull`, `InvalidPhone`.
    """
    at = at or clock.now()
    full_name = checked_name(full_name)
    check_birth_year(birth_year, at)
    phone = normalise_phone(phone) if phone else ""
    if account is not None:
        get_user_model().objects.select_for_update().get(pk=account.pk)  # a double click makes one person
        household = Person.objects.filter(account=account)
        same = household.filter(name_key=name_sort_key(full_name), birth_year=birth_year).first()
        if same is not None:
            return same
        if household.count() >= HOUSEHOLD_LIMIT:
            raise HouseholdFull(limit=HOUSEHOLD_LIMIT)
    person = Person.objects.create(
        full_name=full_name,
        birth_year=birth_year,
        phone=phone,
        residence=residence,
        source=PersonSource(source),
        account=account,
        created_by=by,
        created_at=at,
    )
    record_audit(actor=by, action="people.create_person", target=person, unit=residence, at=at)
    return person


@transaction.atomic
def register_walk_in(
    *,
    full_name: str,
    birth_year: int | None,
    phone: str,
    residence: AdministrativeUnit,
    consent: bool,
    guardian_name: str = "",
    by: User,
    at: datetime | None = None,
) -> Person:
    """Keep somebody who came without an account, with the consent that `by` heard.

    Somebody of the same name, year and phone (as far as known) in the same commune is returned instead of
    kept twice. Raises `ConsentMissing`, `OutsideScope` and what `create_person` raises.
    """
    at = at or clock.now()
    if not consent:
        raise ConsentMissing()
    if not by.has_perm("people.register_walk_in", residence):
        raise OutsideScope()
    full_name = checked_name(full_name)
    phone = normalise_phone(phone) if phone else ""
    # Two facilitators of one commune at once: the second sees what the first wrote.
    AdministrativeUnit.objects.select_for_update().get(pk=residence.pk)
    person = _same_in_commune(full_name, birth_year, phone, residence)
    if person is None:
        person = create_person(
            full_name=full_name,
            birth_year=birth_year,
            phone=phone,
            residence=residence,
            source=PersonSource.WALK_IN,
            by=by,
            at=at,
        )
    elif phone and not person.phone:
        person.phone = phone
        person.save(update_fields=["phone"])
        record_audit(actor=by, action="people.change_person", target=person, unit=residence, fields=["phone"], at=at)
    give_consent(
        person=person,
        purpose=ConsentPurpose.LEARNING_RECORD,
        language=settings.LANGUAGE_CODE,
        recorded_by=by,
        guardian_name=guardian_name,
        at=at,
    )
    return person


@transaction.atomic
def claim_person(*, person: Person, user: User, at: datetime | None = None) -> Person:
    """Tie a record from a list to the login whose confirmed phone it carries; again changes nothing.

    Raises `AlreadyClaimed`, `NotYourPhone`, `HouseholdFull`.
    """
    at = at or clock.now()
    person = Person.objects.select_for_update(of=("self",)).select_related("residence").get(pk=person.pk)
    if person.account_id == user.pk:
        return person
    if person.account_id is not None:
        raise AlreadyClaimed()
    if not person.phone or user.phone_verified_at is None or person.phone != user.phone:
        raise NotYourPhone()
    if Person.objects.filter(account=user).count() >= HOUSEHOLD_LIMIT:
        raise HouseholdFull(limit=HOUSEHOLD_LIMIT)
    person.account = user
    person.save(update_fields=["account"])
    record_audit(
        actor=user,
        action="people.claim_person",
        target=person,
        unit=person.residence,
        fields=["account"],
        at=at,
    )
    return person


def give_consent(
    *,
    person: Person,
    purpose: str,
    language: str,
    recorded_by: Any,
    guardian_name: str = "",
    at: datetime | None = None,
) -> Consent:
    """Keep that a person agreed to today's text; saying it again keeps the first.

    `recorded_by` is the login that ticked the box: the person's own, or a facilitator's who asked. For a child
    the parent or guardian agreed, too: raises `GuardianMissing` without their name.
    """
    at = at or clock.now()
    if needs_guardian(person.birth_year, at) and not guardian_name.strip():
        raise GuardianMissing(age=settings.CHILD_UNTIL_AGE)
    details = {
        "person": person,
        "purpose": ConsentPurpose(purpose),
        "text_version": settings.CONSENT_TEXT_VERSION,
        "withdrawn_at": None,
    }
    consent = Consent.objects.filter(**details).first()
    if consent is None:
        try:
            with transaction.atomic():
                consent = Consent.objects.create(
                    **details,
                    language=language,
                    given_at=at,
                    recorded_by=recorded_by,
                    guardian_name=normalise_text(guardian_name),
                )
        except IntegrityError:
            consent = Consent.objects.get(**details)
    if purpose == ConsentPurpose.LEARNING_RECORD and person.learning_stopped_at is not None:
        person.learning_stopped_at = None
        person.save(update_fields=["learning_stopped_at"])
    return consent


def needs_guardian(birth_year: int | None, at: datetime) -> bool:
    """Whether a parent or guardian agrees beside somebody born in that year; in doubt, by the year, they do."""
    return birth_year is not None and clock.day_of(at).year - birth_year < settings.CHILD_UNTIL_AGE


def check_birth_year(birth_year: int | None, at: datetime) -> None:
    last = clock.day_of(at).year
    if birth_year is not None and not FIRST_BIRTH_YEAR <= birth_year <= last:
        raise BirthYearInvalid(first=FIRST_BIRTH_YEAR, last=last)


def _same_in_commune(
    full_name: str, birth_year: int | None, phone: str, residence: AdministrativeUnit
) -> Person | None:
    """The one person of this commune who can only be the same; None when there are several or none."""
    commune = residence.parent if residence.level == Level.VILLAGE and residence.parent else residence
    found = [
        person
        for person in Person.objects.living_in(commune).filter(
            name_key=name_sort_key(full_name), birth_year=birth_year
        )[:20]
        if not phone or person.phone in ("", phone)
    ]
    return found[0] if len(found) == 1 else None
