"""Organisations in the admin."""

from __future__ import annotations

import pytest
from django.urls import reverse

from ledger.models import AuditEntry
from people.enums import Role
from people.models import Organisation
from people.operations import grant_role
from tests.factories import places
from tests.factories.people import make_user

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


@pytest.mark.parametrize("name", ["organisations:index", "organisations:add"])
def test_editors_have_no_business_here(client, name):
    editor = make_user()
    grant_role(user=editor, role=Role.EDITOR, by=None)
    client.force_login(editor)
    assert client.get(reverse(name)).status_code in {302, 403}
    assert "organisations" not in str(client.get("/admin/").content)
