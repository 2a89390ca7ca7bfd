"""Files that are somebody's, and the doors beside the main one."""

from __future__ import annotations

import stat
from pathlib import Path
from urllib.parse import quote

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.db.models import FileField
from django.test import override_settings
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction

from content.models import CustomDocument
from tests.architecture.rights.answers import OUR_APPS, Answer, Visitor, kind_of
from tests.architecture.rights.roles import Who
from tests.architecture.rights.world import World
from tests.factories.people import make_user
from training_site.checks import check_private_files

pytestmark = pytest.mark.django_db


def is_below(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


class TestPrivateFiles:
    def test_they_lie_where_no_front_server_looks(self):
        assert check_private_files(None) == []
        private = Path(settings.PRIVATE_ROOT)
        for served in (settings.MEDIA_ROOT, settings.STATIC_ROOT, *settings.STATICFILES_DIRS):
            assert not is_below(private, Path(served))
            assert not is_below(Path(served), private)

    @pytest.mark.parametrize("folder", ["MEDIA_ROOT", "STATIC_ROOT"])
    def test_a_site_that_would_serve_them_does_not_start(self, folder):
        with override_settings(PRIVATE_ROOT=Path(getattr(settings, folder)) / "private"):
            assert [error.id for error in check_private_files(None)] == ["training_site.E001"]
        with override_settings(**{folder: Path(settings.PRIVATE_ROOT) / "x"}):
            assert [error.id for error in check_private_files(None)] == ["training_site.E001"]

    def test_every_file_of_a_person_is_private(self):
        """Pictures and documents are what editors publish; everything else that is kept is somebody's."""
        private, public = set(), set()
        for model in apps.get_models():
            for field in model._meta.get_fields():
                if isinstance(field, FileField) and model._meta.app_label in OUR_APPS:
                    location = Path(field.storage.location)
                    (private if location == Path(settings.PRIVATE_ROOT) else public).add(model._meta.label)
        assert private == {"ledger.Job", "people.RosterImport"}
        assert public == {"content.CustomImage", "content.CustomRendition", "content.CustomDocument"}

    def test_no_address_leads_to_them(self, world: World):
        names = [world.roster.file.name, world.roster.job.result_file.name, world.print_job.result_file.name]
        visits = 0
        for name in names:
            file = Path(settings.PRIVATE_ROOT) / name
            assert file.is_file()
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            assert not (Path(settings.MEDIA_ROOT) / name).exists()
            up = f"../private/{name}"
            addresses = [
                f"/media/{name}",
                f"/media/private/{name}",
                f"/media/images/../{up}",
                f"/media/images/{quote('../' + up, safe='')}",
                f"/media/images/%2e%2e/%2e%2e/private/{name}",
                f"/media/images/{'..%2f' * 6}{quote(str(file)[1:], safe='')}",
                f"/media//{str(file)[1:]}",
                f"/static/{name}",
                f"/private/{name}",
                f"/documents/1/{name}",
                f"/{name}",
            ]
            for who in (Who.ANONYMOUS, Who.MANAGER, Who.MANAGER_ELSEWHERE, Who.SITE_ADMINISTRATOR):
                visitor = Visitor(world.users[who])
                for address in addresses:
                    assert visitor.ask("get", address).status in {301, 404}, address
                    visits += 1
        assert visits == 132

    def test_an_upload_of_an_editor_is_shown_only_where_it_may_be(self, world: World):
        """A document in a folder for signed-in people is not for everybody, and its door is ours."""
        folder = Collection.get_first_root_node().add_child(name="Nội bộ")
        document = CustomDocument(title="Danh bạ", collection=folder)
        document.file.save("danh-ba.txt", ContentFile("Lò Văn Pánh, 0907 111 202".encode()))
        CollectionViewRestriction.objects.create(collection=folder, restriction_type=CollectionViewRestriction.LOGIN)
        answers = {
            who: kind_of(Visitor(world.users[who]).ask("get", document.url).response)
            for who in (Who.ANONYMOUS, Who.NEWCOMER)
        }
        assert answers == {Who.ANONYMOUS: Answer.SIGN_IN, Who.NEWCOMER: Answer.OPEN}
        assert Visitor(world.users[Who.ANONYMOUS]).ask("get", f"/media/{document.file.name}").status == 404


class TestOtherDoors:
    """Wagtail brings sign-in pages of its own, which know neither our limits nor the second factor."""

    addresses = ("/_util/login/", "/en/_util/login/", "/admin/login/")

    @pytest.mark.parametrize("address", addresses)
    def test_they_lead_to_the_one_door(self, client, address):
        user = make_user("nguoi-la")
        user.set_password("thóc vàng mùa gặt")
        user.save()
        prefix = "/en" if address.startswith("/en/") else ""
        assert kind_of(client.get(address), prefix) == Answer.SIGN_IN
        answer = client.post(address, {"username": "nguoi-la", "password": "thóc vàng mùa gặt"})
        assert kind_of(answer, prefix) == Answer.SIGN_IN
        assert "_auth_user_id" not in client.session

    def test_a_page_for_signed_in_people_asks_at_the_one_door(self, world: World, client):
        page = Page.objects.get(slug="tro-giup", locale__language_code="vi")
        PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
        answer = client.get("/tro-giup/")
        assert answer["Location"] == "/tai-khoan/dang-nhap/?next=/tro-giup/"

    def test_the_admin_sends_no_new_passwords(self, client):
        assert client.get("/admin/password_reset/").status_code == 404
        assert client.post("/admin/password_reset/", {"email": "a@example.org"}).status_code == 404


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/khong-co/", "/media/khong-co.png", "/admin/"])
def test_every_answer_is_protected(client, address):
    answer = client.get(address)
    assert answer["X-Content-Type-Options"] == "nosniff"
    if address != "/healthz":  # plain words, before anything else runs
        assert "default-src" in answer["Content-Security-Policy"]
        assert answer["Referrer-Policy"] == "same-origin"


def test_the_policy_lets_no_script_of_a_page_run(client):
    public, admin = (client.get(address)["Content-Security-Policy"] for address in ("/xac-minh/", "/admin/"))
    assert "unsafe" not in public
    assert "default-src 'self'" in public
    assert "unsafe-eval" not in admin
