"""A list of 10,000 people from an .xlsx: read, shown, created, enrolled in a course, with the result workbook.

The same jobs as a worker does, in this process; the process that opens the workbook and the database's backends are
counted, too. Prints one JSON line: CPU seconds of everything together and of each part, seconds on the clock, rows.
The floor is what the libraries need without us: python-calamine reads the file, Django inserts the same rows in one
transaction, openpyxl writes them.
"""

from __future__ import annotations

import io
import json
import time
import uuid

from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import transaction
from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from accounts.models import User
from benchmarks._measure import database_seconds, make_tables, own_seconds
from common import clock
from courses.models import CoursePage, Enrolment
from ledger.models import Job
from ledger.operations import run_job
from people.enums import OrganisationKind, PersonSource, Role
from people.models import Membership, Organisation, Person, RoleAssignment
from people.roster.deciding import confirm_roster, upload_roster
from places.enums import Level
from places.models import AdministrativeUnit

ROWS = 10_000
FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ"]
MIDDLE = ["Thị", "Văn", "Quang", "Đình", "Ngọc", "Thu", "Hữu", "Mỹ", "Xuân", "Kim"]
GIVEN = ["Ánh", "Bảy", "Bưởi", "Dung", "Dũng", "Đức", "Hoa", "Hoà", "Lan", "Oanh"]


def prepare() -> tuple[Organisation, User, str]:
    """A database with the units and the shipped courses, a co-op and its manager; and the course's key."""
    make_tables()
    call_command("load_units", stdout=io.StringIO())
    call_command("load_courses", stdout=io.StringIO())
    seat = AdministrativeUnit.objects.in_force().at_level(Level.COMMUNE).order_by("code").first()
    assert seat is not None
    today = clock.today()
    organisation = Organisation.objects.create(
        name=f"HTX {uuid.uuid4()}", kind=OrganisationKind.COOPERATIVE, seat=seat, valid_from=today
    )
    user = User.objects.create(username=f"bench-{uuid.uuid4()}")
    RoleAssignment.objects.create(user=user, role=Role.MANAGER, organisation=organisation, valid_from=today)
    course = CoursePage.objects.live().order_by("pk").first()
    assert course is not None
    return organisation, user, str(course.translation_key)


def workbook(commune: str) -> bytes:
    """A list as co-ops keep it: titles above the table, dates of birth, phones that lost their zero."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Xã viên")
    sheet.append(["DANH SÁCH XÃ VIÊN"])
    sheet.append([])
    sheet.append(["STT", "Họ và tên", "Ngày sinh", "Số điện thoại", "Xã", "Chức vụ"])
    for n in range(ROWS):
        name = f"{FAMILY[n % 10]} {MIDDLE[n // 10 % 10]} {GIVEN[n // 100 % 10]}"
        born = f"{n % 28 + 1:02}/{n // 28 % 12 + 1:02}/{1940 + n // 1000 * 7 + n % 7}"
        sheet.append([n + 1, name, born, 910_000_000 + n, commune, "Xã viên"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def libraries_alone(content: bytes, organisation: Organisation, course_key: str) -> float:
    """CPU seconds without any understanding, checking or keeping of progress; nothing stays in the database."""
    start, now = own_seconds() + database_seconds(), clock.now()
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[3:]
    with transaction.atomic():
        people = [
            Person(full_name=name, birth_year=born[-4:], phone=str(phone), source=PersonSource.ROSTER, created_at=now)
            for _number, name, born, phone, *_rest in rows
        ]
        Person.objects.bulk_create(people)
        Membership.objects.bulk_create(
            Membership(person=person, organisation=organisation, valid_from=now.date()) for person in people
        )
        Enrolment.objects.bulk_create(
            Enrolment(person=person, course_key=course_key, enrolled_at=now) for person in people
        )
        transaction.set_rollback(True)
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    book.save(io.BytesIO())
    return own_seconds() + database_seconds() - start


def main() -> None:
    organisation, user, course_key = prepare()
    content = workbook(organisation.seat.full_name)
    own, server, clock_start = own_seconds(), database_seconds(), time.perf_counter()
    file = ContentFile(content)
    roster = upload_roster(organisation=organisation, file=file, filename="ds.xlsx", by=user)
    run_job(roster.job_id)
    read = own_seconds() - own + database_seconds() - server
    job = confirm_roster(roster=roster, course_key=course_key, by=user)
    run_job(job.pk)
    seconds = time.perf_counter() - clock_start
    own, server = own_seconds() - own, database_seconds() - server
    job = Job.objects.get(pk=job.pk)
    assert job.status == "done", job.error_message
    assert job.result["create"] == ROWS, job.result
    counts = (Person.objects.count(), Membership.objects.count(), Enrolment.objects.count())
    assert counts == (ROWS,) * 3, counts
    floor = libraries_alone(content, organisation, course_key)
    print(
        json.dumps(
            {
                "name": "import_people",
                "rows": ROWS,
                "cpu_s": round(own + server, 2),
                "floor_cpu_s": round(floor, 2),
                "ratio": round((own + server) / floor, 1),
                "cpu_own_s": round(own, 2),
                "cpu_database_s": round(server, 2),
                "cpu_reading_s": round(read, 2),
                "seconds": round(seconds, 2),
                "result_bytes": job.result_file.size,
            }
        )
    )


if __name__ == "__main__":
    main()
