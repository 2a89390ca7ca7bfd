"""Writing score events: append-only, once for each deed, each with its line in the outbox."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from campaigns.enums import ScoreRule
from campaigns.models import Campaign, CompetingUnit, PendingEvent, ScoreEvent
from common import clock
from courses.models import CourseCompletion
from people.models import PersonMerge


def record_completion(*, completion: CourseCompletion, at: datetime | None = None) -> int:
    """Score a completion in every campaign in which it counts; return how many new events that made.

    Called inside the transaction that made the completion. Somebody whose commune is not known scores for nobody.
    """
    at = at or clock.now()
    if completion.residence is None:
        return 0
    campaigns = [
        campaign
        for campaign in Campaign.objects.counting_at(completion.completed_at)
        if str(completion.course_key) in campaign.course_keys
    ]
    if not campaigns:
        return 0
    units = CompetingUnit.objects.filter(
        campaign__in=campaigns, unit__path__in=paths_above(completion.residence.present_path)
    ).select_related("campaign")
    return sum(_write(unit, completion, at) for unit in units)


def backfill_events(*, campaign: Campaign, at: datetime | None = None) -> int:
    """Score completions that lie in the period but were there before the rules were; return how many that made."""
    at = at or clock.now()
    completions = (
        CourseCompletion.objects.filter(
            completed_at__gte=campaign.starts_at,
            completed_at__lt=campaign.ends_at,
            course_key__in=campaign.course_keys,
            residence__present_path__startswith=campaign.area.path,
            person__merged_into=None,
        )
        .select_related("residence")
        .order_by("pk")
    )
    scored = set(campaign.events.values_list("key", flat=True))
    units = {unit.unit.path: unit for unit in campaign.competing_units.select_related("unit", "campaign")}
    count = 0
    for completion in completions.iterator(chunk_size=500):
        if event_key(completion) in scored:
            continue
        found = [units[path] for path in paths_above(completion.residence.present_path) if path in units]
        with transaction.atomic():
            count += sum(_write(unit, completion, at) for unit in found)
    return count


def take_back_double_scores(*, merge: PersonMerge, at: datetime) -> int:
    """Two records turned out to be of one person: of a course that both completed, one counts.

    In every campaign that is not closed an event takes back what the absorbed record's completion brought, if the kept
    one's counted, too. Closed campaigns stay as they were published. Returns how many events that made.
    """
    doubles = CourseCompletion.objects.filter(person_id=merge.absorbed_id)
    keys_of = {double.course_key: event_key(double) for double in doubles}
    own = CourseCompletion.objects.filter(person_id=merge.kept_id, course_key__in=keys_of)
    count = 0
    for completion in own:
        scored = ScoreEvent.objects.filter(key=event_key(completion)).values("campaign")
        events = ScoreEvent.objects.filter(
            key=keys_of[completion.course_key], campaign__in=scored, campaign__closed_at=None
        )
        for event in events:
            count += _write_again(event, ScoreRule.MERGED, f"merged:{merge.uuid}:{event.pk}", at)
    return count


def give_back_double_scores(*, merge: PersonMerge, at: datetime) -> int:
    """The merging was a mistake: what it took back from campaigns that are not closed counts again."""
    events = ScoreEvent.objects.filter(
        rule=ScoreRule.MERGED, key__startswith=f"merged:{merge.uuid}:", campaign__closed_at=None
    )
    return sum(_write_again(event, ScoreRule.UNMERGED, f"un{event.key}", at) for event in events)


def take_back_score(*, completion: CourseCompletion, at: datetime) -> int:
    """A completion was written by mistake: what it brought goes back in campaigns that are not closed."""
    events = ScoreEvent.objects.filter(key=event_key(completion), campaign__closed_at=None)
    return sum(_write_again(event, ScoreRule.WITHDRAWN, f"withdrawn:{event.pk}", at) for event in events)


def _write_again(event: ScoreEvent, rule: ScoreRule, key: str, at: datetime) -> int:
    """An event that outweighs an earlier one, once."""
    again, created = ScoreEvent.objects.get_or_create(
        campaign_id=event.campaign_id,
        key=key,
        defaults={
            "rule": rule,
            "person_id": event.person_id,
            "unit_id": event.unit_id,
            "competing_unit_id": event.competing_unit_id,
            "points": -event.points,
            "occurred_at": at,
            "recorded_at": at,
        },
    )
    if created:
        PendingEvent.objects.create(event=again)
    return int(created)


def event_key(completion: CourseCompletion) -> str:
    return f"course-completion:{completion.uuid}"


def paths_above(path: str) -> list[str]:
    """The unit's own path and those of all units above it."""
    codes = path.rstrip("/").split("/")
    return ["/".join(codes[:depth]) + "/" for depth in range(1, len(codes) + 1)]


def _write(unit: CompetingUnit, completion: CourseCompletion, at: datetime) -> int:
    event, created = ScoreEvent.objects.get_or_create(
        campaign=unit.campaign,
        key=event_key(completion),
        defaults={
            "rule": ScoreRule.COURSE_COMPLETION,
            "person_id": completion.person_id,
            "unit_id": completion.residence_id,
            "competing_unit": unit,
            "points": unit.campaign.points_per_completion,
            "occurred_at": completion.completed_at,
            "recorded_at": at,
        },
    )
    if created:
        PendingEvent.objects.create(event=event)
    return int(created)
