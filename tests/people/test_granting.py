"""Who may give, end and hand over roles, and what happens to the logins that hold them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import HASH_SESSION_KEY
from django.test import Client

from common import clock
from ledger.models import AuditEntry, Message
from people.enums import Role
from people.exceptions import (
    MayNotGrant,
    NameInvalid,
    NoRolesToHandOver,
    RoleEndsInThePast,
    SameLogin,
)
from people.models import RoleAssignment
from people.operations import deactivate_staff, end_role, grant_role, hand_over_roles, reset_second_factor
from people.operations.logins import open_login_for
from tests.factories import places
from tests.factories.people import make_organisation, make_user

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
NEXT = AT + timedelta(days=1)


def holder(role: str | None, place: str = "commune"):
    """A login with a role at a place of the small tree; `role` None: nobody's."""
    user = make_user()
    if role == "superuser":
        user.is_superuser = True
        user.save()
    elif role is not None:
        grant_role(user=user, role=role, by=None, at=AT, **scope(role, place))
    return user


def scope(role: str, place: str) -> dict:
    if place == "site":
        return {}
    if role == Role.MANAGER:
        return {"organisation": make_organisation(seat=spot(place))}
    return {"unit": spot(place)}


def spot(place: str):
    next_door = places.commune("16013", "Bên")
    return {
        "province": places.province(),
        "commune": places.commune(),
        "village": places.village(),
        "next door": next_door,
        "elsewhere": places.commune("99001", "Xa", places.province("99", "Ngoài")),
    }[place]


@pytest.mark.parametrize(
    ("by", "at_place", "role", "to_place", "may"),
    [
        # An official names officials below, facilitators and managers also on the own level.
        ("official", "commune", "official", "village", True),
        ("official", "commune", "official", "commune", False),
        ("official", "province", "official", "commune", True),
        ("official", "commune", "facilitator", "commune", True),
        ("official", "commune", "manager", "commune", True),
        ("official", "commune", "manager", "next door", False),
        ("official", "commune", "facilitator", "next door", False),
        ("official", "commune", "facilitator", "elsewhere", False),
        ("official", "village", "facilitator", "commune", False),
        ("official", "province", "organiser", "commune", False),
        ("official", "province", "auditor", "commune", False),
        ("official", "province", "administrator", "commune", False),
        # An administrator of a unit names everybody who works there, and administrators below.
        ("administrator", "province", "official", "province", True),
        ("administrator", "province", "organiser", "province", True),
        ("administrator", "province", "auditor", "province", True),
        ("administrator", "province", "administrator", "commune", True),
        ("administrator", "province", "administrator", "province", False),
        ("administrator", "province", "administrator", "site", False),
        ("administrator", "province", "auditor", "site", False),
        ("administrator", "province", "organiser", "site", False),
        # Who works on the content of the whole site is named by its administrators alone.
        ("administrator", "province", "editor", "province", False),
        ("administrator", "province", "reviewer", "province", False),
        ("administrator", "site", "editor", "site", True),
        ("administrator", "site", "reviewer", "site", True),
        ("administrator", "site", "administrator", "site", True),
        ("superuser", "site", "auditor", "site", True),
        # Others name nobody.
        ("facilitator", "commune", "facilitator", "village", False),
        ("manager", "commune", "manager", "commune", False),
        ("auditor", "site", "facilitator", "commune", False),
        ("organiser", "site", "organiser", "commune", False),
        ("editor", "site", "reviewer", "site", False),
        (None, "site", "facilitator", "commune", False),
    ],
)
def test_who_names_whom(by, at_place, role, to_place, may):
    actor, user = holder(by, at_place), make_user()
    wanted = scope(role, to_place)
    if may:
        assignment = grant_role(user=user, role=role, by=actor, at=AT, **wanted)
        assert assignment.granted_by == actor
        end_role(assignment=assignment, by=actor, at=NEXT)
        assert user.roles.get().valid_until == clock.day_of(NEXT)
        return
    with pytest.raises(MayNotGrant):
        grant_role(user=user, role=role, by=actor, at=AT, **wanted)
    assert not user.roles.exists()
    assignment = grant_role(user=user, role=role, by=None, at=AT, **wanted)
    with pytest.raises(MayNotGrant):
        end_role(assignment=assignment, by=actor, at=NEXT)
    assignment.refresh_from_db()
    assert assignment.valid_until is None


def test_nobody_ends_their_own_role():
    actor = holder(Role.ADMINISTRATOR, "site")
    with pytest.raises(MayNotGrant):
        end_role(assignment=actor.roles.get(), by=actor)


def test_a_role_until_a_day_can_be_made_longer():
    actor, user = holder("superuser"), make_user()
    for until in (date(2026, 4, 1), date(2026, 4, 1), date(2026, 5, 1), None):
        grant_role(user=user, role=Role.OFFICIAL, unit=places.commune(), until=until, by=actor, at=AT)
        assert user.roles.get().valid_until == until
    assert [entry.action for entry in AuditEntry.objects.filter(actor=actor).order_by("pk")] == [
        "people.grant_role",
        "people.change_role",
        "people.change_role",
    ]
    with pytest.raises(RoleEndsInThePast):
        grant_role(user=user, role=Role.OFFICIAL, unit=places.commune(), until=date(2026, 3, 1), by=actor, at=AT)


def test_the_colleague_is_told_once():
    actor = holder("superuser")
    user = open_login_for(phone="0912 345 678", full_name="Bế  Thị Hoa", by=actor, at=AT)
    assert (str(user), user.phone, user.phone_verified_at) == ("Bế Thị Hoa", "+84912345678", None)
    assert not user.has_usable_password()
    assert open_login_for(phone="+84912345678", full_name="Người Khác", by=actor) == user
    for _time in range(2):
        grant_role(user=user, role=Role.OFFICIAL, unit=places.commune(), by=actor, at=AT)
    message = Message.objects.get()
    assert (message.to, message.purpose) == ("+84912345678", "role")
    assert places.commune().full_name in message.body
    with pytest.raises(NameInvalid):
        open_login_for(phone="0912 345 679", full_name="0912", by=actor)


class TestHandingOver:
    def test_all_that_one_may_end_goes_over_at_once(self):
        actor, old, new = holder(Role.OFFICIAL, "province"), make_user(), make_user()
        coop = make_organisation(seat=places.commune())
        grant_role(user=old, role=Role.OFFICIAL, unit=places.commune(), until=date(2027, 1, 1), by=None, at=AT)
        grant_role(user=old, role=Role.MANAGER, organisation=coop, by=None, at=AT)
        kept = grant_role(user=old, role=Role.ORGANISER, unit=places.province(), by=None, at=AT)
        given = hand_over_roles(user=old, to=new, by=actor, at=NEXT)
        assert {(a.role, a.unit, a.organisation, a.valid_until) for a in given} == {
            (Role.OFFICIAL, places.commune(), None, date(2027, 1, 1)),
            (Role.MANAGER, None, coop, None),
        }
        assert list(old.roles.as_of(clock.day_of(NEXT))) == [kept]
        assert AuditEntry.objects.get(action="people.hand_over_roles").count == 2
        with pytest.raises(NoRolesToHandOver):
            hand_over_roles(user=old, to=new, by=actor, at=NEXT)

    def test_not_to_the_same_login_and_not_by_anybody(self):
        actor, old = holder(Role.OFFICIAL, "province"), holder(Role.OFFICIAL, "commune")
        with pytest.raises(SameLogin):
            hand_over_roles(user=old, to=old, by=actor, at=NEXT)
        with pytest.raises(NoRolesToHandOver):
            hand_over_roles(user=old, to=make_user(), by=holder(Role.OFFICIAL, "next door"), at=NEXT)
        assert RoleAssignment.objects.filter(valid_until=None).count() == 3


class TestSomebodyMovesAway:
    def test_everything_ends_and_every_device_is_signed_out(self):
        actor, user = holder(Role.OFFICIAL, "province"), holder(Role.OFFICIAL, "commune")
        user.set_password("cỏ non xanh rợn chân trời")
        user.save()
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
        browser = Client()
        browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert browser.get("/tai-khoan/").status_code == 200
        before = browser.session[HASH_SESSION_KEY]
        assert deactivate_staff(user=user, by=actor, at=NEXT) == 1
        user.refresh_from_db()
        assert not user.has_usable_password()
        assert user.get_session_auth_hash() != before
        assert browser.get("/tai-khoan/").status_code == 302
        assert not Authenticator.objects.exists()
        assert user.is_active
        entry = AuditEntry.objects.get(action="people.deactivate_staff")
        assert (entry.actor, entry.fields) == (actor, ["password", "roles", "second_factor"])

    def test_with_a_role_elsewhere_the_login_goes_on(self):
        actor, user = holder(Role.OFFICIAL, "province"), holder(Role.OFFICIAL, "commune")
        user.set_password("cỏ non xanh rợn chân trời")
        user.save()
        grant_role(user=user, role=Role.FACILITATOR, unit=spot("elsewhere"), by=None, at=AT)
        assert deactivate_staff(user=user, by=actor, at=NEXT) == 1
        user.refresh_from_db()
        assert user.has_usable_password()
        assert user.roles.as_of(clock.day_of(NEXT)).get().role == Role.FACILITATOR
        with pytest.raises(NoRolesToHandOver):
            deactivate_staff(user=user, by=actor, at=NEXT)


class TestALostSecondFactor:
    def test_whoever_stands_above_all_roles_resets_it(self):
        actor, user = holder(Role.OFFICIAL, "province"), holder(Role.OFFICIAL, "commune")
        user.phone = "+84912345678"
        user.save()
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
        assert reset_second_factor(user=user, by=actor)
        assert not Authenticator.objects.exists()
        assert Message.objects.get(to=user.phone).purpose == "role"
        assert not reset_second_factor(user=user, by=actor)
        assert AuditEntry.objects.filter(action="people.reset_second_factor").count() == 1

    @pytest.mark.parametrize(("role", "place"), [("official", "next door"), ("official", "commune"), (None, "site")])
    def test_nobody_else_does(self, role, place):
        actor, user = holder(role, place), holder(Role.OFFICIAL, "commune")
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
        with pytest.raises(MayNotGrant):
            reset_second_factor(user=user, by=actor)
        assert Authenticator.objects.exists()

    def test_a_role_elsewhere_needs_somebody_above_both(self):
        actor, user = holder(Role.OFFICIAL, "province"), holder(Role.OFFICIAL, "commune")
        grant_role(user=user, role=Role.FACILITATOR, unit=spot("elsewhere"), by=None)
        user.__dict__.pop("_active_roles", None)
        with pytest.raises(MayNotGrant):
            reset_second_factor(user=user, by=actor)

    def test_a_login_without_a_role_is_nobody_s_to_reset(self):
        with pytest.raises(MayNotGrant):
            reset_second_factor(user=make_user(), by=holder("superuser"))
