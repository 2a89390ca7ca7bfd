"""Every address of ours, asked for by those who need a second step and have not done it: their power rests."""

from __future__ import annotations

import pytest
from django.urls import reverse

from people.second_factor import must_have_second_factor
from tests.architecture.rights.answers import Visitor
from tests.architecture.rights.doors import DOORS
from tests.architecture.rights.roles import Who
from tests.architecture.rights.world import World

pytestmark = pytest.mark.django_db


def test_no_door_opens_to_power_that_rests(world: World, settings):
    """Nothing about anybody, at any address, by looking or by sending a form."""
    settings.FORCE_SECOND_FACTOR = True
    hidden = world.secrets_from(frozenset())
    wrong, visits, roles = [], 0, set()
    for who, user in world.users.items():
        if who == Who.ANONYMOUS or not must_have_second_factor(user):
            continue
        roles.add(who)
        visitor = Visitor(user)
        for name, door in DOORS.items():
            shown = world.on_the_certificate() if door.by_code else set()
            secrets = {secret: whose for secret, whose in hidden.items() if secret not in shown}
            address = reverse(name, kwargs=door.kwargs(world))
            for method in ("get", "post") if door.post is not None else ("get",):
                seen = visitor.ask(method, address, door.data(world) if method == "post" else None)
                visits += 1
                if seen.status >= 500 or seen.tells(secrets) or seen.noted:
                    wrong.append(f"{who}: {method} {name}: {seen.status} {seen.tells(secrets)} {seen.noted}")
    assert not wrong, "\n".join(wrong)
    assert len(roles) == 14
    assert visits == 3080
