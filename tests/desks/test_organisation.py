"""The desk of an organisation: who sees it, what it says, what it does."""

from __future__ import annotations

import io
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from common import clock
from courses.enums import EnrolmentReason
from courses.models import CourseCompletion, Enrolment, LessonCompletion
from courses.operations import enrol_many
from desks.organisation_queries import staff, staff_counts, staff_courses, to_remind
from ledger.models import AuditEntry, Message
from ledger.sms import MemoryOutbox
from people.enums import ImportStatus, RowOutcome
from people.models import Membership, Person, Reminder, RosterImport
from tests.factories import places
from tests.factories.courses import lesson_keys, make_course
from tests.factories.people import make_manager, make_member, make_official, make_organisation, make_person, make_user
from tests.people.rosters import HEADER, PEOPLE, plain, with_errors, with_repetitions, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation():
    return make_organisation()


@pytest.fixture
def manager(organisation, client):
    user = make_manager(organisation)
    client.force_login(user)
    return user


@pytest.fixture
def course(organisation):
    return make_course("Bán nông sản trên mạng", lessons=3)


def members(organisation, count: int) -> list[Person]:
    names = ["Trần Thị Ngọc Ánh", "Lê Quang Bảy", "Vũ Thị Bưởi", "Phạm Thị Dung", "Phạm Văn Dũng", "Nguyễn Đình Đức"]
    return [
        make_member(organisation, names[n], birth_year=1960 + n, phone=f"+8490000011{n}", title="Kế toán")
        for n in range(count)
    ]


def enrol(organisation, people, course, by=None) -> None:
    enrol_many(
        person_ids=[person.pk for person in people],
        course_key=course.translation_key,
        reason=EnrolmentReason.MANAGER,
        by=by or make_user(),
        organisation=organisation,
    )


def study(person: Person, course, lessons: int, *, done: bool = False) -> None:
    for key in lesson_keys(course)[:lessons]:
        LessonCompletion.objects.create(
            person=person, course_key=course.translation_key, lesson_key=key, completed_at=clock.now()
        )
    if done:
        CourseCompletion.objects.create(
            person=person,
            course_key=course.translation_key,
            course_title=course.title,
            audience=course.audience,
            completed_at=clock.now(),
            lessons=3,
        )


def url(name: str, organisation, *args) -> str:
    return reverse(name, args=[organisation.uuid, *args])


def page(client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode().replace("\u00a0", " ")


def upload(client, organisation, content: bytes, name: str = "ds.xlsx") -> RosterImport:
    answer = client.post(url("organisation_rosters", organisation), {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302
    return RosterImport.objects.latest("pk")


class TestWhoSeesIt:
    def test_one_organisation_opens_at_once(self, client, organisation, manager):
        assert client.get(reverse("organisations")).url == url("organisation", organisation)

    def test_several_are_listed_without_those_of_others(self, client, organisation, manager):
        second = make_organisation("HTX Rau sạch Cầu Đá")
        manager.roles.create(role="manager", organisation=second, valid_from=clock.today())
        make_organisation("Công ty khác")
        found = page(client, reverse("organisations"))
        assert "HTX Bến Hạ" in found
        assert "Cầu Đá" in found
        assert "Công ty khác" not in found
        searched = page(client, reverse("organisations") + "?q=rau sach")
        assert "Cầu Đá" in searched
        assert "HTX Bến Hạ" not in searched

    def test_without_a_role_there_is_no_desk(self, client):
        client.force_login(make_user())
        assert client.get(reverse("organisations")).status_code == 403

    def test_nobody_signed_in_is_asked_to(self, client, organisation):
        assert client.get(url("organisation", organisation)).status_code == 302

    def test_another_organisations_manager_finds_nothing(self, client, organisation, manager, run_jobs):
        (person,) = members(organisation, 1)
        roster = upload(client, organisation, with_repetitions())
        run_jobs("people.read_roster")
        client.post(reverse("roster_confirm", args=[roster.uuid]), {})
        run_jobs("people.import_roster")
        roster.refresh_from_db()
        assert roster.job.result_file
        other = make_organisation("Công ty khác")
        client.force_login(make_manager(other))
        reads = [
            url("organisation", organisation),
            url("members_export", organisation),
            url("member_add", organisation),
            url("member", organisation, person.uuid),
            url("organisation_rosters", organisation),
            url("roster_template", organisation),
            reverse("roster", args=[roster.uuid]),
            reverse("roster_data", args=[roster.uuid]),
            reverse("roster_result", args=[roster.uuid]),
            reverse("roster_columns", args=[roster.uuid]),
            reverse("roster_row", args=[roster.uuid, 3]),
            reverse("job", args=[roster.job.uuid]),
            reverse("job_data", args=[roster.job.uuid]),
            reverse("job_file", args=[roster.job.uuid]),
            # and through the door of one's own organisation
            url("member", other, person.uuid),
        ]
        writes = [
            url("member_add", organisation),
            url("member_end", organisation, person.uuid),
            url("member_end", other, person.uuid),
            url("members_enrol", organisation),
            url("members_remind", organisation),
            url("organisation_rosters", organisation),
            reverse("roster_confirm", args=[roster.uuid]),
            reverse("roster_ticks", args=[roster.uuid]),
            reverse("roster_discard", args=[roster.uuid]),
            reverse("roster_row", args=[roster.uuid, 3]),
            reverse("roster_columns", args=[roster.uuid]),
            reverse("job_cancel", args=[roster.job.uuid]),
        ]
        before = list(Membership.objects.values())
        assert {address: client.get(address).status_code for address in reads} == dict.fromkeys(reads, 404)
        assert {address: client.post(address).status_code for address in writes} == dict.fromkeys(writes, 404)
        assert len(reads) + len(writes) == 27
        assert list(Membership.objects.values()) == before

    def test_a_colleague_sees_the_list_and_gets_its_result(self, client, organisation, manager, run_jobs):
        roster = upload(client, organisation, plain())
        run_jobs("people.read_roster")
        client.post(reverse("roster_confirm", args=[roster.uuid]), {})
        client.force_login(make_manager(organisation))
        assert client.get(reverse("roster", args=[roster.uuid])).status_code == 200
        assert client.get(reverse("roster_data", args=[roster.uuid])).json()["state"] == "queued"
        run_jobs("people.import_roster")
        answer = client.get(reverse("roster_result", args=[roster.uuid]))
        assert b"".join(answer.streaming_content).startswith(b"PK")
        answer.close()

    def test_an_official_reads_about_their_own_people_only(self, client, organisation, course):
        here = make_member(organisation, "Trần Thị Ngọc Ánh", residence=organisation.seat, phone="+84900000112")
        away = make_member(organisation, "Lê Quang Bảy", residence=places.commune("16013", "Thượng Ninh"))
        enrol(organisation, [here, away], course)
        client.force_login(make_official(organisation.seat))
        found = page(client, url("organisation", organisation))
        assert here.full_name in found
        assert away.full_name not in found
        assert "000 112" not in found
        assert url("members_remind", organisation) not in found
        for name in ("members_export", "member_add", "organisation_rosters", "roster_template"):
            assert client.get(url(name, organisation)).status_code == 403
        assert client.post(url("members_remind", organisation)).status_code == 403
        assert client.post(url("member_end", organisation, here.uuid)).status_code == 403

    def test_an_official_elsewhere_finds_nothing(self, client, organisation):
        client.force_login(make_official(places.commune("16013", "Thượng Ninh")))
        assert client.get(url("organisation", organisation)).status_code == 404

    def test_a_role_that_has_ended_opens_nothing(self, client, organisation, manager):
        manager.roles.update(valid_until=clock.today(), valid_from=clock.today() - timedelta(days=9))
        assert client.get(url("organisation", organisation)).status_code == 404


class TestPeople:
    def test_empty(self, client, organisation, manager):
        assert url("organisation_rosters", organisation) in page(client, url("organisation", organisation))

    @override_settings(SMS_PER_UNIT=2)
    def test_texts_that_a_spent_budget_stopped_are_said(self, client, organisation, manager, course, run_jobs):
        """Until midnight, to the manager who pressed the button; then they may be sent."""
        enrol(organisation, members(organisation, 5), course)
        page = url("organisation", organisation)
        start = clock.start_of(clock.today()) + timedelta(hours=9)
        with clock.frozen(start):
            client.post(url("members_remind", organisation), {"khoa": course.translation_key})
            assert "chưa gửi được" not in client.get(page).content.decode().replace("\u00a0", " ")
            run_jobs("people.send_reminders")
            assert "3 tin nhắn chưa gửi được" in client.get(page).content.decode().replace("\u00a0", " ")
        with clock.frozen(start + timedelta(days=1)):
            assert "chưa gửi được" not in client.get(page).content.decode().replace("\u00a0", " ")

    @pytest.mark.parametrize("count", [1, 3])
    def test_queries(self, client, organisation, manager, course, count, django_assert_num_queries):
        people = members(organisation, count)
        enrol(organisation, people, course)
        study(people[0], course, 2)
        client.get(url("organisation", organisation))
        with django_assert_num_queries(16):
            client.get(url("organisation", organisation))

    def test_states(self, organisation, course):
        waiting, started, done, outside, left = members(organisation, 5)
        enrol(organisation, [waiting, started, done, left], course)
        study(started, course, 2)
        study(done, course, 3, done=True)
        left.memberships.update(valid_until=clock.today())
        (found,) = staff_courses(organisation, "vi")
        # Who left is not counted, as below.
        assert (found.key, found.enrolled) == (course.translation_key, 3)
        (few,) = staff_courses(organisation, "vi", Person.objects.filter(pk__in=[waiting.pk, left.pk]))
        assert few.enrolled == 1
        people = staff(organisation, found)
        assert {person.full_name: (person.state, person.lessons_done) for person in people} == {
            waiting.full_name: ("waiting", 0),
            started.full_name: ("started", 2),
            done.full_name: ("done", 3),
            outside.full_name: ("outside", 0),
        }
        counts = staff_counts(people)
        assert (counts.total, counts.waiting, counts.started, counts.done, counts.outside) == (4, 1, 1, 1, 1)

    def test_filter_search_and_order(self, client, organisation, manager, course):
        people = members(organisation, 6)
        enrol(organisation, people[:4], course)
        study(people[0], course, 1)
        found = page(client, url("organisation", organisation))
        places_in_page = [found.index(person.full_name) for person in people]
        assert places_in_page == sorted(places_in_page)  # given names: Ánh Bảy Bưởi Dung Dũng Đức
        waiting = page(client, url("organisation", organisation) + "?tinh-trang=waiting")
        assert people[1].full_name in waiting
        assert people[0].full_name not in waiting
        searched = page(client, url("organisation", organisation) + "?q=thi dung")
        assert "Phạm Thị Dung" in searched
        assert "Phạm Văn Dũng" not in searched
        assert ngettext("%(count)s person found", "%(count)s people found", 1) % {"count": 1} in searched

    def test_pages(self, client, organisation, manager):
        for number in range(26):
            make_member(organisation, f"Lê Thị {chr(65 + number)}")
        assert "trang=2" in page(client, url("organisation", organisation))
        second = page(client, url("organisation", organisation) + "?trang=2")
        assert "Lê Thị Z" in second
        assert "Lê Thị A<" not in second

    def test_export(self, client, organisation, manager, course):
        people = members(organisation, 2)
        make_member(organisation, "=1+1 Nguyễn", birth_year=None)
        make_member(make_organisation("Công ty khác"), "Người Ngoài")
        enrol(organisation, people, course)
        study(people[0], course, 3, done=True)
        answer = client.get(url("members_export", organisation))
        assert "htx-ben-ha" in answer["Content-Disposition"]
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        table = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert [row[1] for row in table[1:]] == [people[0].full_name, people[1].full_name, "'=1+1 Nguyễn"]
        assert table[1][3] == "0900 000 110"
        assert "Người Ngoài" not in str(table)
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)

    def test_add_one(self, client, organisation, manager):
        address = url("member_add", organisation)
        wrong = client.post(address, {"full_name": "Hoà", "birth": "xx", "phone": "123", "title": "Kế toán"})
        content = wrong.content.decode()
        assert wrong.status_code == 200
        assert wrong.context["form"].errors.keys() == {"full_name", "birth", "phone"}
        assert 'value="xx"' in content
        assert 'value="Kế toán"' in content
        good = {"full_name": "Lê Quang Bảy", "birth": "5/3/1965", "phone": "900000135", "title": "Kế toán"}
        assert client.post(address, good).status_code == 302
        person = Person.objects.get()
        assert (person.birth_year, person.phone) == (1965, "+84900000135")
        assert person.memberships.get().title == "Kế toán"
        unclear = client.post(address, {"full_name": "Lê Quang Bảy"})
        assert 'type="checkbox" name="is_another"' in unclear.content.decode()
        assert Person.objects.count() == 1
        assert client.post(address, {"full_name": "Lê Quang Bảy", "is_another": "on"}).status_code == 302
        assert Person.objects.count() == 2

    def test_end_a_membership(self, client, organisation, manager, course):
        (person,) = members(organisation, 1)
        enrol(organisation, [person], course)
        assert course.title in page(client, url("member", organisation, person.uuid))
        assert client.post(url("member_end", organisation, person.uuid)).status_code == 302
        assert not Person.objects.members_of(organisation).exists()
        assert Enrolment.objects.active().count() == 1
        assert client.get(url("member", organisation, person.uuid)).status_code == 404
        again = client.post(url("member_end", organisation, person.uuid), follow=True)
        assert person.full_name in str(next(iter(again.context["messages"])))
        assert AuditEntry.objects.filter(action="people.end_membership").count() == 1

    def test_enrol_the_ticked(self, client, organisation, manager, course):
        people = members(organisation, 3)
        stranger = make_person("Người Ngoài")
        assert 'name="nguoi"' in page(client, url("organisation", organisation) + "?chon=1")
        ticked = [people[0].pk, people[1].pk, stranger.pk, "x"]
        data = {"nguoi": ticked, "course": str(course.translation_key)}
        for _again in range(2):
            assert client.post(url("members_enrol", organisation), data).status_code == 302
        enrolled = Enrolment.objects.values_list("person", "organisation", "reason", "enrolled_by")
        assert set(enrolled) == {(p.pk, organisation.pk, "manager", manager.pk) for p in people[:2]}

    def test_enrol_nobody_or_nothing(self, client, organisation, manager, course):
        (person,) = members(organisation, 1)
        client.post(url("members_enrol", organisation), {"course": str(course.translation_key)})
        client.post(url("members_enrol", organisation), {"nguoi": [person.pk], "course": "nothing"})
        enrol(organisation, [person], course)
        chosen = f"{url('organisation', organisation)}?chon=1&khoa={course.translation_key}&tinh-trang=outside&q=ban"
        form = page(client, chosen)
        assert 'name="tinh-trang" value="outside"' in form[form.index('id="enrol"') :]
        data = {"course": "", "khoa": course.translation_key, "tinh-trang": "outside", "q": "ban"}
        assert client.post(url("members_enrol", organisation), data).url == chosen
        Enrolment.objects.all().delete()
        client.post(url("members_enrol", organisation), {"nguoi": [person.pk], "course": "nothing"})
        assert not Enrolment.objects.exists()


class TestReminder:
    def test_once_a_day_to_those_who_have_not_started(self, client, organisation, manager, course, run_jobs):
        waiting, second, started, no_phone, landline = members(organisation, 5)
        Person.objects.filter(pk=no_phone.pk).update(phone="")
        Person.objects.filter(pk=landline.pk).update(phone="+842373852123")
        outsider = make_member(make_organisation("Công ty khác"), "Người Ngoài", phone="+84900000999")
        enrol(organisation, [waiting, second, started, no_phone, landline], course)
        study(started, course, 1)
        counts = staff_counts(staff(organisation, staff_courses(organisation, "vi")[0]))
        assert (counts.waiting, counts.reachable, counts.without_phone, counts.reminded_today) == (4, 2, 2, 0)
        for _again in range(2):
            assert client.post(url("members_remind", organisation), {"khoa": course.translation_key}).status_code == 302
        run_jobs()
        assert sorted(text["to"] for text in MemoryOutbox.sent) == [waiting.phone, second.phone]
        assert waiting.full_name in next(t["body"] for t in MemoryOutbox.sent if t["to"] == waiting.phone)
        assert outsider.phone not in str(MemoryOutbox.sent)
        assert client.post(url("members_remind", organisation), {"khoa": course.translation_key}).status_code == 302
        run_jobs()
        assert Message.objects.count() == Reminder.objects.count() == 2
        found = staff_courses(organisation, "vi")[0]
        assert to_remind(staff(organisation, found)) == []
        with clock.frozen(clock.now() + timedelta(days=1)):
            assert set(to_remind(staff(organisation, found))) == {waiting.pk, second.pk}

    def test_no_course_no_text(self, client, organisation, manager, run_jobs):
        members(organisation, 1)
        client.post(url("members_remind", organisation))
        run_jobs()
        assert not MemoryOutbox.sent


class TestLists:
    def test_upload_read_mend_confirm(self, client, organisation, manager, course, run_jobs):
        roster = upload(client, organisation, with_errors(), "ds xã viên.xlsx")
        address = reverse("roster", args=[roster.uuid])
        assert "data-job" in page(client, address)
        run_jobs("people.read_roster")
        first = page(client, address)
        assert first.index("Đặng Văn Bính") < first.index("Trần Thị Ngọc Ánh")
        assert 'value="09000004"' in first
        row = reverse("roster_row", args=[roster.uuid, 3])
        still_wrong = client.post(row, {"phone": "0900", "next": f"{address}?xem=sua"})
        assert still_wrong.status_code == 200
        assert 'value="0900"' in still_wrong.content.decode()
        mended = client.post(row, {"phone": "0900 000 417", "next": f"{address}?xem=sua"})
        assert mended.url == f"{address}?xem=sua"
        other = reverse("roster_row", args=[roster.uuid, 8])
        evil = client.post(other, {"full_name": "Bùi Văn Hai", "next": "//evil"})
        assert evil.url == address
        key = str(course.translation_key)
        confirm = page(client, f"{address}?khoa={key}")
        assert course.title in confirm
        client.post(reverse("roster_confirm", args=[roster.uuid]), {"course": key})
        run_jobs("people.import_roster")
        assert set(Person.objects.values_list("full_name", flat=True)) == {
            "Đặng Văn Bính",
            "Bùi Văn Hai",
            "Trần Thị Ngọc Ánh",
        }
        assert Enrolment.objects.filter(course_key=key, organisation=organisation).count() == 3
        done = page(client, address)
        assert reverse("roster_result", args=[roster.uuid]) in done
        assert "row-form-4" in done

    def test_ticked_only(self, client, organisation, manager, course, run_jobs):
        roster = upload(client, organisation, plain())
        run_jobs("people.read_roster")
        key = str(course.translation_key)
        assert 'name="ticked"' in page(client, f"{reverse('roster', args=[roster.uuid])}?khoa={key}&chon=1")
        ticks = {"shown": [2, 3, 4], "ticked": [3]}
        client.post(reverse("roster_ticks", args=[roster.uuid]), ticks)
        assert list(roster.rows.filter(chosen=True).values_list("number", flat=True)) == [3]
        client.post(reverse("roster_confirm", args=[roster.uuid]), {**ticks, "course": key})
        run_jobs("people.import_roster")
        assert Person.objects.count() == 3
        assert [e.person.full_name for e in Enrolment.objects.all()] == ["Lê Quang Bảy"]

    def test_decide_in_the_page(self, client, organisation, manager, run_jobs):
        known = make_member(organisation, "Vũ Thị Bưởi", birth_year=None)
        stranger = make_person("Vũ Thị Bưởi", birth_year=None, phone="+84900000777")
        roster = upload(client, organisation, plain())
        run_jobs("people.read_roster")
        row = reverse("roster_row", args=[roster.uuid, 4])
        assert f'name="value" value="{known.pk}"' in page(client, row)
        assert f'name="value" value="{stranger.pk}"' not in page(client, row)
        assert client.post(row, {"decision": "person", "value": stranger.pk}).status_code == 302
        assert roster.rows.get(number=4).outcome == RowOutcome.CONFLICT
        assert client.post(row, {"decision": "person", "value": known.pk}).status_code == 302
        assert roster.rows.get(number=4).person == known

    def test_other_columns(self, client, organisation, manager, run_jobs):
        content = workbook([HEADER, *PEOPLE], more={"Năm ngoái": [HEADER, PEOPLE[0]]})
        roster = upload(client, organisation, content)
        run_jobs("people.read_roster")
        address = reverse("roster_columns", args=[roster.uuid])
        assert "Năm ngoái" in page(client, address)
        wrong = client.post(f"{address}?bang=1", {"header_row": 1, "birth": 2})
        assert wrong.status_code == 200
        assert wrong.context["form"].errors
        answer = client.post(f"{address}?bang=1", {"header_row": 1, "full_name": 1, "birth": 2})
        assert answer.status_code == 302
        run_jobs("people.read_roster")
        roster.refresh_from_db()
        assert (roster.sheet, roster.rows.count(), roster.columns) == ("Năm ngoái", 1, {"full_name": 1, "birth": 2})

    def test_a_header_row_that_is_not_there(self, client, organisation, manager, run_jobs):
        roster = upload(client, organisation, workbook([["Danh sách"], [], HEADER, *PEOPLE]))
        run_jobs("people.read_roster")
        address = reverse("roster_columns", args=[roster.uuid])
        beyond = client.post(address, {"header_row": 99, "full_name": 1})
        assert list(beyond.context["form"].errors) == ["header_row"]
        roster.refresh_from_db()
        assert (roster.status, roster.reading["header_row"]) == (ImportStatus.PREVIEW, 3)
        assert client.post(address, {"header_row": 2, "full_name": 1}).status_code == 302
        run_jobs("people.read_roster")
        roster.refresh_from_db()
        assert (roster.status, roster.job.error_code) == (ImportStatus.FAILED, "roster-no-header-row")
        assert address in page(client, reverse("roster", args=[roster.uuid]))
        assert client.post(address, {"header_row": 3, "full_name": 1}).status_code == 302
        run_jobs("people.read_roster")
        assert roster.rows.count() == 3

    def test_a_bad_file_says_why(self, client, organisation, manager, run_jobs):
        roster = upload(client, organisation, b"%PDF-1.7 ", "ds.pdf")
        run_jobs("people.read_roster")
        roster.refresh_from_db()
        assert roster.status == ImportStatus.FAILED
        found = client.get(reverse("roster", args=[roster.uuid]))
        assert roster.error_message in found.context["reason"]

    def test_too_large(self, client, organisation, manager):
        answer = client.post(
            url("organisation_rosters", organisation), {"file": SimpleUploadedFile("ds.csv", b"x" * 11 * 2**20)}
        )
        assert answer.status_code == 200
        assert "11" in answer.context["form"].errors["file"][0]
        assert client.post(url("organisation_rosters", organisation)).context["form"].errors["file"]
        assert not RosterImport.objects.exists()

    def test_template_is_understood(self, client, organisation, manager, run_jobs):
        content = client.get(url("roster_template", organisation)).content
        roster = upload(client, organisation, content)
        run_jobs("people.read_roster")
        roster.refresh_from_db()
        assert set(roster.columns) == {"full_name", "birth", "phone", "village", "commune", "title"}
        assert roster.rows.get().outcome == RowOutcome.CREATE

    def test_discard(self, client, organisation, manager, run_jobs):
        roster = upload(client, organisation, plain())
        run_jobs("people.read_roster")
        assert client.post(reverse("roster_discard", args=[roster.uuid])).status_code == 302
        assert client.get(reverse("roster", args=[roster.uuid])).status_code == 404
        assert "ds.xlsx" not in page(client, url("organisation_rosters", organisation))

    def test_discarding_what_was_imported_says_that_the_people_stay(self, client, organisation, manager, run_jobs):
        roster = upload(client, organisation, with_errors())
        run_jobs("people.read_roster")
        address, discard = (reverse(name, args=[roster.uuid]) for name in ("roster", "roster_discard"))
        assert 'name="imported"' not in page(client, address)
        client.post(reverse("roster_confirm", args=[roster.uuid]))
        run_jobs("people.import_roster")
        done = page(client, address)
        assert 'name="imported"' in done
        before = Person.objects.count()
        # The form of a page of before the import does not know what it would remove.
        assert client.post(discard).url == address
        assert reverse("roster_undo", args=[roster.uuid]) in page(client, address)
        answer = client.post(discard, {"imported": "1"}, follow=True)
        words = [str(message) for message in answer.context["messages"]]
        assert words == [gettext("The list was removed. The people who were added stay.")]
        assert Person.objects.count() == before > 0
        assert client.get(address).status_code == 404

    @pytest.mark.parametrize("count", [1, 3])
    def test_queries_of_the_preview(
        self, client, organisation, manager, course, run_jobs, count, django_assert_num_queries
    ):
        roster = upload(client, organisation, workbook([HEADER, *PEOPLE[:count]]))
        run_jobs("people.read_roster")
        client.get(reverse("roster", args=[roster.uuid]))
        with django_assert_num_queries(14):
            client.get(reverse("roster", args=[roster.uuid]))
