"""Public pages of places: today's commune by its old name, a unit with its past."""

from __future__ import annotations

import pytest
from django.urls import reverse

from common import clock
from places.enums import ChangeKind, Level, UnitKind
from places.models import UnitChange
from tests.counting import statements
from tests.factories import places
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def history():
    """Today's commune Đồng Tiến took Đồng Lợi over and shares Hợp Lý with Yên Thịnh."""
    commune, next_door = places.commune(), places.commune("16013", "Yên Thịnh")
    province = places.former(places.country(), "38", "Lam Giang", Level.PROVINCE, UnitKind.TINH)
    district = places.former(province, "380", "Triệu Sơn", Level.DISTRICT, UnitKind.HUYEN)
    merged = places.former(district, "15701", "Đồng Lợi", Level.COMMUNE, UnitKind.XA)
    divided = places.former(district, "15703", "Hợp Lý", Level.COMMUNE, UnitKind.XA)
    for old, new, kind in (
        (merged, commune, ChangeKind.MERGE),
        (divided, commune, ChangeKind.SPLIT),
        (divided, next_door, ChangeKind.SPLIT),
    ):
        UnitChange.objects.create(old=old, new=new, kind=kind, decree="NQ 1", effective_on=places.SINCE)
    return {"commune": commune, "merged": merged, "divided": divided, "district": district}


def look(client, text: str, **query) -> str:
    answer = client.get(reverse("find_place"), {"q": text, **query})
    assert answer.status_code == 200
    return answer.content.decode().replace("\u00a0", " ")


@pytest.mark.parametrize(
    "text", ["dong loi", "Đồng Lợi", "xã Đồng Lợi, huyện Triệu Sơn", "dong loi, trieu son, lam giang"]
)
def test_an_old_name_finds_the_commune_of_today(client, history, text):
    words = look(client, text)
    assert "Xã Đồng Tiến" in words
    assert "xã Đồng Lợi, huyện Triệu Sơn, tỉnh Lam Giang" in words


def test_a_divided_commune_shows_every_part(client, history):
    words = look(client, "hop ly")
    assert "Xã Đồng Tiến" in words
    assert "Xã Yên Thịnh" in words
    assert "Một phần" in words


def test_a_name_of_today_and_nothing(client, history):
    assert "Xã Đồng Tiến" in look(client, "dong tien")
    assert "Lam Giang" in look(client, "lam giang")
    assert "Không có nơi nào" in look(client, "khong co noi nay")
    assert client.get(reverse("find_place")).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_search(client, history, count):
    for number in range(count):
        places.commune(f"1610{number}", f"Sơn {'ABC'[number]}")
    look(client, "son")
    with statements(3):
        look(client, "son")


def test_a_result_leads_back_to_the_form_with_the_commune_chosen(client, history):
    client.force_login(make_user(phone="+84912345678", phone_verified_at=clock.now()))
    form = client.get(reverse("who_new"), {"tinh": "38"}).content.decode()
    assert reverse("find_place") in form
    words = look(client, "dong loi", chon=reverse("who_new"))
    href = f"{reverse('who_new')}?tinh=38&amp;xa=16012"
    assert href in words
    page = client.get(href.replace("&amp;", "&")).content.decode()
    assert '<option value="16012" selected>' in page


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "x"])
def test_it_leads_nowhere_else(client, history, back):
    words = look(client, "dong loi", chon=back).split("<main")[1].split("</main>")[0]
    assert "evil" not in words
    assert "javascript:" not in words
    assert reverse("place", args=[history["commune"].uuid]) in words


class TestAPlace:
    def words(self, client, unit) -> str:
        return client.get(reverse("place", args=[unit.uuid])).content.decode().replace("\u00a0", " ")

    def test_of_today(self, client, history):
        village = places.village()
        words = self.words(client, history["commune"])
        assert "Xã Đồng Lợi, huyện Triệu Sơn" in words
        assert "một phần" in words
        assert village.title in words
        assert "NQ 1" in words
        assert "01/07/2025" in words

    def test_of_before(self, client, history):
        words = self.words(client, history["merged"])
        assert "Xã Đồng Tiến" in words
        assert "01/07/2025" in words
        assert "Xã Yên Thịnh" in self.words(client, history["divided"])
        assert "không còn cấp này" in self.words(client, history["district"])

    def test_the_country_has_no_page(self, client, history):
        assert client.get(reverse("place", args=[places.country().uuid])).status_code == 404

    def test_queries(self, client, history):
        self.words(client, history["commune"])
        with statements(5):
            self.words(client, history["commune"])
