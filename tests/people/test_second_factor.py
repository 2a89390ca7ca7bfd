"""The second step: whoever has power over others does it, and until then every door is shut to that power."""

from __future__ import annotations

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User, rights_resting
from ledger.models import Job
from ledger.operations import enqueue_job
from people.enums import Role
from people.learners import SHARED_KEY
from people.models import Person, SharedSession
from people.operations import grant_role
from people.operations.sharing import open_shared_session
from people.scopes import active_roles
from people.second_factor import must_have_second_factor
from tests.factories import places
from tests.factories.people import make_person, make_user
from tests.people.test_account_pages import PASSWORD, totp_code

pytestmark = [pytest.mark.django_db]
forced = pytest.mark.usefixtures("force")


@pytest.fixture
def force(settings):
    settings.FORCE_SECOND_FACTOR = True


@pytest.fixture
def official():
    user = make_user("can-bo")
    user.set_password(PASSWORD)
    user.save()
    grant_role(user=user, role=Role.OFFICIAL, unit=places.commune(), by=None)
    return user


def desk() -> str:
    return reverse("unit_people", args=[places.commune().uuid])


def sign_in(client: Client, **params: str):
    return client.post(reverse("account_login"), {"login": "can-bo", "password": PASSWORD, **params})


@pytest.mark.parametrize(
    ("role", "scope", "needs"),
    [
        (Role.ADMINISTRATOR, "unit", True),
        (Role.EDITOR, None, True),
        (Role.REVIEWER, None, True),
        (Role.ORGANISER, "unit", True),
        (Role.OFFICIAL, "unit", True),
        (Role.AUDITOR, "unit", True),
        (Role.FACILITATOR, "unit", False),
    ],
)
def test_who_needs_it(role, scope, needs):
    user = make_user()
    grant_role(user=user, role=role, unit=places.commune() if scope else None, by=None)
    assert must_have_second_factor(user) == needs


@forced
def test_a_group_of_the_admin_alone_is_power_too(client):
    """Somebody put into a group by hand, without a role."""
    user = make_user("bien-tap")
    editors = Group.objects.create(name="Biên tập")
    editors.permissions.add(Permission.objects.get(codename="access_admin"))
    user.groups.add(editors)
    client.force_login(user)
    assert client.get("/admin/")["Location"].startswith(reverse("mfa_index"))


@forced
class TestWithoutIt:
    def test_a_sign_in_leads_to_setting_it_up_and_on_to_where_one_was_going(self, client, official):
        answer = sign_in(client, next=desk())
        assert answer["Location"].startswith(f"{reverse('mfa_index')}?next=")
        page = client.get(answer["Location"], follow=True)
        assert "chưa làm việc ở đây được" in page.content.decode().replace("\u00a0", " ")
        activate = client.get(reverse("account_reauthenticate"))  # a fresh password opens it
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        assert activate.status_code == 200
        secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
        client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)})
        assert f'href="{desk()}"' in client.get(reverse("mfa_index")).content.decode()
        assert client.get(desk()).status_code == 200

    def test_doors_lead_there_and_forms_do_nothing(self, client, official):
        client.force_login(official)
        assert client.get(desk())["Location"].startswith(reverse("mfa_index"))
        before = Person.objects.count()
        client.post(reverse("register_walk_in"), {"full_name": "Lò Văn Pánh"})
        assert Person.objects.count() == before

    def test_learning_goes_on(self, client, official):
        make_person("Lê Thị Cúc", account=official)
        sign_in(client)
        assert client.get("/hoc-tap/", follow=True).status_code == 200

    def test_a_job_s_file_stays_shut(self, client, official):
        job = enqueue_job("people.apply_retention", params={}, by=official)
        client.force_login(official)
        assert client.get(reverse("job", args=[job.uuid]))["Location"].startswith(reverse("mfa_index"))
        assert not Job.objects.filter(pk=job.pk, cancel_requested=True).exists()
        client.post(reverse("job_cancel", args=[job.uuid]))
        assert not Job.objects.filter(pk=job.pk, cancel_requested=True).exists()

    def test_colleagues_rights_do_not_rest_with_one_s_own(self, client, official):
        other = make_user("khac")
        grant_role(user=other, role=Role.OFFICIAL, unit=places.commune(), by=None)
        with rights_resting(lambda user: user.pk == official.pk):
            assert active_roles(User.objects.get(pk=official.pk)) == []
            assert len(active_roles(User.objects.get(pk=other.pk))) == 1


@forced
class TestWithIt:
    def test_it_is_asked_for_at_every_sign_in(self, client, official):
        TOTP.activate(official, "A" * 32)
        assert sign_in(client, next=desk())["Location"] == reverse("mfa_authenticate")
        assert "_auth_user_id" not in client.session
        answer = client.post(reverse("mfa_authenticate"), {"code": totp_code("A" * 32)})
        assert answer["Location"] == desk()
        assert client.get(desk()).status_code == 200

    def test_a_session_from_before_does_it_first(self, client, official):
        client.force_login(official)
        TOTP.activate(official, "A" * 32)
        asked = client.get(desk())["Location"]
        assert asked.startswith(reverse("mfa_reauthenticate"))
        assert client.post(asked, {"code": totp_code("A" * 32), "next": desk()})["Location"] == desk()
        assert client.get(desk()).status_code == 200

    def test_one_that_was_reset_shuts_open_sessions(self, client, official):
        sign_in(client)
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
        client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)})
        assert client.get(desk()).status_code == 200
        official.authenticator_set.all().delete()
        assert client.get(desk())["Location"].startswith(reverse("mfa_index"))

    def test_a_role_just_given_rests_until_then(self, client, official):
        newcomer = make_user("moi")
        client.force_login(newcomer)
        assert client.get(desk()).status_code == 403
        grant_role(user=newcomer, role=Role.OFFICIAL, unit=places.commune(), by=None)
        assert client.get(desk())["Location"].startswith(reverse("mfa_index"))

    def test_a_shared_device_stays_shared_until_the_second_step_is_done(self, client, official):
        session = open_shared_session(unit=places.commune(), code="4821", by=official)
        TOTP.activate(official, "A" * 32)
        held = client.session
        held[SHARED_KEY] = session.pk
        held.save()
        sign_in(client)
        assert SharedSession.objects.get(pk=session.pk).closed_at is None
        client.post(reverse("mfa_authenticate"), {"code": totp_code("A" * 32)})
        assert SharedSession.objects.get(pk=session.pk).closed_at is not None


def test_a_password_alone_does_not_switch_it_off(client, official):
    """A session from before, and the password: neither the recovery codes nor the switch."""
    client.force_login(official)
    TOTP.activate(official, "A" * 32)
    asked = client.get(reverse("account_reauthenticate"))
    assert asked["Location"].startswith(reverse("mfa_reauthenticate"))
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer["Location"].startswith(reverse("mfa_reauthenticate"))
    for name in ("mfa_deactivate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"):
        assert client.get(reverse(name)).status_code == 302, name
