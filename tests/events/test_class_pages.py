"""The pages of a class, as the facilitator with one phone uses them."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfReader

from common import clock
from courses.models import CourseCompletion
from events.models import Attendance, ClassSession
from events.operations import mark_present, register_people, strike_off
from events.sheets import draw_sheet, lines_of
from ledger.models import AuditEntry
from people.enums import ConsentPurpose, Role
from people.models import Consent, LearnerCard, Person
from people.operations import grant_role
from people.operations.cards import request_cards
from people.operations.data import withdraw_consent
from tests.counting import statements
from tests.factories import places
from tests.factories.courses import make_course
from tests.factories.events import make_class
from tests.factories.people import make_person, make_user
from tests.people.rosters import workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def village():
    return places.village()


@pytest.fixture
def facilitator(client, village):
    user = make_user("to-cong-nghe-so")
    grant_role(user=user, role=Role.FACILITATOR, unit=village.parent, by=None)
    client.force_login(user)
    return user


@pytest.fixture
def session(village, facilitator):
    course = make_course("Dịch vụ công trực tuyến", attendance_completes=True)
    return make_class(unit=village, course=course, by=facilitator)


def url(name: str, session: ClassSession) -> str:
    return reverse(name, args=[session.uuid])


def present(session: ClassSession) -> set[str]:
    return set(session.attendances.values_list("person__full_name", flat=True))


def test_a_class_is_planned(client, village, facilitator):
    course = make_course()
    form = {"course": str(course.translation_key), "held_on": clock.today(), "unit": village.pk, "place": ""}
    page = client.post(reverse("class_new"), form)
    assert page.context["form"].errors.keys() == {"place"}
    answer = client.post(reverse("class_new"), {**form, "place": "Nhà văn hoá thôn", "starts_at": "19:30"})
    session = ClassSession.objects.get()
    assert answer["Location"] == url("class_session", session)
    assert course.title in client.get(reverse("classes")).content.decode().replace("\u00a0", " ")
    client.post(url("class_change", session), {"held_on": clock.today(), "place": "Trường tiểu học"})
    session.refresh_from_db()
    assert (session.place, session.starts_at) == ("Trường tiểu học", None)


class TestMarking:
    def test_a_name_without_accents_is_enough_when_it_is_one_person(self, client, session, village):
        make_person("Vi Thị Nết", residence=village)
        client.post(url("class_mark", session), {"q": "vi thi net"})
        assert present(session) == {"Vi Thị Nết"}

    def test_of_two_one_is_chosen(self, client, session, village):
        first = make_person("Lò Văn Pánh", birth_year=1960, residence=village)
        make_person("Lò Văn Pánh", birth_year=1988, residence=village)
        answer = client.post(url("class_mark", session), {"q": "pánh"})
        assert not present(session)
        page = client.get(answer["Location"]).content.decode()
        assert "1960" in page
        assert "1988" in page
        client.post(url("class_mark", session), {"person": str(first.uuid)})
        assert Attendance.objects.get().person == first

    def test_a_card_by_its_code_and_by_what_a_scanner_types(self, client, session, village, facilitator):
        people = [make_person(name, residence=village) for name in ("Lò Văn Pánh", "Vi Thị Nết")]
        request_cards(person_ids=[person.pk for person in people], by=facilitator)
        first, second = (LearnerCard.objects.get(person=person) for person in people)
        client.post(url("class_mark", session), {"q": first.written_code})
        client.post(url("class_mark", session), {"q": f"https://thonso.vn/the/{second.token}/"})
        assert set(session.attendances.values_list("source", flat=True)) == {"card"}
        assert present(session) == {"Lò Văn Pánh", "Vi Thị Nết"}

    def test_the_camera_opens_a_page_with_the_button(self, client, session, village, facilitator):
        person = make_person("Vi Thị Nết", residence=village)
        page = client.get(reverse("helped_person", args=[person.uuid])).content.decode()
        assert url("class_mark", session) in page
        client.post(url("class_mark", session), {"person": str(person.uuid), "card": "1"})
        assert present(session) == {"Vi Thị Nết"}
        assert (
            url("class_mark", session) not in client.get(reverse("helped_person", args=[person.uuid])).content.decode()
        )

    def test_nobody_of_another_place_by_their_number(self, client, session):
        stranger = make_person("Tráng Seo Quáng", residence=places.commune("99002", "Xa Lạ"))
        client.post(url("class_mark", session), {"person": str(stranger.uuid)})
        page = client.get(url("class_session", session) + "?q=trang").content.decode()
        assert not present(session)
        assert "Tráng Seo Quáng" not in page

    def test_ticks_with_a_fixed_number_of_queries(self, client, session, village, facilitator):
        people = [make_person(f"Vi Thị Nết {word}", residence=village) for word in ("An", "Bé", "Cúc", "Dần", "Én")]
        register_people(session=session, person_ids=[person.pk for person in people], by=facilitator)
        with statements(11):
            page = client.get(url("class_session", session))
        assert page.content.decode().count('name="present"') == 5
        client.post(url("class_presence", session), {"present": [str(p.uuid) for p in people[:2]]})
        assert present(session) == {"Vi Thị Nết An", "Vi Thị Nết Bé"}
        sent = {"was": [str(p.uuid) for p in people[:2]], "present": [str(people[1].uuid), "không phải số"]}
        client.post(url("class_presence", session), sent)
        assert present(session) == {"Vi Thị Nết Bé"}

    def test_a_mark_that_somebody_else_made_meanwhile_stays(self, client, session, village, facilitator):
        """Two at the door: the page of one does not know yet whom the other has marked."""
        first, second = (make_person(name, residence=village) for name in ("Vi Thị Nết", "Lò Văn Pánh"))
        ids = [first.pk, second.pk]
        register_people(session=session, person_ids=ids, by=facilitator)
        mark_present(session=session, person_ids=[second.pk], source="card", by=facilitator)
        client.post(url("class_presence", session), {"present": [str(first.uuid)]})
        assert present(session) == {"Vi Thị Nết", "Lò Văn Pánh"}

    @pytest.mark.parametrize("door", ["class_mark", "class_close"])
    def test_ticks_are_kept_whatever_is_pressed(self, client, session, village, facilitator, door):
        """Ticked, but not kept yet: a search or closing at once loses none."""
        person = make_person("Vi Thị Nết", residence=village)
        register_people(session=session, person_ids=[person.pk], by=facilitator)
        client.post(url(door, session), {"present": [str(person.uuid)], "q": "khong ai"})
        assert present(session) == {"Vi Thị Nết"}
        session.refresh_from_db()
        assert session.is_open == (door == "class_mark")

    def test_closing_pressed_twice(self, client, session, village, facilitator):
        person = make_person("Vi Thị Nết", residence=village)
        register_people(session=session, person_ids=[person.pk], by=facilitator)
        for _press in range(2):
            page = client.post(url("class_close", session), {"present": [str(person.uuid)]}, follow=True)
            assert [message.level_tag for message in page.context["messages"]][-1] == "success"
        assert CourseCompletion.objects.count() == 1

    def test_a_part_of_a_name_marks_nobody(self, client, session, village, facilitator):
        make_person("Vi Thị Nết", residence=village)
        answer = client.post(url("class_mark", session), {"q": "net"})
        assert not present(session)
        assert "Vi Thị Nết" in client.get(answer["Location"]).content.decode().replace("\u00a0", " ")

    def test_the_second_of_a_name_is_not_marked_by_typing_it_again(self, client, session, village, facilitator):
        first = make_person("Lò Văn Pánh", birth_year=1960, residence=village)
        make_person("Lò Văn Pánh", birth_year=1988, residence=village)
        mark_present(session=session, person_ids=[first.pk], source="name", by=facilitator)
        answer = client.post(url("class_mark", session), {"q": "lò văn pánh"})
        assert session.attendances.count() == 1
        page = client.get(answer["Location"]).content.decode().replace("\u00a0", " ")
        assert "đã được điểm danh" in page
        assert "1988" in page

    def test_whoever_took_the_consent_back_is_not_said_to_be_marked(self, client, session, village, facilitator):
        person = make_person("Vi Thị Nết", residence=village)
        register_people(session=session, person_ids=[person.pk], by=facilitator)
        withdraw_consent(person=person, purpose=ConsentPurpose.LEARNING_RECORD, by=facilitator)
        page = client.post(url("class_mark", session), {"person": str(person.uuid)}, follow=True)
        assert [message.level_tag for message in page.context["messages"]] == ["error"]
        assert 'name="present"' not in page.content.decode()
        client.post(url("class_presence", session), {"present": [str(person.uuid)]})
        assert not present(session)


class TestPaperLists:
    LINES = "1. Vi Thị Nết, 1952\n2) lò văn pánh\t0912 345 678\nMùa A Chía 1990\n\nX1\n"

    def test_whom_each_line_means_is_shown_and_nothing_kept(self, client, session, village):
        known = make_person("Vi Thị Nết", birth_year=1952, residence=village)
        page = client.post(url("class_list", session), {"lines": self.LINES})
        choices = page.context["choices"]
        assert [choice.chosen for choice in choices] == [str(known.uuid), "new", "new", ""]
        assert choices[1].meant.line.phone == "+84912345678"
        assert (choices[2].meant.line.full_name, choices[2].meant.line.birth_year) == ("Mùa A Chía", 1990)
        assert "Không giống họ tên" in choices[3].meant.line.problem
        assert Person.objects.count() == 1
        assert not present(session)

    def test_it_is_entered_with_consent_only(self, client, session, village):
        known = make_person("Vi Thị Nết", birth_year=1952, residence=village)
        sent = {
            "lines": self.LINES,
            "confirm": "1",
            "line_1": str(known.uuid),
            "line_2": "new",
            "line_3": "new",
            "came": "1",
        }
        page = client.post(url("class_list", session), sent)
        assert page.context["consent_missing"]
        assert not present(session)
        client.post(url("class_list", session), {**sent, "consent": "on"})
        assert present(session) == {"Vi Thị Nết", "Lò Văn Pánh", "Mùa A Chía"}
        assert Person.objects.get(full_name="Mùa A Chía").residence == village
        client.post(url("class_list", session), {**sent, "consent": "on"})  # the same paper twice
        assert Person.objects.count() == 3
        assert session.attendances.count() == 3

    def test_a_child_without_a_guardian_stops_it_all_and_says_where(self, client, session):
        sent = {"lines": "Vi Thị Nết, 2018\nMùa A Chía, 1990", "confirm": "1", "line_1": "new", "line_2": "new"}
        page = client.post(url("class_list", session), {**sent, "consent": "on", "came": "1"})
        assert page.context["choices"][0].guardian_error
        assert 'aria-describedby="guardian_1_hint guardian_1_error"' in page.content.decode()
        assert page.context["choices"][1].chosen == "new"
        assert not Person.objects.exists()
        client.post(url("class_list", session), {**sent, "consent": "on", "came": "1", "guardian_1": "Vi Văn Hặc"})
        assert present(session) == {"Vi Thị Nết", "Mùa A Chía"}
        assert Consent.objects.get(person__full_name="Vi Thị Nết").guardian_name == "Vi Văn Hặc"

    def test_two_lines_that_would_be_one_person(self, client, session):
        lines = "Vi Thị Nết\nVi Thị Nết\nMùa A Chía"
        page = client.post(url("class_list", session), {"lines": lines})
        assert [choice.chosen for choice in page.context["choices"]] == ["new", "", "new"]
        assert "dòng 1" in page.context["choices"][1].hint
        sent = {"lines": lines, "confirm": "1", "came": "1", "consent": "on", "line_1": "new", "line_3": "new"}
        page = client.post(url("class_list", session), {**sent, "line_2": "new"})
        assert [bool(choice.error) for choice in page.context["choices"]] == [False, True, False]
        assert not present(session)
        page = client.post(url("class_list", session), {**sent, "line_2": ""}, follow=True)
        assert "1 dòng không ghi" in page.content.decode().replace("\u00a0", " ")
        assert present(session) == {"Vi Thị Nết", "Mùa A Chía"}

    def test_of_several_one_is_chosen_before_anything_is_kept(self, client, session, village):
        people = [make_person("Vi Thị Nết", birth_year=year, residence=village) for year in (1952, 1990)]
        assert client.post(url("class_list", session), {"lines": "Vi Thị Nết"}).context["choices"][0].chosen == "?"
        sent = {"lines": "Vi Thị Nết", "confirm": "1", "came": "1", "line_1": "?"}
        assert client.post(url("class_list", session), sent).context["choices"][0].error
        assert not present(session)
        client.post(url("class_list", session), {**sent, "line_1": str(people[1].uuid)})
        assert Attendance.objects.get().person == people[1]

    def test_going_back_keeps_the_lines_as_they_were_typed(self, client, session):
        lines = "Vi Thị Nết; 1952\nMùa A Chía; abc\nX1"
        checked = client.post(url("class_list", session), {"lines": lines}).context["text"]
        page = client.post(url("class_list", session), {"lines": checked, "edit": "1"})
        assert page.context["form"]["lines"].value() == lines

    def test_nobody_else_is_chosen_by_a_made_up_number(self, client, session):
        stranger = make_person("Vi Thị Nết", residence=places.commune("99002", "Xa Lạ"))
        sent = {"lines": "Vi Thị Nết", "confirm": "1", "line_1": str(stranger.uuid), "came": "1", "consent": "on"}
        client.post(url("class_list", session), sent)
        assert not present(session)

    def test_a_spreadsheet_as_it_is(self, client, session):
        content = workbook(
            [
                ["UBND XÃ", None, None],
                ["DANH SÁCH LỚP", None, None],
                ["TT", "Họ và tên", "Năm sinh"],
                [1, "Vi Thị Nết", 1952],
                [2, "Mùa A Chía", 1990],
            ]
        )
        page = client.post(url("class_list", session), {"file": SimpleUploadedFile("lop.xlsx", content)})
        assert [choice.meant.line.full_name for choice in page.context["choices"]] == ["Vi Thị Nết", "Mùa A Chía"]
        assert page.context["text"].splitlines() == ["Vi Thị Nết; 1952", "Mùa A Chía; 1990"]

    @pytest.mark.parametrize("content", [b"", b"\x00\x01", b"PK\x03\x04 nothing", "một,hai\n3,4".encode()])
    def test_what_is_no_list_gets_an_error(self, client, session, content):
        page = client.post(url("class_list", session), {"file": SimpleUploadedFile("lop.xlsx", content)})
        assert page.status_code == 200
        assert page.context["form"].errors["file"]

    def test_too_long(self, client, session):
        page = client.post(url("class_list", session), {"lines": "Vi Thị Nết\n" * 201})
        assert "200" in str(page.context["form"].errors["lines"])


def test_somebody_new_at_the_table(client, session, village):
    form = {"full_name": "Vi Thị Nết", "birth_year": "1952", "residence": village.pk}
    assert client.post(url("class_walk_in", session), form).context["form"].errors.keys() == {"consent"}
    client.post(url("class_walk_in", session), {**form, "consent": "on"})
    assert present(session) == {"Vi Thị Nết"}


def test_the_sheet_has_the_names_and_empty_lines(client, session, village, facilitator):
    person = make_person("Vi Thị Nết", birth_year=1952, residence=village)
    register_people(session=session, person_ids=[person.pk], by=facilitator)
    answer = client.get(url("class_sheet", session))
    assert answer["Content-Type"] == "application/pdf"
    text = PdfReader(BytesIO(answer.content)).pages[0].extract_text()
    for words in ("Vi Thị Nết", "1952", "Ký tên"):
        assert words in text


@pytest.mark.parametrize("count", [0, 12, 13, 34, 35])
def test_the_sheet_is_whole_pages_with_room_for_more(session, count):
    people = [Person(full_name=f"Vi Thị Nết {number}", birth_year=1960) for number in range(count)]
    pages = PdfReader(BytesIO(draw_sheet(session, people))).pages
    lines = lines_of(count)
    assert lines >= count + 5
    assert len(pages) == {17: 1, 39: 2, 61: 3}[lines]
    assert str(lines) in pages[-1].extract_text()


def test_closing_and_correcting_from_the_page(client, session, village, facilitator):
    person = make_person("Vi Thị Nết", residence=village)
    mark_present(session=session, person_ids=[person.pk], source="name", by=facilitator)
    page = client.post(url("class_close", session), follow=True).content.decode()
    assert "Lớp đã đóng" in page
    assert CourseCompletion.objects.get().person == person
    assert 'name="present"' not in page
    client.post(url("class_reopen", session))
    client.post(url("class_presence", session), {"was": str(person.uuid)})
    assert not CourseCompletion.objects.exists()
    client.post(url("class_cancel", session))
    assert "đã huỷ" in client.get(url("class_session", session)).content.decode()


def test_a_day_to_come_is_refused_beside_the_day_while_people_are_marked(client, session, village, facilitator):
    person = make_person("Vi Thị Nết", residence=village)
    mark_present(session=session, person_ids=[person.pk], source="name", by=facilitator)
    form = {"held_on": clock.today() + timedelta(days=2), "place": "Nhà văn hoá"}
    page = client.post(url("class_change", session), form)
    assert page.context["form"].errors.keys() == {"held_on"}
    assert url("class_cancel", session) not in page.content.decode()


def test_an_auditor_reads_and_an_outsider_finds_nothing(client, session, village):
    auditor, outsider = make_user("kiem-tra"), make_user("noi-khac")
    grant_role(user=auditor, role=Role.AUDITOR, unit=village.parent, by=None)
    grant_role(user=outsider, role=Role.FACILITATOR, unit=places.commune("99002", "Xa Lạ"), by=None)
    client.force_login(auditor)
    assert client.get(url("class_session", session)).status_code == 200
    assert client.post(url("class_close", session)).status_code == 403
    assert client.get(url("class_sheet", session)).status_code == 403
    client.force_login(outsider)
    assert client.get(url("class_session", session)).status_code == 404


def test_a_planned_class_takes_names_but_no_marks(client, village, facilitator):
    planned = make_class(unit=village, course=make_course(), by=facilitator, held_on=clock.today() + timedelta(days=3))
    make_person("Vi Thị Nết", residence=village)
    client.post(url("class_mark", planned), {"q": "vi thi net"})
    assert planned.registrations.count() == 1
    assert not planned.attendances.exists()
    assert url("class_close", planned) not in client.get(url("class_session", planned)).content.decode()


def test_whoever_does_not_come_after_all_is_struck_off_beforehand(client, village, facilitator):
    planned = make_class(unit=village, course=make_course(), by=facilitator, held_on=clock.today() + timedelta(days=3))
    people = [make_person(name, residence=village) for name in ("Vi Thị Nết", "Lò Văn Pánh")]
    register_people(session=planned, person_ids=[person.pk for person in people], by=facilitator)
    assert client.get(url("class_session", planned)).content.decode().count(" checked") == 2
    sent = {"was": [str(person.uuid) for person in people], "present": [str(people[0].uuid)]}
    for _press in range(2):
        client.post(url("class_presence", planned), sent)
    assert [row.person for row in planned.registrations.all()] == [people[0]]
    assert AuditEntry.objects.get(action="events.strike_off").count == 1
    with clock.frozen(clock.now() + timedelta(days=3)):  # who came stays on the list
        mark_present(session=planned, person_ids=[people[0].pk], source="name", by=facilitator)
        assert strike_off(session=planned, person_ids=[people[0].pk], by=facilitator) == 0


@pytest.mark.parametrize("count", [1, 3])
class TestQueries:
    """As many for three as for one."""

    def test_the_list_of_classes(self, client, village, facilitator, count):
        course = make_course()
        for _number in range(count):
            make_class(unit=village, course=course, by=facilitator)
        client.get(reverse("classes"))
        with statements(7):
            client.get(reverse("classes"))

    def test_a_class_with_people_and_a_search(self, client, session, village, facilitator, count):
        people = [make_person(f"Vi Thị Nết {word}", residence=village) for word in ("An", "Bé", "Cúc")[:count]]
        register_people(session=session, person_ids=[person.pk for person in people], by=facilitator)
        for number in range(count):
            make_person(f"Lò Văn Nết {number}", residence=village)
        page = url("class_session", session)
        client.get(page, {"q": "net"})
        with statements(13):
            client.get(page, {"q": "net"})

    def test_a_list_before_it_is_kept(self, client, session, village, facilitator, count):
        names = ["Vi Thị Nết", "Lò Văn Pánh", "Mùa A Chía"][:count]
        for name in names:
            make_person(name, residence=village)
            make_person(name, residence=village.parent)
        client.post(url("class_list", session), {"lines": "\n".join(names)})
        with statements(8):
            client.post(url("class_list", session), {"lines": "\n".join(names)})
