"""Issuing bodies and certificates, issued by the operation itself."""

from __future__ import annotations

import uuid
from datetime import datetime

from certificates.models import Certificate, IssuingBody
from certificates.operations import issue_certificate
from certificates.wording import Achievement
from people.models import Person
from places.models import AdministrativeUnit
from tests.factories import places
from tests.factories.people import make_person

ACHIEVEMENT = Achievement(
    intro="đã hoàn thành khoá học dành cho người dân",
    title="Tránh tin nhắn và cuộc gọi lừa đảo",
    detail="5 bài học, bài kiểm tra đạt 9 trên 10 câu",
)


def make_body(unit: AdministrativeUnit | None = None, **fields) -> IssuingBody:
    """The body of a unit (None: of everywhere else), made once."""
    fields = {
        "name": "Uỷ ban nhân dân xã Đồng Tiến, tỉnh Lam Giang" if unit else "Ban Điều hành chương trình",
        "place": "Đồng Tiến" if unit else "Lam Giang",
        "signatory_authority": "TM. Uỷ ban nhân dân" if unit else "",
        "signatory_title": "Chủ tịch" if unit else "Trưởng ban",
        "signatory_name": "Trần Văn Khải",
        "serial_suffix": "CN-ĐT" if unit else "CN-TS",
        "decision": "Quyết định số 212/QĐ-UBND ngày 20/11/2026",
        **fields,
    }
    body, _created = IssuingBody.objects.get_or_create(unit=unit, defaults=fields)
    return body


def make_certificate(
    full_name: str = "Nguyễn Thị Ngọc Ánh",
    *,
    unit: AdministrativeUnit | None = None,
    person: Person | None = None,
    subject: str = "course:1",
    lines: Achievement = ACHIEVEMENT,
    at: datetime | None = None,
) -> Certificate:
    """A certificate of a person living in `unit` (default: a village), issued by the body of everywhere."""
    make_body()
    unit = unit or places.village()
    person = person or make_person(full_name, birth_year=1961, residence=unit)
    return issue_certificate(
        achievement=f"course-completion:{uuid.uuid4()}",
        subject=subject,
        person=person,
        unit=unit,
        achievement_lines=lines,
        at=at,
    )


def make_certificates(count: int, **fields) -> list[Certificate]:
    return [make_certificate(f"Trần Văn Số {number:03d}", **fields) for number in range(1, count + 1)]
