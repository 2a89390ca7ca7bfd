"""The desk of a unit: figures, people, certificates, register, export, and who reaches what."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.core.cache import cache
from openpyxl import load_workbook

from certificates.models import Certificate
from certificates.operations import revoke_certificate
from common import clock
from courses.enums import Audience
from courses.models import CourseCompletion
from desks.paging import LongPaginator, SearchPaginator
from desks.unit_queries import certificate_counts, kept_figures, people_of, unit_figures
from ledger.models import AuditEntry, Job
from people.enums import Role
from people.models import RoleAssignment
from places.enums import ChangeKind, Level, UnitKind
from places.models import UnitChange
from tests.factories import certificates as make
from tests.factories import places
from tests.factories.people import make_manager, make_official, make_organisation, make_person, make_user

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture
def commune():
    return places.commune()


@pytest.fixture
def village(commune):
    return places.village()


@pytest.fixture
def official(commune):
    return make_official(commune)


@pytest.fixture
def desk(client, official):
    client.force_login(official)
    return client


def role(user, name: Role, unit=None):
    RoleAssignment.objects.create(user=user, role=name, unit=unit, valid_from=clock.today())
    return user


def complete(person, *, audience=Audience.RESIDENT, at=None, key=None) -> CourseCompletion:
    return CourseCompletion.objects.create(
        person=person,
        course_key=key or uuid.uuid4(),
        course_title="Tránh lừa đảo",
        audience=audience,
        completed_at=at or clock.now(),
        lessons=5,
        residence=person.residence,
    )


class TestFigures:
    def test_everybody_counts_once_and_where_they_live(self, commune, village):
        second = places.village("t02", "An Phú")
        empty = places.village("t03", "Trại Mới")
        far = places.commune("16099", "Tân Sơn")
        hoa = make_person("Hoa", residence=village)
        complete(hoa)
        complete(hoa)
        complete(hoa, audience=Audience.COOPERATIVE)
        complete(make_person("Lan", residence=second), audience=Audience.OFFICIAL)
        make_person("Chưa học", residence=second)
        complete(make_person("Không rõ thôn", residence=commune))
        complete(make_person("Xa", residence=far))
        figures = unit_figures(commune)
        assert (figures.registered, figures.completed) == (4, 3)
        assert figures.by_audience == {Audience.RESIDENT: 2, Audience.COOPERATIVE: 1, Audience.OFFICIAL: 1}
        assert [(place.name, place.registered, place.completed) for place in figures.by_place] == [
            (second.name, 2, 1),
            (village.name, 1, 1),
            (empty.name, 0, 0),
            ("", 1, 1),
        ]
        province = unit_figures(places.province())
        assert [(place.name, place.completed) for place in province.by_place] == [(commune.name, 3), (far.name, 1)]

    def test_weeks_begin_on_monday_in_viet_nam(self, commune, village):
        hoa, lan = make_person("Hoa", residence=village), make_person("Lan", residence=village)
        with clock.frozen(MONDAY):
            complete(hoa, at=datetime(2026, 11, 22, 16, 59, tzinfo=UTC))  # Sunday, one minute to midnight
            complete(hoa, at=datetime(2026, 11, 22, 17, 0, tzinfo=UTC))
            complete(hoa, at=MONDAY)
            complete(lan, at=MONDAY)
            complete(lan, at=MONDAY - timedelta(weeks=12))
            weeks = unit_figures(commune).by_week
        assert len(weeks) == 7
        assert [(day.isoformat(), count) for day, count in weeks[-2:]] == [("2026-11-16", 1), ("2026-11-23", 2)]
        assert sum(count for _day, count in weeks) == 3

    def test_of_a_province_they_are_kept_for_a_minute_of_a_commune_they_are_fresh(self, commune, village):
        province = places.province()
        assert (kept_figures(province).registered, kept_figures(commune).registered) == (0, 0)
        first = kept_figures(province)
        make_person("Hoa", residence=village)
        assert kept_figures(province) == first
        assert kept_figures(commune).registered == 1
        cache.clear()
        assert kept_figures(province).registered == 1

    def test_certificates_are_counted(self, commune):
        make.make_certificate()
        revoke_certificate(certificate=make.make_certificate(), reason="Sai", by=None)
        make.make_certificate(at=clock.now() - timedelta(days=40))
        counts = certificate_counts(commune)
        assert counts["recent"] == 1
        assert counts["year"] in {2, 3}


def test_pages_of_a_long_list_follow_each_other(commune, village):
    for number in range(9):
        make_person(f"Người {number % 4}", residence=village)
    people = people_of(commune)
    for size in (1, 2, 4, 9):
        paginator = LongPaginator(people, size)
        pages = [[person.pk for person in paginator.page(number)] for number in paginator.page_range]
        assert [pk for page in pages for pk in page] == [person.pk for person in people]
        assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)


class TestSearchPages:
    def test_they_follow_each_other_and_say_where_the_search_stopped(self, commune, village, monkeypatch):
        monkeypatch.setattr(SearchPaginator, "FAR", 4)
        for number in range(9):
            make_person(f"Người {number}", residence=village)
        make_person("Hoa", residence=village)
        rows = people_of(commune, "nguoi")
        keys = [person.pk for person in rows]

        def seen(number: object) -> tuple[list[int], int, bool]:
            pages = SearchPaginator(rows, 2)
            return [person.pk for person in pages.get_page(number)], pages.count, pages.has_more

        assert seen(None) == (keys[:2], 4, True)
        assert seen("2") == (keys[2:4], 6, True)
        assert seen("4") == (keys[6:8], 9, False)
        assert seen("5") == (keys[8:], 9, False)
        assert seen("77") == (keys[8:], 9, False)
        assert seen("x") == (keys[:2], 4, True)
        assert seen("-1") == (keys[2:4], 4, True)

    def test_links_lead_from_the_first_page_to_the_last_found(self, desk, commune, village, monkeypatch):
        monkeypatch.setattr(SearchPaginator, "FAR", 4)
        monkeypatch.setattr("desks.paging.LIST_SIZE", 2)
        for number in range(9):
            make_person(f"Người {number}", residence=village)
        query, names = "?q=nguoi", []
        while query:
            answer = desk.get(f"/don-vi/{commune.uuid}/nguoi-hoc/{query}")
            names += [person.full_name for person in answer.context["page"]]
            query = answer.context["next_url"]
        assert names == [f"Người {number}" for number in range(9)]

    def test_the_page_says_that_there_are_more(self, desk, commune, village, monkeypatch):
        monkeypatch.setattr(SearchPaginator, "FAR", 2)
        for number in range(3):
            make_person(f"Người {number}", residence=village)
        assert "Hơn 2 người" in desk.get(f"/don-vi/{commune.uuid}/nguoi-hoc/", {"q": "nguoi"}).content.decode()
        assert "3 người" in desk.get(f"/don-vi/{commune.uuid}/nguoi-hoc/").content.decode()


class TestDesk:
    def test_it_shows_the_unit(self, desk, commune, village):
        complete(make_person("Hoa", residence=village))
        page = desk.get("/don-vi/").content.decode()
        assert "<h1>Xã" in page
        assert "Bến Hạ" in page
        assert f"/don-vi/{commune.uuid}/chung-nhan/" in page
        assert f"/don-vi/{commune.uuid}/xuat.xlsx" in page
        assert page == page.replace("style=", "")

    def test_an_empty_unit_says_what_to_do(self, desk):
        page = desk.get("/don-vi/").content.decode()
        assert 'class="empty' in page
        assert "/don-vi/dang-ky-ho/" in page

    @pytest.mark.parametrize("items", [1, 3])
    def test_queries(self, desk, commune, items, django_assert_num_queries):
        for number in range(items):
            village = places.village(f"t{number:02d}", f"Thôn {number}")
            for _ in range(items):
                person = make_person(f"Người {number}", residence=village)
                complete(person)
                make.make_certificate(person=person, unit=village)
        for number in range(items):
            desk.post(f"/don-vi/{commune.uuid}/chung-nhan/", {"place": str(places.village(f"t{number:02d}").uuid)})
        desk.get("/don-vi/")
        with django_assert_num_queries(9):
            desk.get("/don-vi/")

    def test_queries_of_a_province(self, client, commune, village, django_assert_num_queries):
        complete(make_person("Hoa", residence=village))
        client.force_login(make_official(places.province()))
        client.get("/don-vi/")
        cache.clear()
        with django_assert_num_queries(9):  # of the main database: cache and sessions have one of their own, or Redis
            client.get("/don-vi/")
        with django_assert_num_queries(7):
            client.get("/don-vi/")

    def test_several_units_are_offered(self, desk, official, commune):
        other = places.commune("16099", "Tân Sơn")
        role(official, Role.FACILITATOR, other)
        page = desk.get("/don-vi/").content.decode()
        assert f"/don-vi/{commune.uuid}/" in page
        assert f"/don-vi/{other.uuid}/" in page

    def test_a_place_is_found_without_accents_inside_the_scope_only(self, client):
        client.force_login(make_official(places.province()))
        inside = places.village()
        outside = places.village(
            "x01", "Bến Hạ", parent=places.commune("500", "Xa", parent=places.province("40", "Xa"))
        )
        page = client.get("/don-vi/tim/", {"q": "ben ha"}).content.decode()
        assert str(inside.uuid) in page
        assert str(outside.uuid) not in page
        assert 'class="empty' in client.get("/don-vi/tim/", {"q": "zzz"}).content.decode()

    def test_a_former_name_leads_to_the_place_of_today(self, client, commune, official):
        district = places.former(places.province(), "330", "Vị Sơn", Level.DISTRICT, UnitKind.HUYEN)
        old = places.former(district, "14001", "Giao Phong", Level.COMMUNE, UnitKind.XA)
        elsewhere = places.commune("16099", "Tân Sơn")
        for new in (commune, elsewhere):
            UnitChange.objects.create(
                old=old, new=new, kind=ChangeKind.SPLIT, effective_on=places.SINCE, decree="Nghị quyết 1"
            )
        client.force_login(official)
        for text in ("giao phong", "Giao Phong, huyện Vị Sơn"):
            rows = client.get("/don-vi/tim/", {"q": text}).context["rows"]
            assert [row["href"] for row in rows] == [f"/don-vi/{commune.uuid}/"], text
            assert old.address in rows[0]["meta"]
        client.force_login(make_official(places.province(), "tinh"))
        rows = client.get("/don-vi/tim/", {"q": "giao phong"}).context["rows"]
        assert {row["href"] for row in rows} == {f"/don-vi/{unit.uuid}/" for unit in (commune, elsewhere)}

    def test_an_administrator_of_the_site_begins_with_the_provinces(self, client, commune):
        client.force_login(role(make_user(), Role.ADMINISTRATOR))
        page = client.get("/don-vi/").content.decode()
        assert str(places.province().uuid) in page
        assert client.get(f"/don-vi/{commune.uuid}/").status_code == 200


class TestDoors:
    PAGES = ("", "chung-nhan/", "so-cap/", "nguoi-hoc/", "xuat.xlsx")
    PRINTING = ("chung-nhan/", "so-cap/", "xuat.xlsx")

    def statuses(self, client, unit) -> list[int]:
        return [client.get(f"/don-vi/{unit.uuid}/{page}").status_code for page in self.PAGES]

    def test_visitors_sign_in(self, client, commune):
        assert self.statuses(client, commune) == [302] * 5
        assert client.get("/don-vi/").status_code == 302

    def test_without_a_role_it_is_403(self, client, commune):
        for user in (make_user(), make_manager(make_organisation()), role(make_user(), Role.EDITOR)):
            client.force_login(user)
            assert self.statuses(client, commune) == [403] * 5

    def test_another_place_is_404(self, client, commune):
        client.force_login(make_official(places.commune("16099", "Tân Sơn")))
        assert self.statuses(client, commune) == [404] * 5
        assert self.statuses(client, places.province()) == [404] * 5
        certificate = make.make_certificate()
        path = f"/don-vi/{commune.uuid}/chung-nhan/{certificate.uuid}/thu-hoi/"
        assert client.get(path).status_code == 404
        assert client.post(path, {"reason": "Sai"}).status_code == 404
        assert Certificate.objects.valid().count() == 1

    def test_a_facilitator_sees_the_unit_and_prints_nothing(self, client, commune, village):
        make_person("Hoa", residence=village)
        client.force_login(role(make_user(), Role.FACILITATOR, commune))
        assert self.statuses(client, commune) == [200, 403, 403, 200, 403]
        page = client.get("/don-vi/").content.decode()
        assert "chung-nhan/" not in page
        assert "xuat.xlsx" not in page

    def test_the_province_reaches_its_communes(self, client, commune):
        make.make_certificate()
        client.force_login(make_official(places.province()))
        assert self.statuses(client, commune) == [200] * 5


class TestCertificates:
    def test_selected_by_place_course_and_days(self, desk, commune):
        here, there = places.village(), places.village("t02", "An Phú")
        old = MONDAY - timedelta(days=30)
        make.make_certificate("Cũ", unit=here, at=old)
        make.make_certificate("Mới", unit=here, at=MONDAY)
        make.make_certificate("Bên kia", unit=there, at=MONDAY)
        lines = make.Achievement("đã hoàn thành", "Bán nông sản trên mạng")
        make.make_certificate("Khoá khác", unit=here, subject="course:2", lines=lines, at=MONDAY)
        revoke_certificate(certificate=make.make_certificate("Thu hồi", unit=here), reason="Sai", by=None)
        make.make_certificate("Xã khác", unit=places.commune("16099", "Tân Sơn"))

        def names(**question) -> list[str]:
            rows = desk.get(f"/don-vi/{commune.uuid}/chung-nhan/", question).context["page"]
            return [certificate.text["holder"] for certificate in rows]

        assert names() == ["Cũ", "Khoá khác", "Bên kia", "Mới"]  # c, k(hác), k(ia), m: by the last word
        assert names(place=str(there.uuid)) == ["Bên kia"]
        assert names(subject="course:2") == ["Khoá khác"]
        assert names(first_day="2026-11-01") == ["Khoá khác", "Bên kia", "Mới"]
        assert names(last_day="01/11/2026") == ["Cũ"]
        assert names(first_day="2026-11-23", last_day="2026-11-23", subject="course:1") == ["Bên kia", "Mới"]
        answer = desk.get(f"/don-vi/{commune.uuid}/chung-nhan/")
        assert "Bán nông sản trên mạng" in answer.content.decode()

    def test_wrong_days_are_said_beside_the_field(self, desk, commune):
        make.make_certificate()
        answer = desk.get(f"/don-vi/{commune.uuid}/chung-nhan/", {"first_day": "2026-11-23", "last_day": "2026-11-01"})
        assert answer.status_code == 200
        assert 'class="err"' in answer.content.decode()
        assert 'value="2026-11-01"' in answer.content.decode()
        assert (
            'class="err"'
            in desk.get(
                f"/don-vi/{commune.uuid}/chung-nhan/", {"first_day": "31/02/2026", "place": "x"}
            ).content.decode()
        )

    def test_printing_asks_for_one_job_of_exactly_these(self, desk, commune, official):
        chosen = make.make_certificates(3)
        make.make_certificate("Ngoài", subject="course:2")
        answer = desk.post(f"/don-vi/{commune.uuid}/chung-nhan/", {"subject": "course:1"})
        job = Job.objects.get(kind="certificates.print")
        assert answer.url == f"/viec/{job.uuid}/"
        assert job.params == {"ids": [certificate.pk for certificate in chosen]}
        assert job.created_by == official
        assert desk.post(f"/don-vi/{commune.uuid}/chung-nhan/", {"subject": "course:1"}).url == answer.url
        assert desk.get(answer.url).status_code == 200

    def test_nothing_to_print_is_said(self, desk, commune):
        make.make_certificate(subject="course:1", at=MONDAY)
        answer = desk.post(f"/don-vi/{commune.uuid}/chung-nhan/", {"last_day": "2020-01-01"})
        assert answer.status_code == 200
        assert 'role="alert"' in answer.content.decode() or "notice danger" in answer.content.decode()
        assert not Job.objects.exists()

    def test_the_running_job_stands_on_the_desk(self, desk, commune, run_jobs):
        make.make_certificates(2)
        desk.post(f"/don-vi/{commune.uuid}/chung-nhan/")
        job = Job.objects.get()
        assert f'data-url="/viec/{job.uuid}/tien-do/"' in desk.get("/don-vi/").content.decode()
        run_jobs("certificates.print")
        page = desk.get("/don-vi/").content.decode()
        assert f"/viec/{job.uuid}/tep/" in page
        file = desk.get(f"/viec/{job.uuid}/tep/")
        assert b"".join(file.streaming_content)[:5] == b"%PDF-"

    @pytest.mark.parametrize("items", [1, 3])
    def test_queries(self, desk, commune, items, django_assert_num_queries):
        make.make_certificates(items)
        desk.get(f"/don-vi/{commune.uuid}/chung-nhan/")
        with django_assert_num_queries(11):
            desk.get(f"/don-vi/{commune.uuid}/chung-nhan/")

    def test_pages_keep_the_question(self, desk, commune, monkeypatch):
        monkeypatch.setattr("desks.paging.LIST_SIZE", 2)
        make.make_certificates(3)
        answer = desk.get(f"/don-vi/{commune.uuid}/chung-nhan/", {"subject": "course:1"})
        assert answer.context["next_url"] == "?subject=course%3A1&page=2"
        assert len(desk.get(f"/don-vi/{commune.uuid}/chung-nhan/{answer.context['next_url']}").context["page"]) == 1


class TestRevoke:
    def test_with_a_reason(self, desk, commune, official):
        certificate = make.make_certificate()
        path = f"/don-vi/{commune.uuid}/chung-nhan/{certificate.uuid}/thu-hoi/"
        assert certificate.serial in desk.get(path).content.decode()
        missing = desk.post(path, {"reason": "  "})
        assert missing.status_code == 200
        assert 'class="err"' in missing.content.decode()
        answer = desk.post(path, {"reason": "Ghi sai họ tên"})
        assert answer.url == f"/don-vi/{commune.uuid}/chung-nhan/"
        certificate.refresh_from_db()
        assert certificate.revoked_reason == "Ghi sai họ tên"
        assert AuditEntry.objects.get(action="certificates.revoke").actor == official
        assert "Ghi sai họ tên" in desk.get(path).content.decode()


class TestRegister:
    def test_lines_in_order_with_the_revoked_ones(self, desk, commune):
        first, second = make.make_certificate("Vũ Sau"), make.make_certificate("An Trước")
        revoke_certificate(certificate=first, reason="Ghi sai họ tên", by=None)
        page = desk.get(f"/don-vi/{commune.uuid}/so-cap/").content.decode()
        assert page.index(first.serial) < page.index(second.serial)
        assert "Ghi sai họ tên" in page
        assert 'class="sign"' in page

    def test_books_are_chosen_by_year_and_body(self, desk, commune):
        make.make_certificate("Năm ngoái", at=MONDAY - timedelta(days=365))
        make.make_certificate("Năm nay", at=MONDAY)
        answer = desk.get(f"/don-vi/{commune.uuid}/so-cap/")
        assert [book.year for book in answer.context["registers"]] == [2026, 2025]
        assert "Năm nay" in answer.content.decode()
        older = answer.context["registers"][1]
        page = desk.get(f"/don-vi/{commune.uuid}/so-cap/", {"so": older.pk}).content.decode()
        assert "Năm ngoái" in page
        assert "Năm nay" not in page
        assert desk.get(f"/don-vi/{commune.uuid}/so-cap/", {"so": "abc"}).status_code == 200

    def test_empty(self, desk, commune):
        assert 'class="empty' in desk.get(f"/don-vi/{commune.uuid}/so-cap/").content.decode()

    @pytest.mark.parametrize("items", [1, 3])
    def test_queries(self, desk, commune, items, django_assert_num_queries):
        make.make_certificates(items)
        desk.get(f"/don-vi/{commune.uuid}/so-cap/")
        with django_assert_num_queries(10):
            desk.get(f"/don-vi/{commune.uuid}/so-cap/")


class TestPeople:
    def test_found_without_accents_in_vietnamese_order(self, desk, commune, village):
        for name in ("Nguyễn Văn Ấn", "Trần Thị Ánh", "Lê Thị An", "Đỗ Văn Đạt"):
            make_person(name, residence=village)
        make_person("Người Xã Khác Ánh", residence=places.commune("16099", "Tân Sơn"))

        def names(text: str = "") -> list[str]:
            rows = desk.get(f"/don-vi/{commune.uuid}/nguoi-hoc/", {"q": text}).context["page"]
            return [person.full_name for person in rows]

        assert names() == ["Lê Thị An", "Trần Thị Ánh", "Nguyễn Văn Ấn", "Đỗ Văn Đạt"]
        assert names("thi anh") == ["Trần Thị Ánh"]
        assert names("do dat") == ["Đỗ Văn Đạt"]
        assert names("zzz") == []

    def test_what_they_completed(self, desk, commune, village):
        hoa = make_person("Trần Thị Hoa", residence=village)
        complete(hoa)
        complete(hoa)
        certificate = make.make_certificate(person=hoa)
        [person] = people_of(commune)
        assert (person.done, person.valid_certificates) == (2, [certificate])
        page = desk.get(f"/don-vi/{commune.uuid}/nguoi-hoc/").content.decode()
        assert f"/chung-nhan/{certificate.uuid}/pdf/" in page

    @pytest.mark.parametrize("items", [1, 3])
    def test_queries(self, desk, commune, village, items, django_assert_num_queries):
        for number in range(items):
            make.make_certificate(person=make_person(f"Người {number}", residence=village))
        desk.get(f"/don-vi/{commune.uuid}/nguoi-hoc/")
        with django_assert_num_queries(10):
            desk.get(f"/don-vi/{commune.uuid}/nguoi-hoc/")


class TestExport:
    def sheets(self, client, unit):
        answer = client.get(f"/don-vi/{unit.uuid}/xuat.xlsx")
        assert answer.status_code == 200
        return answer, load_workbook(BytesIO(answer.content))

    def test_people_and_certificates(self, desk, commune, village, official):
        hoa = make_person("Trần Thị Hoa", birth_year=1961, phone="+84900000137", residence=village)
        complete(hoa)
        certificate = make.make_certificate(person=hoa)
        make_person("Người Xã Khác", residence=places.commune("16099", "Tân Sơn"))
        answer, book = self.sheets(desk, commune)
        assert answer.headers["Content-Disposition"].endswith(f'xa-dong-tien-{clock.today():%Y-%m-%d}.xlsx"')
        people, certificates = [list(sheet.iter_rows(min_row=2, values_only=True)) for sheet in book]
        assert people == [("Trần Thị Hoa", 1961, "thôn Bến Hạ, xã Đồng Tiến, tỉnh Lam Giang", 1)]
        [line] = certificates
        assert line[:2] == (certificate.serial, "Trần Thị Hoa")
        assert "0900000137" not in str([people, certificates])
        entry = AuditEntry.objects.get(action="desks.export_unit")
        assert (entry.actor, entry.unit_path, entry.count) == (official, commune.path, 1)

    def test_a_name_that_is_a_formula_does_not_run(self, desk, commune, village):
        make.make_certificate(person=make_person("=HYPERLINK(1)", residence=village))
        _answer, book = self.sheets(desk, commune)
        assert book.worksheets[0]["A2"].value == "'=HYPERLINK(1)"
        assert book.worksheets[1]["B2"].value == "'=HYPERLINK(1)"

    def test_too_many_people_are_told_to_choose_a_smaller_place(self, desk, commune, village, monkeypatch):
        make_person("Một", residence=village)
        monkeypatch.setattr("desks.unit_views.MOST_ROWS", 0)
        answer = desk.get(f"/don-vi/{commune.uuid}/xuat.xlsx")
        assert answer.url == f"/don-vi/{commune.uuid}/"
