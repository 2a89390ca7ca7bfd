"""What changes logins, persons, consents and roles."""

from people.operations.groups import sync_groups
from people.operations.logins import open_account, open_staff_account, set_account_phone
from people.operations.persons import claim_person, create_person, give_consent, register_walk_in
from people.operations.residence import place_organisation, place_people, settle_people
from people.operations.roles import (
    deactivate_staff,
    end_role,
    grant_role,
    hand_over_roles,
    reset_second_factor,
)

__all__ = [
    "claim_person",
    "create_person",
    "deactivate_staff",
    "end_role",
    "give_consent",
    "grant_role",
    "hand_over_roles",
    "open_account",
    "open_staff_account",
    "place_organisation",
    "place_people",
    "register_walk_in",
    "reset_second_factor",
    "set_account_phone",
    "settle_people",
    "sync_groups",
]
