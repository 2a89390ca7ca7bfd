"""Old registers at the desk of a unit, and checking a paper by its number."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from certificates.models import PaperEntry
from certificates.views import MISSES_A_MINUTE
from common import clock
from people.models import Person, RosterImport
from tests.counting import statements
from tests.factories import places
from tests.factories.certificates import make_certificate
from tests.factories.people import make_official, make_person
from tests.people.rosters import workbook
from tests.people.test_register_import import HEADER, ISSUER, LINES

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return places.village("t38", "Bến Hạ").parent


@pytest.fixture
def official(client, unit):
    user = make_official(unit)
    client.force_login(user)
    return user


def make_entry(unit, holder: str = "Trần Thị Ngọc Ánh", serial: str = "12/2024", **fields) -> PaperEntry:
    person = fields.pop("person", None) or make_person(holder, residence=unit)
    day = fields.pop("issued_on", date(2024, 10, 20))
    return PaperEntry.objects.create(
        unit=unit,
        issuer=ISSUER,
        issuer_key="uy ban nhan dan huyen song giang",
        serial=serial,
        serial_key=serial.casefold(),
        issued_on=day,
        year=day.year,
        title=fields.pop("title", "Nhận biết lừa đảo"),
        title_key="nhan biet lua dao",
        holder=person.full_name,
        holder_folded=person.name_folded,
        holder_key=person.name_key,
        birth_year=person.birth_year,
        person=person,
        entered_at=clock.now(),
        **fields,
    )


def page(client, name: str, *args, query: str = "") -> str:
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == 200
    return answer.content.decode().replace("\xa0", " ")


class TestDesk:
    def test_from_the_file_to_the_register(self, client, unit, official, run_jobs):
        assert reverse("unit_paper", args=[unit.uuid]) in page(client, "unit_desk", unit.uuid)
        assert reverse("unit_paper", args=[unit.uuid]) in page(client, "unit_register", unit.uuid)
        assert "Ở đây chưa nhập sổ cũ nào" in page(client, "unit_paper", unit.uuid)
        wrong = [4, "Lục Thị Ỷ", 1979, "", "15/2024", "", ""]
        file = SimpleUploadedFile("so.xlsx", workbook([HEADER, *LINES, wrong]))
        answer = client.post(
            reverse("unit_paper_new", args=[unit.uuid]),
            {"issuer": ISSUER, "course": "Kỹ năng số", "issued_on": "", "file": file},
        )
        roster = RosterImport.objects.get()
        assert answer["Location"] == reverse("roster", args=[roster.uuid])
        run_jobs("people.read_roster")
        shown = page(client, "roster", roster.uuid)
        for words in (ISSUER, "12/2024", "20/10/2024", "Chưa ghi ngày.", "Nhập 3 dòng"):
            assert words in shown
        assert "Ghi danh" not in shown
        row = reverse("roster_row", args=[roster.uuid, 5])
        assert client.post(row, {"issued_on": "02/12/2024"})["Location"] == reverse("roster", args=[roster.uuid])
        assert client.post(reverse("roster_confirm", args=[roster.uuid]))["Location"].startswith("/danh-sach/")
        run_jobs("people.import_roster")
        assert "Mọi dòng đã vào sổ cũ" in page(client, "roster", roster.uuid)
        entry = PaperEntry.objects.get(serial="15/2024")
        assert (entry.title, entry.issued_on) == ("Kỹ năng số", date(2024, 12, 2))
        assert b"".join(client.get(reverse("roster_result", args=[roster.uuid])).streaming_content)[:2] == b"PK"
        assert "so.xlsx" in page(client, "unit_paper", unit.uuid)
        assert ISSUER in page(client, "unit_paper_new", unit.uuid)  # offered again

    def test_what_is_missing_is_said_beside_its_field(self, client, unit, official):
        address = reverse("unit_paper_new", args=[unit.uuid])
        form = client.post(address, {"issuer": "", "issued_on": "1975-01-01"}).context["form"]
        assert set(form.errors) == {"issuer", "issued_on", "file"}
        answer = client.post(address, {"issuer": ISSUER, "file": SimpleUploadedFile("a.xlsx", b"")})
        assert set(answer.context["form"].errors) == {"file"}
        assert ISSUER in answer.content.decode()
        assert not RosterImport.objects.exists()

    def test_the_template_is_understood(self, client, unit, official, run_jobs):
        content = client.get(reverse("paper_template", args=[unit.uuid])).content
        file = SimpleUploadedFile("mau.xlsx", content)
        client.post(reverse("unit_paper_new", args=[unit.uuid]), {"issuer": ISSUER, "file": file})
        run_jobs("people.read_roster")
        roster = RosterImport.objects.get()
        assert set(roster.columns) >= {"full_name", "birth", "village", "commune", "serial", "issued_on", "course"}
        assert roster.rows.get().data["entry"]["serial"] == "12/2025"

    @pytest.mark.parametrize("count", [1, 3])
    def test_lines_are_found_and_cost_the_same(self, client, unit, official, count):
        for number in range(count):
            make_entry(unit, f"Hà Văn {'ABC'[number]}", f"{number}/2024")
        page(client, "unit_paper", unit.uuid)
        with statements(10):
            shown = page(client, "unit_paper", unit.uuid)
        assert f"{count} dòng" in shown
        for text in ("ha van a", "0/2024", "nhan biet"):
            assert "Hà Văn A" in page(client, "unit_paper", unit.uuid, query=f"?q={text}")
        assert "Không có dòng nào như vậy" in page(client, "unit_paper", unit.uuid, query="?q=zzz")

    def test_a_line_is_withdrawn_with_a_reason(self, client, unit, official):
        entry = make_entry(unit)
        address = reverse("unit_paper_withdraw", args=[unit.uuid, entry.uuid])
        assert address in page(client, "unit_paper", unit.uuid)
        assert client.post(address, {"reason": " "}).context["form"].errors["reason"]
        assert client.post(address, {"reason": "Chép nhầm"})["Location"] == reverse("unit_paper", args=[unit.uuid])
        shown = page(client, "unit_paper", unit.uuid)
        assert "Chép nhầm" in shown
        assert address not in shown
        assert "Chép nhầm" in page(client, "unit_paper_withdraw", unit.uuid, entry.uuid)


class TestChecking:
    def check(self, client, serial: str, name: str):
        return client.post(reverse("verify_serial"), {"serial": serial, "name": name})

    def test_a_paper_of_before_is_found_by_both(self, client, unit):
        make_entry(unit)
        assert reverse("verify_serial") in page(client, "verify")
        answer = self.check(client, " 12 / 2024 ", "tran thi ngoc anh")
        words = answer.content.decode()
        assert answer.status_code == 200
        assert all(text in words for text in ("Có trong sổ cũ", "Trần Thị Ngọc Ánh", ISSUER, "20/10/2024"))
        assert "1984" not in words
        assert "noindex" in answer["X-Robots-Tag"]
        for serial, name in (
            ("12/2024", "Trần Thị Ngọc"),
            ("13/2024", "Trần Thị Ngọc Ánh"),
            ("-", "Trần Thị Ngọc Ánh"),
        ):
            assert self.check(client, serial, name).status_code == 404

    def test_a_training_without_a_number_is_nobody_s_to_find(self, client, unit):
        make_entry(unit, serial="")
        assert self.check(client, "", "Trần Thị Ngọc Ánh").status_code == 400
        assert self.check(client, " . ", "Trần Thị Ngọc Ánh").status_code == 404

    def test_a_withdrawn_line_says_so(self, client, unit):
        make_entry(unit, withdrawn_at=clock.now(), withdrawn_reason="Chép nhầm dòng")
        words = self.check(client, "12/2024", "Trần Thị Ngọc Ánh").content.decode()
        assert "đã bị huỷ" in words
        assert "Chép nhầm dòng" in words

    def test_a_certificate_of_this_site_leads_to_its_page(self, client):
        certificate = make_certificate()
        answer = self.check(client, certificate.serial, certificate.holder)
        assert answer["Location"] == reverse("verify_certificate", args=[certificate.code])
        assert self.check(client, certificate.serial, "Người khác").status_code == 404

    def test_guessing_is_slowed_down_and_a_hit_is_not(self, client, unit):
        make_entry(unit)
        for _number in range(MISSES_A_MINUTE):
            assert self.check(client, "1", "Không Có Ai").status_code == 404
        answer = self.check(client, "1", "Không Có Ai")
        assert (answer.status_code, int(answer["Retry-After"]) <= 60) == (429, True)
        assert self.check(client, "12/2024", "Trần Thị Ngọc Ánh").status_code == 200

    def test_the_holder_finds_it_with_their_learning(self, client, unit, official):
        entry = make_entry(unit)
        Person.objects.filter(pk=entry.person_id).update(account=official)
        client.get(reverse("who"))
        client.post(reverse("who"), {"person": str(entry.person.uuid)})
        shown = client.get(reverse("my_learning"), follow=True).content.decode()
        assert "Trong sổ cũ" in shown
        assert "12/2024" in shown
