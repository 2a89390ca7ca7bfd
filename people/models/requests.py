"""Requests about one's own data."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.enums import (
    RequestKind,
    RequestStatus,
)
from people.models.persons import Person
from people.scopes import (
    ANSWERING_ROLES,
    is_site_administrator,
    role_units,
    within_any,
)


class DataRequestQuerySet(models.QuerySet):
    def open(self) -> "DataRequestQuerySet":
        return self.filter(status=RequestStatus.OPEN)

    def visible_to(self, user) -> "DataRequestQuerySet":
        """Requests of oneself and one's household, and those about people one may see."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(person__in=Person.objects.visible_to(user))

    def answerable_by(self, user) -> "DataRequestQuerySet":
        """Requests of people who live in the user's units; who lives nowhere is the site administrators'."""
        if not user.is_authenticated:
            return self.none()
        if is_site_administrator(user):
            return self
        return self.filter(within_any("person__residence__present_path", role_units(user, *ANSWERING_ROLES)))


class DataRequest(models.Model):
    """A person asks to have their data corrected or erased, and what was answered.

    After an erasure the row stays without the person and without words: that it was asked and answered in time.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="data_requests")
    kind = models.CharField(_("kind"), max_length=12, choices=RequestKind.choices)
    wanted = models.JSONField(default=dict, help_text="Field → value, of a correction.")
    words = models.TextField(_("in your own words"), blank=True)
    status = models.CharField(max_length=10, choices=RequestStatus.choices, default=RequestStatus.OPEN)
    requested_at = models.DateTimeField()
    due_on = models.DateField(help_text="Last day to answer: two working days after the request.")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="answered_requests"
    )
    answer = models.TextField(_("answer"), blank=True)

    objects = DataRequestQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        verbose_name = _("request about one's data")
        verbose_name_plural = _("requests about one's data")
        constraints = [
            models.UniqueConstraint(
                name="people_datarequest_one_open",
                fields=["person", "kind"],
                condition=Q(status=RequestStatus.OPEN),
            ),
            models.CheckConstraint(
                name="people_datarequest_answered",
                condition=Q(status=RequestStatus.OPEN, answered_at__isnull=True)
                | (~Q(status=RequestStatus.OPEN) & Q(answered_at__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["status", "due_on"], name="people_datarequest_due")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.uuid}"
