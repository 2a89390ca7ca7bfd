"""Persons, their memberships and consents, and the reminders they got."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from common import clock
from common.folding import fold, name_sort_key, normalise_text
from people.enums import (
    ConsentPurpose,
    PersonSource,
)
from people.models.organisations import DatedQuerySet, NamedQuerySet, Organisation, valid_period
from people.scopes import (
    PEOPLE_READERS,
    PEOPLE_ROLES,
    is_site_administrator,
    managed_organisation_ids,
    reads_whole_site,
    role_units,
    within_any,
)


class PersonQuerySet(NamedQuerySet):
    def learning(self) -> "PersonQuerySet":
        """Those who have not taken back their consent to a learning record."""
        return self.filter(learning_stopped_at=None)

    def reachable(self) -> "PersonQuerySet":
        """Those who have not objected to reminders, nor taken back their consent to learning."""
        asked = Consent.objects.filter(person=OuterRef("pk"), purpose=ConsentPurpose.REMINDERS)
        withdrawn = Exists(asked.exclude(withdrawn_at=None)) & ~Exists(asked.filter(withdrawn_at=None))
        return self.learning().exclude(withdrawn)

    def living_in(self, unit) -> "PersonQuerySet":
        return self.filter(residence__present_path__startswith=unit.path)

    def members_of(self, organisation, day=None) -> "PersonQuerySet":
        memberships = Membership.objects.as_of(day or clock.today()).filter(organisation=organisation)
        return self.filter(pk__in=memberships.values("person"))

    def visible_to(self, user) -> "PersonQuerySet":
        """Oneself and one's household, members of organisations one manages, people living in one's unit."""
        if not user.is_authenticated:
            return self.none()
        if reads_whole_site(user):
            return self
        return self.filter(Q(account=user) | _looked_after(user, PEOPLE_READERS))

    def helped_by(self, user) -> "PersonQuerySet":
        """Whom the user may help as part of their work: cards, PINs, learning on somebody's behalf."""
        if not user.is_authenticated:
            return self.none()
        return self if is_site_administrator(user) else self.filter(_looked_after(user, PEOPLE_ROLES))


def _looked_after(user, roles) -> Q:
    """Members of organisations the user manages, and people living in units where they hold one of the roles."""
    members = Membership.objects.active().filter(organisation__in=managed_organisation_ids(user))
    return Q(pk__in=members.values("person")) | within_any("residence__present_path", role_units(user, *roles))


class PersonManager(models.Manager.from_queryset(PersonQuerySet)):  # type: ignore[misc]
    """People as they are met everywhere; records that were merged into another one are not."""

    def get_queryset(self) -> PersonQuerySet:
        return super().get_queryset().filter(merged_into=None)


class Person(models.Model):
    """A human being, with or without a login. Two in one village may share a name; the birth year tells them apart.

    A record that turned out to be a second one of somebody stays as a row that points at the first
    (`people.operations.merging`); only `everyone` finds it.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    full_name = models.CharField(_("full name"), max_length=120)
    name_folded = models.CharField(max_length=120, editable=False, db_index=True)
    name_key = models.CharField(max_length=400, editable=False, help_text="Sorts by given name.")
    birth_year = models.PositiveSmallIntegerField(_("year of birth"), null=True, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    phone = models.CharField(
        _("phone number"), max_length=16, blank=True, db_index=True, help_text=_("Several people may share one.")
    )
    residence = models.ForeignKey(
        "places.AdministrativeUnit",
        verbose_name=_("place of residence"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="residents",
        db_index=False,
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="learners",
        db_index=False,  # null for most
        help_text="The login this person learns with; a household may share one.",
    )
    source = models.CharField(max_length=10, choices=PersonSource.choices)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="registered_people"
    )
    created_at = models.DateTimeField()
    learning_stopped_at = models.DateTimeField(
        null=True,
        help_text="Since when no consent to a learning record is given; nothing is added meanwhile.",
    )
    pin_hash = models.CharField(max_length=128, blank=True, editable=False, help_text="Empty: no PIN.")
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.CASCADE,
        related_name="absorbed",
        db_index=False,  # nearly always null, which no plan should begin with
        help_text="The record this one turned out to be a second one of.",
    )

    objects = PersonManager()
    everyone = PersonQuerySet.as_manager()

    class Meta:
        base_manager_name = "everyone"
        ordering = ["name_key", "id"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [
            # Everybody who lives somewhere is counted from this index alone.
            models.Index(fields=["residence", "merged_into"], name="people_person_residence"),
            # Lists by name are searched and walked to a page in this one: the rows are several times as wide.
            models.Index(
                fields=["name_key", "id", "residence", "merged_into", "name_folded"], name="people_person_by_name"
            ),
            # Only where there is a value: with statistics of mostly nulls SQLite would rather read the whole table.
            models.Index(fields=["account"], name="people_person_account", condition=Q(account__isnull=False)),
            models.Index(fields=["merged_into"], name="people_person_merged", condition=Q(merged_into__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(name="people_person_name_not_blank", condition=~Q(full_name="")),
            models.CheckConstraint(
                name="people_person_birth_year",
                condition=Q(birth_year__isnull=True) | Q(birth_year__gte=1900, birth_year__lte=2100),
            ),
            models.CheckConstraint(
                name="people_person_birth_date_has_year",
                condition=Q(birth_date__isnull=True) | Q(birth_year__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def given_name(self) -> str:
        return self.full_name.rsplit(" ", 1)[-1]

    @property
    def has_pin(self) -> bool:
        return bool(self.pin_hash)

    @cached_property
    def record_ids(self) -> list[int]:
        """The person and the records merged into it: whose rows are this person's."""
        return [self.pk, *Person.everyone.filter(merged_into=self).values_list("pk", flat=True)]

    def set_name(self, full_name: str) -> None:
        """Set the name with the two columns it is found and sorted by (bulk operations skip `save`)."""
        self.full_name = normalise_text(full_name)
        self.name_folded = fold(self.full_name)
        self.name_key = name_sort_key(self.full_name)

    def save(self, *args, **kwargs) -> None:
        self.set_name(self.full_name)
        super().save(*args, **kwargs)


class Membership(models.Model):
    """A person belongs to an organisation for a time."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    title = models.CharField(_("position"), max_length=120, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            valid_period("people_membership_valid_period"),
            models.UniqueConstraint(
                name="people_membership_once",
                fields=["person", "organisation"],
                condition=Q(valid_until__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.organisation}"


class Consent(models.Model):
    """What somebody agreed to, when, and which text they read. Withdrawing is a date, not a deletion.

    Given and withdrawn at one moment is an objection: to reminders, for example, that nobody had asked about.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20, choices=ConsentPurpose.choices)
    text_version = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    guardian_name = models.CharField(
        _("parent or guardian"), max_length=120, blank=True, help_text=_("Who agreed for a child, beside the child.")
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="recorded_consents"
    )

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                name="people_consent_once",
                fields=["person", "purpose", "text_version"],
                condition=Q(withdrawn_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.text_version}"


class Reminder(models.Model):
    """A message that asked somebody to start a course, or to sign in. The constraint decides: one a day."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="reminders")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="reminders")
    course_key = models.UUIDField(null=True, help_text="Empty: an invitation to sign in.")
    sent_on = models.DateField()
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="sent_reminders"
    )

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(name="people_reminder_once_a_day", fields=["person", "sent_on"]),
        ]
        indexes = [models.Index(fields=["organisation", "course_key", "-sent_on"], name="people_reminder_latest")]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.sent_on}"
