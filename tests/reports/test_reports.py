"""Targets and monthly reports: what counts, and that a closed report never changes whatever happens afterwards."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from common import clock
from courses.enums import Audience
from courses.models import CourseCompletion
from people.enums import Role
from people.exceptions import OutsideScope
from people.operations import grant_role
from people.operations.data import erase_person
from people.operations.merging import merge_people
from reports.exceptions import LaterReportClosed, MonthNotOver, TargetInvalid
from reports.figures import Figures, Tally, compute, is_behind
from reports.models import MonthlyReport, TrainingTarget
from reports.operations import close_report, set_targets
from tests.counting import statements
from tests.factories import places
from tests.factories.people import make_person, make_user

pytestmark = pytest.mark.django_db

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
COURSE, OTHER = uuid4(), uuid4()


def on(month: int, day: int, hour: int = 9) -> datetime:
    return clock.start_of(date(2026, month, day)) + timedelta(hours=hour)


@pytest.fixture(autouse=True)
def _in_november():
    with clock.frozen(on(11, 24)):
        yield


@pytest.fixture
def village():
    return places.village()


@pytest.fixture
def commune(village):
    return village.parent


@pytest.fixture
def official(commune):
    user = make_user("can-bo")
    grant_role(user=user, role=Role.OFFICIAL, unit=commune, by=None)
    return user


def completed(person, at: datetime, *, noted: datetime | None = None, course: UUID = COURSE) -> CourseCompletion:
    return CourseCompletion.objects.create(
        person=person,
        course_key=course,
        course_title="Tránh lừa đảo",
        audience=Audience.RESIDENT,
        completed_at=at,
        recorded_at=noted or at,
        lessons=4,
        residence=person.residence,
    )


def total(figures: Figures) -> Tally:
    return figures.total[Audience.RESIDENT]


class TestFigures:
    def test_people_count_once_where_they_lived(self, village, commune):
        first, second = (make_person(name, residence=village) for name in ("Vi Thị Nết", "Lò Văn Pánh"))
        at_commune = make_person("Mùa A Chía", residence=commune)
        completed(first, on(9, 3))
        completed(first, on(10, 3), course=OTHER)  # one more course, the same person
        completed(second, on(10, 4))
        completed(at_commune, on(10, 5))
        completed(make_person("Tráng Seo Quáng", residence=places.commune("99002", "Xa Lạ")), on(10, 6))
        figures = compute(commune, OCTOBER, on(11, 2))
        assert (total(figures).trained, total(figures).new) == (3, 2)
        by_place = {line.name: line.counts[Audience.RESIDENT].trained for line in figures.lines}
        assert by_place == {village.full_name: 2, commune.full_name: 1}
        assert total(compute(commune, SEPTEMBER, on(11, 2))).trained == 1

    def test_six_queries(self, village, commune):
        for number in range(20):
            completed(make_person(f"Vi Thị Nết {number}", residence=village), on(10, 3))
        with statements(6):
            compute(commune, OCTOBER, on(11, 2))

    def test_behind_an_even_pace(self):
        assert is_behind(Tally(target=100, trained=40), date(2026, 7, 2))
        assert not is_behind(Tally(target=100, trained=50), date(2026, 7, 2))
        assert not is_behind(Tally(target=None), date(2026, 7, 2))
        assert Tally(target=3, trained=2).percent == 67
        assert Tally(target=0, trained=2).percent is None


class TestClosing:
    def test_what_happens_later_does_not_change_it_and_is_told_in_the_next(self, village, commune, official):
        names = ("Vi Thị Nết", "Lò Văn Pánh", "Mùa A Chía", "Lò Văn Pánh")
        stays, twice, gone, again = (make_person(name, residence=village) for name in names)
        for person in (stays, twice, gone, again):
            completed(person, on(9, 10))
        report = close_report(unit=commune, month=SEPTEMBER, by=official, at=on(10, 2))
        kept = report.figures
        assert total(Figures.from_json(kept)).trained == 4

        erase_person(person=gone, by=official)
        merge_people(kept=twice, absorbed=again, by=official)
        late = make_person("Giàng Thị Pà", residence=village)
        completed(late, on(9, 20), noted=on(10, 15))  # a paper list of September
        new = make_person("Cà Thị Pành", residence=village)
        completed(new, on(10, 5))

        assert close_report(unit=commune, month=SEPTEMBER, by=official).pk == report.pk
        report.refresh_from_db()
        assert report.figures == kept
        october = total(Figures.from_json(close_report(unit=commune, month=OCTOBER, by=official).figures))
        assert (october.trained, october.new, october.late, october.other) == (4, 1, 1, -2)

    def test_what_is_noted_after_the_cut_off_is_not_in_it(self, village, commune, official):
        completed(make_person("Vi Thị Nết", residence=village), on(9, 10), noted=on(10, 3))
        assert total(compute(commune, SEPTEMBER, on(10, 2))).trained == 0

    def test_when_and_by_whom(self, commune, official):
        with pytest.raises(MonthNotOver):
            close_report(unit=commune, month=date(2026, 11, 1), by=official)
        close_report(unit=commune, month=OCTOBER, by=official)
        with pytest.raises(LaterReportClosed):
            close_report(unit=commune, month=SEPTEMBER, by=official)
        helper = make_user("to-cong-nghe-so")
        grant_role(user=helper, role=Role.FACILITATOR, unit=commune, by=None)
        for user, unit in ((helper, commune), (official, commune.parent)):
            with pytest.raises(OutsideScope):
                close_report(unit=unit, month=OCTOBER, by=user)


class TestTargets:
    def test_set_changed_and_taken_away(self, commune, village, official):
        wanted = {commune: 300, village: 40}
        assert set_targets(audience=Audience.RESIDENT, year=2026, people=wanted, by=official) == 2
        assert set_targets(audience=Audience.RESIDENT, year=2026, people=wanted, by=official) == 0
        assert set_targets(audience=Audience.RESIDENT, year=2026, people={village: None}, by=official) == 1
        assert TrainingTarget.objects.get().people == 300
        assert total(compute(commune, OCTOBER, on(11, 2))).target == 300
        with pytest.raises(TargetInvalid):
            set_targets(audience=Audience.RESIDENT, year=2026, people={village: -1}, by=official)
        with pytest.raises(OutsideScope):
            set_targets(audience=Audience.RESIDENT, year=2026, people={commune.parent: 1}, by=official)

    def test_the_page_keeps_what_was_typed_on_an_error(self, client, commune, village, official):
        client.force_login(official)
        page = reverse("unit_targets", args=[commune.uuid])
        names = {f"unit_{commune.pk}": "300", f"unit_{village.pk}": "nhiều"}
        answer = client.post(page, names)
        assert answer.context["form"].errors.keys() == {f"unit_{village.pk}"}
        assert 'value="300"' in answer.content.decode()
        client.post(page, {**names, f"unit_{village.pk}": "40"})
        html = client.get(page).content.decode()
        assert TrainingTarget.objects.count() == 2
        assert "2 địa bàn chậm" in html.replace("\u00a0", " ") or "1 địa bàn chậm" in html.replace("\u00a0", " ")
        client.post(page, {})  # nothing sent, nothing taken away
        assert TrainingTarget.objects.count() == 2
        client.post(f"{page}?doi-tuong=official", {f"unit_{commune.pk}": "12"})
        assert TrainingTarget.objects.get(audience=Audience.OFFICIAL).people == 12


class TestPages:
    def test_closing_from_the_page_and_the_files_agree(self, client, commune, village, official):
        completed(make_person("Vi Thị Nết", residence=village), on(10, 10))
        client.force_login(official)
        page = reverse("unit_report", args=[commune.uuid, "2026-10"])
        assert "Chưa chốt" in client.get(page).content.decode().replace("\u00a0", " ")
        client.post(reverse("unit_report_close", args=[commune.uuid, "2026-10"]))
        assert MonthlyReport.objects.get().closed_by == official
        completed(make_person("Lò Văn Pánh", residence=village), on(10, 11), noted=on(11, 24))
        assert "Đã chốt" in client.get(page).content.decode().replace("\u00a0", " ")
        sheets = load_workbook(
            BytesIO(client.get(reverse("unit_report_workbook", args=[commune.uuid, "2026-10"])).content)
        )
        rows = list(sheets.worksheets[1].iter_rows(values_only=True))
        assert rows[1][0] == village.full_name
        assert rows[-1][2] == 1
        document = client.get(reverse("unit_report_pdf", args=[commune.uuid, "2026-10"])).content
        text = " ".join(PdfReader(BytesIO(document)).pages[0].extract_text().split())
        assert "10/2026" in text
        assert village.full_name in text

    def test_the_unit_above_sees_who_has_not_reported(self, client, commune):
        above = make_user("tinh")
        grant_role(user=above, role=Role.OFFICIAL, unit=commune.parent, by=None)
        client.force_login(above)
        html = client.get(reverse("unit_reports", args=[commune.parent.uuid])).content.decode().replace("\u00a0", " ")
        assert "chưa chốt báo cáo tháng 10/2026, đã quá hạn" in html
        close_report(unit=commune, month=OCTOBER, by=above)
        html = client.get(reverse("unit_reports", args=[commune.parent.uuid])).content.decode().replace("\u00a0", " ")
        assert "đã quá hạn" not in html

    def test_villages_report_to_nobody_and_months_before_a_closed_one_are_left(
        self, client, commune, village, official
    ):
        close_report(unit=commune, month=OCTOBER, by=official)
        client.force_login(official)
        page = client.get(reverse("unit_reports", args=[commune.uuid]))
        assert page.context["waiting"] == []
        assert not any(month["due"] for month in page.context["months"])

    @pytest.mark.parametrize("month", ["2026-13", "xx", "2031-01", "1999-01"])
    def test_months_that_are_none(self, client, commune, official, month):
        client.force_login(official)
        assert client.get(reverse("unit_report", args=[commune.uuid, month])).status_code == 404
