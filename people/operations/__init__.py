"""What changes logins, persons, consents and roles."""

from people.operations.logins import open_account, open_staff_account, set_account_phone
from people.operations.persons import claim_person, create_person, give_consent, register_walk_in
from people.operations.roles import end_role, grant_role, sync_groups

__all__ = [
    "claim_person",
    "create_person",
    "end_role",
    "give_consent",
    "grant_role",
    "open_account",
    "open_staff_account",
    "register_walk_in",
    "set_account_phone",
    "sync_groups",
]
