"""What the public and the organiser see."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from accounts.models import User
from campaigns import operations
from campaigns.models import Campaign, CampaignPage, ScoreEvent
from common import clock
from people.enums import Role
from people.models import RoleAssignment
from tests.factories import campaigns as make
from tests.factories import places

pytestmark = pytest.mark.django_db
COURSE = uuid.uuid4()


@pytest.fixture
def index():
    return make.site_tree()


@pytest.fixture
def commune():
    return places.commune()


def organiser(area=None) -> User:
    user = User.objects.create(username=f"organiser-{area}")
    RoleAssignment.objects.create(user=user, role=Role.ORGANISER, unit=area, valid_from=clock.today())
    return user


def scored_page(index, communes: int, **options) -> CampaignPage:
    units = [places.commune(str(17000 + n), f"Tân {n}") for n in range(communes)]
    campaign = make.campaign(course_keys=[COURSE], **options)
    for n, unit in enumerate(units):
        for _person in range(n + 1):
            operations.record_completion(
                completion=make.completion(residence=unit, course_key=COURSE, at=campaign.starts_at)
            )
        operations.confirm_headcounts(campaign=campaign, headcounts={unit.pk: 100}, by=None)
    operations.roll_up(campaign=campaign)
    return make.page_below(index[0], campaign)


@pytest.mark.parametrize("communes", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_communes(client, index, django_assert_num_queries, communes):
    page = scored_page(index, communes)
    client.get(page.url)
    with django_assert_num_queries(5):
        answer = client.get(page.url)
    assert answer.status_code == 200
    resident = make.completion(residence=places.commune(), course_key=COURSE).person
    resident.account = User.objects.create(username="resident")
    resident.save()
    client.force_login(resident.account)
    client.get(page.url)
    with django_assert_num_queries(8):
        client.get(page.url)


def test_standings_by_rate_and_by_number(client, index):
    page = scored_page(index, 3)
    text = client.get(page.url).content.decode()
    assert text.index("Xã Tân 2") < text.index("Xã Tân 1") < text.index("Xã Tân 0")
    assert "3,0" in text
    assert client.get(page.url + "?xep=so-luong").status_code == 200


def test_a_commune_is_found_without_accents(client, index):
    places.commune("17100", "Đồng Tiến")
    page = scored_page(index, 2)
    text = client.get(page.url + "?xep=so-luong&q=dong tien").content.decode()
    assert "Xã Đồng Tiến" in text
    assert "Xã Tân 1" not in text


def test_a_commune_without_headcount_is_listed_apart(client, index, commune):
    page = scored_page(index, 1)
    text = client.get(page.url).content.decode()
    assert text.index("Xã Tân 0") < text.index("Xã Đồng Tiến")


@pytest.mark.parametrize("days", [(-9, -2), (2, 9)])
def test_planned_and_past_campaigns_have_a_page(client, index, commune, days):
    assert client.get(scored_page(index, 1, days=days).url).status_code == 200


def test_the_index_lists_them_all(client, index, commune):
    for number, days in enumerate([(-9, -2), (-1, 3), (2, 9)]):
        make.page_below(index[0], make.campaign(days=days), title=f"Đợt {number}")
    text = client.get(index[0].url).content.decode()
    assert all(f"Đợt {number}" in text for number in range(3))


def test_an_empty_index_says_what_to_do(client, index):
    assert "/khoa-hoc/" in client.get(index[0].url).content.decode()


class TestOrganiser:
    def data(self, course, **changes) -> dict:
        return {
            "title": "Tháng chuyển đổi số",
            "summary": "Các xã thi nhau học.",
            "first_day": clock.today().isoformat(),
            "last_day": (clock.today() + timedelta(days=30)).isoformat(),
            "area": places.province().pk,
            "courses": [course.pk],
            "points": "1",
            **changes,
        }

    def test_starts_a_campaign_in_one_sitting(self, client, index, commune):
        course = make.course_page(index[1])
        client.force_login(organiser())
        answer = client.post("/thi-dua/to-chuc/moi/", self.data(course))
        page = CampaignPage.objects.get()
        assert answer.url == f"/thi-dua/to-chuc/{page.translation_key}/"
        assert page.live
        assert client.get(answer.url).status_code == 200
        assert client.get(page.url).status_code == 200

    def test_a_wrong_date_is_said_beside_the_field_and_nothing_is_lost(self, client, index, commune):
        course = make.course_page(index[1])
        client.force_login(organiser())
        early = (clock.today() - timedelta(days=3)).isoformat()
        answer = client.post("/thi-dua/to-chuc/moi/", self.data(course, last_day=early))
        assert answer.status_code == 422
        assert "Tháng chuyển đổi số" in answer.content.decode()
        assert not CampaignPage.objects.exists()

    def test_only_provinces_in_scope_are_offered(self, client, index, commune):
        course = make.course_page(index[1])
        client.force_login(organiser(places.province("46", "Hương Giang")))
        assert client.post("/thi-dua/to-chuc/moi/", self.data(course)).status_code == 422

    def test_others_may_not(self, client, index, commune):
        client.force_login(User.objects.create(username="resident"))
        assert client.get("/thi-dua/to-chuc/moi/").status_code == 403
        campaign = make.campaign()
        for path in ("", "dong/", "bang-xep-hang.xlsx"):
            address = f"/thi-dua/to-chuc/{campaign.key}/{path}"
            assert client.get(address).status_code in {404, 405}
            assert client.post(address).status_code in {404, 405}
        client.force_login(organiser(places.province("46", "Hương Giang")))
        assert client.get(f"/thi-dua/to-chuc/{campaign.key}/").status_code == 404

    def test_confirms_headcounts(self, client, index, commune):
        campaign = make.campaign()
        client.force_login(organiser(places.province()))
        address = f"/thi-dua/to-chuc/{campaign.key}/"
        assert client.post(address, {f"unit-{commune.pk}": "4321"}).status_code == 302
        assert campaign.competing_units.get(unit=commune).headcount == 4321
        assert client.post(address, {f"unit-{commune.pk}": "0"}).status_code == 422

    def test_closes_after_the_end_only(self, client, index, commune):
        running, ended = make.campaign(), make.campaign(days=(-5, -1))
        client.force_login(organiser())
        for campaign in (running, ended):
            client.post(f"/thi-dua/to-chuc/{campaign.key}/dong/")
        assert [c.closed_at is not None for c in Campaign.objects.order_by("pk")] == [False, True]

    def test_takes_the_figures_away(self, client, index, commune):
        campaign = make.campaign()
        client.force_login(organiser())
        answer = client.get(f"/thi-dua/to-chuc/{campaign.key}/bang-xep-hang.xlsx")
        assert answer.content.startswith(b"PK")


def test_a_page_with_scores_is_not_deleted(client, index):
    page = scored_page(index, 1)
    client.force_login(User.objects.create_superuser("admin"))
    client.post(f"/admin/pages/{page.pk}/delete/")
    assert CampaignPage.objects.filter(pk=page.pk).exists()
    assert ScoreEvent.objects.exists()
