"""Every queryset that knows what a user may see has a predicate that says the same of one object."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps

from campaigns.models import CampaignPage
from campaigns.queries import campaign_for
from campaigns.rules import can_organise, organised_areas
from certificates.models import Certificate, PaperEntry
from certificates.rules import can_see_certificate, can_see_paper_entry
from common import clock
from desks.unit_queries import units_to_choose
from events.models import ClassSession
from events.rules import can_see_class
from ledger.models import Job
from ledger.rules import can_see_job
from people.models import DataRequest, Membership, Organisation, Person, RoleAssignment, RosterImport
from people.personal_data import personal_records
from people.rules import (
    can_answer_request,
    can_help_person,
    can_manage_organisation,
    can_see_organisation,
    can_see_person,
    can_see_request,
    can_see_role,
    can_see_roster,
)
from places.enums import Level
from places.models import AdministrativeUnit
from reports.models import MonthlyReport
from reports.rules import can_see_report
from tests.architecture.rights.answers import OUR_APPS
from tests.architecture.rights.roles import SEES, Who
from tests.architecture.rights.world import World
from tests.factories.people import make_organisation, make_person, make_user

pytestmark = pytest.mark.django_db

TWINS: dict[tuple[type, str], Callable[[Any, Any], bool]] = {
    (Job, "visible_to"): can_see_job,
    (Person, "visible_to"): can_see_person,
    (Person, "helped_by"): can_help_person,
    (Organisation, "visible_to"): can_see_organisation,
    (Organisation, "managed_by"): can_manage_organisation,
    (RosterImport, "visible_to"): can_see_roster,
    (RoleAssignment, "visible_to"): can_see_role,
    (DataRequest, "visible_to"): can_see_request,
    (DataRequest, "answerable_by"): can_answer_request,
    (Certificate, "visible_to"): can_see_certificate,
    (PaperEntry, "visible_to"): can_see_paper_entry,
    (ClassSession, "visible_to"): can_see_class,
    (MonthlyReport, "visible_to"): can_see_report,
}
WORDS = ("visible_to", "helped_by", "managed_by", "answerable_by")


def test_every_queryset_that_asks_who_is_looking_has_a_twin():
    asking = {
        (model, word)
        for model in apps.get_models()
        if model._meta.app_label in OUR_APPS
        for word in WORDS
        if hasattr(model._default_manager.all(), word)
    }
    assert asking == set(TWINS)


def add_odd_cases(world: World) -> dict[str, Any]:
    """What a rule easily forgets: people who left, moved or live nowhere, papers without a holder, work of nobody."""
    left = make_person("Vàng Seo Lử")
    Membership.objects.create(
        person=left,
        organisation=world.here.organisation,
        valid_from=clock.today() - timedelta(days=90),
        valid_until=clock.today(),
    )
    both = make_person("Giàng Thị Pà", residence=world.elsewhere.village)
    Membership.objects.create(person=both, organisation=world.here.organisation, valid_from=clock.today())
    make_organisation("HTX đã giải thể", seat=world.here.village, valid_until=clock.today())
    make_organisation("Sở ở tỉnh", seat=world.here.province)
    Person.objects.filter(pk=world.people["resident"].pk).update(residence=world.next_door)
    Certificate.objects.filter(person=world.people["next door"]).update(person=None)
    PaperEntry.objects.filter(pk=world.paper_elsewhere.pk).update(person=None)
    Job.objects.create(kind="ledger.proof", run_after=clock.now(), created_at=clock.now())
    return {**world.users, "superuser": make_user("superuser", is_superuser=True)}


def test_a_list_and_its_rule_agree(world: World):
    users = add_odd_cases(world)
    disagreed, pairs = [], 0
    for (model, word), rule in TWINS.items():
        for name, user in users.items():
            listed = set(getattr(model.objects.all(), word)(user).values_list("pk", flat=True))
            for found in model.objects.all():
                pairs += 1
                if rule(user, found) != (found.pk in listed):
                    disagreed.append(f"{model.__name__}.{word}: {name} × {found}")
    assert not disagreed, "\n".join(disagreed)
    assert pairs == 1944


def test_every_record_of_somebody_follows_who_may_see_them(world: World):
    """Each model with personal data, by its path to the person: the list, and the rule for one row."""
    users = add_odd_cases(world)
    disagreed, pairs, models = [], 0, set()
    for record in personal_records():
        if record.person is None:
            continue
        rows = list(record.model._default_manager.all())
        for name, user in users.items():
            listed = set(record.visible_to(user).values_list("pk", flat=True))
            for row in rows:
                pairs += 1
                models.add(record.model)
                if record.can_see(user, row) != (row.pk in listed):
                    disagreed.append(f"{record.model.__name__}: {name} × {row}")
    assert not disagreed, "\n".join(disagreed)
    assert len(models) >= 11
    assert pairs == 1944


def test_the_units_one_finds_are_those_one_may_open(world: World):
    users = add_odd_cases(world)
    disagreed, pairs = [], 0
    for name, user in users.items():
        for unit in AdministrativeUnit.objects.exclude(level=Level.COUNTRY):
            pairs += 1
            found = units_to_choose(user, unit.name).filter(pk=unit.pk).exists()
            if user.has_perm("people.view_unit", unit) != found:
                disagreed.append(f"{name} × {unit}")
    assert not disagreed, "\n".join(disagreed)
    assert pairs == 168


def test_whoever_is_offered_to_run_a_campaign_may(world: World):
    users = add_odd_cases(world)
    page = CampaignPage.objects.get(translation_key=world.campaign.key, alias_of=None)
    offered, allowed, somewhere = set(), set(), set()
    for name, user in users.items():
        campaign = campaign_for(page, user)
        assert campaign is not None
        if user.is_superuser or campaign.may_organise:
            offered.add(name)
        if can_organise(user, world.campaign):
            allowed.add(name)
        if organised_areas(user):
            somewhere.add(name)
    assert offered == allowed == {Who.ORGANISER, Who.ADMINISTRATOR, Who.SITE_ADMINISTRATOR, "superuser"}
    assert somewhere - allowed == {Who.ORGANISER_ELSEWHERE, Who.ADMINISTRATOR_ELSEWHERE}


def test_who_sees_whom_is_as_written(world: World):
    """The table that the walk over the doors goes by."""
    for who, user in world.users.items():
        visible = set(Person.objects.visible_to(user))
        assert {key for key, person in world.people.items() if person in visible} == SEES[who]
