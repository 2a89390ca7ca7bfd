"""Learning on devices that are not one's own: PINs and their tries, cards, shared sessions, help, one's own number."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from people.circumstances import circumstances_of
from people.models.organisations import Organisation
from people.models.persons import Person, PersonQuerySet
from places.models import AdministrativeUnit


class Tries(models.Model):
    """Wrong tries at a secret, counted in the row itself; locked from the last one allowed until `locked_until`."""

    failed = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class PinTry(Tries):
    """Tries at a person's PIN from one device. `device` "" counts all devices that never gave the right one."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="pin_tries")
    device = models.CharField(max_length=32, blank=True)
    known_at = models.DateTimeField(null=True, help_text="When the right PIN was given here last.")
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="people_pintry_once", fields=["person", "device"])]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.device[:6]}"


class LearnerCardQuerySet(models.QuerySet):
    def valid(self) -> LearnerCardQuerySet:
        return self.filter(revoked_at__isnull=True)


class LearnerCard(models.Model):
    """A paper card: its QR code holds `token`, `code` is typed. It says who is meant; the PIN says that it is them."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="cards")
    token = models.CharField(max_length=40, unique=True)
    code = models.CharField(max_length=8, unique=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="issued_cards"
    )
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    objects = LearnerCardQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("learner card")
        verbose_name_plural = _("learner cards")
        constraints = [
            models.UniqueConstraint(
                name="people_learnercard_one_valid", fields=["person"], condition=Q(revoked_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.issued_at:%Y-%m-%d}"

    @property
    def written_code(self) -> str:
        """The code as it is printed: two groups of four."""
        return f"{self.code[:4]}-{self.code[4:]}"


class SharedSessionQuerySet(models.QuerySet):
    def open(self, at: datetime | None = None) -> SharedSessionQuerySet:
        return self.filter(closed_at__isnull=True, expires_at__gt=at or clock.now())


class SharedSession(Tries):
    """A device that people of a place or an organisation learn on one after the other.

    The tries are those at its code, with which whoever opened it lets somebody in who has no PIN yet.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="shared_sessions"
    )
    unit = models.ForeignKey(AdministrativeUnit, null=True, on_delete=models.PROTECT, related_name="shared_sessions")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="shared_sessions")
    code_hash = models.CharField(max_length=128)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects = SharedSessionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("shared device")
        verbose_name_plural = _("shared devices")
        constraints = [
            models.CheckConstraint(
                name="people_sharedsession_one_scope",
                condition=Q(unit__isnull=True, organisation__isnull=False)
                | Q(unit__isnull=False, organisation__isnull=True),
            ),
            models.CheckConstraint(name="people_sharedsession_ends_later", condition=Q(expires_at__gt=F("opened_at"))),
        ]

    def __str__(self) -> str:
        return f"{self.place} · {self.opened_at:%Y-%m-%d %H:%M}"

    @property
    def place(self) -> str:
        """Where: the unit or the organisation, as people call it."""
        return self.organisation.name if self.organisation is not None else self.unit.full_name if self.unit else ""

    def people(self) -> PersonQuerySet:
        """Those who may learn on the device by their name."""
        if self.organisation_id is not None:
            return Person.objects.learning().members_of(self.organisation_id)
        return Person.objects.learning().living_in(self.unit)


class HelpSessionQuerySet(models.QuerySet):
    def open(self, at: datetime | None = None) -> HelpSessionQuerySet:
        return self.filter(ended_at__isnull=True, expires_at__gt=at or clock.now())


class HelpSession(models.Model):
    """Somebody acts for a person who is present, who agreed to it; every act is marked with the helper's login."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="help_sessions")
    helper = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="help_sessions"
    )
    guardian_name = models.CharField(max_length=120, blank=True, help_text="Who agreed for a child, beside the child.")
    text_version = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = HelpSessionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("help")
        verbose_name_plural = _("help")
        constraints = [
            models.CheckConstraint(name="people_helpsession_ends_later", condition=Q(expires_at__gt=F("started_at"))),
            models.UniqueConstraint(
                name="people_helpsession_one_each", fields=["helper"], condition=Q(ended_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.helper_id} · {self.person_id}"


class PhoneMoveQuerySet(models.QuerySet):
    def open(self, at: datetime | None = None) -> PhoneMoveQuerySet:
        return self.filter(closed_at__isnull=True, expires_at__gt=at or clock.now())


class PhoneMove(Tries):
    """A person is to learn with a number of their own from now on: stated on one side, taken on the other with `code`.

    The code is shown where the number was stated and typed where it is taken, so that a number mistyped gives the
    record to nobody; the tries are those at it.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="phone_moves")
    phone = models.CharField(max_length=16, db_index=True)
    code = models.CharField(max_length=6)
    stated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="stated_moves"
    )
    stated_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, help_text="Taken, or taken back.")
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="taken_moves"
    )

    objects = PhoneMoveQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("move to a number of one's own")
        verbose_name_plural = _("moves to a number of one's own")
        constraints = [
            models.UniqueConstraint(
                name="people_phonemove_one_open", fields=["person"], condition=Q(closed_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.stated_at:%Y-%m-%d}"


class StampedKey(models.ForeignKey):
    """Filled when its row is inserted, as `auto_now_add` fills a date: from the circumstances of the row's person."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        found = circumstances_of(getattr(model_instance, "person_id", None)) if add and value is None else None
        if found is not None:
            value = getattr(found, self.attname)
            setattr(model_instance, self.attname, value)
        return value


class LearntUnder(models.Model):
    """A fact of learning with its circumstances: who acted for the person, and on which shared device it was done."""

    acted_by = StampedKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    shared_session = StampedKey(SharedSession, null=True, editable=False, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        abstract = True
