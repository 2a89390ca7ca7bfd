"""What campaigns hear from the apps below: a completed course, a published page."""

from django.dispatch import receiver
from wagtail.signals import page_published

from campaigns.models import CampaignPage
from campaigns.operations import (
    give_back_double_scores,
    publish_rules,
    record_completion,
    take_back_double_scores,
    take_back_score,
)
from courses.signals import completion_withdrawn, course_completed
from people.signals import merge_undone, people_merged


@receiver(course_completed, dispatch_uid="campaigns.record_completion")
def score_completion(sender, completion, **kwargs) -> None:
    record_completion(completion=completion)


@receiver(completion_withdrawn, dispatch_uid="campaigns.take_back_score")
def unscore_completion(sender, completion, at, **kwargs) -> None:
    take_back_score(completion=completion, at=at)


@receiver(people_merged, dispatch_uid="campaigns.take_back_double_scores")
def correct_scores(sender, merge, at, **kwargs) -> None:
    take_back_double_scores(merge=merge, at=at)


@receiver(merge_undone, dispatch_uid="campaigns.give_back_double_scores")
def restore_scores(sender, merge, at, **kwargs) -> None:
    give_back_double_scores(merge=merge, at=at)


@receiver(page_published, sender=CampaignPage, dispatch_uid="campaigns.publish_rules")
def write_rules(sender, instance, **kwargs) -> None:
    publish_rules(page=instance)
