"""Campaigns and what they score."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from wagtail.models import Locale, Page, Site

from campaigns.models import Campaign, CampaignIndexPage, CampaignPage
from campaigns.operations.rules import enter_units
from common import clock
from content.models import HomePage
from courses.enums import Audience
from courses.models import CourseCompletion, CourseIndexPage, CoursePage
from people.enums import PersonSource
from people.models import Person
from places.models import AdministrativeUnit
from tests.factories import places


def site_tree() -> tuple[CampaignIndexPage, CourseIndexPage]:
    """A home page at the root with the two index pages."""
    locale, _created = Locale.objects.get_or_create(language_code="vi")
    root = Page.objects.get(depth=1)
    home = HomePage(title="Thôn Số", slug="trang-chu", headline="Học dùng điện thoại", lead="Miễn phí", locale=locale)
    root.add_child(instance=home)
    Site.objects.all().delete()
    Site.objects.create(hostname="testserver", root_page=home, is_default_site=True)
    campaigns = CampaignIndexPage(title="Thi đua", slug="thi-dua", locale=locale)
    courses = CourseIndexPage(title="Khoá học", slug="khoa-hoc", locale=locale)
    home.add_child(instance=campaigns)
    home.add_child(instance=courses)
    return campaigns, courses


def course_page(index: CourseIndexPage, title: str = "Tránh lừa đảo") -> CoursePage:
    page = CoursePage(title=title, audience=Audience.RESIDENT, locale=index.locale)
    index.add_child(instance=page)
    return page


def campaign(
    *, area: AdministrativeUnit | None = None, days: tuple[int, int] = (-5, 5), points: str = "1", course_keys=()
) -> Campaign:
    """A campaign that began and ends so many days from now, with the area's communes entered."""
    now = clock.now()
    found = Campaign.objects.create(
        title="Xã học số",
        starts_at=now + timedelta(days=days[0]),
        ends_at=now + timedelta(days=days[1]),
        points_per_completion=Decimal(points),
        area=area or places.province(),
        course_keys=[str(key) for key in course_keys],
    )
    enter_units(found)
    return found


def completion(
    *, residence: AdministrativeUnit | None, course_key: uuid.UUID, at: datetime | None = None
) -> CourseCompletion:
    person = Person.objects.create(
        full_name="Nguyễn Thị Ngọc Ánh", residence=residence, source=PersonSource.SELF, created_at=clock.now()
    )
    return CourseCompletion.objects.create(
        person=person,
        course_key=course_key,
        course_title="Tránh lừa đảo",
        audience=Audience.RESIDENT,
        completed_at=at or clock.now(),
        lessons=6,
        residence=residence,
    )


def page_below(index: CampaignIndexPage, rule_set: Campaign, title: str = "Xã học số") -> CampaignPage:
    """A live page that shows an existing rule set (made without publishing, which would write the rules anew)."""
    page = CampaignPage(
        title=title,
        starts_at=rule_set.starts_at,
        ends_at=rule_set.ends_at,
        area=rule_set.area,
        points_per_completion=rule_set.points_per_completion,
        translation_key=rule_set.key,
        locale=index.locale,
    )
    index.add_child(instance=page)
    return page
