"""Who stands in many tests of people."""

from __future__ import annotations

import pytest

from common import clock
from people.enums import Role
from people.operations import grant_role
from tests.factories import places
from tests.factories.people import make_user


@pytest.fixture
def facilitator():
    user = make_user("to-vien")
    grant_role(user=user, role=Role.FACILITATOR, unit=places.commune(), by=None)
    return user


@pytest.fixture
def home():
    """The login of a household."""
    return make_user("gia-dinh", phone="+84912000001", phone_verified_at=clock.now())
