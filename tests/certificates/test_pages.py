"""Checking a code, downloading a certificate, the admin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import User
from certificates.models import Certificate, IssuingBody
from certificates.operations import revoke_certificate
from certificates.rules import can_see_certificate
from certificates.views import MISSES_A_MINUTE
from common import clock
from people.enums import Role
from people.models import RoleAssignment
from people.operations import grant_role
from tests.factories import certificates as make
from tests.factories import places
from tests.factories.people import make_manager, make_member, make_official, make_organisation, make_person, make_user

pytestmark = pytest.mark.django_db
UNKNOWN = "0000-0000-0000"
NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


class TestVerify:
    def test_the_form(self, client):
        answer = client.get("/xac-minh/")
        assert answer.status_code == 200
        assert 'name="code"' in answer.content.decode()
        assert "noindex" not in answer.content.decode()

    def test_a_typed_code_leads_to_its_page(self, client):
        certificate = make.make_certificate()
        typed = certificate.code.replace("-", " ").lower().replace("0", "o").replace("1", "l")
        answer = client.get("/xac-minh/", {"code": typed})
        assert answer.status_code == 302
        assert answer.url == f"/xac-minh/{certificate.code}/"

    def test_the_whole_text_without_signing_in(self, client):
        certificate = make.make_certificate()
        with clock.frozen(NOON):
            answer = client.get(f"/xac-minh/{certificate.code}/")
        page = answer.content.decode()
        assert answer.status_code == 200
        for line, words in certificate.text.items():
            if line not in {"state_title", "motto", "heading"} and words:
                assert words.casefold() in page.casefold(), line
        assert "12:00" in page
        assert "24/11/2026" in page
        assert "band valid" in page

    def test_it_is_indexed_nowhere_and_kept_nowhere(self, client):
        answer = client.get(f"/xac-minh/{make.make_certificate().code}/")
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert '<meta name="robots" content="noindex, nofollow">' in answer.content.decode()
        assert "no-store" in answer.headers["Cache-Control"]
        assert "Nguyễn Thị Ngọc Ánh" not in answer.content.decode().split("</head>")[0]

    def test_written_otherwise_it_is_the_same_page(self, client):
        code = make.make_certificate().code
        assert client.get(f"/xac-minh/{code.lower().replace('-', '')}/").status_code == 200
        assert client.get(f"/en/xac-minh/{code}/").status_code == 200

    def test_revoked(self, client):
        certificate = make.make_certificate()
        revoke_certificate(certificate=certificate, reason="Ghi sai <họ tên>", by=None, at=NOON)
        page = client.get(f"/xac-minh/{certificate.code}/").content.decode()
        assert "band void" in page
        assert "Ghi sai &lt;họ tên&gt;" in page
        assert "24/11/2026" in page
        assert certificate.text["holder"] in page

    def test_replaced(self, client):
        old = make.make_certificate()
        revoke_certificate(certificate=old, reason="Ghi sai họ tên", by=None)
        new = make.make_certificate()
        Certificate.objects.filter(pk=new.pk).update(replaces=old)
        page = client.get(f"/xac-minh/{old.code}/").content.decode()
        assert new.serial in page
        assert f"/xac-minh/{new.code}/" in page

    @pytest.mark.parametrize("code", [UNKNOWN, "abc", "Ω-Ω", "7K30-9QX1-2BTD-7K30"])
    def test_an_unknown_code_is_404_with_the_form(self, client, code):
        answer = client.get(f"/xac-minh/{code}/")
        page = answer.content.decode()
        assert answer.status_code == 404
        assert 'name="code"' in page
        assert 'class="err"' in page
        assert answer.headers["X-Robots-Tag"] == "noindex"

    def test_what_was_typed_is_kept(self, client):
        answer = client.get("/xac-minh/", {"code": 'abc"><script>'})
        assert answer.status_code == 404
        assert "abc&quot;&gt;&lt;script&gt;" in answer.content.decode()
        assert client.get("/xac-minh/", {"code": " "}).status_code == 400

    def test_guessing_is_slowed_and_a_true_code_is_never_refused(self, client):
        code = make.make_certificate().code
        with clock.frozen(NOON + timedelta(seconds=10)):
            for _ in range(MISSES_A_MINUTE):
                assert client.get(f"/xac-minh/{UNKNOWN}/").status_code == 404
            refused = client.get(f"/xac-minh/{UNKNOWN}/")
            assert refused.status_code == 429
            assert refused.headers["Retry-After"] == "50"
            assert client.get("/xac-minh/", {"code": UNKNOWN}).status_code == 429
            assert client.get(f"/xac-minh/{code}/").status_code == 200
            assert client.get("/xac-minh/", {"code": code}).status_code == 302
            assert client.get(f"/xac-minh/{UNKNOWN}/", REMOTE_ADDR="10.0.0.9").status_code == 404
        with clock.frozen(NOON + timedelta(seconds=61)):
            assert client.get(f"/xac-minh/{UNKNOWN}/").status_code == 404

    def test_queries(self, client, django_assert_num_queries):
        code = make.make_certificate().code
        client.get(f"/xac-minh/{code}/")
        with django_assert_num_queries(2):
            client.get(f"/xac-minh/{code}/")


class TestDownload:
    def test_the_holder_gets_the_pdf(self, client):
        holder = make_user("holder")
        person = make_person("Nguyễn Thị Ngọc Ánh", account=holder, residence=places.village())
        certificate = make.make_certificate(person=person)
        client.force_login(holder)
        answer = client.get(f"/chung-nhan/{certificate.uuid}/pdf/")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/pdf"
        assert "chung-nhan-nguyen-thi-ngoc-anh-0001-" in answer.headers["Content-Disposition"]
        assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))
        assert "Nguyễn Thị Ngọc Ánh" in PdfReader(BytesIO(answer.content)).pages[0].extract_text()

    def test_a_visitor_signs_in_first(self, client):
        certificate = make.make_certificate()
        answer = client.get(f"/chung-nhan/{certificate.uuid}/pdf/")
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("account_login"))

    def test_door_and_list_agree_for_everybody(self, client):
        organisation = make_organisation(seat=places.commune())
        members = make_member(organisation, "Trần Thị Hoa", residence=places.village())
        theirs = make.make_certificate(person=members)
        other = make.make_certificate("Lê Văn Xa", unit=places.commune("16099", "Tân Sơn"))
        nowhere = Certificate.objects.get(pk=make.make_certificate("Đỗ Không Quê").pk)
        Certificate.objects.filter(pk=nowhere.pk).update(unit=None, person=None)
        facilitator, administrator, holder = make_user(), make_user(), make_user()
        RoleAssignment.objects.create(
            user=facilitator, role=Role.FACILITATOR, unit=places.commune(), valid_from=clock.today()
        )
        RoleAssignment.objects.create(user=administrator, role=Role.ADMINISTRATOR, valid_from=clock.today())
        members.account = holder
        members.save()
        expected = {
            make_user(): set(),
            holder: {theirs},
            make_official(places.commune()): {theirs},
            make_official(places.province()): {theirs, other},
            facilitator: {theirs},
            make_manager(organisation): {theirs},
            make_manager(make_organisation("HTX Khác")): set(),
            administrator: {theirs, other, nowhere},
            User.objects.create(username="root", is_superuser=True): {theirs, other, nowhere},
        }
        visited = 0
        for user, visible in expected.items():
            client.force_login(user)
            for certificate in Certificate.objects.select_related("person__residence", "unit"):
                sees = certificate in visible
                assert Certificate.objects.visible_to(user).filter(pk=certificate.pk).exists() == sees
                assert can_see_certificate(user, certificate) == sees
                status = client.head(f"/chung-nhan/{certificate.uuid}/pdf/").status_code
                assert status == (200 if sees else 404)
                visited += 1
        assert visited == 27

    def test_a_revoked_one_is_not_printed_anew(self, client):
        holder = make_user("holder")
        certificate = make.make_certificate(person=make_person(account=holder, residence=places.village()))
        revoke_certificate(certificate=certificate, reason="Sai", by=None)
        client.force_login(holder)
        answer = client.get(f"/chung-nhan/{certificate.uuid}/pdf/")
        assert answer.url == f"/xac-minh/{certificate.code}/"


class TestAdmin:
    @pytest.fixture
    def admin(self, client):
        user = make_user("admin-of-the-site")
        grant_role(user=user, role=Role.ADMINISTRATOR, by=None)
        client.force_login(user)
        return client

    def post(self, client, path, **fields):
        data = {
            "name": "Uỷ ban nhân dân xã Đồng Tiến",
            "unit": "",
            "place": "Đồng Tiến",
            "decision": "",
            "serial_suffix": "CN-ĐT",
            "signatory_authority": "TM. Uỷ ban nhân dân",
            "signatory_title": "Chủ tịch",
            "signatory_name": "Trần Văn Khải",
            **fields,
        }
        return client.post(path, data)

    def test_an_administrator_keeps_the_issuing_bodies(self, admin):
        commune = places.commune()
        path = "/admin/snippets/certificates/issuingbody/"
        assert admin.get(path).status_code == 200
        form = admin.get(f"{path}add/").content.decode()
        assert "Đồng Tiến (xã, tỉnh Lam Giang)" in form
        assert self.post(admin, f"{path}add/", unit=commune.pk).status_code == 302
        body = IssuingBody.objects.get()
        assert body.unit == commune
        assert (
            self.post(admin, f"{path}edit/{body.pk}/", unit=commune.pk, signatory_name="Lê Thị Tâm").status_code == 302
        )
        body.refresh_from_db()
        assert body.signatory_name == "Lê Thị Tâm"

    @pytest.mark.parametrize("with_unit", [True, False])
    def test_a_second_body_for_one_unit_is_refused_in_words(self, admin, with_unit):
        unit = places.commune() if with_unit else None
        make.make_body(unit)
        answer = self.post(admin, "/admin/snippets/certificates/issuingbody/add/", unit=unit.pk if unit else "")
        assert answer.status_code == 200
        assert IssuingBody.objects.count() == 1

    def test_others_do_not_reach_them(self, client):
        editor = make_user("an-editor")
        grant_role(user=editor, role=Role.EDITOR, by=None)
        client.force_login(editor)
        assert client.get("/admin/snippets/certificates/issuingbody/").status_code == 302
