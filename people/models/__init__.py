"""Persons, organisations, memberships, roles, consent and the rows of a roster import."""

from people.models.merging import DistinctPeople, PersonMerge
from people.models.organisations import (
    DatedQuerySet,
    NamedQuerySet,
    Organisation,
    OrganisationQuerySet,
    valid_period,
)
from people.models.persons import Consent, Membership, Person, PersonQuerySet, Reminder
from people.models.requests import DataRequest, DataRequestQuerySet
from people.models.roles import RoleAssignment, RoleAssignmentQuerySet
from people.models.rosters import RosterColumns, RosterImport, RosterImportQuerySet, RosterRow
from people.models.sharing import HelpSession, LearnerCard, LearntUnder, PhoneMove, PinTry, SharedSession

__all__ = [
    "Consent",
    "DataRequest",
    "DataRequestQuerySet",
    "DatedQuerySet",
    "DistinctPeople",
    "HelpSession",
    "LearnerCard",
    "LearntUnder",
    "Membership",
    "NamedQuerySet",
    "Organisation",
    "OrganisationQuerySet",
    "Person",
    "PersonMerge",
    "PersonQuerySet",
    "PhoneMove",
    "PinTry",
    "Reminder",
    "RoleAssignment",
    "RoleAssignmentQuerySet",
    "RosterColumns",
    "RosterImport",
    "RosterImportQuerySet",
    "RosterRow",
    "SharedSession",
    "valid_period",
]
