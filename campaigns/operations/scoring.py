"""Writing score events: append-only, once for each deed, each with its line in the outbox."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from campaigns.enums import ScoreRule
from campaigns.models import Campaign, CompetingUnit, PendingEvent, ScoreEvent
from common import clock
from courses.models import CourseCompletion


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
