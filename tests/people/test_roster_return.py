"""Files that come a second time: the same one, the result corrected, another one with the same header."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import openpyxl
import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people.enums import ImportStatus, RowOutcome
from people.models import Person, RosterColumns, RosterImport
from people.roster.columns import ENTRY_FIELDS, FIELDS, STANDARD_TITLES, field_of
from people.roster.deciding import (
    choose_columns,
    choose_residence_alike,
    correct_row,
    decide_row,
    forget_columns,
    upload_roster,
)
from people.roster.problems import problem_text
from places.enums import ChangeKind, Level, UnitKind
from places.models import UnitChange
from tests.factories import places
from tests.factories.courses import make_course
from tests.factories.people import make_manager, make_member, make_organisation
from tests.people.rosters import GOOD, HEADER, PEOPLE, plain, two_header_rows, with_errors, with_repetitions, workbook
from tests.people.test_roster_import import Desk, codes, outcomes
from tests.people.test_roster_undo import everything


@pytest.fixture
def desk(db, run_jobs) -> Desk:
    return Desk(run_jobs)


def result_of(roster: RosterImport) -> list[list[Any]]:
    with roster.job.result_file.open("rb") as file:
        sheet = openpyxl.load_workbook(io.BytesIO(file.read())).active
    return [[cell.value or "" for cell in row] for row in sheet.iter_rows()]


class TestTheSameFile:
    def test_nothing_changes_in_any_table(self, desk):
        course = str(make_course().translation_key)
        desk.confirm(desk.read(plain()), course_key=course)
        before = everything()
        assert len(before["people.Person"]) == len(before["courses.Enrolment"]) == 3
        again = desk.read(plain())
        assert outcomes(again) == {"same": 3}
        desk.confirm(again, course_key=course)
        assert everything() == before


class TestTheResultComesBack:
    def test_as_it_is_it_changes_nothing(self, desk):
        """Also rows that only the manager's decisions had made good."""
        make_member(desk.organisation, "Vũ Thị Bưởi", birth_year=None)
        roster = desk.read(with_repetitions())
        decide_row(row=desk.row(roster, 3), decision="row", value=2, by=desk.manager)
        decide_row(row=desk.row(roster, 7), decision="another", by=desk.manager)
        desk.confirm(roster)
        before = everything()
        table = result_of(roster)
        assert [row[-1] for row in table[1:]] == [f"D{roster.pk}-{number}" for number in range(2, 8)]
        again = desk.read(workbook(table))
        assert outcomes(again) == {"same": 6}
        assert {tuple(codes(row)) for row in again.rows.all()} == {("done-before",)}
        desk.confirm(again)
        assert everything() == before

    def test_only_the_rows_mended_in_it_change_anything(self, desk):
        roster = desk.read(with_errors())
        correct_row(
            row=desk.row(roster, 5),
            name="Lê Quang Bảy",
            birth="1965",
            phone="0900000135",
            title="",
            address="",
            by=desk.manager,
        )
        desk.confirm(roster)
        assert Person.objects.count() == 2
        table = result_of(roster)
        phones = table[0].index("Số điện thoại")
        assert table[1][phones] == "09000004"
        assert table[1][-3] == "chưa đưa vào: phải sửa"
        assert table[1][-2] == problem_text(desk.row(roster, 3).problems[0])
        table[1][phones] = "0900 000 417"
        again = desk.read(workbook(table))
        assert outcomes(again) == {"create": 1, "same": 2, "error": 4}
        assert desk.row(again, 4).data["full_name"] == "Lê Quang Bảy"  # as it was mended in the page
        desk.confirm(again)
        assert sorted(Person.objects.values_list("full_name", flat=True)) == sorted(
            ["Trần Thị Ngọc Ánh", "Lê Quang Bảy", "Đặng Văn Bính"]
        )

    def test_rows_may_be_sorted_and_taken_into_another_file(self, desk):
        roster = desk.read(plain())
        desk.confirm(roster)
        header, *rows = result_of(roster)
        again = desk.read(workbook([["Đợt hai"], [], header, *reversed(rows)]))
        assert outcomes(again) == {"same": 3}
        assert set(codes(again.rows.first())) == {"done-before"}

    def test_what_only_lists_have_said_may_be_corrected_in_it(self, desk):
        roster = desk.read(plain())
        desk.confirm(roster)
        table = result_of(roster)
        born = table[0].index("Năm sinh")
        table[1][born] = "1987"
        again = desk.read(workbook(table))
        row = desk.row(again, 2)
        assert (row.outcome, row.problems[-1]["params"]) == (
            RowOutcome.UPDATE,
            {"fields": ["birth_year", "birth_date"]},
        )
        desk.confirm(again)
        assert Person.objects.get(name_folded="tran thi ngoc anh").birth_year == 1987
        assert Person.objects.count() == 3

    def test_another_name_in_it_asks_who_that_is(self, desk):
        roster = desk.read(plain())
        desk.confirm(roster)
        person = Person.objects.get(name_folded="vu thi buoi")
        table = result_of(roster)
        table[3][table[0].index("Họ và tên")] = "Vũ Thị Bười"
        again = desk.read(workbook(table))
        row = desk.row(again, 4)
        assert (row.outcome, codes(row)[-1]) == (RowOutcome.CONFLICT, "known-renamed")
        row = decide_row(row=row, decision="person", value=person.pk, by=desk.manager)
        assert row.outcome == RowOutcome.UPDATE
        desk.confirm(again)
        person.refresh_from_db()
        assert (person.full_name, person.name_folded) == ("Vũ Thị Bười", "vu thi buoi")
        assert Person.objects.count() == 3

    def test_codes_of_another_organisation_say_nothing(self, desk, run_jobs):
        roster = desk.read(plain())
        desk.confirm(roster)
        other = Desk(run_jobs, make_organisation("Công ty khác"))
        again = other.read(workbook(result_of(roster)))
        assert outcomes(again) == {"create": 3}
        assert "done-before" not in {code for row in again.rows.all() for code in codes(row)}

    def test_columns_of_any_kind_are_understood_again(self, desk):
        """Two header rows, a header chosen by hand, none at all."""
        roster = desk.read(two_header_rows())
        desk.confirm(roster)
        again = desk.read(workbook(result_of(roster)))
        assert outcomes(again) == {"same": 3}
        assert {"birth", "birth_women"} <= set(again.columns)
        headless = desk.read(GOOD["no header"].make())
        desk.confirm(headless)
        assert outcomes(desk.read(workbook(result_of(headless)))) == {"same": 3}

    def test_a_column_that_was_something_else_stays_so(self, desk):
        content = workbook(
            [
                ["Người", "Họ và tên", "Năm sinh"],
                ["Trần Thị Ngọc Ánh", "Bến Hạ", 1988],
                ["Lê Quang Bảy", "Bến Hạ", 1965],
            ]
        )
        roster = desk.read(content)
        choose_columns(
            roster=roster, sheet="Danh sách", header_row=1, columns={"full_name": 0, "birth": 2}, by=desk.manager
        )
        desk.run_jobs("people.read_roster")
        roster.refresh_from_db()
        desk.confirm(roster)
        again = desk.read(workbook(result_of(roster)))
        assert [row.data["full_name"] for row in again.rows.all()] == ["Trần Thị Ngọc Ánh", "Lê Quang Bảy"]
        assert outcomes(again) == {"same": 2}

    def test_standard_titles_are_understood(self):
        fields = (*FIELDS, *ENTRY_FIELDS)
        found = {name: field_of(title, fields) for name, title in STANDARD_TITLES.items()}
        assert found == {name: name for name in STANDARD_TITLES}


class TestRememberedColumns:
    HEADER = ["Người", "Ghi", "Số"]

    def odd(self, *rows: list) -> bytes:
        return workbook([["HTX"], self.HEADER, *rows])

    @pytest.fixture
    def chosen(self, desk) -> RosterImport:
        roster = upload_roster(
            organisation=desk.organisation,
            file=ContentFile(self.odd(["Lê Quang Bảy", "x", "0900000135"])),
            filename="ds.xlsx",
            by=desk.manager,
        )
        desk.run_jobs("people.read_roster")
        roster.refresh_from_db()
        choose_columns(
            roster=roster, sheet="Danh sách", header_row=2, columns={"full_name": 0, "phone": 2}, by=desk.manager
        )
        desk.run_jobs("people.read_roster")
        roster.refresh_from_db()
        assert (roster.status, roster.reading["remembered"]) == (ImportStatus.PREVIEW, "")
        return roster

    def test_the_next_file_is_read_the_same_way_and_says_so(self, desk, chosen, client):
        roster = desk.read(self.odd(["Vũ Thị Bưởi", "y", "0900000136"], ["Trần Văn Ba", "", ""]))
        assert roster.columns == {"full_name": 0, "phone": 2}
        assert [row.data["full_name"] for row in roster.rows.all()] == ["Vũ Thị Bưởi", "Trần Văn Ba"]
        client.force_login(desk.manager)
        kwargs = {"roster": roster.uuid}
        assert "như bạn đã chọn ngày" in client.get(reverse("roster", kwargs=kwargs)).content.decode()
        address = reverse("roster_columns", kwargs=kwargs)
        assert 'name="forget"' in client.get(address).content.decode()
        assert client.post(address, {"forget": "1"}).status_code == 302
        desk.run_jobs("people.read_roster")
        assert not RosterColumns.objects.exists()

    def test_choosing_again_replaces_it(self, desk, chosen):
        roster = desk.read(self.odd(["Vũ Thị Bưởi", "Kế toán", "0900000136"]))
        columns = {"full_name": 0, "phone": 2, "title": 1}
        choose_columns(roster=roster, sheet="Danh sách", header_row=2, columns=columns, by=desk.manager)
        desk.run_jobs("people.read_roster")
        assert RosterColumns.objects.get().columns == columns
        assert desk.read(self.odd(["Trần Văn Ba", "Lái xe", ""])).rows.get().data["title"] == "Lái xe"

    def test_another_header_and_another_organisation_are_read_by_themselves(self, desk, chosen, run_jobs):
        assert desk.read(plain()).reading["remembered"] == ""
        other = Desk(run_jobs, make_organisation("Công ty khác"))
        roster = other.read(workbook([HEADER, PEOPLE[0]]))
        assert roster.reading["remembered"] == ""
        assert RosterColumns.objects.count() == 1

    def test_forgetting_reads_anew(self, desk):
        content = workbook([["Tên gọi", "Họ và tên", "Năm sinh"], ["Lê Quang Bảy", "Bến Hạ", 1965]])
        roster = desk.read(content)
        columns = {"full_name": 0, "birth": 2}
        choose_columns(roster=roster, sheet="Danh sách", header_row=1, columns=columns, by=desk.manager)
        desk.run_jobs("people.read_roster")
        again = desk.read(content)
        assert again.columns == columns
        forget_columns(roster=again, by=desk.manager)
        desk.run_jobs("people.read_roster")
        again.refresh_from_db()
        assert again.columns["full_name"] == 1

    def test_a_file_that_was_not_understood_can_be_read_by_hand(self, desk, client):
        roster = upload_roster(
            organisation=desk.organisation,
            file=ContentFile(workbook([["A", "B"], ["Giá", "Mã"], ["lê quang bảy", "1"], ["vũ thị bưởi", "2"]])),
            filename="ds.xlsx",
            by=desk.manager,
        )
        desk.run_jobs("people.read_roster")
        roster.refresh_from_db()
        assert roster.status == ImportStatus.FAILED
        client.force_login(desk.manager)
        kwargs = {"roster": roster.uuid}
        address = reverse("roster_columns", kwargs=kwargs)
        assert address in client.get(reverse("roster", kwargs=kwargs)).content.decode()
        assert client.post(address, {"header_row": "2", "full_name": "0"}).status_code == 302
        desk.run_jobs("people.read_roster")
        roster.refresh_from_db()
        assert (roster.status, roster.rows.count()) == (ImportStatus.PREVIEW, 2)


class TestWhereTheyLive:
    @pytest.fixture
    def divided(self, db) -> list:
        province = places.former(places.country(), "38", "Lam Giang", Level.PROVINCE, UnitKind.TINH)
        district = places.former(province, "380", "Triệu Sơn", Level.DISTRICT, UnitKind.HUYEN)
        old = places.former(district, "15703", "Hợp Lý", Level.COMMUNE, UnitKind.XA)
        news = [places.commune(), places.commune("16013", "Yên Thịnh")]
        for new in news:
            UnitChange.objects.create(old=old, new=new, kind=ChangeKind.SPLIT, effective_on=places.SINCE)
        return news

    def rows(self, count: int) -> bytes:
        return workbook(
            [
                ["Họ và tên", "Năm sinh", "Thôn", "Xã"],
                *(["Lê Quang Bảy", 1900 + n, "Bến Hạ", "Hợp Lý"] for n in range(count)),
            ]
        )

    def test_one_answer_for_all_rows_with_the_address(self, desk, divided, client):
        village = places.village(parent=divided[1])
        roster = desk.read(self.rows(5))
        assert outcomes(roster) == {"conflict": 5}
        client.force_login(desk.manager)
        address = reverse("roster_row", kwargs={"roster": roster.uuid, "number": 2})
        body = client.get(address).content.decode()
        assert "xã Yên Thịnh, tỉnh Lam Giang" in body
        assert "cả 5 dòng" in body
        answer = client.post(address, {"where": "1", "unit": str(divided[1].pk), "alike": "on"})
        assert answer.status_code == 302
        assert outcomes(roster) == {"create": 5}
        desk.confirm(roster)
        assert {person.residence for person in Person.objects.all()} == {village}

    def test_the_address_may_stay_empty_and_a_forged_answer_changes_nothing(self, desk, divided, client):
        roster = desk.read(self.rows(1))
        client.force_login(desk.manager)
        address = reverse("roster_row", kwargs={"roster": roster.uuid, "number": 2})
        other = places.commune("16099", "Xa Lạ")
        for forged in ({"where": "1", "unit": str(other.pk)}, {"where": "1"}, {"where": "1", "unit": "x"}):
            assert client.post(address, forged).status_code == 302
            assert outcomes(roster) == {"conflict": 1}
        assert client.post(address, {"where": "1", "unit": ""}).status_code == 302
        assert outcomes(roster) == {"create": 1}
        assert desk.row(roster, 2).data["residence"] is None

    def test_an_unknown_address_is_mended_in_the_row(self, desk, divided):
        roster = desk.read(workbook([["Họ và tên", "Năm sinh", "Địa chỉ"], ["Lê Quang Bảy", 1965, "Xã không có"]]))
        row = desk.row(roster, 2)
        assert (row.outcome, codes(row)) == (RowOutcome.CREATE, ["phone-none", "address-unknown"])
        details = {"name": "Lê Quang Bảy", "birth": "1965", "phone": "", "title": "", "by": desk.manager}
        row = correct_row(row=row, address="Xã Hợp Lý", **details)
        assert (row.outcome, codes(row)[-1]) == (RowOutcome.CONFLICT, "address-divided")
        row = correct_row(row=row, address="Yên Thịnh", **details)
        assert (row.outcome, row.data["residence"]) == (RowOutcome.CREATE, divided[1].pk)

    def test_who_is_known_to_live_somewhere_is_not_asked_about(self, desk, divided):
        make_member(desk.organisation, "Lê Quang Bảy", birth_year=1900, residence=divided[0])
        assert outcomes(desk.read(self.rows(2))) == {"same": 1, "conflict": 1}

    def test_house_numbers_ask_the_database_nothing_new(self, desk, divided):
        def read(count: int) -> int:
            rows = [[f"Lê {'A' * n}", 1965, f"Số {n}, xã Yên Thịnh"] for n in range(1, count + 1)]
            with CaptureQueriesContext(connection) as captured:
                desk.read(workbook([["Họ và tên", "Năm sinh", "Địa chỉ"], *rows]))
            return sum("places_administrativeunit" in query["sql"] for query in captured)

        assert read(3) == read(9)

    def test_rows_beside_are_settled_in_short_steps(self, desk, divided):
        roster = desk.read(self.rows(30))
        assert choose_residence_alike(row=desk.row(roster, 2), unit_id=divided[0].pk, by=desk.manager) == 30
        assert outcomes(roster) == {"create": 30}
        assert Counter(row.data["residence"] for row in roster.rows.all()) == {divided[0].pk: 30}


def test_a_manager_of_another_organisation_reaches_none_of_it(db, run_jobs, client):
    desk = Desk(run_jobs)
    roster = desk.read(plain())
    client.force_login(make_manager(make_organisation("HTX khác"), "other"))
    kwargs = {"roster": roster.uuid}
    assert client.post(reverse("roster_columns", kwargs=kwargs), {"forget": "1"}).status_code == 404
