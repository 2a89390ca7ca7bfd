"""Organisations and roles in the admin."""

from __future__ import annotations

import pytest
from django.urls import reverse

from common import clock
from ledger.models import AuditEntry
from people.enums import Role
from people.models import Organisation, RoleAssignment
from people.operations import grant_role
from tests.factories import places
from tests.factories.people import make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    user = make_user("quan-tri")
    grant_role(user=user, role=Role.ADMINISTRATOR, by=None)
    client.force_login(user)
    return user


def test_an_administrator_makes_and_changes_an_organisation(client, administrator):
    seat = places.commune()
    data = {"name": "HTX  Bến Hạ", "kind": "cooperative", "seat": seat.pk, "valid_from": "2026-01-01"}
    assert client.get(reverse("organisations:add")).status_code == 200
    assert client.post(reverse("organisations:add"), data).status_code == 302
    organisation = Organisation.objects.get()
    assert (organisation.name, organisation.name_folded, organisation.seat) == ("HTX Bến Hạ", "htx ben ha", seat)
    edit = reverse("organisations:edit", args=[organisation.pk])
    assert client.get(edit).status_code == 200
    assert client.post(edit, {**data, "name": "HTX Bến Thượng"}).status_code == 302
    entries = AuditEntry.objects.filter(action__endswith="_organisation").order_by("pk")
    assert [(e.action, e.actor, e.fields) for e in entries] == [
        ("people.create_organisation", administrator, []),
        ("people.change_organisation", administrator, ["name"]),
    ]
    assert "HTX Bến Thượng" in client.get(reverse("organisations:index")).content.decode()
    assert "HTX Bến Thượng" in client.get(reverse("organisations:index") + "?q=ben thuong").content.decode()


def test_a_manager_is_made_and_unmade(client, administrator):
    organisation = make_organisation()
    user = make_user("htx-ben-ha", phone="+84900000112")
    add = reverse("roles:add")
    assert client.get(add).status_code == 200
    data = {"login": "0900 000 112", "role": "manager", "organisation": organisation.pk}
    assert client.post(add, data).status_code == 302
    assignment = RoleAssignment.objects.get(user=user)
    assert (assignment.role, assignment.organisation, assignment.granted_by) == ("manager", organisation, administrator)
    assert organisation in Organisation.objects.managed_by(user)
    assert "htx-ben-ha" in client.get(reverse("roles:index")).content.decode()
    RoleAssignment.objects.update(valid_from="2026-01-01")
    assert client.get(reverse("roles:delete", args=[assignment.pk])).status_code == 200
    assert client.post(reverse("roles:delete", args=[assignment.pk])).status_code == 302
    assignment.refresh_from_db()
    assert assignment.valid_until == clock.today()
    assert AuditEntry.objects.filter(action="people.end_role", actor=administrator).count() == 1


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"login": "nobody", "role": "manager"}, "login"),
        ({"login": "somebody", "role": "manager"}, "role"),
        ({"login": "somebody", "role": "official"}, "role"),
        ({"login": "somebody", "role": "king"}, "role"),
    ],
)
def test_a_role_that_does_not_fit_is_refused(client, administrator, data, field):
    make_user("somebody")
    answer = client.post(reverse("roles:add"), data)
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert RoleAssignment.objects.count() == 1


def test_a_role_is_not_changed(client, administrator):
    assignment = RoleAssignment.objects.get()
    edit = reverse("roles:edit", args=[assignment.pk])
    assert client.post(edit, {"role": "editor"}).url == reverse("roles:delete", args=[assignment.pk])


@pytest.mark.parametrize("name", ["organisations:index", "organisations:add", "roles:index", "roles:add"])
def test_editors_have_no_business_here(client, name):
    editor = make_user()
    grant_role(user=editor, role=Role.EDITOR, by=None)
    client.force_login(editor)
    assert client.get(reverse(name)).status_code in {302, 403}
    assert "organisations" not in str(client.get("/admin/").content)
