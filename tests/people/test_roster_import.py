"""From the confirmed list to people: once each, whatever happens on the way."""

from __future__ import annotations

import io
import threading
from collections import Counter
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.base import ContentFile
from django.db import connection, connections

from common import clock
from ledger.enums import JobStatus
from ledger.models import AuditEntry, Job
from ledger.operations import cancel_job, run_job
from people.enums import ImportStatus, PersonSource, RowOutcome
from people.models import Membership, Person, RosterImport
from people.operations.memberships import add_member, end_membership
from people.roster import applying, steps
from people.roster.deciding import (
    choose_columns,
    choose_residence,
    confirm_roster,
    correct_row,
    decide_row,
    discard_roster,
    tick_rows,
    upload_roster,
)
from people.roster.exceptions import (
    ColumnsWrong,
    NobodyTicked,
    NothingToImport,
    RosterClosed,
    RowDone,
    SameNameKnown,
    UnknownDecision,
)
from people.roster.problems import Problem, problem_text
from people.roster.steps import Verdict, roster_steps
from places.enums import ChangeKind, Level, UnitKind
from places.models import AdministrativeUnit, UnitChange
from tests.factories import places
from tests.factories.people import make_manager, make_member, make_organisation, make_person, make_user
from tests.people.rosters import GOOD, HEADER, PEOPLE, plain, with_errors, with_repetitions, workbook


class Desk:
    """A manager at work."""

    def __init__(self, run_jobs, organisation=None) -> None:
        self.run_jobs = run_jobs
        self.organisation = organisation or make_organisation()
        self.manager = make_manager(self.organisation)

    def read(self, content: bytes, filename: str = "ds.xlsx") -> RosterImport:
        roster = upload_roster(
            organisation=self.organisation, file=ContentFile(content), filename=filename, by=self.manager
        )
        self.run_jobs("people.read_roster")
        roster.refresh_from_db()
        assert roster.status == ImportStatus.PREVIEW, roster.error_message
        return roster

    def confirm(self, roster: RosterImport, **options) -> Job:
        job = confirm_roster(roster=roster, by=self.manager, **options)
        self.run_jobs("people.import_roster")
        roster.refresh_from_db()
        job.refresh_from_db()
        return job

    def row(self, roster: RosterImport, number: int):
        return roster.rows.select_related("roster").get(number=number)


@pytest.fixture
def desk(db, run_jobs) -> Desk:
    return Desk(run_jobs)


def outcomes(roster: RosterImport) -> Counter:
    return Counter(roster.rows.values_list("outcome", flat=True))


def codes(row) -> list[str]:
    return [problem["code"] for problem in row.problems]


def state_of_everything() -> list:
    return [
        list(Person.objects.order_by("pk").values()),
        list(Membership.objects.order_by("pk").values()),
    ]


class TestImport:
    def test_people_and_memberships_are_written(self, desk):
        roster = desk.read(plain())
        job = desk.confirm(roster)
        assert roster.status == ImportStatus.DONE
        assert job.status == JobStatus.DONE
        assert job.result == {"create": 3, "update": 0, "same": 0, "applied": 3, "left": 0}
        assert (job.progress_done, job.progress_total) == (3, 3)
        person = Person.objects.get(name_folded="tran thi ngoc anh")
        assert (person.birth_year, person.phone, person.source) == (1988, "+84900000112", PersonSource.ROSTER)
        assert person.created_by == desk.manager
        membership = person.memberships.get()
        assert (membership.organisation, membership.title) == (desk.organisation, "Kế toán")
        assert membership.valid_from == clock.today()
        assert [p.given_name for p in Person.objects.members_of(desk.organisation)] == ["Ánh", "Bảy", "Bưởi"]
        entry = AuditEntry.objects.get(action="people.import_roster")
        assert (entry.actor, entry.count, entry.unit_path) == (desk.manager, 3, desk.organisation.seat.path)

    def test_the_same_file_again_changes_nothing(self, desk):
        desk.confirm(desk.read(plain()))
        before = state_of_everything()
        again = desk.read(plain())
        assert outcomes(again) == {"same": 3}
        job = desk.confirm(again)
        assert state_of_everything() == before
        assert job.result["same"] == 3

    def test_what_is_empty_is_filled_and_what_lists_said_is_corrected(self, desk):
        known = make_member(desk.organisation, "Tran Thi Ngoc Anh", birth_year=1988, phone="")
        moved = make_member(desk.organisation, "Lê Quang Bảy", birth_year=1965, phone="+84900000999", title="Lái xe")
        roster = desk.read(plain())
        assert outcomes(roster) == {"update": 2, "create": 1}
        desk.confirm(roster)
        known.refresh_from_db()
        moved.refresh_from_db()
        assert (known.full_name, known.phone) == ("Trần Thị Ngọc Ánh", "+84900000112")
        assert known.name_folded == "tran thi ngoc anh"
        assert moved.phone == "+84900000135"
        assert moved.memberships.get().title == "Tổ sản xuất 2"

    def test_a_phone_that_somebody_claimed_is_never_replaced(self, desk):
        own = make_member(desk.organisation, "Lê Quang Bảy", birth_year=1965, phone="+84900000999", account=make_user())
        walk_in = make_member(
            desk.organisation,
            "Trần Thị Ngọc Ánh",
            birth_year=1988,
            phone="+84900000998",
            source=PersonSource.WALK_IN,
        )
        elsewhere = make_member(desk.organisation, "Vũ Thị Bưởi", birth_year=1993, phone="+84900000997")
        Membership.objects.create(
            person=elsewhere, organisation=make_organisation("Công ty khác"), valid_from=clock.today()
        )
        rows = [HEADER, *PEOPLE[:2], [3, "Vũ Thị Bưởi", 1993, "0900000111", ""]]
        roster = desk.read(workbook(rows))
        assert [codes(row) for row in roster.rows.all()].count(["phone-kept", "will-change"]) == 2
        desk.confirm(roster)
        phones = {p.pk: p.phone for p in Person.objects.all()}
        assert phones == {own.pk: "+84900000999", walk_in.pk: "+84900000998", elsewhere.pk: "+84900000997"}

    def test_somebody_known_elsewhere_joins_and_nothing_of_them_shows(self, desk):
        other = make_organisation("HTX Làng Thượng")
        person = make_member(other, "Trần Thị Ngọc Ánh", birth_year=1988, phone="+84900000112", title="Bí mật")
        roster = desk.read(plain())
        row = desk.row(roster, 2)
        assert (row.outcome, row.person_id) == (RowOutcome.CREATE, None)
        desk.confirm(roster)
        assert Person.objects.count() == 3
        assert set(person.memberships.values_list("organisation", flat=True)) == {other.pk, desk.organisation.pk}

    @pytest.mark.parametrize(
        "other",
        [
            {"full_name": "Trần Thị Ngọc Ánh", "birth_year": 1988, "phone": ""},
            {"full_name": "Trần Thị Ngọc Ánh", "birth_year": None, "phone": "+84900000112"},
            {"full_name": "Trần Thị Ngọc Anh", "birth_year": 1988, "phone": "+84900000112"},
            {"full_name": "Trần Thị Ngọc Ánh", "birth_year": 1989, "phone": "+84900000112"},
        ],
    )
    def test_outside_the_organisation_two_of_three_are_not_enough(self, desk, other):
        stranger = make_person(**other)
        desk.confirm(desk.read(plain()))
        assert not stranger.memberships.exists()
        assert Person.objects.count() == 4

    def test_who_left_joins_again_as_the_same_person(self, desk):
        desk.confirm(desk.read(plain()))
        person = Person.objects.get(name_folded="vu thi buoi")
        Membership.objects.filter(person=person).update(valid_from=clock.today() - timedelta(days=9))
        assert end_membership(person=person, organisation=desk.organisation, by=desk.manager)
        roster = desk.read(plain())
        row = desk.row(roster, 4)
        assert (row.outcome, codes(row)) == (RowOutcome.UPDATE, ["phone-none", "returns"])
        desk.confirm(roster)
        assert Person.objects.count() == 3
        assert person.memberships.count() == 2
        assert person in Person.objects.members_of(desk.organisation)

    def test_seat_as_residence_only_when_asked(self, desk):
        desk.confirm(desk.read(plain()), residence_from_seat=True)
        assert {p.residence for p in Person.objects.all()} == {desk.organisation.seat}

    def test_the_seat_is_not_where_somebody_with_another_address_lives(self, desk):
        rows = [
            ["Họ tên", "Năm sinh", "Xã"],
            ["Trần Thị Ngọc Ánh", 1988, ""],
            ["Lê Quang Bảy", 1965, "Xã không có"],
            ["Vũ Thị Bưởi", 1993, "Xã không có"],
        ]
        roster = desk.read(workbook(rows))
        assert codes(desk.row(roster, 3)) == ["phone-none", "address-unknown"]
        fields = {"name": "Vũ Thị Bưởi", "birth": "1993", "phone": "", "title": "", "address": ""}
        correct_row(row=desk.row(roster, 4), **fields, by=desk.manager)
        desk.confirm(roster, residence_from_seat=True)
        seat = desk.organisation.seat
        assert [p.residence for p in Person.objects.order_by("pk")] == [seat, None, seat]

    def test_an_old_commune_s_roster_today(self, desk):
        """Names of before July 2025 find today's commune and say so; a divided commune asks a person."""
        commune = places.commune()
        next_door = places.commune("16013", "Yên Thịnh")
        province = places.former(places.country(), "38", "Lam Giang", Level.PROVINCE, UnitKind.TINH)
        district = places.former(province, "380", "Triệu Sơn", Level.DISTRICT, UnitKind.HUYEN)
        merged = places.former(district, "15701", "Đồng Lợi", Level.COMMUNE, UnitKind.XA)
        divided = places.former(district, "15703", "Hợp Lý", Level.COMMUNE, UnitKind.XA)
        for before, after in ((merged, commune), (divided, commune), (divided, next_door)):
            UnitChange.objects.create(old=before, new=after, kind=ChangeKind.MERGE, effective_on=places.SINCE)
        roster = desk.read(
            workbook(
                [
                    ["Họ và tên", "Năm sinh", "Địa chỉ"],
                    ["Nguyễn Thị Hoa", 1980, "xã Đồng Lợi, huyện Triệu Sơn, tỉnh Lam Giang"],
                    ["Trần Văn Ba", 1981, "Hợp Lý, Triệu Sơn"],
                ]
            )
        )
        assert codes(desk.row(roster, 2)) == ["phone-none", "address-former"]
        assert codes(desk.row(roster, 3)) == ["phone-none", "address-divided"]
        words = " ".join(problem_text(problem) for problem in desk.row(roster, 3).problems)
        assert "xã Yên Thịnh" in words
        assert outcomes(roster) == {"create": 1, "conflict": 1}
        elsewhere = places.commune("16014", "Thọ Vực")
        with pytest.raises(UnknownDecision):
            choose_residence(row=desk.row(roster, 3), unit_id=elsewhere.pk, by=desk.manager)
        row = choose_residence(row=desk.row(roster, 3), unit_id=next_door.pk, by=desk.manager)
        assert (row.outcome, codes(row)) == (RowOutcome.CREATE, ["phone-none"])
        desk.confirm(roster)
        assert [p.residence for p in Person.objects.order_by("pk")] == [commune, next_door]

    def test_addresses(self, desk):
        commune = desk.organisation.seat
        village = places.village(parent=commune)
        other = places.commune("16013", "Thượng Ninh")
        rows = [
            ["Họ tên", "Năm sinh", "Thôn", "Xã"],
            ["Trần Thị Ngọc Ánh", 1988, "Bến Hạ", ""],
            ["Lê Quang Bảy", 1965, "thôn ben ha", "xã Đồng Tiến"],
            ["Vũ Thị Bưởi", 1993, "Thôn khác", "Thượng Ninh"],
            ["Phạm Văn Dũng", 1971, "", "Xã không có"],
        ]
        roster = desk.read(workbook(rows))
        assert codes(desk.row(roster, 5)) == ["phone-none", "address-unknown"]
        desk.confirm(roster)
        assert [p.residence for p in Person.objects.order_by("pk")] == [village, village, other, None]

    @pytest.mark.parametrize(
        ("address", "found", "expected"),
        [
            ("xã Giao Phong, huyện Giao Thủy, tỉnh Nam Định", "Giao Ninh", ["address-former"]),
            ("giao phong, giao thuy, nam dinh", "Giao Ninh", ["address-former"]),
            ("Giao Phong, Giao Thủy", "Giao Ninh", ["address-former"]),
            ("Giao Phong, Nam Định, Việt Nam", "Giao Ninh", ["address-former"]),
            ("xã Giao Ninh, tỉnh Ninh Bình", "Giao Ninh", []),
            ("Bến Hạ, xã Giao Ninh, tỉnh Ninh Bình", "Bến Hạ", []),
            ("xã Giao Ninh, huyện Giao Thủy, tỉnh Nam Định", "Giao Ninh", []),
            ("xã Đồng Tiến, tỉnh Ninh Bình", "Đồng Tiến", []),
            ("xã Giao Hải, huyện Giao Thủy, tỉnh Nam Định", None, ["address-divided"]),
            ("Đồng Tiến, Giao Thủy", None, ["address-several"]),
            ("Bến Hạ, xã Không Có, tỉnh Ninh Bình", None, ["address-unknown"]),
            ("xã Không Có, Ninh Bình", None, ["address-unknown"]),
            ("Giao Ninh", None, ["address-unknown"]),
        ],
    )
    def test_an_address_in_another_province(self, desk, address, found, expected):
        places.village(parent=desk.organisation.seat)
        far = places.province("37", "Ninh Bình")
        new = places.commune("14167", "Giao Ninh", far)
        places.village("t02", "Bến Hạ", new)
        beside = places.commune("14168", "Đồng Tiến", far)
        places.commune("14169", "Ninh Bình", far)
        province = places.former(places.country(), "36", "Nam Định", Level.PROVINCE, UnitKind.TINH)
        district = places.former(province, "365", "Giao Thủy", Level.DISTRICT, UnitKind.HUYEN)
        merged = places.former(district, "14100", "Giao Phong", Level.COMMUNE, UnitKind.XA)
        divided = places.former(district, "14101", "Giao Hải", Level.COMMUNE, UnitKind.XA)
        gone = places.former(district, "14102", "Đồng Tiến", Level.COMMUNE, UnitKind.XA)
        links = ((province, far), (merged, new), (divided, new), (divided, beside), (gone, beside))
        for before, after in links:
            UnitChange.objects.create(old=before, new=after, kind=ChangeKind.MERGE, effective_on=places.SINCE)
        roster = desk.read(workbook([["Họ và tên", "Năm sinh", "Địa chỉ"], ["Nguyễn Thị Hoa", 1980, address]]))
        row = desk.row(roster, 2)
        assert codes(row) == ["phone-none", *expected]
        unit = AdministrativeUnit.objects.filter(pk=row.data["residence"]).first()
        assert (unit.name if unit else None) == found
        assert unit is None or unit.path.startswith(far.path)

    def test_errors_and_questions_stay_behind_and_can_follow(self, desk):
        roster = desk.read(with_errors())
        job = desk.confirm(roster)
        assert job.result == {"create": 1, "update": 0, "same": 0, "applied": 1, "left": 6}
        assert Person.objects.count() == 1
        with pytest.raises(NothingToImport):
            confirm_roster(roster=roster, by=desk.manager)
        row = correct_row(
            row=desk.row(roster, 3),
            name="Đặng Văn Bính",
            birth="1979",
            phone="0900 000 417",
            title="",
            address="",
            by=desk.manager,
        )
        assert row.outcome == RowOutcome.CREATE
        second = desk.confirm(roster)
        assert second.pk != job.pk
        assert second.result["left"] == 5
        assert Person.objects.count() == 2

    def test_result_file_tells_every_row(self, desk):
        roster = desk.read(GOOD["a formula for a name"].make(), "ds.csv")
        job = desk.confirm(roster)
        assert job.result_name == "ket-qua-ds.xlsx"
        with job.result_file.open("rb") as file:
            sheet = openpyxl.load_workbook(io.BytesIO(file.read())).active
        table = [[cell.value for cell in row] for row in sheet.iter_rows()]
        assert table[0][1:6] == HEADER
        assert table[1][2] == "'=2+5+cmd|' /C calc'!A0"
        assert all(table[1][-2:])
        assert len(table) == 4
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)

    def test_steps_get_the_ticked_people_only(self, desk, monkeypatch):
        seen = []

        class Step:
            def check_rows(self, rows, *, roster):
                wrong = Verdict([Problem("birth", "birth-invalid")])
                return {place: wrong for place, row in enumerate(rows) if row["birth_year"] == 1993}

            def apply_chunk(self, **values):
                seen.append(values)

        monkeypatch.setattr(steps, "_steps", {"proof": Step()})
        roster = desk.read(plain())
        with pytest.raises(NobodyTicked):
            confirm_roster(roster=roster, course_key="k", only_ticked=True, by=desk.manager)
        tick_rows(roster=roster, shown=[2, 3, 4], ticked=[3, 4])
        tick_rows(roster=roster, shown=[2], ticked=[])
        assert desk.row(roster, 4).outcome == RowOutcome.ERROR
        desk.confirm(roster, course_key="k", only_ticked=True)
        assert Person.objects.count() == 2
        wanted = Person.objects.get(name_folded="le quang bay")
        (call,) = seen
        assert [person.person_id for person in call["people"]] == [wanted.pk]
        assert call["people"][0].data["birth_year"] == 1965
        assert (call["by"], call["roster"].organisation) == (desk.manager, desk.organisation)
        assert call["roster"].options["course_key"] == "k"

    def test_enrolment_is_a_step(self, db):
        assert "courses.enrol" in dict(roster_steps())


class TestDecisions:
    def test_same_name_with_nothing_to_tell_apart(self, desk):
        known = make_member(desk.organisation, "Vũ Thị Bưởi", birth_year=None, phone="")
        other = make_member(desk.organisation, "Vũ Thị Bưởi", birth_year=None, phone="+84900000888")
        outsider = make_person("Vũ Thị Bưởi", birth_year=None)
        roster = desk.read(plain())
        row = desk.row(roster, 4)
        assert row.outcome == RowOutcome.CONFLICT
        assert row.problems[-1]["params"]["people"] == [known.pk, other.pk]
        with pytest.raises(UnknownDecision):
            decide_row(row=row, decision="person", value=outsider.pk, by=desk.manager)
        row = decide_row(row=row, decision="person", value=known.pk, by=desk.manager)
        assert (row.outcome, row.person) == (RowOutcome.UPDATE, known)
        desk.confirm(roster)
        known.refresh_from_db()
        assert known.birth_year == 1993
        assert Person.objects.filter(name_folded="vu thi buoi").count() == 3

    def test_another_person_of_the_name(self, desk):
        make_member(desk.organisation, "Vũ Thị Bưởi", birth_year=None)
        roster = desk.read(plain())
        row = decide_row(row=desk.row(roster, 4), decision="another", by=desk.manager)
        assert row.outcome == RowOutcome.CREATE
        desk.confirm(roster)
        assert Person.objects.filter(name_folded="vu thi buoi").count() == 2

    def test_repeated_rows(self, desk):
        roster = desk.read(with_repetitions())
        with pytest.raises(UnknownDecision):
            decide_row(row=desk.row(roster, 3), decision="row", value=6, by=desk.manager)
        decide_row(row=desk.row(roster, 3), decision="row", value=2, by=desk.manager)
        decide_row(row=desk.row(roster, 7), decision="another", by=desk.manager)
        job = desk.confirm(roster)
        assert job.result["left"] == 0
        assert Person.objects.filter(name_folded="nguyen thi hoa").count() == 3
        assert desk.row(roster, 3).applied_at is not None

    def test_hoa_and_hoà_are_two_names(self, desk):
        make_member(desk.organisation, "Nguyễn Thị Hoa", birth_year=1984)
        roster = desk.read(workbook([HEADER, [1, "Nguyễn Thị Hoà", 1984, "", ""], [2, "Nguyễn Thị Hoa", 1984, "", ""]]))
        assert [row.outcome for row in roster.rows.all()] == [RowOutcome.CREATE, RowOutcome.SAME]

    def test_hoà_and_hòa_are_one(self, desk):
        make_member(desk.organisation, "Nguyễn Thị Hòa", birth_year=1984)
        roster = desk.read(workbook([HEADER, [1, "Nguyễn Thị Hoà", 1984, "", ""]]))
        assert outcomes(roster) == {"same": 1}

    def test_father_and_son_share_name_and_phone(self, desk):
        make_member(desk.organisation, "Lê Quang Bảy", birth_year=1965, phone="+84900000135")
        roster = desk.read(workbook([HEADER, [1, "Lê Quang Bảy", 1991, "0900000135", ""]]))
        assert outcomes(roster) == {"conflict": 1}

    def test_a_mended_row_is_looked_at_among_the_others(self, desk):
        roster = desk.read(with_errors())
        row = correct_row(
            row=desk.row(roster, 4),
            name="Trần Thị Ngọc Ánh",
            birth="1988",
            phone="",
            title="",
            address="",
            by=desk.manager,
        )
        assert (row.outcome, row.problems[-1]["params"]) == (RowOutcome.CONFLICT, {"row": 9})

    def test_a_name_of_one_word_may_be_complete(self, desk):
        roster = desk.read(with_errors())
        row = correct_row(
            row=desk.row(roster, 4),
            name="Hoà",
            birth="1990",
            phone="",
            title="",
            address="",
            complete_name=True,
            by=desk.manager,
        )
        assert row.outcome == RowOutcome.CREATE

    def test_still_wrong_keeps_what_was_typed(self, desk):
        roster = desk.read(with_errors())
        row = correct_row(
            row=desk.row(roster, 3), name="Đặng Văn Bính", birth="xx", phone="12", title="", address="", by=desk.manager
        )
        assert row.outcome == RowOutcome.ERROR
        assert row.data["raw"] == {"birth": "xx", "phone": "12"}

    def test_imported_rows_do_not_change(self, desk):
        roster = desk.read(plain())
        desk.confirm(roster)
        with pytest.raises(RowDone):
            correct_row(row=desk.row(roster, 2), name="A B", birth="", phone="", title="", address="", by=desk.manager)

    def test_other_columns_and_sheet(self, desk):
        content = workbook(
            [
                ["Tên gọi", "Họ và tên", "Năm sinh"],
                ["Trần Thị Ngọc Ánh", "Bến Hạ", 1988],
                ["Lê Quang Bảy", "Bến Hạ", 1965],
            ]
        )
        roster = desk.read(content)
        with pytest.raises(ColumnsWrong):
            choose_columns(roster=roster, sheet="Danh sách", header_row=1, columns={"birth": 2}, by=desk.manager)
        choose_columns(
            roster=roster, sheet="Danh sách", header_row=1, columns={"full_name": 0, "birth": 2}, by=desk.manager
        )
        desk.run_jobs("people.read_roster")
        roster.refresh_from_db()
        assert roster.columns == {"full_name": 0, "birth": 2}
        assert [row.data["full_name"] for row in roster.rows.all()] == ["Trần Thị Ngọc Ánh", "Lê Quang Bảy"]

    def test_discarding_forgets_file_and_rows(self, desk, django_capture_on_commit_callbacks):
        roster = desk.read(plain())
        path = roster.file.path
        with django_capture_on_commit_callbacks(execute=True):
            discard_roster(roster=roster, by=desk.manager)
            discard_roster(roster=roster, by=desk.manager)
        roster.refresh_from_db()
        assert (roster.status, roster.rows.count()) == (ImportStatus.DISCARDED, 0)
        assert not roster.file.storage.exists(path)
        assert not Person.objects.exists()
        with pytest.raises(RosterClosed):
            confirm_roster(roster=roster, by=desk.manager)


class TestMembers:
    def test_added_by_hand(self, desk):
        details = {
            "organisation": desk.organisation,
            "full_name": "Lê Quang Bảy",
            "birth_year": 1965,
            "by": desk.manager,
        }
        person = add_member(**details)
        assert add_member(**details) == person
        assert Membership.objects.count() == 1
        with pytest.raises(SameNameKnown):
            add_member(**{**details, "birth_year": None})
        assert add_member(**{**details, "birth_year": None}, is_another=True) != person

    def test_leaving_on_the_day_of_joining(self, desk):
        person = add_member(organisation=desk.organisation, full_name="Lê Bảy", birth_year=1965, by=desk.manager)
        assert end_membership(person=person, organisation=desk.organisation, by=desk.manager)
        assert not end_membership(person=person, organisation=desk.organisation, by=desk.manager)
        assert not Membership.objects.exists()


class TestInterruptions:
    def test_killed_in_the_middle_of_a_chunk(self, desk, monkeypatch):
        rows = [[n, f"Lê Quang {'Bảy' * n}", 1965, "", ""] for n in range(1, 10)]
        roster = desk.read(workbook([HEADER, *rows]))
        monkeypatch.setattr(applying.Pace, "__init__", small_pace)
        real = applying.Membership.objects.bulk_create
        calls = []

        def torn(*args, **kwargs):
            calls.append(1)
            if len(calls) == 2:
                raise RuntimeError("the worker is gone")
            return real(*args, **kwargs)

        monkeypatch.setattr(applying.Membership.objects, "bulk_create", torn)
        job = desk.confirm(roster)
        assert job.status == JobStatus.QUEUED
        assert Person.objects.count() == Membership.objects.count() == 4
        assert roster.rows.filter(applied_at__isnull=False).count() == 4
        monkeypatch.setattr(applying.Membership.objects, "bulk_create", real)
        Job.objects.filter(pk=job.pk).update(run_after=clock.now())
        desk.run_jobs("people.import_roster")
        job.refresh_from_db()
        assert (job.status, job.result["applied"], job.progress_done) == (JobStatus.DONE, 9, 9)
        assert Person.objects.count() == Membership.objects.count() == 9
        assert AuditEntry.objects.filter(action="people.import_roster").count() == 1

    def test_stopped_by_its_manager_and_taken_up_again(self, desk):
        roster = desk.read(plain())
        job = confirm_roster(roster=roster, by=desk.manager)
        cancel_job(job=job, by=desk.manager)
        roster.refresh_from_db()
        assert roster.status == ImportStatus.IMPORTING
        correct_row(
            row=desk.row(roster, 2), name="Trần Ánh", birth="1988", phone="", title="", address="", by=desk.manager
        )
        again = desk.confirm(roster)
        assert again.pk != job.pk
        assert Person.objects.count() == 3

    def test_confirming_twice_is_one_job(self, desk):
        roster = desk.read(plain())
        first = confirm_roster(roster=roster, by=desk.manager)
        assert confirm_roster(roster=roster, by=desk.manager) == first
        with pytest.raises(RosterClosed):
            discard_roster(roster=roster, by=desk.manager)
        with pytest.raises(RosterClosed):
            correct_row(row=desk.row(roster, 2), name="A B", birth="", phone="", title="", address="", by=desk.manager)

    def test_what_became_unclear_meanwhile_is_asked(self, desk):
        roster = desk.read(workbook([HEADER, [1, "Lê Quang Bảy", "", "", ""], PEOPLE[0]]))
        make_member(desk.organisation, "Lê Quang Bảy", birth_year=1965)
        job = desk.confirm(roster)
        assert job.result["left"] == 1
        assert desk.row(roster, 2).outcome == RowOutcome.CONFLICT
        assert Person.objects.count() == 2


def small_pace(self, *args, **kwargs) -> None:
    self.size, self._smallest, self._largest, self._pause, self._goal = 4, 4, 4, 0.0, 1.0


@pytest.mark.django_db(transaction=True)
def test_one_list_imported_twice_at_once_makes_everybody_once(run_jobs):
    desk = Desk(run_jobs)
    rows = [[n, f"Lê Quang {'Bảy' + 'y' * n}", 1965, f"09{n:08}", ""] for n in range(10, 40)]
    content = workbook([HEADER, *rows])
    rosters = [desk.read(content), desk.read(content)]
    jobs = [confirm_roster(roster=roster, by=desk.manager) for roster in rosters]
    ready = threading.Barrier(2)
    failures = []

    def work(job_id: int) -> None:
        try:
            ready.wait(10)
            run_job(job_id)
        except Exception as error:  # pragma: no cover
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=[job.pk]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert {Job.objects.get(pk=job.pk).status for job in jobs} == {JobStatus.DONE}
    assert Person.objects.count() == Membership.objects.count() == 30
    created = sum(Job.objects.get(pk=job.pk).result["create"] for job in jobs)
    assert created == 30
    assert connection.vendor in {"sqlite", "postgresql"}
