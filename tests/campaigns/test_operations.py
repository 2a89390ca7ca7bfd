"""Events count once, standings follow from them, the close freezes them."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from accounts.models import User
from campaigns import operations
from campaigns.exceptions import CampaignAlreadyClosed, CampaignStillRunning, HeadcountTooSmall
from campaigns.models import Campaign, PendingEvent, ScoreEvent, Standing
from common import clock
from ledger.models import AuditEntry
from tests.factories import campaigns as make
from tests.factories import places

pytestmark = pytest.mark.django_db
COURSE = uuid.uuid4()


@pytest.fixture
def commune():
    return places.commune()


@pytest.fixture
def other(commune):
    return places.commune("16013", "Yên Phú")


@pytest.fixture
def campaign(commune, other):
    return make.campaign(course_keys=[COURSE], points="2")


def standing(campaign, unit) -> Standing:
    return Standing.objects.get(campaign=campaign, competing_unit__unit=unit)


def test_a_completion_scores_for_the_commune_above_the_village(campaign, commune):
    village = places.village(parent=commune)
    done = make.completion(residence=village, course_key=COURSE)
    assert operations.record_completion(completion=done) == 1
    event = ScoreEvent.objects.get()
    assert (event.unit, event.competing_unit.unit, event.points) == (village, commune, Decimal(2))
    assert PendingEvent.objects.count() == 1


def test_the_same_completion_counts_once(campaign, commune):
    done = make.completion(residence=commune, course_key=COURSE)
    operations.record_completion(completion=done)
    assert operations.record_completion(completion=done) == 0
    operations.roll_up(campaign=campaign)
    operations.record_completion(completion=done)
    operations.roll_up(campaign=campaign)
    assert standing(campaign, commune).points == 2


@pytest.mark.parametrize("case", ["other course", "before", "after", "elsewhere", "nowhere", "closed"])
def test_what_does_not_count(campaign, commune, case):
    details = {"residence": commune, "course_key": COURSE, "at": clock.now()}
    if case == "other course":
        details["course_key"] = uuid.uuid4()
    elif case == "before":
        details["at"] = campaign.starts_at - timedelta(seconds=1)
    elif case == "after":
        details["at"] = campaign.ends_at
    elif case == "elsewhere":
        details["residence"] = places.commune("20001", "Tân Hoà", places.province("46", "Hương Giang"))
    elif case == "nowhere":
        details["residence"] = None
    else:
        Campaign.objects.update(closed_at=clock.now())
    assert operations.record_completion(completion=make.completion(**details)) == 0
    assert not ScoreEvent.objects.exists()


def test_the_roll_up_adds_and_ranks(campaign, commune, other):
    for residence in (commune, commune, other):
        operations.record_completion(completion=make.completion(residence=residence, course_key=COURSE))
    assert operations.roll_up(campaign=campaign) == 3
    assert operations.roll_up(campaign=campaign) == 0
    first, second = standing(campaign, commune), standing(campaign, other)
    assert (first.completions, first.points, first.rank_by_points, first.rank_by_rate) == (2, 4, 1, None)
    assert (second.completions, second.rank_by_points) == (1, 2)
    campaign.refresh_from_db()
    assert campaign.standings_at is not None


def test_a_roll_up_that_fails_loses_nothing(campaign, commune, monkeypatch):
    operations.record_completion(completion=make.completion(residence=commune, course_key=COURSE))
    with transaction.atomic():
        operations.roll_up(campaign=campaign)
        transaction.set_rollback(True)
    assert (PendingEvent.objects.count(), standing(campaign, commune).points) == (1, 0)


def test_a_rebuild_gives_the_same_numbers_and_says_where_they_were_wrong(campaign, commune):
    operations.record_completion(completion=make.completion(residence=commune, course_key=COURSE))
    operations.roll_up(campaign=campaign)
    assert operations.rebuild_standings(campaign=campaign) == 0
    Standing.objects.filter(competing_unit__unit=commune).update(points=99)
    assert operations.rebuild_standings(campaign=campaign) == 1
    assert standing(campaign, commune).points == 2


def test_headcounts_give_rates_and_leave_a_trace(campaign, commune, other):
    organiser = User.objects.create(username="organiser")
    operations.record_completion(completion=make.completion(residence=commune, course_key=COURSE))
    operations.roll_up(campaign=campaign)
    changed = operations.confirm_headcounts(
        campaign=campaign, headcounts={commune.pk: 40, other.pk: None}, by=organiser
    )
    assert changed == 1
    assert (standing(campaign, commune).rate, standing(campaign, commune).rank_by_rate) == (Decimal("0.025"), 1)
    assert standing(campaign, other).rank_by_rate is None
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.count) == ("campaigns.confirm_headcounts", organiser, 1)
    assert operations.confirm_headcounts(campaign=campaign, headcounts={commune.pk: 40}, by=organiser) == 0


def test_a_headcount_below_the_completions_is_refused_and_nothing_changes(campaign, commune, other):
    for _person in range(3):
        operations.record_completion(completion=make.completion(residence=commune, course_key=COURSE))
    operations.roll_up(campaign=campaign)
    with pytest.raises(HeadcountTooSmall):
        operations.confirm_headcounts(campaign=campaign, headcounts={other.pk: 500, commune.pk: 2}, by=None)
    assert not campaign.competing_units.filter(headcount__isnull=False).exists()


def test_close_waits_for_the_end(campaign):
    with pytest.raises(CampaignStillRunning):
        operations.close_campaign(campaign=campaign, by=None)


def test_close_counts_what_is_pending_and_freezes(campaign, commune):
    organiser = User.objects.create(username="organiser")
    operations.record_completion(completion=make.completion(residence=commune, course_key=COURSE))
    after = campaign.ends_at + timedelta(hours=1)
    closed = operations.close_campaign(campaign=campaign, by=organiser, at=after)
    assert (closed.closed_at, standing(campaign, commune).points) == (after, 2)
    assert operations.close_campaign(campaign=campaign, by=organiser).closed_at == after
    assert AuditEntry.objects.filter(action="campaigns.close_campaign").count() == 1
    with pytest.raises(CampaignAlreadyClosed):
        operations.rebuild_standings(campaign=campaign)
    with pytest.raises(CampaignAlreadyClosed):
        operations.confirm_headcounts(campaign=campaign, headcounts={commune.pk: 5}, by=organiser)


def test_completions_from_before_the_rules_are_added_once(campaign, commune):
    make.completion(residence=commune, course_key=COURSE)
    make.completion(residence=commune, course_key=COURSE, at=campaign.starts_at - timedelta(days=1))
    assert operations.backfill_events(campaign=campaign) == 1
    assert operations.backfill_events(campaign=campaign) == 0


class TestRules:
    @pytest.fixture
    def index(self):
        return make.site_tree()

    @pytest.fixture
    def page(self, index, commune, other):
        return operations.create_campaign(
            index=index[0],
            title="Tháng chuyển đổi số",
            summary="Các xã thi nhau học.",
            starts_at=clock.now() - timedelta(days=1),
            ends_at=clock.now() + timedelta(days=10),
            area=places.province(),
            courses=[make.course_page(index[1])],
            points_per_completion=Decimal(1),
            by=User.objects.create(username="organiser"),
        )

    def test_publishing_writes_the_rule_set_and_enters_the_communes(self, page, commune, other):
        campaign = Campaign.objects.get(key=page.translation_key)
        course = page.course_links.get().course
        assert campaign.course_keys == [str(course.translation_key)]
        assert {unit.unit for unit in campaign.competing_units.all()} == {commune, other}
        assert campaign.standings.count() == 2
        assert page.slug == "thang-chuyen-doi-so"

    def test_a_draft_changes_no_rule(self, page):
        page.points_per_completion = Decimal(7)
        page.save_revision()
        assert Campaign.objects.get().points_per_completion == 1

    def test_before_the_first_score_the_rules_may_change(self, page):
        page.points_per_completion = Decimal(7)
        page.save_revision().publish()
        assert Campaign.objects.get().points_per_completion == 7

    def test_after_the_first_score_only_title_and_end_may_change(self, page, commune):
        campaign = Campaign.objects.get()
        course = page.course_links.get().course
        operations.record_completion(completion=make.completion(residence=commune, course_key=course.translation_key))
        page.points_per_completion = Decimal(7)
        page.ends_at += timedelta(days=3)
        page.save_revision().publish()
        found = Campaign.objects.get()
        assert (found.points_per_completion, found.ends_at) == (1, campaign.ends_at + timedelta(days=3))


@pytest.mark.django_db(transaction=True)
def test_writers_and_roll_ups_at_once_lose_and_double_nothing():
    commune = places.commune()
    campaign = make.campaign(course_keys=[COURSE])
    completions = [make.completion(residence=commune, course_key=COURSE) for _number in range(24)]
    errors: list[Exception] = []

    def write(part):
        try:
            for done in part:
                with transaction.atomic():
                    operations.record_completion(completion=done)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    def roll():
        try:
            for _round in range(6):
                operations.roll_up(campaign=campaign)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(completions[n::3],)) for n in range(3)]
    threads += [threading.Thread(target=roll) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    operations.roll_up(campaign=campaign)
    assert not errors
    assert standing(campaign, commune).completions == 24
    assert operations.rebuild_standings(campaign=campaign) == 0
