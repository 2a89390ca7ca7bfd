"""An old register, from its file to lines that can be checked."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from certificates.exceptions import ReasonMissing
from certificates.models import PaperEntry
from certificates.operations import withdraw_entry
from common import clock
from common.tabular import Row, Sheet
from courses.models import CourseCompletion
from ledger.enums import JobStatus
from ledger.models import AuditEntry, Job, Message
from people.enums import ImportStatus, PersonSource, RowOutcome
from people.models import Membership, Person, RosterColumns, RosterImport
from people.operations.data import erase_person
from people.operations.merging import merge_people
from people.roster.cells import read_entry, serial_key
from people.roster.columns import fields_of, find_layout
from people.roster.deciding import (
    choose_columns,
    choose_residence,
    confirm_roster,
    correct_row,
    decide_row,
    upload_register,
)
from people.roster.exceptions import IssuerMissing, UndoBlocked
from people.roster.problems import problem_text
from people.roster.undoing import look_ahead, undo_roster
from places.enums import ChangeKind, Level, UnitKind
from places.models import UnitChange
from tests.factories import places
from tests.factories.people import make_official, make_organisation, make_person, make_user
from tests.people.rosters import workbook

HEADER = ["STT", "Họ và tên", "Năm sinh", "Thôn", "Số GCN", "Ngày cấp", "Lớp tập huấn"]
LINES = [
    [1, "Trần Thị Ngọc Ánh", 1988, "Bến Hạ", "12/2024", date(2024, 10, 20), "Dùng điện thoại thông minh"],
    [2, "Lê Quang Bảy", "15/03/1965", "", "13/2024", "20/10/2024", "Dùng điện thoại thông minh"],
    [3, "Vũ Thị Bưởi", 1993, "", "", "10-12/11/2024", "Nhận biết lừa đảo"],
]
ISSUER = "Uỷ ban nhân dân huyện Sông Giang"


@given(
    serial=st.text(max_size=80),
    day=st.one_of(st.text(max_size=40), st.dates(), st.from_regex(r"[0-9]{1,2}[-/.][0-9]{1,2}[/.][0-9]{2,5}")),
    course=st.text(max_size=230),
)
def test_whatever_a_line_says_it_is_understood_or_an_error(serial, day, course):
    entry, problems = read_entry(serial=serial, issued_on=day, course=course, of_all={}, today=date(2026, 11, 1))
    codes = {problem.code for problem in problems}
    assert (entry["issued_on"] is None) == bool(codes & {"entry-day-missing", "entry-day-invalid", "entry-day-range"})
    assert (entry["course"] == "") == ("entry-course-missing" in codes)
    assert entry["serial"] or "entry-no-serial" in codes
    assert entry["serial_key"] == serial_key(entry["serial"])[:60]
    assert all(problem_text(problem.as_json()) for problem in problems)


class Office:
    """An official of a commune with a register on paper."""

    def __init__(self, run_jobs, unit=None) -> None:
        self.run_jobs = run_jobs
        self.unit = unit or places.village("t38", "Bến Hạ").parent
        self.official = make_official(self.unit)

    def read(self, lines=LINES, *, header=HEADER, issuer=ISSUER, content: bytes = b"", **said) -> RosterImport:
        file = ContentFile(content or workbook([["SỔ CẤP CHỨNG NHẬN NĂM 2024"], header, *lines]))
        roster = upload_register(
            unit=self.unit, issuer=issuer, file=file, filename="so-2024.xlsx", by=self.official, **said
        )
        self.run_jobs("people.read_roster")
        roster.refresh_from_db()
        assert roster.status == ImportStatus.PREVIEW, roster.error_message
        return roster

    def confirm(self, roster: RosterImport) -> Job:
        job = confirm_roster(roster=roster, by=self.official)
        self.run_jobs("people.import_roster")
        roster.refresh_from_db()
        job.refresh_from_db()
        assert job.status == JobStatus.DONE, job.error_message
        return job

    def enter(self, lines=LINES, **said) -> RosterImport:
        roster = self.read(lines, **said)
        self.confirm(roster)
        return roster

    def row(self, roster: RosterImport, number: int):
        return roster.rows.select_related("roster").get(number=number)


@pytest.fixture
def office(db, run_jobs) -> Office:
    return Office(run_jobs)


def outcomes(roster: RosterImport) -> Counter:
    return Counter(roster.rows.values_list("outcome", flat=True))


def codes(row) -> list[str]:
    return [problem["code"] for problem in row.problems]


def everything() -> list:
    return [list(model.objects.order_by("pk").values()) for model in (Person, Membership, PaperEntry)]


class TestEntering:
    def test_every_line_is_kept_with_its_person(self, office):
        roster = office.read()
        assert roster.columns == {
            "full_name": 1, "birth": 2, "village": 3, "serial": 4, "issued_on": 5, "course": 6
        }  # fmt: skip
        assert outcomes(roster) == {"create": 3}
        assert not PaperEntry.objects.exists()
        job = office.confirm(roster)
        assert job.result == {"create": 3, "update": 0, "same": 0, "applied": 3, "left": 0}
        entry = PaperEntry.objects.get(serial="12/2024")
        assert (entry.holder, entry.birth_year, entry.title) == ("Trần Thị Ngọc Ánh", 1988, LINES[0][-1])
        assert (entry.issuer, entry.issued_on, entry.year) == (ISSUER, date(2024, 10, 20), 2024)
        assert (entry.unit, entry.entered_by) == (office.unit, office.official)
        person = entry.person
        assert (person.source, person.created_by) == (PersonSource.REGISTER, office.official)
        assert person.residence.name == "Bến Hạ"
        assert AuditEntry.objects.get(action="people.import_roster").unit_path == office.unit.path

    def test_who_says_nothing_of_a_place_lives_in_the_commune(self, office):
        office.enter()
        assert Person.objects.get(name_folded="le quang bay").residence == office.unit

    def test_a_line_without_a_number_is_a_training(self, office):
        roster = office.read()
        assert codes(office.row(roster, 5)) == ["entry-no-serial"]
        office.confirm(roster)
        entry = PaperEntry.objects.get(holder_folded="vu thi buoi")
        assert (entry.serial, entry.issued_on) == ("", date(2024, 11, 12))

    def test_nobody_is_enrolled_texted_or_made_a_member(self, office):
        office.enter()
        assert not Membership.objects.exists()
        assert not CourseCompletion.objects.exists()
        assert not Message.objects.exists()

    def test_what_the_lines_do_not_say_is_said_once(self, office):
        lines = [[1, "Trần Thị Ngọc Ánh", 1988, "7"], [2, "Lê Quang Bảy", 1965, "8"]]
        header = ["STT", "Họ và tên", "Năm sinh", "Số giấy chứng nhận"]
        office.enter(lines, header=header, course="Kỹ năng số cơ bản", issued_on=date(2025, 3, 31))
        assert set(PaperEntry.objects.values_list("title", "issued_on")) == {("Kỹ năng số cơ bản", date(2025, 3, 31))}

    def test_the_issuer_is_needed(self, office):
        with pytest.raises(IssuerMissing):
            office.read(issuer=" ")

    def test_known_people_get_their_line_and_keep_what_is_known(self, office):
        known = make_person("Trần Thị Ngọc Ánh", birth_year=1988, phone="+84900000112", residence=office.unit)
        roster = office.read()
        assert outcomes(roster) == {"create": 2, "update": 1}
        office.confirm(roster)
        assert known.paper_entries.get().serial == "12/2024"
        known.refresh_from_db()
        assert (known.phone, known.residence, known.source) == ("+84900000112", office.unit, PersonSource.ROSTER)

    def test_somebody_may_have_several_papers(self, office):
        again = [4, "Trần Thị Ngọc Ánh", 1988, "Bến Hạ", "44/2024", "01/12/2024", "Nhận biết lừa đảo"]
        roster = office.read([*LINES, again])
        assert outcomes(roster) == {"create": 4}
        office.confirm(roster)
        assert Person.objects.count() == 3
        assert Person.objects.get(name_folded="tran thi ngoc anh").paper_entries.count() == 2

    def test_two_of_one_name_without_a_year_are_asked_about(self, office):
        lines = [
            [1, "Vàng Seo Lử", "", "", "1", "01/02/2024", "Kỹ năng số"],
            [2, "Vàng Seo Lử", "", "", "2", "01/02/2024", "Kỹ năng số"],
            [3, "Vàng Seo Lử", "", "", "3", "01/02/2024", "Kỹ năng số"],
        ]
        roster = office.read(lines)
        assert outcomes(roster) == {"create": 1, "conflict": 2}
        assert decide_row(row=office.row(roster, 4), decision="row", value=3, by=office.official).outcome == "update"
        decide_row(row=office.row(roster, 5), decision="another", by=office.official)
        office.confirm(roster)
        assert Counter(PaperEntry.objects.values_list("person", flat=True)).most_common(1)[0][1] == 2
        assert Person.objects.count() == 2
        assert not roster.rows.filter(applied_at=None).exists()

    def test_few_queries_for_many_lines(self, office):
        def lines(number: int, first: int):
            return [[n, f"Người Thứ {chr(65 + n % 26)}{chr(97 + n // 26)}", 1970, "", n, "01/02/2024", "Kỹ năng số"]
                    for n in range(first, first + number)]  # fmt: skip

        def looks(number: int) -> int:
            with CaptureQueriesContext(connection) as captured:
                office.read(lines(number, 5))
            asked = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
            return sum("people_person" in sql or "certificates_paperentry" in sql for sql in asked)

        office.enter(lines(50, 0))
        assert looks(60) == looks(150) == 2


class TestAgain:
    def test_the_same_file_again_changes_nothing(self, office):
        office.enter()
        before = everything()
        again = office.read()
        assert outcomes(again) == {"same": 3}
        assert codes(office.row(again, 3)) == ["entry-recorded"]
        assert office.confirm(again).result["same"] == 3
        assert everything() == before

    def test_nor_after_somebody_was_renamed_or_moved(self, office):
        office.enter()
        other = places.commune("38002", "Yên Thịnh", office.unit.parent)
        Person.objects.filter(name_folded="le quang bay").update(residence=other, birth_year=1966)
        count = Person.objects.count()
        office.confirm(office.read())
        assert (Person.objects.count(), PaperEntry.objects.count()) == (count, 3)

    def test_the_result_comes_back_corrected(self, office):
        wrong = [4, "Lục Thị Ỷ", 1979, "", "15/2024", "ngày đẹp", "Kỹ năng số"]
        roster = office.read([*LINES, wrong])
        job = office.confirm(roster)
        with job.result_file.open("rb") as file:
            rows = [[cell.value for cell in row] for row in load_workbook(file).active.iter_rows()]
        assert [row[8] for row in rows[1:]] == ["đã nhập", "đã nhập", "đã nhập", "chưa đưa vào: phải sửa"]
        rows[4][6] = "05/12/2024"
        again = office.read(content=workbook(rows))
        assert outcomes(again) == {"same": 3, "create": 1}
        office.confirm(again)
        assert PaperEntry.objects.get(serial="15/2024").issued_on == date(2024, 12, 5)

    def test_the_office_above_does_not_enter_it_twice(self, office, run_jobs):
        office.enter()
        above = Office(run_jobs, office.unit.parent)
        lines = [[*line[:3], f"{line[3]}", *line[4:], office.unit.full_name] for line in LINES]
        again = above.read(lines, header=[*HEADER, "Xã"])
        assert outcomes(again) == {"same": 3}

    def test_another_issuer_has_its_own_numbers(self, office):
        office.enter()
        office.enter([LINES[1]], issuer="Hội Nông dân huyện Sông Giang")
        assert PaperEntry.objects.filter(serial_key="13/2024").count() == 2
        assert Person.objects.count() == 3


class TestErrors:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            (["Hà Văn Thiệp", 1968, "", "1", "31/02/2024", "Lớp"], "entry-day-invalid"),
            (["Hà Văn Thiệp", 1968, "", "1", "2024", "Lớp"], "entry-day-invalid"),
            (["Hà Văn Thiệp", 1968, "", "1", "", "Lớp"], "entry-day-missing"),
            (["Hà Văn Thiệp", 1968, "", "1", "01/01/1975", "Lớp"], "entry-day-range"),
            (["Hà Văn Thiệp", 1968, "", "1", clock.today() + timedelta(days=40), "Lớp"], "entry-day-range"),
            (["Hà Văn Thiệp", 1968, "", "1", "01/02/2024", ""], "entry-course-missing"),
            (["Hà Văn Thiệp", 1968, "", "1", "01/02/2024", "x" * 201], "entry-course-too-long"),
            (["Hà Văn Thiệp", 1968, "", "9" * 61, "01/02/2024", "Lớp"], "entry-serial-too-long"),
            (["Hà Văn Thiệp", "con mèo", "", "1", "01/02/2024", "Lớp"], "birth-invalid"),
        ],
    )
    def test_a_wrong_line_waits_to_be_mended(self, office, line, expected):
        roster = office.read([*LINES, [4, *line]])
        row = office.row(roster, 6)
        assert (row.outcome, expected in codes(row)) == (RowOutcome.ERROR, True)
        fixed = {"name": "Hà Văn Thiệp", "birth": "1968", "phone": "", "title": "", "address": ""}
        row = correct_row(row=row, **fixed, serial="1", issued_on="3/2/2024", course="Lớp", by=office.official)
        assert row.outcome == RowOutcome.CREATE
        office.confirm(roster)
        assert PaperEntry.objects.get(serial="1").issued_on == date(2024, 2, 3)

    def test_a_number_stands_once_in_a_file(self, office):
        roster = office.read([*LINES, [4, "Hà Văn Thiệp", 1968, "", " 12 / 2024", "20/10/2024", "Lớp"]])
        row = office.row(roster, 6)
        assert (row.outcome, row.problems[0]["params"]) == (RowOutcome.ERROR, {"row": 3})
        fixed = {"name": "Hà Văn Thiệp", "birth": "1968", "phone": "", "title": "", "address": "", "course": "Lớp"}
        row = correct_row(row=row, **fixed, serial="12/2024", issued_on="20/10/2024", by=office.official)
        assert "entry-serial-repeated" in codes(row)
        row = correct_row(row=row, **fixed, serial="12/2024", issued_on="20/10/2023", by=office.official)
        assert row.outcome == RowOutcome.CREATE

    def test_a_number_of_somebody_else_is_told(self, office):
        office.enter()
        roster = office.read([[1, "Hà Văn Thiệp", 1968, "", "12/2024", "20/10/2024", "Lớp"]])
        row = office.row(roster, 3)
        assert (row.outcome, codes(row)) == (RowOutcome.ERROR, ["entry-serial-taken"])

    def test_a_number_taken_since_the_preview_stays_behind(self, office):
        roster = office.read([[1, "Hà Văn Thiệp", 1968, "", "12/2024", "20/10/2024", "Lớp"]])
        office.enter()
        assert office.confirm(roster).result["left"] == 1
        assert codes(office.row(roster, 3)) == ["entry-serial-taken"]
        assert not Person.objects.filter(name_folded="ha van thiep").exists()

    def test_people_of_other_places_are_for_others(self, office):
        places.commune("38002", "Yên Thịnh", office.unit.parent)
        lines = [[1, "Hà Văn Thiệp", 1968, "1", "20/10/2024", "Lớp", "xã Yên Thịnh"]]
        header = ["STT", "Họ và tên", "Năm sinh", "Số", "Ngày cấp", "Lớp", "Địa chỉ"]
        roster = office.read(lines, header=header)
        assert codes(office.row(roster, 3))[-1] == "residence-outside"
        assert outcomes(roster) == {"error": 1}

    def test_so_are_people_of_another_province(self, office):
        places.commune("14167", "Giao Ninh", places.province("37", "Ninh Bình"))
        lines = [[1, "Hà Văn Thiệp", 1968, "1", "20/10/2024", "Lớp", "xã Giao Ninh, tỉnh Ninh Bình"]]
        header = ["STT", "Họ và tên", "Năm sinh", "Số", "Ngày cấp", "Lớp", "Địa chỉ"]
        roster = office.read(lines, header=header)
        assert codes(office.row(roster, 3))[-1] == "residence-outside"
        assert outcomes(roster) == {"error": 1}

    @pytest.mark.parametrize(
        ("address", "expected", "is_home"),
        [
            ("Thôn Không Có", "residence-home", True),
            ("Số nhà 5, xóm 3, thôn Không Có", "residence-home", True),
            ("xã Không Có", "residence-missing", False),
            ("không có, giao thuỷ, nam định", "residence-missing", False),
        ],
    )
    def test_who_names_a_place_that_is_not_known_does_not_live_here_for_that(self, office, address, expected, is_home):
        lines = [[1, "Hà Văn Thiệp", 1968, "1", "20/10/2024", "Lớp", address]]
        header = ["STT", "Họ và tên", "Năm sinh", "Số", "Ngày cấp", "Lớp", "Địa chỉ"]
        row = office.row(office.read(lines, header=header), 3)
        assert codes(row)[-1] == expected
        assert (row.outcome, row.data["residence"]) == (
            (RowOutcome.CREATE, office.unit.pk) if is_home else (RowOutcome.ERROR, None)
        )

    def test_a_province_needs_the_commune_of_everybody(self, office, run_jobs):
        above = Office(run_jobs, office.unit.parent)
        lines = [
            [1, "Hà Văn Thiệp", 1968, "1", "20/10/2024", "Lớp", ""],
            [2, "Lục Thị Ỷ", 1968, "2", "20/10/2024", "Lớp", office.unit.full_name],
        ]
        header = ["STT", "Họ và tên", "Năm sinh", "Số", "Ngày cấp", "Lớp", "Xã"]
        roster = above.read(lines, header=header)
        assert codes(office.row(roster, 3))[-1] == "residence-missing"
        assert outcomes(roster) == {"error": 1, "create": 1}

    def test_a_divided_commune_asks_and_leads_nowhere_else(self, office):
        beside = places.commune("38002", "Yên Thịnh", office.unit.parent)
        former = places.former(office.unit.parent, "38900", "Giao Phong", Level.COMMUNE, UnitKind.XA)
        for new in (office.unit, beside):
            UnitChange.objects.create(old=former, new=new, kind=ChangeKind.SPLIT, effective_on=places.SINCE)
        people = ((1, "Hà Văn A"), (2, "Hà Văn Ba"), (3, "Hà Văn Ca"))
        lines = [[number, name, 1968, number, "20/10/2024", "Lớp", "xã Giao Phong"] for number, name in people]
        header = ["STT", "Họ và tên", "Năm sinh", "Số", "Ngày cấp", "Lớp", "Xã"]
        roster = office.read(lines, header=header)
        assert outcomes(roster) == {"conflict": 3}
        assert choose_residence(row=office.row(roster, 3), unit_id=beside.pk, by=office.official).outcome == "error"
        mine = choose_residence(row=office.row(roster, 4), unit_id=office.unit.pk, by=office.official)
        assert (mine.outcome, mine.data["residence"]) == ("create", office.unit.pk)
        empty = choose_residence(row=office.row(roster, 5), unit_id=None, by=office.official)
        assert (empty.outcome, empty.data["residence"]) == ("create", office.unit.pk)


class TestColumns:
    @pytest.mark.parametrize(
        ("header", "values", "serial", "counter"),
        [
            (["STT", "Họ và tên", "Số", "Ngày cấp"], [(1, "12/2024"), (2, "13/2024"), (3, "")], 2, 0),
            (["STT", "Họ và tên", "Số", "Ngày cấp"], [(1, 1), (2, 2), (3, 3)], 2, 0),
            (["Số", "Họ và tên", "", "Ngày cấp"], [("12/2024", ""), ("15/2024", ""), ("", "")], 0, None),
            (["Số", "Họ và tên", "", "Ngày cấp"], [(101, ""), (102, ""), (103, "")], 0, None),
            (["Số", "Họ và tên", "", "Ngày cấp"], [(1, ""), (2, ""), (3, "")], None, 0),
            (["Số", "Họ và tên", "Số hiệu", "Ngày cấp"], [(7, "12/2024"), (9, "13/2024"), (8, "")], 2, None),
            (["STT", "Họ và tên", "Số", "Ngày cấp"], [(1, "0900000112"), (2, "0900000135"), (3, "")], None, 0),
            (["STT", "Họ và tên", "Số", "SĐT"], [(1, "5"), (2, "9"), (3, "2")], 2, 0),
        ],
    )
    def test_a_bare_number_is_known_by_its_values(self, header, values, serial, counter):
        people = zip(values, ("Trần Thị Ngọc Ánh", "Lê Quang Bảy", "Vũ Thị Bưởi"), strict=True)
        lines = [header, *([str(first), name, str(second)] for (first, second), name in people)]
        sheet = Sheet("Sổ", [Row(number, cells) for number, cells in enumerate(lines, start=1)])
        layout = find_layout(sheet, fields=fields_of(True))
        assert (layout.columns.get("serial"), layout.counter) == (serial, counter)
        assert "phone" not in layout.columns or header[layout.columns["phone"]] == "SĐT"
        assert "serial" not in find_layout(sheet).columns

    def test_a_bare_number_under_a_merged_cell(self, office):
        lines = [
            [None, None, None, "Số", "Ngày cấp"],
            [1, "Trần Thị Ngọc Ánh", 1988, "12/2024", "20/10/2024"],
            [2, "Lê Quang Bảy", 1965, "13/2024", "20/10/2024"],
        ]
        roster = office.read(lines, header=["STT", "Họ và tên", "Năm sinh", "Giấy chứng nhận", None], course="Lớp")
        assert roster.columns == {"full_name": 1, "birth": 2, "serial": 3, "issued_on": 4}
        assert outcomes(roster) == {"create": 2}

    def test_chosen_ones_are_remembered_for_registers_of_this_unit_only(self, office):
        header = ["STT", "Họ và tên", "Năm sinh", "A", "B", "C"]
        lines = [[1, "Hà Văn Thiệp", 1968, "1", "20/10/2024", "Lớp"]]
        roster = office.read(lines, header=header)
        assert "serial" not in roster.columns
        columns = {"full_name": 1, "birth": 2, "serial": 3, "issued_on": 4, "course": 5}
        choose_columns(roster=roster, sheet=roster.sheet, header_row=2, columns=columns, by=office.official)
        office.run_jobs("people.read_roster")
        assert office.row(roster, 3).data["entry"]["serial"] == "1"
        assert RosterColumns.objects.get().unit == office.unit
        assert office.read(lines, header=header).columns == columns

    def test_the_day_of_an_identity_card_is_not_the_day_of_issue(self, office):
        header = ["STT", "Họ và tên", "Năm sinh", "CCCD", "Ngày cấp", "Số chứng nhận", "Ngày học", "Lớp"]
        lines = [[1, "Hà Văn Thiệp", 1968, "038068000001", "01/01/2021", "1", "20/10/2024", "Lớp"]]
        roster = office.read(lines, header=header)
        row = office.row(roster, 3)
        assert row.data["entry"]["issued_on"] == "2024-10-20"
        assert "038068000001" not in str(row.cells)


class TestBack:
    def test_a_whole_register_is_taken_back(self, office):
        known = make_person("Trần Thị Ngọc Ánh", birth_year=1988, residence=office.unit)
        roster = office.enter()
        outlook = look_ahead(roster)
        assert (outlook.removed, outlook.obstacles) == (2, [])
        undo_roster(roster=roster, by=office.official)
        office.run_jobs("people.undo_roster")
        assert list(Person.objects.all()) == [known]
        assert not PaperEntry.objects.exists()

    def test_not_once_a_line_was_withdrawn(self, office):
        roster = office.enter()
        entry = PaperEntry.objects.get(serial="12/2024")
        withdraw_entry(entry=entry, reason="Chép nhầm dòng", by=office.official)
        with pytest.raises(UndoBlocked):
            undo_roster(roster=roster, by=office.official)
        assert PaperEntry.objects.count() == 3

    def test_not_once_somebody_joined_an_organisation(self, office):
        roster = office.enter()
        person = Person.objects.get(name_folded="le quang bay")
        Membership.objects.create(person=person, organisation=make_organisation(), valid_from=clock.today())
        with pytest.raises(UndoBlocked):
            undo_roster(roster=roster, by=office.official)


class TestWithdrawing:
    def test_a_reason_is_needed_and_the_number_is_free_again(self, office):
        office.enter()
        entry = PaperEntry.objects.get(serial="12/2024")
        with pytest.raises(ReasonMissing):
            withdraw_entry(entry=entry, reason="  ", by=office.official)
        for _again in range(2):
            held = withdraw_entry(entry=entry, reason="Giấy của người khác", by=office.official)
        assert (held.withdrawn_reason, AuditEntry.objects.filter(action="certificates.withdraw_entry").count()) == (
            "Giấy của người khác",
            1,
        )
        office.enter([[1, "Hà Văn Thiệp", 1968, "", "12/2024", "20/10/2024", "Lớp"]])
        assert PaperEntry.objects.in_force().get(serial="12/2024").holder == "Hà Văn Thiệp"


class TestTheirData:
    def test_an_erasure_leaves_the_numbered_line(self, office):
        office.enter([*LINES, [4, "Trần Thị Ngọc Ánh", 1988, "Bến Hạ", "", "01/12/2024", "Nhận biết lừa đảo"]])
        person = Person.objects.get(name_folded="tran thi ngoc anh")
        erase_person(person=person, by=make_user(is_superuser=True))
        (entry,) = PaperEntry.objects.filter(holder_folded="tran thi ngoc anh")
        assert (entry.serial, entry.birth_year, entry.person) == ("12/2024", None, None)
        roster = office.read()
        assert codes(office.row(roster, 3)) == ["entry-erased"]
        assert outcomes(roster) == {"error": 1, "same": 2}

    def test_a_merging_takes_the_lines_along(self, office):
        office.enter()
        absorbed = Person.objects.get(name_folded="le quang bay")
        kept = make_person("Lê Quang Bảy", birth_year=1966, residence=office.unit)
        merge_people(kept=kept, absorbed=absorbed, by=office.official)
        assert kept.paper_entries.get().serial == "13/2024"
        assert outcomes(office.read()) == {"same": 3}
