"""Putting the demonstration together, in the order in which a province would."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F

from accounts.models import User
from campaigns.models import Campaign, CampaignIndexPage
from campaigns.operations import close_campaign, confirm_headcounts, create_campaign, roll_up
from certificates.models import Certificate, IssuingBody
from common import clock
from common.tabular import OutSheet, OutValue, write_workbook
from courses.enums import Audience
from courses.models import CourseCompletion, CoursePage
from events.enums import AttendanceSource
from events.operations import close_class, create_class, mark_present, register_people
from ledger.models import Job
from ledger.operations import run_job
from people.enums import ConsentPurpose, OrganisationKind, PersonSource, Role
from people.models import Membership, Organisation, Person
from people.operations import create_person, give_consent, grant_role, open_staff_account
from people.roster.deciding import confirm_roster, upload_register
from places.enums import Level, UnitKind
from places.models import AdministrativeUnit
from places.operations import add_village
from reports.operations import close_report, set_targets
from training_site.demo.learning import Classroom
from training_site.demo.words import VILLAGES, full_name

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
PASSWORD = "thonso-demo"  # noqa: S105  published on purpose: the demonstration's sign-ins
PROVINCES = ["Thái Nguyên", "Đắk Lắk", "Cần Thơ"]
COMMUNES_EACH = 4
SIGN_INS = ["admin", "editor", "organiser", "official", "manager", "facilitator", "resident"]
STAFF_NAMES = {
    "editor": "Hoàng Thu Trang",
    "organiser": "Vũ Đức Thắng",
    "official": "Trần Văn Khải",
    "manager": "Phạm Quang Phúc",
    "facilitator": "Lê Thị Hạnh",
}
COURSES = ["tranh-lua-dao", "dich-vu-cong", "ban-nong-san", "nong-thon-moi-thong-minh"]


class Demo:
    """Builds everything from one seed, so that two demonstrations are alike but for the day."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.chance = Random(2026)  # noqa: S311  not a secret
        self.now = clock.now()
        self.phones = iter(range(200, 100_000))

    def build(self) -> dict[str, int]:
        with transaction.atomic():
            self.places()
            self.accounts()
            self.organisations()
            self.issuing_bodies()
            self.campaigns()
            self.classroom = Classroom(
                list(CoursePage.objects.live().filter(slug__in=COURSES, alias_of=None)), self.chance
            )
            self.signed_in_people()
            self.residents()
            self.members()
            self.classes()
            self.targets()
            self.old_register()
            self.standings()
            self.finish_jobs()
        return {
            "people": Person.objects.count(),
            "organisations": Organisation.objects.count(),
            "certificates": Certificate.objects.count(),
        }

    # Who and where --------------------------------------------------------------------------------------------

    def places(self) -> None:
        self.admin = open_staff_account(username="admin", password=PASSWORD, superuser=True)
        self.communes: list[list[AdministrativeUnit]] = []
        for name in PROVINCES:
            province = AdministrativeUnit.objects.in_force().at_level(Level.PROVINCE).get(name=name)
            communes = AdministrativeUnit.objects.in_force().at_level(Level.COMMUNE).within(province)
            rural = list(communes.filter(kind=UnitKind.XA).order_by("sort_key")[:COMMUNES_EACH])
            self.communes.append(rural)
            for commune in rural:
                for village in VILLAGES:
                    add_village(commune=commune, name=village, kind=UnitKind.THON, by=self.admin)
        self.commune = self.communes[0][0]
        self.province = self.commune.parent
        self.villages = {commune.pk: list(commune.children.all()) for communes in self.communes for commune in communes}

    def accounts(self) -> None:
        self.users: dict[str, User] = {"admin": self.admin}
        for name in SIGN_INS[1:]:
            self.users[name] = open_staff_account(
                username=name, password=PASSWORD, full_name=STAFF_NAMES.get(name, ""), by=self.admin
            )
        grant_role(user=self.admin, role=Role.ADMINISTRATOR, by=self.admin)
        grant_role(user=self.users["editor"], role=Role.EDITOR, by=self.admin)
        grant_role(user=self.users["organiser"], role=Role.ORGANISER, unit=self.province, by=self.admin)
        grant_role(user=self.users["official"], role=Role.OFFICIAL, unit=self.commune, by=self.admin)
        grant_role(user=self.users["facilitator"], role=Role.FACILITATOR, unit=self.commune, by=self.admin)

    def organisations(self) -> None:
        self.cooperatives: list[Organisation] = []
        for communes in self.communes:
            for commune in communes[:2]:
                self.cooperatives.append(
                    self.organisation("Hợp tác xã nông nghiệp", OrganisationKind.COOPERATIVE, commune)
                )
            self.organisation("Tổ công nghệ số cộng đồng", OrganisationKind.DIGITAL_TEAM, communes[0])
            self.organisation("Uỷ ban nhân dân xã", OrganisationKind.AGENCY, communes[0])
        grant_role(user=self.users["manager"], role=Role.MANAGER, organisation=self.cooperatives[0], by=self.admin)

    def organisation(self, name: str, kind: OrganisationKind, seat: AdministrativeUnit) -> Organisation:
        return Organisation.objects.create(
            name=f"{name} {seat.name}", kind=kind, seat=seat, valid_from=clock.day_of(self.days_ago(400))
        )

    def issuing_bodies(self) -> None:
        IssuingBody.objects.create(
            name="Ban Điều hành chương trình Thôn Số",
            unit=None,
            place=self.province.name,
            signatory_title="Trưởng ban",
            signatory_name="Đặng Quang Vinh",
            decision="Quyết định số 12/QĐ-TS ngày 05/01/2026",
        )
        IssuingBody.objects.create(
            name=f"Uỷ ban nhân dân {self.commune.full_name}, {self.province.full_name}",
            unit=self.commune,
            place=self.commune.name,
            signatory_authority="TM. Uỷ ban nhân dân",
            signatory_title="Chủ tịch",
            signatory_name="Trần Văn Khải",
            serial_suffix="CN-UBND",
            decision="Quyết định số 212/QĐ-UBND ngày 15/01/2026",
        )

    def person(self, residence: AdministrativeUnit, **details) -> Person:
        phone = f"+8490{next(self.phones):07d}"
        found = create_person(
            full_name=details.pop("full_name", None) or full_name(self.chance),
            birth_year=details.pop("birth_year", None) or self.chance.randint(1955, 2006),
            phone=details.pop("phone", phone),
            residence=residence,
            source=PersonSource.DEMO,
            at=self.days_ago(120),
            **details,
        )
        give_consent(
            person=found, purpose=ConsentPurpose.LEARNING_RECORD, language="vi", recorded_by=None, at=self.days_ago(120)
        )
        return found

    # Campaigns ------------------------------------------------------------------------------------------------

    def campaigns(self) -> None:
        index = CampaignIndexPage.objects.get(locale__language_code="vi")
        pages = {page.slug: page for page in CoursePage.objects.live().filter(alias_of=None)}
        common = {
            "index": index,
            "area": self.province,
            "points_per_completion": Decimal(1),
            "by": self.users["organiser"],
        }
        create_campaign(
            title="Mùa hè không lo lừa đảo",
            summary="Các xã cùng học cách nhận ra tin nhắn và cuộc gọi lừa đảo.",
            starts_at=self.midnight(-95),
            ends_at=self.midnight(-35),
            courses=[pages["tranh-lua-dao"]],
            body=[("text", "<h2>Giải thưởng</h2><p>Ba xã dẫn đầu được tặng loa và máy chiếu cho nhà văn hoá.</p>")],
            **common,
        )
        create_campaign(
            title="45 ngày cả xã học số",
            summary="Mỗi người học xong một khoá là góp một điểm cho xã mình.",
            starts_at=self.midnight(-20),
            ends_at=self.midnight(25),
            courses=list(pages.values()),
            body=[
                (
                    "text",
                    "<h2>Giải thưởng</h2><p>Xã dẫn đầu về tỉ lệ được lắp thêm wifi miễn phí tại nhà văn hoá thôn.</p>",
                ),
            ],
            **common,
        )

    def standings(self) -> None:
        for campaign in Campaign.objects.order_by("starts_at"):
            while roll_up(campaign=campaign):
                pass
            headcounts = {
                unit.unit_id: 3600 if unit.unit_id == self.commune.pk else 250 + self.chance.randrange(20) * 25
                for unit in campaign.competing_units.order_by("unit__sort_key")[:60]
            }
            confirm_headcounts(campaign=campaign, headcounts=headcounts, by=self.users["organiser"])
            if campaign.ends_at < self.now:
                close_campaign(campaign=campaign, by=self.users["organiser"])

    # Learning -------------------------------------------------------------------------------------------------

    def signed_in_people(self) -> None:
        village = self.villages[self.commune.pk][0]
        resident = self.users["resident"]
        anh = self.person(
            village, full_name="Nguyễn Thị Ngọc Ánh", birth_year=1961, phone="+84900000101", account=resident
        )
        self.classroom.finish(anh, "tranh-lua-dao", self.days_ago(12))
        self.classroom.begin(anh, "dich-vu-cong", self.days_ago(2), lessons=2)
        khai = self.person(village, full_name=STAFF_NAMES["official"], birth_year=1984, account=self.users["official"])
        self.classroom.finish(khai, "nong-thon-moi-thong-minh", self.days_ago(8))
        self.person(village, full_name=STAFF_NAMES["facilitator"], birth_year=1990, account=self.users["facilitator"])
        manager = self.person(village, full_name=STAFF_NAMES["manager"], birth_year=1979, account=self.users["manager"])
        self.join(manager, self.cooperatives[0], "Giám đốc")

    def residents(self) -> None:
        """Residents of all communes; the official's own has most, so that there is something to print."""
        for communes in self.communes:
            for commune in communes:
                for number in range(280 if commune == self.commune else 16):
                    person = self.person(self.chance.choice(self.villages[commune.pk]))
                    if number % 8 == 7:
                        continue
                    slug = self.chance.choices(COURSES, weights=[6, 4, 1, 1])[0]
                    day = self.days_ago(self.chance.randint(1, 90))
                    if number % 8 == 6:
                        self.classroom.begin(person, slug, day, lessons=self.chance.randint(1, 4))
                    else:
                        self.classroom.finish(person, slug, day)

        self.other_communes()

    def other_communes(self) -> None:
        """A few learners in many more communes of the province, so that the standings have something to rank."""
        communes = AdministrativeUnit.objects.in_force().at_level(Level.COMMUNE).within(self.province)
        for commune in communes.order_by("sort_key")[COMMUNES_EACH : COMMUNES_EACH + 24]:
            for _number in range(self.chance.randint(0, 5)):
                slug = self.chance.choice(COURSES[:2])
                self.classroom.finish(self.person(commune), slug, self.days_ago(self.chance.randint(1, 90)))

    def members(self) -> None:
        """Staff of the co-ops: some done, some under way, some not started."""
        for cooperative in self.cooperatives:
            count = 34 if cooperative == self.cooperatives[0] else 6
            for number in range(count):
                person = self.person(self.chance.choice(self.villages[cooperative.seat_id]))
                self.join(person, cooperative, self.chance.choice(["Xã viên", "Kế toán", "Tổ trưởng", "Bán hàng"]))
                enrolment = {"by": self.users["manager"], "organisation": cooperative}
                day = self.days_ago(self.chance.randint(3, 25))
                if number % 3 == 0:
                    self.classroom.finish(person, "ban-nong-san", day, **enrolment)
                else:
                    self.classroom.begin(person, "ban-nong-san", day, lessons=2 * (number % 3 - 1), **enrolment)

    def classes(self) -> None:
        """At the culture house: one class that was held and closed, one of today, one to come."""
        facilitator = self.users["facilitator"]
        course = self.classroom.courses["dich-vu-cong"]
        CoursePage.objects.filter(translation_key=course.translation_key).update(attendance_completes=True)
        village = self.villages[self.commune.pk][0]
        neighbours = Person.objects.learning().filter(residence__parent=self.commune, account=None).order_by("pk")
        people = list(neighbours.values_list("pk", flat=True)[:60])
        for days, shown in ((-6, people[:24]), (0, people[24:40]), (5, people[40:52])):
            session = create_class(
                unit=village,
                course_key=course.translation_key,
                held_on=clock.today() + timedelta(days=days),
                starts_at=time(19, 30),
                place=f"Nhà văn hoá {village.full_name}",
                by=facilitator,
            )
            register_people(session=session, person_ids=shown, by=facilitator)
            if days < 0:
                came = [pk for number, pk in enumerate(shown) if number % 6]
                mark_present(session=session, person_ids=came, source=AttendanceSource.LIST, by=facilitator)
                close_class(session=session, by=facilitator)

    def targets(self) -> None:
        """What the commune and its villages shall reach this year, and the report of the month that is over."""
        official, villages = self.users["official"], self.villages[self.commune.pk]
        for audience, people in ((Audience.RESIDENT, 400), (Audience.COOPERATIVE, 120), (Audience.OFFICIAL, 60)):
            wanted: dict[AdministrativeUnit, int | None] = {self.commune: people}
            wanted |= {village: people // len(villages) for village in villages}
            set_targets(audience=audience, year=clock.today().year, people=wanted, by=official)
        CourseCompletion.objects.update(recorded_at=F("completed_at"))  # it was noted on its day
        last_month = clock.today().replace(day=1) - timedelta(days=1)
        close_report(unit=self.commune, month=last_month, by=official)

    def old_register(self) -> None:
        """What the district of before wrote into its register on paper: most lines entered, one still to be mended."""
        official, commune = self.users["official"], self.commune
        year = clock.today().year - 2
        known = Person.objects.living_in(commune).order_by("pk")[:12]
        course, day = "Sử dụng điện thoại thông minh an toàn", date(year, 10, 18)
        lines: list[list[OutValue]] = [
            [n, person.full_name, person.birth_year, commune.full_name, f"{40 + n}/{year}", day]
            for n, person in enumerate(known, 1)
        ]
        lines.append([13, "Phạm Thị Mận", 1958, commune.full_name, f"53/{year}", "không rõ"])
        header = ["STT", "Họ và tên", "Năm sinh", "Xã", "Số chứng nhận", "Ngày cấp"]
        content = io.BytesIO()
        write_workbook(content, [OutSheet(f"Năm {year}", header, lines)])
        roster = upload_register(
            unit=commune,
            issuer="Uỷ ban nhân dân huyện (trước tháng 7 năm 2025)",
            course=course,
            file=ContentFile(content.getvalue()),
            filename=f"so-cap-chung-nhan-{year}.xlsx",
            by=official,
        )
        self.finish_jobs()
        confirm_roster(roster=roster, by=official)

    def join(self, person: Person, organisation: Organisation, title: str) -> None:
        Membership.objects.create(
            person=person, organisation=organisation, title=title, valid_from=clock.day_of(self.days_ago(120))
        )

    def finish_jobs(self) -> None:
        """Do what the operations asked for before it is committed, so that no worker is woken up for it."""
        while (job := Job.objects.claimable(clock.now()).order_by("pk").first()) is not None:
            run_job(job.pk)

    # Time -----------------------------------------------------------------------------------------------------

    def days_ago(self, days: int) -> datetime:
        return self.now - timedelta(days=days, minutes=self.chance.randrange(600))

    def midnight(self, days: int) -> datetime:
        """Midnight in Viet Nam, so many days from today."""
        day = clock.today() + timedelta(days=days)
        return datetime(day.year, day.month, day.day, tzinfo=VIETNAM)
