"""Records that turned out to be of one person, and those that somebody looked at and found to be of two."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from people.models.persons import Person


class PersonMergeQuerySet(models.QuerySet):
    def standing(self) -> PersonMergeQuerySet:
        return self.filter(undone_at=None)


class PersonMerge(models.Model):
    """What merging two records did, so that it can be taken back: which rows went over, which values were filled."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kept = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="merges")
    absorbed = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="absorptions")
    moved = models.JSONField(default=dict, help_text="Model → ids of the rows that went over.")
    stayed = models.JSONField(default=dict, help_text="Model → ids of the rows of which the kept record has its own.")
    before = models.JSONField(default=dict, help_text="Values of both records before, and those that were filled in.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="merges")
    at = models.DateTimeField()
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="undone_merges"
    )
    undone_at = models.DateTimeField(null=True)

    objects = PersonMergeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("merging of records")
        verbose_name_plural = _("mergings of records")
        constraints = [
            models.UniqueConstraint(
                name="people_personmerge_once", fields=["absorbed"], condition=Q(undone_at__isnull=True)
            ),
            models.CheckConstraint(name="people_personmerge_two", condition=~Q(kept=F("absorbed"))),
        ]

    def __str__(self) -> str:
        return f"{self.absorbed_id} → {self.kept_id}"


class DistinctPeople(models.Model):
    """Two records that look alike and are of two people, as somebody said who knows; not proposed again."""

    first = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="distinct_after")
    second = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="distinct_before")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("people told apart")
        verbose_name_plural = _("people told apart")
        constraints = [
            models.UniqueConstraint(name="people_distinctpeople_once", fields=["first", "second"]),
            models.CheckConstraint(name="people_distinctpeople_order", condition=Q(first__lt=F("second"))),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ≠ {self.second_id}"
