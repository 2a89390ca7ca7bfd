"""One person counted twice: running campaigns are put right by events that outweigh, closed ones stay."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest

from campaigns.enums import ScoreRule
from campaigns.models import ScoreEvent, Standing
from campaigns.operations import backfill_events, close_campaign, rebuild_standings, record_completion, roll_up
from common import clock
from people.operations.merging import merge_people, undo_merge
from tests.factories import campaigns as make
from tests.factories import places
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db
COURSE = uuid.uuid4()


@pytest.fixture
def by():
    return make_user("quan-tri", is_superuser=True)


@pytest.fixture
def campaign():
    places.village()
    return make.campaign(course_keys=[COURSE], points="2")


@pytest.fixture
def twins(campaign):
    """Two records of one person, both with the course."""
    found = [make.completion(residence=places.village(), course_key=COURSE) for _ in range(2)]
    for completion in found:
        record_completion(completion=completion)
    roll_up(campaign=campaign)
    return [completion.person for completion in found]


def score(campaign) -> tuple[int, Decimal]:
    roll_up(campaign=campaign)
    found = Standing.objects.get(campaign=campaign, competing_unit__unit=places.commune())
    assert rebuild_standings(campaign=campaign) == 0  # the same from all events
    return found.completions, found.points


def test_one_of_two_is_taken_back_and_given_again(campaign, twins, by):
    assert score(campaign) == (2, Decimal(4))
    merge = merge_people(kept=twins[0], absorbed=twins[1], by=by)
    assert score(campaign) == (1, Decimal(2))
    assert backfill_events(campaign=campaign) == 0
    undo_merge(merge=merge, by=by)
    assert score(campaign) == (2, Decimal(4))
    assert [event.rule for event in ScoreEvent.objects.order_by("pk")] == [
        ScoreRule.COURSE_COMPLETION,
        ScoreRule.COURSE_COMPLETION,
        ScoreRule.MERGED,
        ScoreRule.UNMERGED,
    ]


def test_what_only_one_of_them_did_still_counts(campaign, by):
    done = make.completion(residence=places.village(), course_key=COURSE)
    other = make.completion(residence=places.village(), course_key=uuid.uuid4())
    record_completion(completion=done)
    merge_people(kept=other.person, absorbed=done.person, by=by)
    assert score(campaign) == (1, Decimal(2))


def test_a_closed_campaign_stays_as_it_was_published(campaign, twins, by):
    later = campaign.ends_at + timedelta(hours=1)
    close_campaign(campaign=campaign, by=by, at=later)
    with clock.frozen(later):
        merge = merge_people(kept=twins[0], absorbed=twins[1], by=by)
        undo_merge(merge=merge, by=by)
    assert ScoreEvent.objects.count() == 2
    assert Standing.objects.get(campaign=campaign, competing_unit__unit=places.commune()).completions == 2


def test_a_new_campaign_counts_the_person_once(campaign, twins, by):
    merge_people(kept=twins[0], absorbed=twins[1], by=by)
    second = make.campaign(course_keys=[COURSE], points="1")
    assert backfill_events(campaign=second) == 1
