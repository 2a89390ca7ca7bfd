"""Uploaded lists and their rows."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models import private_storage
from people.enums import (
    ImportStatus,
    RowOutcome,
)
from people.models.organisations import Organisation
from people.models.persons import Person
from people.scopes import REGISTER_KEEPERS, is_site_administrator, role_units, within_any


def _has_one_owner(name: str) -> models.CheckConstraint:
    """An organisation, or the unit for which an old register is entered."""
    return models.CheckConstraint(
        name=name,
        condition=Q(organisation__isnull=False, unit__isnull=True) | Q(organisation__isnull=True, unit__isnull=False),
    )


class RosterImportQuerySet(models.QuerySet):
    def visible_to(self, user) -> "RosterImportQuerySet":
        """Lists of the organisations the user manages; old registers of units where the user is an official."""
        if is_site_administrator(user):
            return self
        managed = Q(organisation__in=Organisation.objects.managed_by(user))
        return self.filter(managed | within_any("unit__present_path", role_units(user, *REGISTER_KEEPERS)))


class RosterImport(models.Model):
    """One uploaded list, from reading to result: of an organisation's people, or of the lines of an old register."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="imports")
    unit = models.ForeignKey(
        "places.AdministrativeUnit",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="For which an old register is entered; empty for the list of an organisation.",
    )
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
    options = models.JSONField(
        default=dict,
        help_text="What registered steps need: the course to enrol in; what an old register says of all its lines.",
    )
    job = models.ForeignKey("ledger.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    error_message = models.TextField(blank=True)

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("roster import")
        verbose_name_plural = _("roster imports")
        constraints = [_has_one_owner("people_rosterimport_one_owner")]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_register(self) -> bool:
        """Whether its rows are lines of an old register."""
        return self.unit_id is not None

    @property
    def owner(self) -> dict[str, int | None]:
        """Whose list it is, to look for others of the same."""
        return {"organisation_id": self.organisation_id, "unit_id": self.unit_id}

    @property
    def owner_name(self) -> str:
        return self.organisation.name if self.organisation is not None else self.unit.full_name

    @property
    def place(self):
        """The unit it is about: where it is entered, or the organisation's seat."""
        return self.organisation.seat if self.organisation is not None else self.unit


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
    effect = models.JSONField(
        default=dict,
        help_text="What importing the row did, so that it can be taken back: {created, joined, changed: {field: "
        "[before, after]}}; see `people.roster.undoing`.",
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="people_rosterrow_number", fields=["roster", "number"]),
        ]
        indexes = [models.Index(fields=["roster", "outcome"], name="people_rosterrow_outcome")]

    def __str__(self) -> str:
        return f"{self.roster_id}:{self.number}"


class RosterColumns(models.Model):
    """What somebody said the columns of a list are; a file of the same owner with the same header is read so, too."""

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="roster_columns")
    unit = models.ForeignKey("places.AdministrativeUnit", null=True, on_delete=models.CASCADE, related_name="+")
    header_key = models.CharField(max_length=64, help_text="`people.roster.columns.header_key` of the header row.")
    columns = models.JSONField(help_text="Field name → column number.")
    chosen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("columns of a list")
        verbose_name_plural = _("columns of lists")
        constraints = [
            models.UniqueConstraint(name="people_rostercolumns_once", fields=["organisation", "header_key"]),
            models.UniqueConstraint(name="people_rostercolumns_once_in_unit", fields=["unit", "header_key"]),
            _has_one_owner("people_rostercolumns_one_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id or self.unit_id} · {self.header_key[:8]}"
