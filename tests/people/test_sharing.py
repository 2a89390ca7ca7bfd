"""Phones that several people learn on: PINs and their tries, cards, shared devices, help, numbers of one's own."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from common import clock
from courses.models import CourseCompletion, Enrolment, LessonCompletion
from ledger.models import AuditEntry, Job
from people.enums import Role
from people.exceptions import (
    CodeLocked,
    CodeWrong,
    ConsentMissing,
    GuardianMissing,
    NobodyToPrint,
    NotYourPhone,
    OutsideScope,
    PinLocked,
    PinTooSimple,
    PinUnfit,
    PinWrong,
    SameNumber,
)
from people.learners import claimable_people
from people.models import HelpSession, LearnerCard, Person, PhoneMove, PinTry, SharedSession
from people.operations import grant_role
from people.operations.cards import request_cards, revoke_card
from people.operations.moves import cancel_move, state_move, take_move
from people.operations.pins import give_pin, remove_pin, reset_pin, set_pin
from people.operations.sharing import admit, begin_help, close_shared_session, open_shared_session
from quizzes.exceptions import HelpNotAllowed
from quizzes.models import Attempt
from tests.concurrency import at_once
from tests.counting import statements
from tests.factories import places
from tests.factories.courses import lesson_keys, make_course
from tests.factories.people import make_member, make_organisation, make_person, make_user
from tests.factories.quizzes import make_quiz

pytestmark = pytest.mark.django_db
PIN, CODE = "2580", "4821"


@pytest.fixture
def lan(home):
    """A grandmother with a PIN."""
    person = make_person("Vi Thị Lan", birth_year=1955, residence=places.village(), account=home)
    set_pin(person=person, pin=PIN, by=home)
    return person


@pytest.fixture
def nam(home):
    return make_person("Vi Văn Nam", birth_year=2000, residence=places.village(), account=home)


@pytest.fixture
def course():
    return make_course("Tránh lừa đảo", lessons=1, slug="tranh-lua-dao", quiz=make_quiz())


def text(response) -> str:
    assert response.status_code == 200, response.get("Location")
    return response.content.decode().replace("\u00a0", " ")


def give(client: Client, person: Person, pin: str = PIN):
    return client.post(reverse("who_pin", args=[person.uuid]), {"pin": pin})


def card_of(person: Person, by) -> LearnerCard:
    request_cards(person_ids=[person.pk], by=by)
    return LearnerCard.objects.valid().get(person=person)


def shared_device(by) -> tuple[Client, SharedSession]:
    client = Client()
    client.force_login(by, backend="allauth.account.auth_backends.AuthenticationBackend")
    place = f"unit-{places.commune().pk}"
    assert client.post(reverse("shared_open"), {"place": place, "code": CODE})["Location"] == reverse("who")
    return client, SharedSession.objects.latest("pk")


def sheet_of(job) -> PdfReader:
    with job.result_file.open("rb") as file:
        return PdfReader(BytesIO(file.read()))


class TestPin:
    @pytest.mark.parametrize("pin", ["", "123", "1234567", "12a4", "١٢٣٤"])
    def test_it_has_four_to_six_digits(self, nam, pin):
        with pytest.raises(PinUnfit):
            set_pin(person=nam, pin=pin, by=None)

    @pytest.mark.parametrize("pin", ["1111", "1234", "654321", "2000"])
    def test_what_everybody_tries_first_is_refused(self, nam, pin):
        with pytest.raises(PinTooSimple):
            set_pin(person=nam, pin=pin, by=None)
        assert not nam.has_pin

    def test_it_is_hashed_and_its_change_is_on_record_without_it(self, lan):
        assert PIN not in lan.pin_hash
        entry = AuditEntry.objects.get(action="people.set_pin")
        assert (entry.fields, entry.target_id) == (["pin"], str(lan.pk))

    def test_five_wrong_tries_lock_this_device_and_no_other(self, lan):
        give_pin(person=lan, pin=PIN, device="own phone")
        for left in (4, 3, 2, 1):
            with pytest.raises(PinWrong) as refusal:
                give_pin(person=lan, pin="9999", device="child's")
            assert refusal.value.params == {"left": left}
        for pin in ("9999", PIN):
            with pytest.raises(PinLocked):
                give_pin(person=lan, pin=pin, device="child's")
        give_pin(person=lan, pin=PIN, device="own phone")
        later = clock.now() + timedelta(minutes=16)
        give_pin(person=lan, pin=PIN, device="child's", at=later)

    def test_new_devices_again_and_again_are_no_way_round(self, lan):
        give_pin(person=lan, pin=PIN, device="own phone")
        for number in range(9):
            with pytest.raises(PinWrong):
                give_pin(person=lan, pin="9999", device=f"device {number}")
        for number in range(9, 12):
            with pytest.raises(PinLocked):
                give_pin(person=lan, pin="9999", device=f"device {number}")
        give_pin(person=lan, pin=PIN, device="own phone")  # where she was let in nobody else's tries count

    def test_the_right_one_forgets_the_wrong_ones(self, lan):
        for _ in range(2):
            for _ in range(4):
                with pytest.raises(PinWrong):
                    give_pin(person=lan, pin="9999", device="d")
            give_pin(person=lan, pin=PIN, device="d")
        assert PinTry.objects.get(device="d").failed == 0

    def test_a_new_pin_forgets_what_was_counted(self, lan):
        with pytest.raises(PinWrong):
            give_pin(person=lan, pin="9999", device="d")
        set_pin(person=lan, pin="7391", by=None)
        assert not PinTry.objects.exists()

    def test_removing_twice_changes_nothing_more(self, lan, home):
        remove_pin(person=lan, by=home)
        remove_pin(person=lan, by=home)
        assert AuditEntry.objects.filter(action="people.remove_pin").count() == 1

    def test_a_forgotten_one_is_reset_by_who_looks_after_the_person(self, lan, facilitator):
        reset_pin(person=lan, pin="7391", by=facilitator)
        give_pin(person=lan, pin="7391", device="d")
        stranger = make_user()
        grant_role(user=stranger, role=Role.FACILITATOR, unit=places.commune("16013", "Xã Bên"), by=None)
        with pytest.raises(OutsideScope):
            reset_pin(person=lan, pin="", by=stranger)


@pytest.mark.django_db(transaction=True)
def test_of_many_tries_at_once_five_are_let_through():
    person = make_person()
    set_pin(person=person, pin=PIN, by=None)
    give_pin(person=person, pin=PIN, device="d")
    tries = at_once(*[lambda: give_pin(person=person, pin="9999", device="d")] * 8)
    assert sum(isinstance(outcome, PinWrong | PinLocked) for outcome in tries) == 8
    assert PinTry.objects.get(device="d").failed == 5
    with pytest.raises(PinLocked):
        give_pin(person=person, pin=PIN, device="d")


class TestHousehold:
    @pytest.fixture(autouse=True)
    def _signed_in(self, client, home):
        client.force_login(home)

    def test_given_names_and_years_and_who_is_asked_for_a_pin(self, client, lan, nam):
        words = text(client.get(reverse("who")))
        assert "<b>Lan</b>" in words
        assert "1955" in words
        assert "Vi Thị" not in words
        answer = client.post(reverse("who"), {"person": lan.uuid, "next": "/khoa-hoc/"})
        assert answer["Location"].startswith(reverse("who_pin", args=[lan.uuid]))
        assert "learner" not in client.session
        assert "9999" not in text(give(client, lan, "9999"))
        assert give(client, lan)["Location"] == "/hoc-tap/"
        assert client.session["learner"] == lan.pk

    def test_two_of_one_name_and_year_are_told_apart(self, client, home, nam):
        make_person("Tạ Văn Nam", birth_year=2000, account=home)
        words = text(client.get(reverse("who")))
        assert "Vi Văn Nam" in words
        assert "Tạ Văn Nam" in words

    def test_the_only_one_of_a_household_is_asked_too(self, client, lan):
        assert client.get("/hoc-tap/")["Location"].startswith(reverse("who"))

    def test_nobody_reads_a_record_by_its_address_without_the_pin(self, client, lan, nam, course, run_jobs):
        from tests.factories.certificates import make_certificate

        give(client, lan)
        client.post(reverse("my_data_export"))
        job = Job.objects.get(kind="people.export_person")
        paper = make_certificate(person=lan)
        pages = [
            reverse("certificate_pdf", args=[paper.uuid]),
            reverse("job", args=[job.uuid]),
            reverse("job_data", args=[job.uuid]),
        ]
        assert [client.get(page).status_code for page in pages] == [200, 200, 200]
        client.post(reverse("who"), {"person": nam.uuid})
        assert client.get(pages[0])["Location"].startswith(reverse("who_pin", args=[lan.uuid]))
        assert [client.get(page).status_code for page in pages[1:]] == [404, 404]
        for name in ("who_claim", "who_consent"):
            assert client.get(reverse(name, args=[lan.uuid]))["Location"].startswith(
                reverse("who_pin", args=[lan.uuid])
            )
        for name in ("my_data", "my_data_correct", "my_data_erase", "who_move"):
            assert "Lan" not in text(client.get(reverse(name))).split("<main")[1]

    def test_another_pin_closes_other_sessions(self, client, lan, facilitator):
        give(client, lan)
        assert "Lan" in text(client.get("/hoc-tap/"))
        reset_pin(person=lan, pin="7391", by=facilitator)
        assert client.get("/hoc-tap/")["Location"].startswith(reverse("who"))

    def test_one_sets_changes_and_removes_ones_own(self, client, nam):
        client.post(reverse("who"), {"person": nam.uuid})
        client.post(reverse("my_pin"), {"new_pin": PIN, "again": PIN})
        nam.refresh_from_db()
        assert nam.has_pin
        assert "Nam" in text(client.get("/hoc-tap/"))  # whoever set it goes on
        differing = client.post(reverse("my_pin"), {"pin": PIN, "new_pin": "7391", "again": "7392"})
        assert differing.context["form"].errors["again"]
        wrong = client.post(reverse("my_pin"), {"act": "remove", "pin": "9999"})
        assert wrong.context["removal"].errors["pin"]
        client.post(reverse("my_pin"), {"act": "remove", "pin": PIN})
        nam.refresh_from_db()
        assert not nam.has_pin

    def test_forgotten_it_asks_for_a_fresh_code(self, client, lan):
        page = reverse("who_pin_forgotten", args=[lan.uuid])
        assert client.post(page, {"new_pin": "7391", "again": "7391"}).context["fresh"] is False
        lan.refresh_from_db()
        give_pin(person=lan, pin=PIN, device="d")

    def test_lesson_pages_say_who_learns_and_cost_no_more(self, client, lan, nam, course):
        path = "/khoa-hoc/tranh-lua-dao/bai-1/"
        client.post(reverse("who"), {"person": nam.uuid})
        words = text(client.get(path))
        assert "Đang học: <b>Nam</b>" in words
        assert f"{reverse('who')}?next={path}" in words
        with statements(4):  # session, user, page, reader
            client.get(path)
        give(client, lan)
        with statements(4):
            assert "Đang học: <b>Lan</b>" in text(client.get(path))


class TestCards:
    def test_a_sheet_has_the_cards_and_no_phone(self, lan, nam, facilitator, run_jobs):
        Person.objects.update(phone="+84912000777")
        job = request_cards(person_ids=[lan.pk, nam.pk], by=facilitator)
        run_jobs("people.print_cards")
        job.refresh_from_db()
        reader = sheet_of(job)
        words = " ".join(reader.pages[0].extract_text().split())
        assert len(reader.pages) == 1
        assert "Vi Thị Lan" in words
        assert "1955" in words
        assert LearnerCard.objects.get(person=lan).written_code in words
        assert "912" not in words

    def test_eleven_take_two_pages(self, facilitator, run_jobs):
        ids = [make_person(f"Người {x}", residence=places.village()).pk for x in "abcdeghiklm"]
        job = request_cards(person_ids=ids, by=facilitator)
        run_jobs("people.print_cards")
        job.refresh_from_db()
        assert len(sheet_of(job).pages) == 2

    def test_printed_again_it_is_the_same_card_revoked_a_new_one(self, lan, facilitator):
        first = card_of(lan, facilitator)
        assert card_of(lan, facilitator) == first
        revoke_card(card=first, by=facilitator)
        revoke_card(card=first, by=facilitator)
        assert AuditEntry.objects.filter(action="people.revoke_card").count() == 1
        assert card_of(lan, facilitator).token != first.token

    def test_only_for_people_one_looks_after(self, facilitator):
        with pytest.raises(NobodyToPrint):
            request_cards(person_ids=[make_person().pk], by=facilitator)
        coop = make_organisation()
        member = make_member(coop)
        manager = make_user()
        grant_role(user=manager, role=Role.MANAGER, organisation=coop, by=None)
        assert card_of(member, manager)

    def test_with_card_and_pin_one_learns_on_any_phone(self, client, lan, facilitator, course):
        card = card_of(lan, facilitator)
        page = reverse("card", args=[card.token])
        answer = client.get(page)
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert "Lan" in text(answer)
        assert "Vi Thị" not in text(answer)
        assert client.post(page, {"pin": "9999"}).context["form"].errors["pin"]
        assert client.post(page, {"pin": PIN})["Location"] == "/hoc-tap/"
        client.post(reverse("lesson_done", args=[lesson_keys(course)[0]]))
        assert LessonCompletion.objects.get().person == lan
        assert client.get(reverse("my_data"))["Location"].startswith(reverse("account_login"))
        client.post(reverse("learner_done"))
        assert "learner" not in client.session

    def test_a_found_card_opens_nothing(self, client, nam, facilitator):
        page = reverse("card", args=[card_of(nam, facilitator).token])
        client.post(page, {"new_pin": PIN, "again": PIN, "code": CODE})
        nam.refresh_from_db()
        assert not nam.has_pin
        assert "learner" not in client.session

    def test_unknown_and_void_are_answered_alike(self, client, lan, facilitator):
        card = card_of(lan, facilitator)
        revoke_card(card=card, by=facilitator)
        answers = [client.get(reverse("card", args=[token])) for token in (card.token, "x" * 24)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content.replace(card.token.encode(), b"x" * 24) == answers[1].content
        assert client.get(reverse("card_find"), {"ma": card.code}).status_code == 404

    def test_guessing_codes_is_stopped(self, client):
        statuses = [client.get(reverse("card_find"), {"ma": f"BCDF{n:04d}"}).status_code for n in range(21)]
        assert statuses == [404] * 20 + [429]

    def test_a_typed_code_finds_the_card(self, client, lan, facilitator):
        card = card_of(lan, facilitator)
        answer = client.get(reverse("card_find"), {"ma": card.written_code.lower()})
        assert answer["Location"] == reverse("card", args=[card.token])

    def test_after_a_while_the_phone_asks_again(self, client, lan, facilitator):
        client.post(reverse("card", args=[card_of(lan, facilitator).token]), {"pin": PIN})
        session = client.session
        session["learner_seen"] -= 21 * 60
        session.save()
        client.get("/hoc-tap/")
        assert "learner" not in client.session


class TestSharedDevice:
    def test_nothing_of_the_facilitator_stays(self, facilitator):
        device, session = shared_device(facilitator)
        assert (session.unit, session.opened_by) == (places.commune(), facilitator)
        assert CODE not in session.code_hash
        for name in ("my_unit", "shared_open", "register_walk_in", "account"):
            assert device.get(reverse(name))["Location"].startswith(reverse("account_login"))

    def test_only_for_ones_own_place(self, facilitator):
        with pytest.raises(OutsideScope):
            open_shared_session(unit=places.commune("16013", "Xã Bên"), code=CODE, by=facilitator)
        with pytest.raises(OutsideScope):
            open_shared_session(organisation=make_organisation(), code=CODE, by=facilitator)

    def test_by_name_and_pin_each_learns_for_themselves(self, facilitator, lan, nam, course):
        set_pin(person=nam, pin="7391", by=None)
        device, session = shared_device(facilitator)
        for person, pin in ((lan, PIN), (nam, "7391")):
            found = text(device.get(reverse("who"), {"q": person.given_name.lower()}))
            assert reverse("who_pin", args=[person.uuid]) in found
            assert person.full_name not in found
            assert give(device, person, pin)["Location"] == "/hoc-tap/"
            device.post(reverse("lesson_done", args=[lesson_keys(course)[0]]))
            device.post(reverse("learner_done"))
            assert "learner" not in device.session
        rows = LessonCompletion.objects.order_by("pk")
        assert [row.person for row in rows] == [lan, nam]
        assert {row.shared_session for row in rows} == {session}
        assert {row.shared_session for row in Enrolment.objects.all()} == {session}

    def test_what_a_guest_did_there_becomes_nobodys(self, facilitator, lan, course):
        device, _session = shared_device(facilitator)
        device.post(reverse("lesson_done", args=[lesson_keys(course)[0]]))
        give(device, lan)
        assert not LessonCompletion.objects.exists()

    def test_one_letter_and_people_of_elsewhere_find_nobody(self, facilitator, lan):
        device, _session = shared_device(facilitator)
        stranger = make_person("Tạ Thị Lan", residence=places.commune("16013", "Xã Bên"))
        set_pin(person=stranger, pin=PIN, by=None)
        assert str(lan.uuid) not in text(device.get(reverse("who"), {"q": "l"}))
        assert str(stranger.uuid) not in text(device.get(reverse("who"), {"q": "lan"}))
        assert give(device, stranger).status_code == 404

    def test_the_first_pin_needs_the_facilitators_code(self, facilitator, nam):
        device, session = shared_device(facilitator)
        page = reverse("card", args=[card_of(nam, facilitator).token])
        form = {"new_pin": PIN, "again": PIN}
        refused = device.post(page, {**form, "code": "9090"})
        assert refused.context["form"].errors["code"]
        assert device.post(page, {**form, "code": CODE})["Location"] == "/hoc-tap/"
        nam.refresh_from_db()
        assert nam.has_pin
        with pytest.raises(OutsideScope):  # whoever has one gives it
            admit(session=session, person=nam, code=CODE, pin="7391")

    def test_its_code_is_not_guessed(self, facilitator, nam):
        session = open_shared_session(unit=places.commune(), code=CODE, by=facilitator)
        for _ in range(4):
            with pytest.raises(CodeWrong):
                admit(session=session, person=nam, code="9090", pin=PIN)
        for code in ("9090", CODE):
            with pytest.raises(CodeLocked):
                admit(session=session, person=nam, code=code, pin=PIN)

    def test_closed_from_elsewhere_nobody_learns_there(self, facilitator, lan):
        device, session = shared_device(facilitator)
        give(device, lan)
        close_shared_session(session=session, by=facilitator)
        close_shared_session(session=session, by=facilitator)
        assert AuditEntry.objects.filter(action="people.close_shared_session").count() == 1
        device.get("/hoc-tap/")
        assert not {"learner", "shared"} & set(device.session.keys())
        with pytest.raises(OutsideScope):
            close_shared_session(session=session, by=make_user())

    def test_signing_in_closes_it_and_only_who_may_signs_in(self, facilitator, lan):
        for user in (facilitator, stranger := make_user("nguoi-la")):
            user.set_password("mật khẩu dài")
            user.save()
        device, session = shared_device(facilitator)
        login = {"login": stranger.username, "password": "mật khẩu dài"}
        assert device.post(reverse("account_login"), login)["Location"] == reverse("who")
        session.refresh_from_db()
        assert session.closed_at is None
        device.post(reverse("account_login"), {**login, "login": facilitator.username})
        session.refresh_from_db()
        assert session.closed_at is not None
        assert "shared" not in device.session
        assert device.get(reverse("my_unit")).status_code == 200

    @pytest.mark.parametrize("people", [1, 3])
    def test_queries(self, facilitator, lan, people):
        device, _session = shared_device(facilitator)
        for number in range(people):
            make_person(f"Lan {'abc'[number]}", residence=places.village())
        device.get(reverse("who"), {"q": "lan"})
        with statements(4):  # session, shared device, people, settings
            device.get(reverse("who"), {"q": "lan"})


class TestHelp:
    @pytest.fixture
    def helper(self, client, facilitator, lan):
        client.force_login(facilitator)
        answer = client.post(reverse("help_begin", args=[lan.uuid]), {"consent": "on"})
        assert answer["Location"] == "/hoc-tap/"
        return client

    def test_every_act_is_marked(self, helper, facilitator, lan, course):
        helper.post(reverse("lesson_done", args=[lesson_keys(course)[0]]))
        lesson = LessonCompletion.objects.get()
        assert (lesson.person, lesson.acted_by) == (lan, facilitator)
        assert Enrolment.objects.get().acted_by == facilitator
        helper.post(reverse("course_test", args=[course.translation_key]), {"number": "1"})
        attempt = Attempt.objects.get()
        assert attempt.acted_by == facilitator
        for response in attempt.responses.all():
            right = [c["id"] for c in response.asked["choices"] if c["correct"]]
            form = {"position": response.position, "choice": right}
            helper.post(reverse("attempt", args=[attempt.uuid]), form)
        assert {r.acted_by for r in attempt.responses.all()} == {facilitator}
        helper.post(reverse("attempt_submit", args=[attempt.uuid]), {"sure": "1"})
        assert CourseCompletion.objects.get().acted_by == facilitator
        assert "làm thay" in text(helper.get(reverse("course_completed", args=[course.translation_key])))

    def test_what_is_done_for_somebody_else_is_not(self, helper, facilitator, nam, course):
        from courses.operations import enrol

        helper.get("/hoc-tap/")
        enrol(person=nam, course_key=course.translation_key, reason="facilitator", by=facilitator)
        assert Enrolment.objects.get(person=nam).acted_by is None

    def test_it_is_seen_on_every_page_and_ends(self, helper, lan):
        for path in ("/hoc-tap/", reverse("my_unit")):
            assert "Bạn đang làm thay cho <b>Lan</b>" in text(helper.get(path))
        assert helper.post(reverse("help_end"))["Location"] == reverse("helped_person", args=[lan.uuid])
        assert HelpSession.objects.get().ended_at is not None
        assert "Bạn đang làm thay" not in text(helper.get(reverse("my_unit")))

    def test_it_ends_with_the_sign_in_after_two_hours_and_with_the_role(self, helper, facilitator, lan):
        HelpSession.objects.update(expires_at=clock.now() - timedelta(0), started_at=clock.now() - timedelta(hours=2))
        assert "làm thay" not in text(helper.get(reverse("my_unit")))
        helper.post(reverse("help_begin", args=[lan.uuid]), {"consent": "on"})
        helper.post(reverse("account_logout"))
        assert not HelpSession.objects.filter(ended_at=None).exists()
        helper.force_login(facilitator)
        helper.post(reverse("help_begin", args=[lan.uuid]), {"consent": "on"})
        facilitator.roles.update(valid_from=clock.today() - timedelta(days=9), valid_until=clock.today())
        assert helper.get("/hoc-tap/")["Location"].startswith(reverse("who"))

    def test_neither_the_pin_nor_the_data_are_the_helpers(self, helper, lan):
        assert helper.get(reverse("my_pin")).status_code == 404
        assert helper.get(reverse("my_data"))["Location"].startswith(reverse("who"))

    def test_a_test_may_be_for_the_person_alone(self, helper, lan, course):
        course.quiz.with_help = False
        course.quiz.save()
        page = reverse("course_test", args=[course.translation_key])
        answer = helper.post(page, {"number": "1"}, follow=True)
        assert str(HelpNotAllowed()) in text(answer)
        assert not Attempt.objects.exists()

    def test_refusals(self, facilitator, lan, nam):
        options = {"language": "vi", "by": facilitator}
        with pytest.raises(ConsentMissing):
            begin_help(person=lan, consent=False, **options)
        with pytest.raises(OutsideScope):
            begin_help(person=make_person(), consent=True, **options)
        child = make_person(birth_year=clock.today().year - 9, residence=places.village())
        with pytest.raises(GuardianMissing):
            begin_help(person=child, consent=True, **options)
        begin_help(person=child, consent=True, guardian_name="Vi Thị Lan", **options)
        begin_help(person=nam, consent=True, **options)
        assert HelpSession.objects.filter(ended_at=None).get().person == nam  # one at a time


class TestNumberOfOnesOwn:
    PHONE = "+84912000999"

    @pytest.fixture
    def owner(self):
        return make_user("chu-so", phone=self.PHONE, phone_verified_at=clock.now())

    def test_stated_on_one_side_taken_on_the_other(self, client, home, lan, owner):
        client.force_login(home)
        give(client, lan)
        client.post(reverse("who_move"), {"phone": "0912000999"})
        move = PhoneMove.objects.get()
        assert move.code in text(client.get(reverse("who_move")))
        other = Client()
        other.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
        claim = reverse("who_claim", args=[lan.uuid])
        words = text(other.get(claim))
        assert "Vi Thị Lan" not in words
        wrong = "000000" if move.code != "000000" else "111111"
        assert other.post(claim, {"consent": "on", "code": wrong}).context["form"].errors["code"]
        assert other.post(claim, {"consent": "on", "code": move.code})["Location"] == "/hoc-tap/"
        lan.refresh_from_db()
        assert (lan.account, lan.phone) == (owner, self.PHONE)
        entry = AuditEntry.objects.get(action="people.take_move")
        assert entry.fields == ["account", "phone"]
        assert "Lan" in text(other.get("/hoc-tap/"))
        assert client.get("/hoc-tap/")["Location"].startswith(reverse("who"))

    def test_neither_side_takes_it_alone(self, home, lan, owner):
        move = state_move(person=lan, phone=self.PHONE, by=home)
        assert state_move(person=lan, phone=self.PHONE, by=home) == move
        with pytest.raises(NotYourPhone):
            take_move(move=move, code=move.code, user=make_user(phone="+84912000998", phone_verified_at=clock.now()))
        owner.phone_verified_at = None
        with pytest.raises(NotYourPhone):
            take_move(move=move, code=move.code, user=owner)
        with pytest.raises(OutsideScope):
            state_move(person=lan, phone="+84912000998", by=make_user())
        with pytest.raises(SameNumber):
            state_move(person=lan, phone=home.phone, by=home)
        lan.refresh_from_db()
        assert lan.account == home

    def test_a_mistyped_number_gives_it_to_nobody(self, home, lan, owner):
        move = state_move(person=lan, phone=self.PHONE, by=home)
        wrong = "000000" if move.code != "000000" else "111111"
        for _ in range(4):
            with pytest.raises(CodeWrong):
                take_move(move=move, code=wrong, user=owner)
        for code in (wrong, move.code):
            with pytest.raises(CodeLocked):
                take_move(move=move, code=code, user=owner)

    def test_it_runs_out_and_is_taken_back(self, home, lan, owner, facilitator):
        move = state_move(person=lan, phone=self.PHONE, by=facilitator)
        later = clock.now() + timedelta(days=7)
        with pytest.raises(NotYourPhone):
            take_move(move=move, code=move.code, user=owner, at=later)
        assert list(claimable_people(owner)) == [lan]
        cancel_move(person=lan, by=home)
        assert not claimable_people(owner).exists()
        with pytest.raises(NotYourPhone):
            take_move(move=move, code=move.code, user=owner)


class TestAtTheDesk:
    def test_walk_ins_of_today_with_what_was_chosen_before(self, client, facilitator):
        village = places.village()
        client.force_login(facilitator)
        page = reverse("register_walk_in")
        form = {"full_name": "Vi Thị Mai", "birth_year": "1955", "residence": village.pk, "consent": "on"}
        client.post(page, form)
        words = text(client.get(page))
        person = Person.objects.get()
        assert reverse("helped_person", args=[person.uuid]) in words
        assert f'<option value="{village.pk}" selected' in words
        assert "autofocus" in words
        listed = text(client.get(reverse("cards"), {"hom-nay": "1"}))
        assert "Vi Thị Mai" in listed
        answer = client.post(reverse("cards"), {"nguoi": [person.pk]})
        assert answer["Location"] == reverse("job", args=[Job.objects.get(kind="people.print_cards").uuid])
        assert "ít nhất một người" in text(client.post(reverse("cards"), {}, follow=True))

    def test_a_pin_chosen_on_the_facilitators_phone(self, client, facilitator, nam):
        client.force_login(facilitator)
        client.post(reverse("helped_pin", args=[nam.uuid]), {"new_pin": PIN, "again": PIN})
        nam.refresh_from_db()
        give_pin(person=nam, pin=PIN, device="d")
        client.post(reverse("helped_pin", args=[nam.uuid]), {"act": "remove"})
        nam.refresh_from_db()
        assert not nam.has_pin
