"""The roles of the small world, and the groups of them that share a right. A names what lies in the first province."""

from __future__ import annotations

from enum import StrEnum


class Who(StrEnum):
    """Here is co-operative A, its commune and its province; elsewhere is co-operative B in another province."""

    ANONYMOUS = "anonymous"
    LEARNER = "learner"  # a member of A, living here
    LEARNER_ELSEWHERE = "learner elsewhere"
    NEWCOMER = "newcomer"  # signed in, nobody yet
    MANAGER = "manager"  # of A; asked for the roster import and for a print job
    MANAGER_ELSEWHERE = "manager elsewhere"
    OFFICIAL = "official"  # of the commune A is seated in
    OFFICIAL_NEXT_DOOR = "official next door"  # of another commune of the same province
    OFFICIAL_ABOVE = "official above"  # of the province
    OFFICIAL_BELOW = "official below"  # of the village
    FACILITATOR = "facilitator"
    FACILITATOR_ELSEWHERE = "facilitator elsewhere"
    ORGANISER = "organiser"  # of the province in which the campaign runs
    ORGANISER_ELSEWHERE = "organiser elsewhere"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"  # of the province
    AUDITOR_ELSEWHERE = "auditor elsewhere"
    SITE_AUDITOR = "site auditor"
    ADMINISTRATOR = "administrator"  # of the province
    ADMINISTRATOR_ELSEWHERE = "administrator elsewhere"
    FORMER_MANAGER = "former manager"  # of A, until yesterday
    SITE_ADMINISTRATOR = "site administrator"


EVERYBODY = frozenset(Who)
NOBODY_YET = frozenset({Who.ANONYMOUS})
SIGNED_IN = EVERYBODY - NOBODY_YET

LEARNERS = frozenset({Who.LEARNER, Who.LEARNER_ELSEWHERE})
ONE_SELF = frozenset({Who.LEARNER})
OWNER = frozenset({Who.MANAGER})

MANAGES = frozenset({Who.MANAGER, Who.SITE_ADMINISTRATOR})
LOOKS_AFTER_SEAT = frozenset({Who.OFFICIAL, Who.OFFICIAL_ABOVE, Who.ADMINISTRATOR})
AUDITS_HERE = frozenset({Who.AUDITOR, Who.SITE_AUDITOR})
AUDITS = AUDITS_HERE | {Who.AUDITOR_ELSEWHERE}
SEES_ORGANISATION = MANAGES | LOOKS_AFTER_SEAT | AUDITS_HERE
SEES_SOME_ORGANISATION = SEES_ORGANISATION | {
    Who.MANAGER_ELSEWHERE,
    Who.AUDITOR_ELSEWHERE,
    Who.OFFICIAL_BELOW,
    Who.OFFICIAL_NEXT_DOOR,
    Who.ADMINISTRATOR_ELSEWHERE,
}

PRINTS = LOOKS_AFTER_SEAT | {Who.SITE_ADMINISTRATOR}
READS_REGISTER = PRINTS | AUDITS_HERE
SEES_UNIT = READS_REGISTER | {Who.FACILITATOR}
WORKS_ELSEWHERE = frozenset(
    {Who.OFFICIAL_NEXT_DOOR, Who.OFFICIAL_BELOW, Who.FACILITATOR_ELSEWHERE, Who.ADMINISTRATOR_ELSEWHERE}
)
SEES_SOME_UNIT = SEES_UNIT | WORKS_ELSEWHERE | {Who.AUDITOR_ELSEWHERE}
REGISTERS_WALK_INS = SEES_SOME_UNIT - AUDITS

HOLDS_CLASSES = SEES_UNIT - AUDITS_HERE

READS_TRAIL = AUDITS | {Who.ADMINISTRATOR, Who.ADMINISTRATOR_ELSEWHERE, Who.SITE_ADMINISTRATOR}

GRANTS = PRINTS
"""Name a manager of A, and somebody in its commune."""
SEES_STAFF = READS_REGISTER
SEES_SOME_STAFF = SEES_SOME_UNIT - {Who.FACILITATOR, Who.FACILITATOR_ELSEWHERE}

ORGANISES = frozenset({Who.ORGANISER, Who.ADMINISTRATOR, Who.SITE_ADMINISTRATOR})
ORGANISES_SOMEWHERE = ORGANISES | {Who.ORGANISER_ELSEWHERE, Who.ADMINISTRATOR_ELSEWHERE}

ADMITTED_TO_ADMIN = frozenset(
    {Who.ORGANISER, Who.ORGANISER_ELSEWHERE, Who.EDITOR, Who.REVIEWER, Who.SITE_ADMINISTRATOR}
)

HELPS = MANAGES | LOOKS_AFTER_SEAT | {Who.OFFICIAL_BELOW, Who.FACILITATOR}
"""Look after the people of A: cards, PINs, learning on their behalf."""
HELPS_SOMEWHERE = HELPS | WORKS_ELSEWHERE | {Who.MANAGER_ELSEWHERE}

SEES_HOLDER = ONE_SELF | MANAGES | SEES_UNIT | {Who.OFFICIAL_BELOW}
"""May see the learner of A, and so their certificate."""

# Which people of the world each role may see, by their key in `World.people`.
_HERE = frozenset({"learner", "colleague", "resident"})
_ELSEWHERE = frozenset({"elsewhere", "other"})
_ALL = _HERE | _ELSEWHERE | {"next door", "listed", "listed again", "listed elsewhere"}
SEES: dict[Who, frozenset[str]] = {
    Who.ANONYMOUS: frozenset(),
    Who.LEARNER: frozenset({"learner"}),
    Who.LEARNER_ELSEWHERE: frozenset({"elsewhere"}),
    Who.NEWCOMER: frozenset(),
    Who.MANAGER: frozenset({"learner", "colleague", "listed", "listed again"}),
    Who.MANAGER_ELSEWHERE: _ELSEWHERE | {"listed elsewhere"},
    Who.OFFICIAL: _HERE,
    Who.OFFICIAL_NEXT_DOOR: frozenset({"next door"}),
    Who.OFFICIAL_ABOVE: _HERE | {"next door"},
    Who.OFFICIAL_BELOW: _HERE,
    Who.FACILITATOR: _HERE,
    Who.FACILITATOR_ELSEWHERE: _ELSEWHERE,
    Who.ORGANISER: frozenset(),
    Who.ORGANISER_ELSEWHERE: frozenset(),
    Who.EDITOR: frozenset(),
    Who.REVIEWER: frozenset(),
    Who.AUDITOR: _HERE | {"next door"},
    Who.AUDITOR_ELSEWHERE: _ELSEWHERE,
    Who.SITE_AUDITOR: _ALL,
    Who.ADMINISTRATOR: _HERE | {"next door"},
    Who.ADMINISTRATOR_ELSEWHERE: _ELSEWHERE,
    Who.FORMER_MANAGER: frozenset(),
    Who.SITE_ADMINISTRATOR: _ALL,
}
