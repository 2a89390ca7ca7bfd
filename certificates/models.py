"""Issuing bodies, registers and certificates, which exist only once they were issued; lines of registers on paper."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from people.models import Person
from people.scopes import OFFICE_READERS, reads_whole_site, role_units, within_any


class IssuingBody(models.Model):
    """Whose name stands on a certificate, with the place and the person who signs."""

    name = models.CharField(_("name"), max_length=200, help_text=_("As printed, for example a People's Committee."))
    unit = models.ForeignKey(
        "places.AdministrativeUnit",
        verbose_name=_("unit"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="issuing_bodies",
        help_text=_("It issues for people living in this unit; empty: for everybody else."),
    )
    place = models.CharField(_("place"), max_length=100, help_text=_("Stands before the date."))
    signatory_authority = models.CharField(_("signs on behalf of"), max_length=200, blank=True)
    signatory_title = models.CharField(_("signatory's position"), max_length=200)
    signatory_name = models.CharField(_("signatory's name"), max_length=120)
    serial_suffix = models.CharField(_("end of the serial number"), max_length=40, default="CN-TS")
    decision = models.CharField(_("decision"), max_length=200, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("issuing body")
        verbose_name_plural = _("issuing bodies")
        constraints = [
            # An expression, because SQLite lets any number of NULLs into a unique column.
            models.UniqueConstraint(
                Coalesce("unit", 0),
                name="certificates_issuingbody_unit",
                violation_error_message=_("Another issuing body is entered for this unit already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Register(models.Model):
    """The register book of an issuing body and year; its row is locked while a number is given out."""

    body = models.ForeignKey(IssuingBody, on_delete=models.PROTECT, related_name="registers")
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-year", "body"]
        verbose_name = _("register")
        verbose_name_plural = _("registers")
        constraints = [models.UniqueConstraint(name="certificates_register_year", fields=["body", "year"])]

    def __str__(self) -> str:
        return f"{self.body} {self.year}"


class PaperQuerySet(models.QuerySet):
    """Papers with a `person`, and a `unit` in whose register they stand."""

    def visible_to(self, user) -> Self:
        """Papers of people the user may see, and of units in which the user reads registers.

        A stranger reaches one only by its code, or by number and name.
        """
        if not user.is_authenticated:
            return self.none()
        if reads_whole_site(user):
            return self
        units = role_units(user, *OFFICE_READERS)
        return self.filter(Q(person__in=Person.objects.visible_to(user)) | within_any("unit__present_path", units))

    def within(self, unit) -> Self:
        """Of the unit or one below it: where holders lived on the day of issue, for which a line was entered."""
        return self.filter(unit__present_path__startswith=unit.path)


class CertificateQuerySet(PaperQuerySet):
    def valid(self) -> "CertificateQuerySet":
        return self.filter(revoked_at__isnull=True)


class Certificate(models.Model):
    """What was certified, frozen in words; the PDF is made again from it whenever it is asked for."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(max_length=20, unique=True, help_text="Unguessable; whoever has it may verify.")
    achievement = models.CharField(
        max_length=200, help_text="What earned it, for example `course-completion:17`; at most one valid for each."
    )
    subject = models.CharField(max_length=100, db_index=True, help_text="What it is about, for example `course:<key>`.")
    register = models.ForeignKey(Register, on_delete=models.PROTECT, related_name="certificates")
    number = models.PositiveIntegerField()
    person = models.ForeignKey("people.Person", null=True, on_delete=models.SET_NULL, related_name="certificates")
    unit = models.ForeignKey(
        "places.AdministrativeUnit",
        null=True,
        on_delete=models.PROTECT,
        related_name="certificates",
        help_text="Where the holder lived on the day of issue.",
    )
    template = models.CharField(max_length=40, help_text="Name and version of the template, such as `completion-1`.")
    text = models.JSONField(help_text="The certified words; see `certificates.wording.CertificateText`.")
    holder_key = models.CharField(max_length=400, db_index=True, help_text="Sorts by given name.")
    issued_on = models.DateField()
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="issued_certificates"
    )
    revoked_at = models.DateTimeField(null=True)
    revoked_reason = models.CharField(max_length=300, blank=True)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        constraints = [
            models.UniqueConstraint(name="certificates_certificate_number", fields=["register", "number"]),
            models.UniqueConstraint(
                name="certificates_certificate_one_valid",
                fields=["achievement"],
                condition=Q(revoked_at__isnull=True),
            ),
            models.CheckConstraint(
                name="certificates_certificate_revoked_reason",
                condition=Q(revoked_at__isnull=True, revoked_reason="")
                | (Q(revoked_at__isnull=False) & ~Q(revoked_reason="")),
            ),
        ]
        indexes = [models.Index(fields=["subject", "issued_on"], name="certificates_subject_day")]

    def __str__(self) -> str:
        return self.serial

    @property
    def holder(self) -> str:
        """The holder's name as printed."""
        return self.text["holder"]

    @property
    def title(self) -> str:
        """What was achieved, as printed."""
        return self.text["title"]

    @property
    def serial(self) -> str:
        """The serial number as printed, for example `0147/2026/CN-TS`."""
        return self.text["serial"]


class PaperEntryQuerySet(PaperQuerySet):
    def in_force(self) -> "PaperEntryQuerySet":
        return self.filter(withdrawn_at__isnull=True)


class PaperEntry(models.Model):
    """A line of an old register: a paper that somebody else gave before this site, or a training without one.

    This site did not issue it. It says what the register says, so that the paper can still be checked.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    unit = models.ForeignKey(
        "places.AdministrativeUnit",
        on_delete=models.PROTECT,
        related_name="paper_entries",
        help_text="For which the register was entered.",
    )
    issuer = models.CharField(max_length=200, help_text="Who gave the paper, as it says.")
    issuer_key = models.CharField(max_length=200, help_text="Folded, as it is compared.")
    serial = models.CharField(max_length=60, blank=True, help_text="Empty: a training without a paper.")
    serial_key = models.CharField(max_length=60, blank=True, help_text="See `people.roster.cells.serial_key`.")
    issued_on = models.DateField()
    year = models.PositiveSmallIntegerField(help_text="Of `issued_on`: numbers begin anew each year.")
    title = models.CharField(max_length=200, help_text="What was learnt.")
    title_key = models.CharField(max_length=200)
    holder = models.CharField(max_length=120)
    holder_folded = models.CharField(max_length=120)
    holder_key = models.CharField(max_length=400, help_text="Sorts by given name.")
    birth_year = models.PositiveSmallIntegerField(null=True)
    person = models.ForeignKey("people.Person", null=True, on_delete=models.SET_NULL, related_name="paper_entries")
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="entered_paper_entries"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True)

    objects = PaperEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_on", "-id"]
        verbose_name = _("line of an old register")
        verbose_name_plural = _("lines of old registers")
        constraints = [
            models.UniqueConstraint(
                name="certificates_paperentry_number",
                fields=["unit", "issuer_key", "year", "serial_key"],
                condition=~Q(serial_key="") & Q(withdrawn_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="certificates_paperentry_training",
                fields=["unit", "person", "issuer_key", "issued_on", "title_key"],
                condition=Q(serial_key="", withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                name="certificates_paperentry_withdrawn_reason",
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
            ),
        ]
        indexes = [
            models.Index(fields=["serial_key", "year"], name="certificates_paperentry_serial"),
            models.Index(fields=["unit", "holder_key"], name="certificates_paperentry_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.serial or self.title}, {self.issued_on:%d/%m/%Y}"
