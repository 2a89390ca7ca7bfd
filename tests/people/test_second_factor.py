"""The second step: whoever has power over others does it, and until then every door is shut to that power."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from allauth.core import context
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User, rights_resting
from common import clock
from ledger.models import Allowance, Job
from ledger.operations import enqueue_job
from people.enums import Role
from people.learners import SHARED_KEY
from people.models import Person, SharedSession
from people.operations import grant_role, reset_second_factor
from people.operations.sharing import open_shared_session
from people.scopes import active_roles
from people.second_factor import must_have_second_factor
from people.second_step_forms import KeyAgainForm
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

    def test_a_copy_of_one_s_own_data_is_no_right_of_staff(self, client, official):
        person = make_person("Lê Thị Cúc", account=official)
        client.force_login(official)
        client.get(reverse("who"), follow=True)
        job = enqueue_job("people.export_person", params={"person_id": person.pk}, by=official)
        assert client.get(reverse("job", args=[job.uuid])).status_code == 200

    def test_it_is_asked_for_and_taken_away_from_the_page_of_one_s_own_data(self, client, official, run_jobs):
        make_person("Lê Thị Cúc", account=official)
        client.force_login(official)
        client.get(reverse("who"), follow=True)
        assert client.get(reverse("my_data")).status_code == 200
        page = client.post(reverse("my_data_export"), follow=True)
        assert page.status_code == 200
        run_jobs("people.export_person")
        job = Job.objects.get(kind="people.export_person")
        assert job.result_file
        for name in ("job", "job_data"):
            assert client.get(reverse(name, args=[job.uuid])).status_code == 200, name
        assert client.get(reverse("job_file", args=[job.uuid])).getvalue().startswith(b"PK")

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

    def test_a_session_with_the_lost_one_stays_shut_when_another_is_set_up_elsewhere(self, client, official):
        sign_in(client)
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
        client.post(reverse("mfa_activate_totp"), {"code": totp_code(secret)})
        assert client.get(desk()).status_code == 200
        official.authenticator_set.all().delete()
        TOTP.activate(official, "B" * 32)
        assert client.get(desk())["Location"].startswith(reverse("mfa_reauthenticate"))

    @pytest.mark.parametrize("password", [True, False])
    def test_one_that_was_lost_opens_nothing_once_it_is_reset(self, client, official, password):
        """Not even the pages where a new one, or a first password, is set up."""
        TOTP.activate(official, "A" * 32)
        sign_in(client)
        client.post(reverse("mfa_authenticate"), {"code": totp_code("A" * 32)})
        if not password:
            official.set_unusable_password()
            official.save()
            held = client.session
            held[HASH_SESSION_KEY] = official.get_session_auth_hash()
            held.save()
        assert client.get(desk()).status_code == 200
        assert reset_second_factor(user=official, by=make_user("tren", is_superuser=True))
        for name in ("mfa_activate_totp", "mfa_add_webauthn", "account_set_password", "account"):
            answer = client.get(reverse(name))
            assert answer["Location"].startswith(reverse("account_login")), name
        assert "_auth_user_id" not in client.session

    def test_digits_are_counted_in_rows(self, client, official):
        """Ten wrong ones in an hour, whatever the cache forgot; then even the right ones wait."""
        TOTP.activate(official, "A" * 32)
        start = clock.now()
        with clock.frozen(start):
            for _ in range(10):
                cache.clear()
                sign_in(client)
                client.post(reverse("mfa_authenticate"), {"code": "000000"})
            cache.clear()
            answer = client.post(reverse("mfa_authenticate"), {"code": totp_code("A" * 32)})
            assert "60 phút" in answer.content.decode().replace("\u00a0", " ")
        assert "_auth_user_id" not in client.session
        cache.clear()
        with clock.frozen(start + timedelta(minutes=61)):
            client.post(reverse("mfa_authenticate"), {"code": totp_code("A" * 32)})
        assert "_auth_user_id" in client.session

    def test_right_digits_are_no_tries(self, client, official):
        TOTP.activate(official, "A" * 32)
        sign_in(client)
        client.post(reverse("mfa_authenticate"), {"code": totp_code("A" * 32)})
        assert list(Allowance.objects.filter(purpose="second-step").values_list("used", flat=True)) == [0]

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


def _json(value: object) -> str:
    return json.dumps(value)


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


CLIENT_DATA = b64(b'{"type": "webauthn.create", "challenge": "AAAA", "origin": "http://localhost"}')
NONSENSE = [
    "{",
    "[" * 200_000,
    "[]",
    "7",
    '"chìa khoá"',
    _json({"id": 1}),
    _json({"id": "AAAA", "rawId": 1, "response": {}}),
    _json({"id": "AAAA", "rawId": "BBBB", "response": []}),
    _json({"id": "AAAA", "rawId": "BBBB", "type": "public-key", "response": {"clientDataJSON": "!"}}),
    _json({"id": "AAAA", "rawId": "AAAA", "type": "khác", "response": {"clientDataJSON": CLIENT_DATA}}),
    *(
        _json(
            {
                "id": "AAAA",
                "rawId": "AAAA",
                "type": "public-key",
                "response": {
                    "clientDataJSON": CLIENT_DATA,
                    "attestationObject": b64(part),
                    "authenticatorData": b64(part),
                    "signature": "AAAA",
                },
                "clientExtensionResults": [],
            }
        )
        for part in (b"", b"\xff\x00", b"\xa1\x63fmt", b"\x9f" * 40, bytes(37), bytes(36) + b"\x40" + bytes(20))
    ),
]


class TestNonsenseInsteadOfAKey:
    """What no browser sends is answered like a wrong code: the page again, never an error of ours."""

    @pytest.mark.parametrize("answer", NONSENSE)
    def test_at_setting_up(self, client, official, answer):
        client.force_login(official)
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        client.get(reverse("mfa_add_webauthn"))
        page = client.post(reverse("mfa_add_webauthn"), {"name": "khoá", "credential": answer})
        assert page.status_code == 200
        assert "Chưa đúng" in page.content.decode()
        assert not official.authenticator_set.exists()

    @pytest.mark.parametrize("answer", NONSENSE)
    def test_at_signing_in(self, client, official, answer):
        TOTP.activate(official, "A" * 32)
        sign_in(client)
        client.get(reverse("mfa_authenticate"))
        assert client.post(reverse("mfa_authenticate"), {"credential": answer}).status_code == 200

    @pytest.mark.parametrize("answer", NONSENSE)
    def test_at_confirming(self, rf, client, official, answer):
        request = rf.post(reverse("mfa_reauthenticate_webauthn"))
        request.session = client.session
        with context.request_context(request):
            form = KeyAgainForm({"credential": answer}, user=official)
            assert "Chưa đúng" in str(form.errors["credential"])
