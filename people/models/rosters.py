"""Uploaded lists and their rows."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.models import private_storage
from people.enums import (
    ImportStatus,
    RowOutcome,
)
from people.models.organisations import Organisation
from people.models.persons import Person


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
    """What an organisation said the columns of a list are; a file with the same header is read the same way."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="roster_columns")
    header_key = models.CharField(max_length=64, help_text="`people.roster.columns.header_key` of the header row.")
    columns = models.JSONField(help_text="Field name → column number.")
    chosen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("columns of a list")
        verbose_name_plural = _("columns of lists")
        constraints = [
            models.UniqueConstraint(name="people_rostercolumns_once", fields=["organisation", "header_key"]),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} · {self.header_key[:8]}"
