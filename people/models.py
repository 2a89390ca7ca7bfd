"""Persons, organisations, memberships, roles, consent and the rows of a roster import."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.folding import fold, name_sort_key, normalise_text
from ledger.models import private_storage
from people.enums import (
    ConsentPurpose,
    ImportStatus,
    OrganisationKind,
    PersonSource,
    Role,
    RowOutcome,
)
from people.scopes import (
    OFFICE_READERS,
    PEOPLE_READERS,
    is_site_administrator,
    managed_organisation_ids,
    reads_whole_site,
    role_units,
    within_any,
)
from places.enums import Level


def valid_period(name: str) -> models.CheckConstraint:
    """A half-open period [valid_from, valid_until) that is not empty."""
    return models.CheckConstraint(
        name=name, condition=Q(valid_until__isnull=True) | Q(valid_until__gt=models.F("valid_from"))
    )


class DatedQuerySet(models.QuerySet):
    """For models with a half-open `[valid_from, valid_until)`."""

    def as_of(self, day):
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=day), valid_from__lte=day)

    def active(self):
        return self.as_of(clock.today())


class NamedQuerySet(models.QuerySet):
    """For models with a `name_folded`."""

    def search(self, text: str) -> "NamedQuerySet":
        """Rows whose name contains every word of `text`, with or without accents."""
        found = self
        for word in fold(text).split():
            found = found.filter(name_folded__contains=word)
        return found


class OrganisationQuerySet(NamedQuerySet, DatedQuerySet):
    def within(self, unit) -> "OrganisationQuerySet":
        """Organisations seated in the unit or in one below it."""
        return self.filter(seat__path__startswith=unit.path)

    def visible_to(self, user) -> "OrganisationQuerySet":
        """Organisations the user manages, or that are seated in a unit the user looks after or audits."""
        if reads_whole_site(user):
            return self
        units = role_units(user, *OFFICE_READERS)
        return self.filter(Q(pk__in=managed_organisation_ids(user)) | within_any("seat__path", units))

    def managed_by(self, user) -> "OrganisationQuerySet":
        """Organisations whose people the user manages."""
        return self if is_site_administrator(user) else self.filter(pk__in=managed_organisation_ids(user))


class Organisation(models.Model):
    """A legal or working body, seated in a unit."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    name_folded = models.CharField(max_length=200, editable=False, db_index=True)
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind.choices)
    seat = models.ForeignKey(
        "places.AdministrativeUnit", verbose_name=_("seat"), on_delete=models.PROTECT, related_name="organisations"
    )
    registration_number = models.CharField(_("registration number"), max_length=40, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["name_folded", "id"]
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            valid_period("people_organisation_valid_period"),
            models.UniqueConstraint(
                name="people_organisation_registration_number",
                fields=["registration_number"],
                condition=~Q(registration_number=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        self.name = normalise_text(self.name)
        self.name_folded = fold(self.name)
        super().save(*args, **kwargs)


class PersonQuerySet(NamedQuerySet):
    def living_in(self, unit) -> "PersonQuerySet":
        return self.filter(residence__path__startswith=unit.path)

    def members_of(self, organisation, day=None) -> "PersonQuerySet":
        memberships = Membership.objects.as_of(day or clock.today()).filter(organisation=organisation)
        return self.filter(pk__in=memberships.values("person"))

    def visible_to(self, user) -> "PersonQuerySet":
        """Oneself and one's household, members of organisations one manages, people living in one's unit."""
        if not user.is_authenticated:
            return self.none()
        if reads_whole_site(user):
            return self
        members = Membership.objects.active().filter(organisation__in=managed_organisation_ids(user))
        return self.filter(
            Q(account=user)
            | Q(pk__in=members.values("person"))
            | within_any("residence__path", role_units(user, *PEOPLE_READERS))
        )


class Person(models.Model):
    """A human being, with or without a login. Two in one village may share a name; the birth year tells them apart."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    full_name = models.CharField(_("full name"), max_length=120)
    name_folded = models.CharField(max_length=120, editable=False, db_index=True)
    name_key = models.CharField(max_length=400, editable=False, db_index=True, help_text="Sorts by given name.")
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
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="learners",
        help_text="The login this person learns with; a household may share one.",
    )
    source = models.CharField(max_length=10, choices=PersonSource.choices)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="registered_people"
    )
    created_at = models.DateTimeField()

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ["name_key", "id"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
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


class RoleAssignmentQuerySet(DatedQuerySet):
    def visible_to(self, user) -> "RoleAssignmentQuerySet":
        """One's own, and those in the units one looks after or audits, the managers of organisations there included."""
        if not user.is_authenticated:
            return self.none()
        if reads_whole_site(user):
            return self
        units = role_units(user, *OFFICE_READERS)
        return self.filter(
            Q(user=user) | within_any("unit__path", units) | within_any("organisation__seat__path", units)
        )

    def in_place(self, unit) -> "RoleAssignmentQuerySet":
        """Roles in the unit or below it; those of the whole site stand with the country."""
        found = Q(unit__path__startswith=unit.path) | Q(organisation__seat__path__startswith=unit.path)
        if unit.level == Level.COUNTRY:
            found |= Q(unit=None, organisation=None)
        return self.filter(found)


class RoleAssignment(models.Model):
    """A role with a scope: a unit (with all below it) or an organisation; neither means the whole site."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    unit = models.ForeignKey(
        "places.AdministrativeUnit", null=True, blank=True, on_delete=models.PROTECT, related_name="role_assignments"
    )
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="role_assignments"
    )
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="granted_roles"
    )

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            valid_period("people_roleassignment_valid_period"),
            models.CheckConstraint(
                name="people_roleassignment_scope",
                condition=Q(role=Role.MANAGER, organisation__isnull=False, unit__isnull=True)
                | Q(role__in=[Role.OFFICIAL, Role.FACILITATOR], unit__isnull=False, organisation__isnull=True)
                | Q(
                    role__in=[Role.ADMINISTRATOR, Role.EDITOR, Role.REVIEWER, Role.ORGANISER, Role.AUDITOR],
                    organisation__isnull=True,
                ),
            ),
            # Three, because SQLite knows no unique index in which nulls are equal.
            models.UniqueConstraint(
                name="people_roleassignment_once_in_unit",
                fields=["user", "role", "unit"],
                condition=Q(valid_until__isnull=True, unit__isnull=False),
            ),
            models.UniqueConstraint(
                name="people_roleassignment_once_in_organisation",
                fields=["user", "role", "organisation"],
                condition=Q(valid_until__isnull=True, organisation__isnull=False),
            ),
            models.UniqueConstraint(
                name="people_roleassignment_once_on_site",
                fields=["user", "role"],
                condition=Q(valid_until__isnull=True, unit__isnull=True, organisation__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.unit or self.organisation or '*'}"


class Consent(models.Model):
    """What somebody agreed to, when, and which text they read. Withdrawing is a date, not a deletion."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20, choices=ConsentPurpose.choices)
    text_version = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
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
    """A text that asked somebody to start a course. The constraint decides: one a day, whoever sends it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="reminders")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="reminders")
    course_key = models.UUIDField()
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


class RosterImportQuerySet(models.QuerySet):
    def visible_to(self, user) -> "RosterImportQuerySet":
        """Imports of the organisations the user manages."""
        return self.filter(organisation__in=Organisation.objects.managed_by(user))


class RosterImport(models.Model):
    """One uploaded roster, from reading to result."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="imports")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="roster_imports"
    )
    uploaded_at = models.DateTimeField()
    file = models.FileField(storage=private_storage, max_length=200)
    filename = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=ImportStatus.choices, default=ImportStatus.READING)
    sheet = models.CharField(max_length=100, blank=True)
    columns = models.JSONField(default=dict, help_text="Field name → column number, as recognised.")
    reading = models.JSONField(default=dict, help_text="What the file looked like: sheets, header, notes.")
    options = models.JSONField(default=dict, help_text="What registered steps need, such as the course to enrol in.")
    job = models.ForeignKey("ledger.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    error_message = models.TextField(blank=True)

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("roster import")
        verbose_name_plural = _("roster imports")

    def __str__(self) -> str:
        return self.filename


class RosterRow(models.Model):
    """One line of a roster: what stood in the file, what was understood, what happened."""

    roster = models.ForeignKey(RosterImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="The row's number in the file, as the spreadsheet shows it.")
    cells = models.JSONField(default=list)
    data = models.JSONField(default=dict)
    outcome = models.CharField(max_length=10, choices=RowOutcome.choices)
    problems = models.JSONField(default=list, help_text="[{field, code, params}]; text is made when shown.")
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    chosen = models.BooleanField(default=False, help_text="Ticked, when only some are to be enrolled.")
    applied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="people_rosterrow_number", fields=["roster", "number"]),
        ]
        indexes = [models.Index(fields=["roster", "outcome"], name="people_rosterrow_outcome")]

    def __str__(self) -> str:
        return f"{self.roster_id}:{self.number}"
