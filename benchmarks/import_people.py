"""A list of 10,000 people from an .xlsx: read, shown, created, enrolled in a course, with the result workbook.

The same jobs as a worker does, in this process; the process that opens the workbook and the database's backends are
counted, too. Prints one JSON line: CPU seconds of everything together and of each part, seconds on the clock, rows.
Makes a SQLite database of its own; with DATABASE_URL it fills that one, so give it an empty database.
"""

from __future__ import annotations

import io
import json
import time
import uuid

from django.core.files.base import ContentFile
from django.core.management import call_command
from openpyxl import Workbook

from accounts.models import User
from benchmarks._measure import database_seconds, make_tables, own_seconds
from common import clock
from courses.models import CoursePage, Enrolment
from ledger.models import Job
from ledger.operations import run_job
from people.enums import OrganisationKind, Role
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
    print(
        json.dumps(
            {
                "name": "import_people",
                "rows": ROWS,
                "cpu_s": round(own + server, 2),
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
