"""Operations on persons and logins: what they keep, what they refuse, called twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet

from accounts.models import User
from common import clock
from common.phones import InvalidPhone
from ledger.models import AuditEntry
from people.enums import ConsentPurpose, PersonSource, Role
from people.exceptions import (
    AlreadyClaimed,
    BirthYearInvalid,
    ConsentMissing,
    HouseholdFull,
    NameInvalid,
    NameTooLong,
    NotYourPhone,
    OutsideScope,
    PhoneTaken,
)
from people.models import Consent, Person
from people.operations import (
    claim_person,
    create_person,
    give_consent,
    grant_role,
    open_account,
    register_walk_in,
    set_account_phone,
)
from tests.factories import places
from tests.factories.people import make_person, make_user

pytestmark = pytest.mark.django_db

PHONE = "+84912345678"
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


def keep(**changes) -> Person:
    details = {"full_name": "Trần Văn Bình", "birth_year": 1958, "source": PersonSource.SELF, **changes}
    return create_person(**details)


# create_person


def test_a_person_is_kept_tidily_and_audited():
    user = make_user()
    untidy = "  Trần\u00a0Văn  Bi\u0300nh "
    person = keep(full_name=untidy, phone="0912 345 678", residence=places.village(), by=user, at=AT)
    assert (person.full_name, person.phone, person.created_at) == ("Trần Văn Bình", PHONE, AT)
    assert person.name_folded == "tran van binh"
    entry = AuditEntry.objects.get(action="people.create_person")
    assert (entry.actor, entry.target_id, entry.unit_path) == (user, str(person.pk), places.village().path)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"full_name": " "}, NameInvalid),
        ({"full_name": "Bình 2"}, NameInvalid),
        ({"full_name": "<b>Bình</b>"}, NameInvalid),
        ({"full_name": "Bình " * 40}, NameTooLong),
        ({"birth_year": 1899}, BirthYearInvalid),
        ({"birth_year": 2027, "at": AT}, BirthYearInvalid),
        ({"phone": "123"}, InvalidPhone),
    ],
)
def test_what_is_no_person_is_refused(changes, refusal):
    with pytest.raises(refusal):
        keep(**changes)
    assert not Person.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("name", ["H'Hen Niê", "Y Thu", "Đỗ Ân", "Nguyễn Thị Thanh-Hà"])
def test_names_of_all_peoples_are_taken(name):
    assert keep(full_name=name).full_name == name


def test_the_same_name_and_year_in_one_household_is_one_person():
    user = make_user()
    first = keep(account=user, full_name="Lê Thị Hoà")
    assert keep(account=user, full_name="lê thị hòa") == first
    assert keep(account=user, full_name="Lê Thị Hoà", birth_year=1959) != first
    assert keep(account=user, full_name="Lê Thị Hoa") != first
    assert keep(account=make_user(), full_name="Lê Thị Hoà") != first


def test_a_household_has_a_limit():
    user = make_user()
    for letter in "abcdefghijkl":
        keep(account=user, full_name=f"Người {letter}")
    with pytest.raises(HouseholdFull):
        keep(account=user)


# consent


def test_consent_is_one_row_per_text(settings):
    person = make_person()
    user = make_user()
    for _time in range(2):
        consent = give_consent(person=person, purpose=ConsentPurpose.LEARNING_RECORD, language="vi", recorded_by=user)
    assert Consent.objects.get() == consent
    settings.CONSENT_TEXT_VERSION = "2027-01"
    give_consent(person=person, purpose=ConsentPurpose.LEARNING_RECORD, language="vi", recorded_by=user)
    assert Consent.objects.count() == 2


def test_a_withdrawn_consent_does_not_count_as_given():
    person = make_person()
    first = give_consent(person=person, purpose=ConsentPurpose.REMINDERS, language="vi", recorded_by=None)
    first.withdrawn_at = clock.now()
    first.save()
    assert give_consent(person=person, purpose=ConsentPurpose.REMINDERS, language="vi", recorded_by=None) != first


# claim_person


def test_claiming_needs_the_confirmed_phone():
    person = make_person(phone=PHONE)
    for user in (make_user(), make_user(phone=PHONE), make_user(phone="+84912000111", phone_verified_at=AT)):
        with pytest.raises(NotYourPhone):
            claim_person(person=person, user=user)
        user.delete()
    user = make_user(phone=PHONE, phone_verified_at=AT)
    assert claim_person(person=person, user=user).account == user
    assert claim_person(person=person, user=user).account == user
    assert AuditEntry.objects.filter(action="people.claim_person").count() == 1


def test_a_claimed_record_stays_where_it_is():
    owner = make_user(phone=PHONE, phone_verified_at=AT)
    person = make_person(phone=PHONE, account=make_user())
    with pytest.raises(AlreadyClaimed):
        claim_person(person=person, user=owner)


def test_a_person_without_a_phone_cannot_be_claimed_by_one_without():
    with pytest.raises(NotYourPhone):
        claim_person(person=make_person(), user=make_user())


# walk-ins


@pytest.fixture
def facilitator():
    user = make_user()
    grant_role(user=user, role=Role.FACILITATOR, unit=places.commune(), by=None)
    return user


def walk_in(by, **changes) -> Person:
    details = {
        "full_name": "Vi Thị Mai",
        "birth_year": 1955,
        "phone": "",
        "residence": places.village(),
        "consent": True,
        **changes,
    }
    return register_walk_in(by=by, **details)


def test_a_walk_in_is_kept_with_the_consent_that_was_heard(facilitator):
    person = walk_in(facilitator)
    assert (person.source, person.created_by, person.account) == (PersonSource.WALK_IN, facilitator, None)
    consent = Consent.objects.get(person=person)
    assert (consent.recorded_by, consent.purpose) == (facilitator, ConsentPurpose.LEARNING_RECORD)


def test_without_consent_nothing_is_kept(facilitator):
    with pytest.raises(ConsentMissing):
        walk_in(facilitator, consent=False)
    assert not Person.objects.exists()


def test_a_place_outside_ones_own_is_refused(facilitator):
    for residence in (places.province(), places.commune("16013", "Xã Bên")):
        with pytest.raises(OutsideScope):
            walk_in(facilitator, residence=residence)
    with pytest.raises(OutsideScope):
        walk_in(make_user())
    assert not Person.objects.exists()


def test_an_ended_role_registers_nobody(facilitator):
    facilitator.roles.update(valid_from="2020-01-01", valid_until="2020-06-01")
    with pytest.raises(OutsideScope):
        walk_in(User.objects.get(pk=facilitator.pk))


def test_the_same_walk_in_twice_is_one_person(facilitator):
    first = walk_in(facilitator)
    again = walk_in(facilitator, full_name="vi thị mai", phone="0912345678", residence=places.commune())
    assert again == first
    assert again.phone == PHONE
    assert walk_in(facilitator, phone="0912000111") != first
    assert walk_in(facilitator, birth_year=1956) != first
    assert Consent.objects.filter(person=first).count() == 1


def test_a_namesake_of_another_commune_is_someone_else(facilitator):
    other = make_person("Vi Thị Mai", birth_year=1955, residence=places.commune("16013", "Xã Bên"))
    assert walk_in(facilitator) != other


# logins


def test_opening_an_account_twice_is_one_account():
    user = open_account(phone="0912 345 678", at=AT)
    assert open_account(phone=PHONE) == user
    assert (user.phone, user.phone_verified_at, user.has_usable_password()) == (PHONE, AT, False)
    assert AuditEntry.objects.filter(action="people.open_account").count() == 1


def test_of_two_confirmations_at_once_the_slower_gets_the_same_account(monkeypatch):
    faster = open_account(phone=PHONE)
    # The slower one looked before the faster one wrote.
    monkeypatch.setattr(QuerySet, "first", lambda self: None)
    assert open_account(phone=PHONE) == faster
    assert User.objects.count() == 1


def test_a_phone_belongs_to_one_login():
    make_user(phone=PHONE)
    with pytest.raises(PhoneTaken):
        set_account_phone(user=make_user(), phone=PHONE, verified=True)


def test_the_race_for_a_phone_has_one_winner(monkeypatch):
    user = make_user()

    def lost(self, *args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(User, "save", lost)
    with pytest.raises(PhoneTaken):
        set_account_phone(user=user, phone=PHONE, verified=True)


def test_confirming_a_number_again_keeps_the_first_date():
    user = set_account_phone(user=make_user(), phone=PHONE, verified=True, at=AT)
    set_account_phone(user=user, phone="0912345678", verified=True)
    user.refresh_from_db()
    assert user.phone_verified_at == AT
    assert AuditEntry.objects.filter(action="people.set_phone").count() == 1
