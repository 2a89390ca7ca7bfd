"""Organisations that end or merge, members who move, invitations, reminders by e-mail."""

from __future__ import annotations

import pytest
from django.core import mail
from django.urls import reverse

from common import clock
from courses.enums import EnrolmentReason
from courses.models import Enrolment
from courses.operations import enrol_many
from ledger.models import AuditEntry, Message
from people.enums import ConsentPurpose, Role
from people.exceptions import (
    MayNotEndOrganisation,
    MayNotGrant,
    NotInvited,
    OrganisationEnded,
    SameOrganisation,
    TextsSpent,
)
from people.models import Consent, Membership, Organisation, Person, Reminder, RoleAssignment, SharedSession
from people.operations.memberships import invite_member, move_member, remind_members
from people.operations.organisations import end_organisation
from people.operations.sharing import open_shared_session
from people.rules import can_manage_organisation
from tests.factories import places
from tests.factories.courses import make_course
from tests.factories.people import make_manager, make_member, make_official, make_organisation, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def coop() -> Organisation:
    return make_organisation("HTX Bến Hạ")


@pytest.fixture
def larger(coop) -> Organisation:
    return make_organisation("HTX Đồng Tiến", seat=coop.seat)


@pytest.fixture
def official(coop):
    return make_official(coop.seat)


def members(organisation) -> set[str]:
    return set(Person.objects.members_of(organisation).values_list("full_name", flat=True))


class TestEnding:
    def test_a_merger_takes_people_and_managers_along(self, coop, larger, official):
        manager = make_manager(coop)
        first = make_member(coop, "Hà Văn Một", title="Kế toán")
        both = make_member(coop, "Hà Văn Hai")
        Membership.objects.create(person=both, organisation=larger, valid_from=clock.today(), title="Tổ trưởng")
        course = make_course()
        enrol_many(
            person_ids=[first.pk],
            course_key=course.translation_key,
            reason=EnrolmentReason.MANAGER,
            by=manager,
            organisation=coop,
        )
        for _again in range(2):
            ended = end_organisation(organisation=coop, successor=larger, by=official)
        assert (ended.valid_until, ended.merged_into) == (clock.today(), larger)
        assert members(larger) == {"Hà Văn Một", "Hà Văn Hai"}
        assert first.memberships.get(organisation=larger).title == "Kế toán"
        assert both.memberships.get(organisation=larger).title == "Tổ trưởng"
        # Its past stays under its name.
        assert set(Person.objects.members_of(coop, clock.today() - clock.ONE_DAY)) == {first, both}
        assert members(coop) == set()
        assert Enrolment.objects.get(person=first).organisation == coop
        manager.__dict__.pop("_active_roles", None)
        assert (can_manage_organisation(manager, coop), can_manage_organisation(manager, larger)) == (False, True)
        entry = AuditEntry.objects.get(action="people.end_organisation")
        assert (entry.count, sorted(entry.fields)) == (2, ["merged_into", "valid_until"])

    def test_a_dissolved_one_lets_everybody_go(self, coop, official):
        manager, person = make_manager(coop), make_member(coop)
        session = open_shared_session(organisation=coop, code="4821", by=manager)
        end_organisation(organisation=coop, by=official)
        assert members(coop) == set()
        assert person.memberships.get().valid_until == clock.today()
        assert not RoleAssignment.objects.active().filter(role=Role.MANAGER).exists()
        assert SharedSession.objects.get(pk=session.pk).closed_at is not None
        assert not Organisation.objects.active().exists()

    def test_who_came_today_was_never_there(self, coop, larger, official):
        person = make_person()
        Membership.objects.create(person=person, organisation=coop, valid_from=clock.today())
        end_organisation(organisation=coop, successor=larger, by=official)
        assert person.memberships.get().organisation == larger

    def test_one_of_today_lasts_its_day(self, coop, official):
        young = make_organisation("HTX mới", seat=coop.seat, valid_from=clock.today())
        assert end_organisation(organisation=young, by=official).valid_until == clock.today() + clock.ONE_DAY

    def test_refusals_leave_everything(self, coop, larger, official):
        make_manager(coop)
        make_member(coop)
        gone = make_organisation("HTX cũ", seat=coop.seat, valid_until=clock.today())
        far = make_organisation("HTX xa", seat=places.commune("38002", "Yên Thịnh"))
        for successor, refusal in ((coop, SameOrganisation), (gone, OrganisationEnded), (far, MayNotGrant)):
            with pytest.raises(refusal):
                end_organisation(organisation=coop, successor=successor, by=official)
        with pytest.raises(OrganisationEnded):
            end_organisation(organisation=gone, successor=larger, by=official)
        coop.refresh_from_db()
        assert (coop.valid_until, members(coop), members(far)) == (None, {"Nguyễn Thị Hoa"}, set())

    def test_by_whoever_answers_for_its_seat(self, coop, larger):
        stranger = make_official(places.commune("16099", "Tân Sơn"))
        for by in (stranger, make_manager(coop)):
            with pytest.raises(MayNotEndOrganisation):
                end_organisation(organisation=coop, by=by)
        coop.refresh_from_db()
        assert coop.valid_until is None

    def test_from_the_page(self, client, coop, larger, official):
        make_member(coop, "Hà Văn Một")
        client.force_login(official)
        address = reverse("organisation_end", args=[coop.uuid])
        assert address in client.get(reverse("organisation", args=[coop.uuid])).content.decode()
        assert "HTX Đồng Tiến" in client.get(address).content.decode()
        unsaid = client.post(address, {})
        assert unsaid.context["form"].errors["successor"]
        assert "checked" not in unsaid.content.decode()
        elsewhere = make_organisation("HTX Sông Mã", seat=places.village("t9", "Xóm Chín", coop.seat))
        found = client.get(f"{address}?q=song ma").content.decode()
        assert str(elsewhere.uuid) in found
        assert str(larger.uuid) not in found
        back = reverse("organisation", args=[coop.uuid])
        assert client.post(address, {"successor": str(larger.uuid)})["Location"] == back
        shown = client.get(back).content.decode()
        assert "HTX Đồng Tiến" in shown
        assert address not in shown
        assert members(larger) == {"Hà Văn Một"}

    def test_dissolved_from_the_page(self, client, coop, official):
        make_member(coop, "Hà Văn Một")
        client.force_login(official)
        address = reverse("organisation_end", args=[coop.uuid])
        assert client.post(address, {"successor": "none"}).status_code == 302
        coop.refresh_from_db()
        assert (coop.merged_into, coop.valid_until, members(coop)) == (None, clock.today(), set())

    def test_its_manager_does_not_decide_it(self, client, coop):
        client.force_login(make_manager(coop))
        address = reverse("organisation_end", args=[coop.uuid])
        assert address not in client.get(reverse("organisation", args=[coop.uuid])).content.decode()
        assert client.post(address, {"successor": "none"}).status_code == 403


class TestMoving:
    def test_to_another_organisation_of_the_same_manager(self, client, coop, larger):
        manager = make_manager(coop)
        since = clock.today() - clock.ONE_DAY
        RoleAssignment.objects.create(user=manager, role=Role.MANAGER, organisation=larger, valid_from=since)
        person = make_member(coop, title="Kế toán")
        client.force_login(manager)
        page = reverse("member", args=[coop.uuid, person.uuid])
        assert "HTX Đồng Tiến" in client.get(page).content.decode()
        address = reverse("member_move", args=[coop.uuid, person.uuid])
        assert client.post(address, {"den": "x"})["Location"] == page
        there = reverse("member", args=[larger.uuid, person.uuid])
        assert client.post(address, {"den": str(larger.uuid)})["Location"] == there
        assert (members(coop), members(larger)) == (set(), {person.full_name})
        assert person.memberships.get(organisation=larger).title == "Kế toán"
        assert AuditEntry.objects.filter(action="people.move_member").count() == 1

    def test_not_to_one_that_somebody_else_manages(self, client, coop, larger):
        person = make_member(coop)
        client.force_login(make_manager(coop))
        client.post(reverse("member_move", args=[coop.uuid, person.uuid]), {"den": str(larger.uuid)})
        assert (members(coop), members(larger)) == ({person.full_name}, set())

    def test_refusals(self, coop, larger):
        person, by = make_member(coop), make_user()
        with pytest.raises(SameOrganisation):
            move_member(person=person, organisation=coop, to=coop, by=by)
        larger.valid_until = clock.today()
        with pytest.raises(OrganisationEnded):
            move_member(person=person, organisation=coop, to=larger, by=by)
        assert not move_member(person=make_person(), organisation=coop, to=make_organisation("Khác"), by=by)


class TestInviting:
    def test_a_text_says_how_to_sign_in_once_a_day(self, client, coop):
        person = make_member(coop, phone="+84900000112")
        client.force_login(make_manager(coop))
        page = reverse("member", args=[coop.uuid, person.uuid])
        address = reverse("member_invite", args=[coop.uuid, person.uuid])
        assert address in client.get(page).content.decode()
        for _twice in range(2):
            assert client.post(address)["Location"] == page
        message = Message.objects.get()
        assert (message.to, "/tai-khoan/dang-nhap/" in message.body) == (person.phone, True)
        assert Reminder.objects.get().course_key is None
        assert address not in client.get(page).content.decode()

    @pytest.mark.parametrize("case", ["login", "no phone", "landline", "objects"])
    def test_not_everybody(self, coop, case):
        phone = {"no phone": "", "landline": "+842373123456"}.get(case, "+84900000112")
        person = make_member(coop, phone=phone, account=make_user() if case == "login" else None)
        if case == "objects":
            now = clock.now()
            said = {"text_version": "1", "language": "vi", "given_at": now, "withdrawn_at": now}
            Consent.objects.create(person=person, purpose=ConsentPurpose.REMINDERS, **said)
        with pytest.raises(NotInvited):
            invite_member(person=person, organisation=coop, url="https://x", by=make_user())
        assert not Message.objects.exists()

    def test_a_spent_budget_is_said_and_costs_no_try(self, coop, settings):
        settings.SMS_PER_UNIT = 0
        person = make_member(coop, phone="+84900000112")
        with pytest.raises(TextsSpent):
            invite_member(person=person, organisation=coop, url="https://x", by=make_user())
        assert not Reminder.objects.exists()


def test_who_has_an_address_but_no_mobile_number_is_reminded_by_e_mail(coop, run_jobs, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    person = make_member(coop, account=make_user(email="hoa@example.com"))
    nobody = make_member(coop, "Hà Văn Một")
    course = make_course()
    remind_members(
        organisation=coop,
        person_ids=[person.pk, nobody.pk],
        course_key=course.translation_key,
        course_title=course.title,
        course_url="https://x/khoa-hoc/",
        by=make_manager(coop),
    )
    run_jobs()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["hoa@example.com"], coop.name)
    assert "https://x/khoa-hoc/" in sent.body
    assert Reminder.objects.get().person == person
