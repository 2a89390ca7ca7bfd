"""Wagtail's admin: who gets in, and what editors and organisers do not reach there."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from wagtail.models import Site
from wagtail.test.utils.form_data import nested_form_data, streamfield

from campaigns.models import Campaign, CampaignPage
from tests.architecture.rights.answers import Answer, Visitor, kind_of, patterns
from tests.architecture.rights.roles import ADMITTED_TO_ADMIN, EVERYBODY, SEES, Who
from tests.architecture.rights.world import World

pytestmark = pytest.mark.django_db

# Where nobody needs to be signed in: a drawing of icons, words for scripts, the redirect to our own sign-in, and the
# setting of new passwords, which is switched off.
OPEN_TO_ALL = {"/admin/sprite/", "/admin/jsi18n/"}
SHUT_FOR_ALL = "/admin/password_reset/"
SIGN_IN = "/admin/login/"
BREAKS_ON_PURPOSE = "/admin/failwhale/"

# What belongs to the administrators of the site alone.
ADMINISTRATORS_ONLY = re.compile(
    r"/admin/(users|groups|sites|settings|redirects|locales|collections|organisations"
    r"|snippets/certificates|reports/locked|translation)/"
)

OUTSIDERS = (Who.ANONYMOUS, Who.LEARNER, Who.MANAGER, Who.OFFICIAL, Who.ADMINISTRATOR)


def admin_addresses(world: World) -> list[str]:
    """Every address of the admin with something in its gaps: the page of the campaign, or what fits."""
    page = CampaignPage.objects.get(translation_key=world.campaign.key, alias_of=None)
    filling = {"int": str(page.pk), "pk": str(page.pk), "uuid": str(world.campaign.key)}
    found = set()
    for pattern, _entry in patterns():
        if not pattern.startswith("admin/"):
            continue
        # A regular expression's named gap: its first choice, or a number.
        pattern = re.sub(
            r"\(\?P<\w+>([^()]*)\)", lambda gap: str(page.pk) if gap[1] == r"\d+" else gap[1].partition("|")[0], pattern
        )
        address = re.sub(
            r"<(?:(\w+):)?(\w+)>", lambda gap: filling.get(gap[1] or "") or filling.get(gap[2], "x"), pattern
        )
        address = address.replace(r"^(\d+)/", f"{page.pk}/").replace("^.*/$", "x/").replace("^", "").replace(r"\.", ".")
        address = re.sub(r"\((live\|earliest|live\|latest)\|\\d\+\)", "live", address).rstrip("$")
        found.add(f"/{address}")
    return sorted(found)


def test_nobody_gets_in_without_the_right(world: World):
    wrong, visits = [], 0
    addresses = admin_addresses(world)
    assert len(addresses) > 240
    for who in OUTSIDERS:
        visitor = Visitor(world.users[who])
        hidden = world.secrets_from(frozenset())
        for address in addresses:
            seen = visitor.ask("get", address)
            visits += 1
            if address == SIGN_IN:
                right = kind_of(seen.response) == (Answer.SIGN_IN if who == Who.ANONYMOUS else Answer.DENIED)
            elif address in OPEN_TO_ALL:
                right = seen.status == 200
            elif address.startswith(SHUT_FOR_ALL):
                right = seen.status == 404
            else:
                right = seen.response.headers.get("Location", "").partition("?")[0] == SIGN_IN
            if not right or seen.tells(hidden):
                wrong.append(f"{who}: {address}: {seen.status} {seen.tells(hidden)}")
    assert not wrong, "\n".join(wrong)
    assert visits == len(addresses) * 5


def test_the_way_from_the_admin_ends_somewhere(world: World, client):
    """A visitor at our sign-in, somebody who may not enter at a page that says so; nobody goes round in circles."""
    assert client.get("/admin/", follow=True).redirect_chain[-1] == ("/tai-khoan/dang-nhap/?next=%2Fadmin%2F", 302)
    for who in sorted(EVERYBODY - ADMITTED_TO_ADMIN - {Who.ANONYMOUS}):
        client.force_login(world.users[who], backend="allauth.account.auth_backends.AuthenticationBackend")
        assert client.get("/admin/", follow=True).status_code == 403
    for who in ADMITTED_TO_ADMIN:
        client.force_login(world.users[who], backend="allauth.account.auth_backends.AuthenticationBackend")
        assert client.get("/admin/").status_code == 200


def test_editors_and_organisers_work_on_pages_only(world: World):
    """They reach neither people, roles, logins nor settings, and no page of the admin tells them who anybody is."""
    wrong, visits, shut = [], 0, 0
    for who in (Who.EDITOR, Who.ORGANISER):
        visitor = Visitor(world.users[who])
        hidden = world.secrets_from(SEES[who])
        for address in admin_addresses(world):
            if address == BREAKS_ON_PURPOSE:
                continue
            seen = visitor.ask("get", address)
            visits += 1
            if seen.status >= 500 or seen.tells(hidden):
                wrong.append(f"{who}: {address}: {seen.status} {seen.tells(hidden)}")
            if ADMINISTRATORS_ONLY.match(address):
                shut += 1
                if seen.status == 200:
                    wrong.append(f"{who}: {address} is open")
    assert not wrong, "\n".join(wrong)
    assert visits > 500
    assert shut > 120


def test_these_exist_and_are_shut(world: World):
    """By name, so that a new address in another release is noticed."""
    names = [
        "wagtailusers_users:index",
        "wagtailusers_users:add",
        "wagtailusers_groups:index",
        "wagtailredirects:index",
        "wagtailadmin_collections:index",
        "organisations:index",
    ]
    for who in (Who.EDITOR, Who.ORGANISER):
        visitor = Visitor(world.users[who])
        for name in names:
            assert ADMINISTRATORS_ONLY.match(reverse(name)), name
            assert visitor.ask("get", reverse(name)).response.headers["Location"] == "/admin/", name


def test_settings_of_the_site_are_shut(world: World):
    site = Site.objects.get(is_default_site=True)
    address = reverse("wagtailsettings:edit", args=["content", "sitesettings", site.pk])
    answers = {
        who: Visitor(world.users[who]).ask("get", address).status
        for who in (Who.EDITOR, Who.ORGANISER, Who.SITE_ADMINISTRATOR)
    }
    assert answers == {Who.EDITOR: 302, Who.ORGANISER: 302, Who.SITE_ADMINISTRATOR: 200}


class TestCampaignsInTheAdmin:
    """The group of organisers reaches every campaign; its area says who may change it."""

    def page(self, world: World) -> CampaignPage:
        return CampaignPage.objects.get(translation_key=world.campaign.key, alias_of=None)

    def test_only_its_own_organisers_change_it(self, world: World):
        page = self.page(world)
        opened = {
            (who, name)
            for who in (Who.ORGANISER, Who.ORGANISER_ELSEWHERE, Who.EDITOR, Who.SITE_ADMINISTRATOR)
            for name in ("edit", "unpublish", "delete")
            if Visitor(world.users[who]).ask("get", reverse(f"wagtailadmin_pages:{name}", args=[page.pk])).status == 200
        }
        expected = {
            (who, name) for who in (Who.ORGANISER, Who.SITE_ADMINISTRATOR) for name in ("edit", "unpublish", "delete")
        }
        assert opened == expected

    def test_what_another_organiser_sends_changes_nothing(self, world: World, client):
        page = self.page(world)
        client.force_login(
            world.users[Who.ORGANISER_ELSEWHERE], backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        for name in ("edit", "unpublish", "delete"):
            answer = client.post(reverse(f"wagtailadmin_pages:{name}", args=[page.pk]), {"title": "Khác"})
            assert answer.status_code == 302
        for action in ("unpublish", "delete", "publish", "move"):
            address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
            client.post(f"{address}?id={page.pk}&next=/admin/")
        again = self.page(world)
        assert (again.live, again.title, again.latest_revision_id) == (True, page.title, page.latest_revision_id)
        assert Campaign.objects.get(pk=world.campaign.pk).title == page.title

    @pytest.mark.parametrize(("who", "made"), [(Who.ORGANISER, 1), (Who.ORGANISER_ELSEWHERE, 0)])
    def test_a_new_one_stays_in_one_s_own_area(self, world: World, client, who, made):
        index = self.page(world).get_parent()
        client.force_login(world.users[who], backend="allauth.account.auth_backends.AuthenticationBackend")
        form = nested_form_data(
            {
                "title": "Xã học số lần hai",
                "slug": "lan-hai",
                "summary": "",
                "starts_at": "2027-01-01 00:00",
                "ends_at": "2027-02-01 00:00",
                "points_per_completion": "1",
                "area": str(world.here.province.pk),
                "course_links": {
                    "TOTAL_FORMS": 1,
                    "INITIAL_FORMS": 0,
                    "MIN_NUM_FORMS": 0,
                    "MAX_NUM_FORMS": 1000,
                    "0": {"course": str(world.course.pk), "ORDER": "1", "id": ""},
                },
                "body": streamfield([]),
                "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000},
                "action-publish": "1",
            }
        )
        answer = client.post(reverse("wagtailadmin_pages:add", args=["campaigns", "campaignpage", index.pk]), form)
        assert CampaignPage.objects.filter(slug="lan-hai", alias_of=None).count() == made, answer.content.decode()
