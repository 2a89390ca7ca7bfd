"""What campaigns hear from the apps below: a completed course, a published page."""

from django.dispatch import receiver
from wagtail.signals import page_published

from campaigns.models import CampaignPage
from campaigns.operations import publish_rules, record_completion
from courses.signals import course_completed


@receiver(course_completed, dispatch_uid="campaigns.record_completion")
def score_completion(sender, completion, **kwargs) -> None:
    record_completion(completion=completion)


@receiver(page_published, sender=CampaignPage, dispatch_uid="campaigns.publish_rules")
def write_rules(sender, instance, **kwargs) -> None:
    publish_rules(page=instance)
