"""A province of 3,000 villages and 60,000 people, a fifth of whom completed a course."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from itertools import product

from django.core.management import call_command
from django.db import connection

from common import clock
from courses.enums import Audience
from courses.models import CourseCompletion
from people.enums import PersonSource
from people.models import Person
from places.enums import Level, UnitKind
from places.models import AdministrativeUnit

VILLAGES, PEOPLE = 3_000, 60_000
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Lò", "Cà")
MIDDLE = ("Thị", "Văn", "Quang", "Đình", "Thị Ngọc", "Thu", "Hữu", "Mỹ", "Xuân", "Kim", "Bảo", "Thị Thu")
GIVEN = ("Ánh", "Bảy", "Bưởi", "Dung", "Dũng", "Đức", "Hoa", "Hoà", "Lan", "Oanh", "Tuyết", "Yến")
NAMES = [" ".join(parts) for parts in product(FAMILY, MIDDLE, GIVEN)]


def make_province() -> AdministrativeUnit:
    """The units of the country, and in one province the villages, the people and their completions."""
    call_command("load_units", stdout=io.StringIO())
    province = AdministrativeUnit.objects.in_force().at_level(Level.PROVINCE).get(code="38")
    communes = list(AdministrativeUnit.objects.in_force().at_level(Level.COMMUNE).filter(parent=province))
    villages = []
    for number in range(VILLAGES):
        commune = communes[number % len(communes)]
        segment = f"t{number // len(communes) + 1:02d}"
        village = AdministrativeUnit(
            code=f"{commune.code}-{segment}",
            level=Level.VILLAGE,
            kind=UnitKind.THON,
            parent=commune,
            path=f"{commune.path}{segment}/",
            present_path=f"{commune.path}{segment}/",
            valid_from=commune.valid_from,
        )
        village.set_name(str(number // len(communes) + 1))
        villages.append(village)
    AdministrativeUnit.objects.bulk_create(villages, batch_size=500)
    people, at = [], clock.now()
    for number in range(PEOPLE):
        person = Person(
            birth_year=1940 + number % 65,
            phone=f"+84{910_000_000 + number}",
            residence=villages[number % VILLAGES],
            source=PersonSource.ROSTER,
            created_at=at,
        )
        person.set_name(NAMES[number * 7 % len(NAMES)])
        people.append(person)
    Person.objects.bulk_create(people, batch_size=1000)
    course = uuid.uuid4()
    completions = [
        CourseCompletion(
            person=person,
            course_key=course,
            course_title="Tránh lừa đảo qua mạng",
            lessons=6,
            audience=list(Audience)[number % 3],
            completed_at=at - timedelta(days=number % 90),
            residence_id=person.residence_id,
        )
        for number, person in enumerate(people)
        if number % 5 == 0
    ]
    CourseCompletion.objects.bulk_create(completions, batch_size=1000)
    with connection.cursor() as cursor:
        # A server does it by itself within minutes.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return province
