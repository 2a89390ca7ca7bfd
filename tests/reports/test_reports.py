"""Targets and monthly reports: what counts, and that a closed report never changes whatever happens afterwards."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from random import Random
from uuid import UUID, uuid4

import pytest
from django.urls import reverse
from django.utils.text import capfirst
from openpyxl import load_workbook
from pypdf import PdfReader

from common import clock
from courses.enums import Audience
from courses.models import CourseCompletion
from events.operations import close_class, mark_present
from ledger.models import AuditEntry
from people.enums import Role
from people.exceptions import OutsideScope
from people.operations import grant_role
from people.operations.data import erase_person
from people.operations.merging import merge_people
from reports.exceptions import LaterReportClosed, MonthNotOver, TargetInvalid
from reports.figures import Figures, Tally, compute, is_behind
from reports.models import MonthlyReport, TrainingTarget
from reports.operations import close_report, set_targets
from tests.concurrency import at_once
from tests.counting import statements
from tests.factories import places
from tests.factories.courses import make_course
from tests.factories.events import make_class
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

    def test_a_month_without_a_report_of_its_own(self, village, commune, official):
        """August was closed, September never: October's report has them all as late, whenever they were noted."""
        completed(make_person("Vi Thị Nết", residence=village), on(8, 20))
        close_report(unit=commune, month=date(2026, 8, 1), by=official, at=on(9, 5))
        completed(make_person("Lò Văn Pánh", residence=village), on(9, 2))  # known before August was closed
        completed(make_person("Mùa A Chía", residence=village), on(9, 20))
        completed(make_person("Cà Thị Pành", residence=village), on(10, 9))
        figures = total(compute(commune, OCTOBER, on(11, 2)))
        assert (figures.trained, figures.new, figures.late, figures.other) == (4, 1, 2, 0)

    def test_an_earlier_course_noted_late_is_nobody_new(self, village, commune, official):
        """Somebody counted already, in another village; and somebody whose new course was known at the cut-off."""
        other = places.village("t02", "Bản Mới", parent=commune)
        moved, learnt = make_person("Vi Thị Nết", residence=village), make_person("Lò Văn Pánh", residence=village)
        completed(moved, on(9, 10))
        completed(learnt, on(10, 1), course=OTHER)
        close_report(unit=commune, month=SEPTEMBER, by=official, at=on(10, 2))
        CourseCompletion.objects.create(
            person=moved,
            course_key=OTHER,
            course_title="Tránh lừa đảo",
            audience=Audience.RESIDENT,
            completed_at=on(9, 3),
            recorded_at=on(10, 20),
            lessons=4,
            residence=other,
        )
        completed(learnt, on(9, 4), noted=on(10, 20))
        figures = compute(commune, OCTOBER, on(11, 2))
        assert (total(figures).trained, total(figures).new, total(figures).late, total(figures).other) == (2, 0, 1, 0)
        by_place = {line.name: line.counts[Audience.RESIDENT] for line in figures.lines}
        assert (by_place[other.full_name].late, by_place[other.full_name].other) == (1, 0)
        assert (by_place[village.full_name].late, by_place[village.full_name].other) == (1, 0)

    def test_every_line_follows_from_the_one_before_whatever_happened(self, village, commune, official):
        """Two hundred people by a fixed recipe; a month is closed each time, with erasures and corrections between."""
        recipe = Random(7)
        before: dict[str, int] = {}
        for month in range(1, 11):
            for number in range(20):
                person = make_person(f"Vi Thị Nết {month} {number}", residence=recipe.choice([village, commune]))
                day = on(recipe.randint(1, month), recipe.randint(1, 28))
                noted = max(day, on(month, recipe.randint(3, 28)))  # after the last report
                completed(person, day, noted=noted)
                if recipe.random() < 0.3:
                    completed(person, on(month, recipe.randint(1, 28)), course=OTHER)
            for gone in recipe.sample(list(CourseCompletion.objects.order_by("pk")), 3):
                gone.delete()
            if recipe.random() < 0.3:
                continue  # nobody closed this one
            report = close_report(unit=commune, month=date(2026, month, 1), by=official, at=on(month + 1, 2))
            figures = Figures.from_json(report.figures)
            for name, tally in {
                "": total(figures),
                **{line.name: line.counts[Audience.RESIDENT] for line in figures.lines},
            }.items():
                if before:
                    assert tally.trained == before.get(name, 0) + tally.new + tally.late + tally.other
                    assert tally.other <= 0  # only what was taken back
                before[name] = tally.trained
        assert MonthlyReport.objects.count() == 7

    def test_a_class_closed_after_its_report_stands_in_the_year(self, village, commune, official):
        person = make_person("Vi Thị Nết", residence=village)
        session = make_class(unit=village, course=make_course(), by=official, held_on=date(2026, 9, 28))
        mark_present(session=session, person_ids=[person.pk], source="list", by=official)
        september = Figures.from_json(close_report(unit=commune, month=SEPTEMBER, by=official, at=on(10, 2)).figures)
        assert (september.classes, september.classes_so_far, september.attended_so_far) == (0, 0, 0)
        close_class(session=session, by=official, at=on(10, 9))
        october = compute(commune, OCTOBER, on(11, 2))
        assert (october.classes, october.classes_so_far, october.attended_so_far) == (0, 1, 1)

    def test_reports_from_before_are_read(self, commune):
        kept = compute(commune, OCTOBER, on(11, 2)).to_json()
        del kept["classes_so_far"], kept["attended_so_far"]
        assert Figures.from_json(kept).classes_so_far is None

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


@pytest.mark.django_db(transaction=True)
def test_two_close_a_month_at_once(village, commune, official):
    completed(make_person("Vi Thị Nết", residence=village), on(10, 10))
    at_once(*[lambda: close_report(unit=commune, month=OCTOBER, by=official, at=on(11, 3)).pk] * 3)
    assert MonthlyReport.objects.count() == 1
    assert AuditEntry.objects.filter(action="reports.close_report").count() == 1


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

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [("1.250", 1250), ("1250", 1250), (" 1 250 ", 1250), ("1,250", 1250), ("1.000", 1000), ("0", 0), ("", None)],
    )
    def test_thousands_as_they_are_written_here(self, client, commune, official, typed, kept):
        client.force_login(official)
        client.post(reverse("unit_targets", args=[commune.uuid]), {f"unit_{commune.pk}": typed})
        assert TrainingTarget.objects.values_list("people", flat=True).first() == kept

    @pytest.mark.parametrize("typed", ["1.5", "1.25", "12.50", "-3", "nhiều", "1e3", "²", "99999999999", "10.000.001"])
    def test_what_is_no_number_of_people(self, client, commune, official, typed):
        client.force_login(official)
        answer = client.post(reverse("unit_targets", args=[commune.uuid]), {f"unit_{commune.pk}": typed})
        assert answer.context["form"].errors
        assert not TrainingTarget.objects.exists()

    def test_the_number_comes_back_as_it_is_written(self, client, commune, official):
        set_targets(audience=Audience.RESIDENT, year=2026, people={commune: 1250}, by=official)
        client.force_login(official)
        page = reverse("unit_targets", args=[commune.uuid])
        assert 'value="1.250"' in client.get(page).content.decode()
        answer = client.post(page, {f"unit_{commune.pk}": "1.250"}, follow=True)
        assert "vẫn như cũ" in answer.content.decode().replace("\u00a0", " ")


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
        assert rows[1][0] == capfirst(village.full_name)
        assert rows[-1][2] == 1
        document = client.get(reverse("unit_report_pdf", args=[commune.uuid, "2026-10"])).content
        text = " ".join(PdfReader(BytesIO(document)).pages[0].extract_text().split())
        assert "10/2026" in text
        assert capfirst(village.full_name) in text
        assert "Số liệu chốt" in text

    def test_a_file_of_an_open_month_says_so(self, client, commune, official):
        client.force_login(official)
        answer = client.get(reverse("unit_report_pdf", args=[commune.uuid, "2026-10"]))
        text = " ".join(PdfReader(BytesIO(answer.content)).pages[0].extract_text().split())
        assert "Chưa chốt" in text
        assert "chua-chot" in answer["Content-Disposition"]
        book = client.get(reverse("unit_report_workbook", args=[commune.uuid, "2026-10"]))
        cells = [row[0] for row in load_workbook(BytesIO(book.content)).worksheets[0].iter_rows(values_only=True)]
        assert any("Chưa chốt" in str(cell) for cell in cells)

    def test_a_month_before_a_closed_one_has_no_button(self, client, commune, official):
        close_report(unit=commune, month=OCTOBER, by=official)
        client.force_login(official)
        page = client.get(reverse("unit_report", args=[commune.uuid, "2026-09"])).content.decode()
        assert reverse("unit_report_close", args=[commune.uuid, "2026-09"]) not in page
        assert "tháng sau đã chốt" in page.replace("\u00a0", " ")

    def test_people_of_whom_only_the_commune_is_known(self, client, commune, village, official):
        completed(make_person("Mùa A Chía", residence=commune), on(10, 5))
        client.force_login(official)
        page = client.get(reverse("unit_report", args=[commune.uuid, "2026-10"])).content.decode()
        assert "Chưa rõ địa bàn" in page.replace("\u00a0", " ")

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


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("name", "month", "expected"),
    [("unit_targets", [], 14), ("unit_reports", [], 8), ("unit_report", ["2026-10"], 14)],
)
def test_queries_of_the_pages(client, commune, village, official, count, name, month, expected):
    for number in range(count):
        place = places.village(f"t1{number}", f"Bản {number}", parent=commune)
        completed(make_person(f"Vi Thị Nết {number}", residence=place), on(10, 10))
    set_targets(audience=Audience.RESIDENT, year=2026, people={village: 10}, by=official)
    client.force_login(official)
    page = reverse(name, args=[commune.uuid, *month])
    client.get(page)
    with statements(expected):
        client.get(page)
