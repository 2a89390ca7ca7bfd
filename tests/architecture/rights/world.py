"""A small world made by the operations themselves: two provinces, two co-operatives, and what people did there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from wagtail.models import Locale

from accounts.models import User
from campaigns.models import Campaign, CampaignIndexPage
from campaigns.operations import create_campaign
from certificates.models import Certificate, PaperEntry
from certificates.operations import request_print
from common import clock
from common.phones import format_phone
from content.models import StandardPage
from courses.enums import EnrolmentReason
from courses.models import CourseCompletion, CoursePage
from courses.operations import complete_lesson, enrol_many
from courses.queries import lessons_of
from events.enums import AttendanceSource
from events.models import ClassSession
from events.operations import mark_present, register_people
from ledger.models import Job
from people.enums import RequestKind, Role
from people.models import DataRequest, LearnerCard, Organisation, Person, PersonMerge, RosterImport, SharedSession
from people.operations import grant_role, sync_groups
from people.operations.cards import request_cards
from people.operations.data import request_data_change
from people.operations.merging import merge_people
from people.operations.sharing import open_shared_session
from people.roster.deciding import confirm_roster, upload_register, upload_roster
from places.models import AdministrativeUnit
from quizzes.models import Attempt
from quizzes.operations import save_answer, start_attempt, submit_attempt
from reports.models import MonthlyReport
from reports.operations import close_report
from tests.architecture.rights.roles import Who
from tests.factories import places
from tests.factories.certificates import make_body
from tests.factories.courses import make_catalogue, make_course, make_home, make_lesson
from tests.factories.events import make_class
from tests.factories.people import make_member, make_organisation, make_person, make_user
from tests.factories.quizzes import answer_all, make_question, make_quiz, right_ids
from tests.people.rosters import workbook

ROSTER_FILENAME = "xa-vien-ben-ha.xlsx"
LISTED = [
    ["Họ và tên", "Năm sinh", "Số điện thoại", "Chức vụ"],
    ["Đinh Thị Khuyên", 1979, "0907 111 213", "Tổ trưởng"],
    ["Hà Văn Thiệp", 1968, "0907 111 214", ""],
    ["Lục Thị Ỷ", "năm con rồng", "0907 111 215", ""],  # stays a row to mend
]
LISTED_ELSEWHERE = [LISTED[0], ["Cà Thị Pành", 1990, "0907 111 290", ""], ["Cà Văn Ỏm", "trâu", "", ""]]
LISTED_NAMES = {"listed": "Đinh Thị Khuyên", "listed again": "Hà Văn Thiệp", "listed elsewhere": "Cà Thị Pành"}
ROW_TO_MEND, ROW_TO_MEND_ELSEWHERE = 4, 3
"""Numbers of the rows that stay behind, as their files count them."""


@dataclass
class Place:
    """A co-operative with its commune, village and province."""

    province: AdministrativeUnit
    commune: AdministrativeUnit
    village: AdministrativeUnit
    organisation: Organisation


@dataclass
class World:
    """What the table of doors points at. Everything without `elsewhere` in its name belongs to co-operative A."""

    here: Place
    elsewhere: Place
    next_door: AdministrativeUnit
    users: dict[Who, Any]
    people: dict[str, Person]
    course: CoursePage
    next_course: CoursePage
    campaign: Campaign
    campaign_slug: str
    certificate: Certificate
    certificate_elsewhere: Certificate
    open_attempt: Attempt
    submitted_attempt: Attempt
    attempt_elsewhere: Attempt
    roster: RosterImport
    roster_elsewhere: RosterImport
    register: RosterImport
    paper: PaperEntry
    paper_elsewhere: PaperEntry
    print_job: Job
    data_request: DataRequest
    practice_question: int
    card: LearnerCard
    shared: SharedSession
    merge: PersonMerge
    class_session: ClassSession
    report: MonthlyReport

    def certificate_of(self, key: str) -> Certificate:
        return Certificate.objects.get(person=self.people[key])

    def secrets_of(self, key: str) -> set[str]:
        """What tells who somebody is: name, phone in every form, serial number and code of their certificates."""
        person = self.people[key]
        found = {person.full_name}
        if person.phone:
            national = f"0{person.phone.removeprefix('+84')}"
            found |= {person.phone, national, national[1:], format_phone(person.phone)}
        for certificate in Certificate.objects.filter(person=person):
            found |= {certificate.serial, certificate.code}
        return found | set(PaperEntry.objects.filter(person=person).values_list("serial", flat=True))

    def secrets_from(self, sees: frozenset[str]) -> dict[str, str]:
        """Secret → whose it is, of all people but those in `sees`."""
        return {text: key for key in self.people if key not in sees for text in self.secrets_of(key)}

    def secrets_to(self, sees: frozenset[str]) -> set[str]:
        return {text for key in sees for text in self.secrets_of(key)}

    def on_the_certificate(self) -> set[str]:
        """What the page of the learner's certificate says to whoever has its code: never a phone number."""
        return {self.certificate.serial, self.certificate.code, self.people["learner"].full_name}


def build(run_jobs: Callable[..., int]) -> World:
    """Make the world; jobs are done as a worker would."""
    here, elsewhere = _place("38", "Lam Giang", "Bến Hạ"), _place("11", "Điện Sơn", "Nậm Lịch")
    next_door = places.commune("38002", "Yên Thịnh", here.province)
    people = _people(here, elsewhere, next_door)
    users = _users(here, elsewhere, next_door, people)
    manager, manager_elsewhere = users[Who.MANAGER], users[Who.MANAGER_ELSEWHERE]

    course, next_course, practice_question = _courses()
    campaign_slug = _campaign(here, course, users[Who.ORGANISER])
    for key in ("learner", "elsewhere", "resident", "next door"):
        _complete(people[key], course)
    for place, by, keys in (
        (here, manager, ("learner", "colleague")),
        (elsewhere, manager_elsewhere, ("elsewhere", "other")),
    ):
        enrol_many(
            person_ids=[people[key].pk for key in keys],
            course_key=next_course.translation_key,
            reason=EnrolmentReason.MANAGER,
            by=by,
            organisation=place.organisation,
        )
    roster = _roster(here.organisation, manager, LISTED, run_jobs)
    roster_elsewhere = _roster(elsewhere.organisation, manager_elsewhere, LISTED_ELSEWHERE, run_jobs)
    registers = [
        _register(place.commune, users[who], people[key], serial, run_jobs)
        for place, who, key, serial in (
            (here, Who.OFFICIAL, "colleague", "SC-7001"),
            (elsewhere, Who.ADMINISTRATOR_ELSEWHERE, "other", "SC-7002"),
        )
    ]
    for key, name in LISTED_NAMES.items():
        people[key] = Person.objects.get(full_name=name)
    run_jobs("courses.issue_certificate")
    certificate = Certificate.objects.get(person=people["learner"])
    print_job = request_print(certificate_ids=[certificate.pk], by=manager)
    facilitator = users[Who.FACILITATOR]
    request_cards(person_ids=[people["learner"].pk], by=facilitator)
    shared = open_shared_session(unit=here.commune, code="4821", by=facilitator)
    run_jobs()
    print_job.refresh_from_db()
    return World(
        here=here,
        elsewhere=elsewhere,
        next_door=next_door,
        users=users,
        people=people,
        course=course,
        next_course=next_course,
        campaign=Campaign.objects.get(),
        campaign_slug=campaign_slug,
        certificate=certificate,
        certificate_elsewhere=Certificate.objects.get(person=people["elsewhere"]),
        open_attempt=_begin(people["learner"], next_course),
        submitted_attempt=Attempt.objects.get(person=people["learner"], quiz=course.quiz),
        attempt_elsewhere=_begin(people["elsewhere"], next_course),
        roster=roster,
        roster_elsewhere=roster_elsewhere,
        register=registers[0],
        paper=PaperEntry.objects.get(person=people["colleague"]),
        paper_elsewhere=PaperEntry.objects.get(person=people["other"]),
        print_job=print_job,
        data_request=request_data_change(person=people["learner"], kind=RequestKind.ERASURE, by=users[Who.LEARNER]),
        practice_question=practice_question,
        card=LearnerCard.objects.get(person=people["learner"]),
        shared=shared,
        merge=_merged(people["resident"], users[Who.OFFICIAL]),
        class_session=_class(here, elsewhere, next_course, people, users),
        report=_reports(here, elsewhere, users),
    )


def _class(here: Place, elsewhere: Place, course: CoursePage, people: dict[str, Person], users: dict) -> ClassSession:
    """A class of each commune with the learner of it, who is there, and a colleague, who is expected."""
    for place, by, keys in (
        (elsewhere, users[Who.FACILITATOR_ELSEWHERE], ("elsewhere", "other")),
        (here, users[Who.FACILITATOR], ("learner", "colleague")),
    ):
        session = make_class(unit=place.commune, course=course, by=by)
        register_people(session=session, person_ids=[people[keys[1]].pk], by=by)
        mark_present(session=session, person_ids=[people[keys[0]].pk], source=AttendanceSource.NAME, by=by)
    return session


REPORT_MONTH = date(2026, 9, 1)


def _reports(here: Place, elsewhere: Place, users: dict) -> MonthlyReport:
    """Both communes have closed the report of a month."""
    close_report(unit=elsewhere.commune, month=REPORT_MONTH, by=users[Who.SITE_ADMINISTRATOR])
    return close_report(unit=here.commune, month=REPORT_MONTH, by=users[Who.OFFICIAL])


def _merged(person: Person, by: User) -> PersonMerge:
    """A second record of the resident, merged into the first."""
    second = make_person(person.full_name, residence=person.residence)
    return merge_people(kept=person, absorbed=second, by=by)


def _place(code: str, province_name: str, village_name: str) -> Place:
    province = places.province(code, province_name)
    commune = places.commune(f"{code}001", f"Đồng {province_name}", province)
    village = places.village(f"t{code}", village_name, commune)
    make_body(province, name=f"Uỷ ban nhân dân tỉnh {province_name}", serial_suffix=f"CN-{code}")
    return Place(province, commune, village, make_organisation(f"HTX {village_name}", seat=commune))


def _people(here: Place, elsewhere: Place, next_door: AdministrativeUnit) -> dict[str, Person]:
    """Nobody shares a name or a phone with anybody, so that whatever turns up says where it came from."""
    return {
        "learner": make_member(
            here.organisation, "Hoàng Thị Tuyết Nhung", phone="+84907111201", residence=here.village
        ),
        "colleague": make_member(here.organisation, "Lò Văn Pánh", phone="+84907111202", residence=here.village),
        "resident": make_person("Mùa A Chía", phone="+84907111203", residence=here.village),
        "next door": make_person("Tráng Seo Quáng", phone="+84907111204", residence=next_door),
        "elsewhere": make_member(
            elsewhere.organisation, "Quàng Thị Sướng", phone="+84907111281", residence=elsewhere.village
        ),
        "other": make_member(
            elsewhere.organisation, "Lường Văn Diệp", phone="+84907111282", residence=elsewhere.village
        ),
    }


def _users(
    here: Place, elsewhere: Place, next_door: AdministrativeUnit, people: dict[str, Person]
) -> dict[Who, User | AnonymousUser]:
    scopes: dict[Who, dict[str, Any]] = {
        Who.MANAGER: {"role": Role.MANAGER, "organisation": here.organisation},
        Who.MANAGER_ELSEWHERE: {"role": Role.MANAGER, "organisation": elsewhere.organisation},
        Who.OFFICIAL: {"role": Role.OFFICIAL, "unit": here.commune},
        Who.OFFICIAL_NEXT_DOOR: {"role": Role.OFFICIAL, "unit": next_door},
        Who.OFFICIAL_ABOVE: {"role": Role.OFFICIAL, "unit": here.province},
        Who.OFFICIAL_BELOW: {"role": Role.OFFICIAL, "unit": here.village},
        Who.FACILITATOR: {"role": Role.FACILITATOR, "unit": here.commune},
        Who.FACILITATOR_ELSEWHERE: {"role": Role.FACILITATOR, "unit": elsewhere.commune},
        Who.ORGANISER: {"role": Role.ORGANISER, "unit": here.province},
        Who.ORGANISER_ELSEWHERE: {"role": Role.ORGANISER, "unit": elsewhere.province},
        Who.EDITOR: {"role": Role.EDITOR},
        Who.REVIEWER: {"role": Role.REVIEWER},
        Who.AUDITOR: {"role": Role.AUDITOR, "unit": here.province},
        Who.AUDITOR_ELSEWHERE: {"role": Role.AUDITOR, "unit": elsewhere.province},
        Who.SITE_AUDITOR: {"role": Role.AUDITOR},
        Who.ADMINISTRATOR: {"role": Role.ADMINISTRATOR, "unit": here.province},
        Who.ADMINISTRATOR_ELSEWHERE: {"role": Role.ADMINISTRATOR, "unit": elsewhere.province},
        Who.SITE_ADMINISTRATOR: {"role": Role.ADMINISTRATOR},
    }
    make_home()
    sync_groups()
    users: dict[Who, User | AnonymousUser] = {Who.ANONYMOUS: AnonymousUser()}
    for who in Who:
        if who not in users:
            users[who] = make_user(who.value.replace(" ", "-"))
    for who, scope in scopes.items():
        grant_role(user=users[who], by=None, **scope)
    former = grant_role(user=users[Who.FORMER_MANAGER], by=None, **scopes[Who.MANAGER])
    former.valid_from, former.valid_until = clock.today() - timedelta(days=30), clock.today()
    former.save()
    users[Who.FORMER_MANAGER].__dict__.pop("_active_roles", None)
    for who, key in ((Who.LEARNER, "learner"), (Who.LEARNER_ELSEWHERE, "elsewhere")):
        people[key].account = users[who]
        people[key].save()
    return users


def _courses() -> tuple[CoursePage, CoursePage, int]:
    """A course completed by reading and passing, another one to be in the middle of; both in both languages."""
    home, index = make_home(), make_catalogue()
    question = make_question()
    course = make_course("Tránh lừa đảo", lessons=0, quiz=make_quiz(2, title="Bài kiểm tra thứ nhất"))
    make_lesson(course, slug="bai-1", questions=[question])
    next_course = make_course("Bán nông sản", lessons=2, quiz=make_quiz(2, title="Bài kiểm tra thứ hai"))
    home.add_child(instance=StandardPage(title="Trợ giúp", slug="tro-giup", locale=home.locale))
    home.add_child(instance=CampaignIndexPage(title="Thi đua", slug="thi-dua", locale=home.locale))
    make_home("en")
    english = Locale.objects.get(language_code="en")
    for page in home.get_descendants().order_by("path").specific():
        page.copy_for_translation(english, alias=True)
    sync_groups()
    assert index.has_translation(english)
    return CoursePage.objects.get(pk=course.pk), CoursePage.objects.get(pk=next_course.pk), question.pk


def _campaign(here: Place, course: CoursePage, by: User) -> str:
    now = clock.now()
    page = create_campaign(
        index=CampaignIndexPage.objects.get(locale__language_code="vi"),
        title="Xã học số",
        summary="Xã nào học nhiều hơn?",
        starts_at=now - timedelta(days=3),
        ends_at=now + timedelta(days=3),
        area=here.province,
        courses=[course],
        points_per_completion=1,
        by=by,
    )
    return page.slug


def _complete(person: Person, course: CoursePage) -> CourseCompletion:
    """Read every lesson and pass the test."""
    for lesson in lessons_of(course):
        complete_lesson(person=person, course_key=course.translation_key, lesson_key=lesson.translation_key)
    submit_attempt(attempt=answer_all(start_attempt(quiz=course.quiz, person=person)))
    return CourseCompletion.objects.get(person=person)


def _begin(person: Person, course: CoursePage) -> Attempt:
    """An attempt with one of two answers given."""
    attempt = start_attempt(quiz=course.quiz, person=person)
    first = attempt.responses.get(position=1)
    save_answer(attempt=attempt, position=1, chosen=right_ids(first.asked))
    return attempt


def _roster(organisation: Organisation, by: User, rows: list[list], run_jobs: Callable[..., int]) -> RosterImport:
    """A list that was read and imported, its wrong rows left."""
    file = SimpleUploadedFile(ROSTER_FILENAME, workbook(rows))
    roster = upload_roster(organisation=organisation, file=file, filename=ROSTER_FILENAME, by=by)
    run_jobs("people.read_roster")
    confirm_roster(roster=roster, by=by)
    run_jobs("people.import_roster")
    return RosterImport.objects.select_related("organisation", "job").get(pk=roster.pk)


def _register(
    unit: AdministrativeUnit, by: User, person: Person, serial: str, run_jobs: Callable[..., int]
) -> RosterImport:
    """An old register with a line of this person, and one that waits to be mended."""
    rows = [
        ["Họ và tên", "Năm sinh", "Số chứng nhận", "Ngày cấp", "Khóa học"],
        [person.full_name, person.birth_year, serial, "20/10/2024", "Kỹ năng số cơ bản"],
        ["", "", "SC-7999", "20/10/2024", "Kỹ năng số cơ bản"],
    ]
    file = SimpleUploadedFile("so-cu.xlsx", workbook(rows))
    roster = upload_register(unit=unit, issuer="Uỷ ban nhân dân huyện cũ", file=file, filename="so-cu.xlsx", by=by)
    run_jobs("people.read_roster")
    confirm_roster(roster=roster, by=by)
    run_jobs("people.import_roster")
    return RosterImport.objects.select_related("unit", "job").get(pk=roster.pk)
