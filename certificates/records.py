"""The personal data of `certificates`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate, PaperEntry
from people.models import Person
from people.personal_data import Column, Erasure, PersonalRecord, register_personal_record
from places.enums import Level


def register() -> None:
    """Called once, when the app is ready."""
    register_personal_record(
        PersonalRecord(
            Certificate,
            title=_("Certificates"),
            purpose=_("So that anybody can check that a certificate is genuine"),
            kept=_(
                "for good: after an erasure the register keeps name, number, course and date, without year of birth "
                "and address"
            ),
            erasure=Erasure.UNLINKED,
            person="person",
            columns=(
                Column("serial", _("Number in the register")),
                Column("holder", _("Issued to")),
                Column("title", _("For")),
                Column("issued_on", _("Issued on")),
                Column("revoked_at", _("Revoked on")),
                Column("revoked_reason", _("Reason")),
            ),
            before_erasure=keep_register_entries,
        )
    )
    register_personal_record(
        PersonalRecord(
            PaperEntry,
            title=_("Lines of old registers on paper"),
            purpose=_("So that papers given before this site can be checked"),
            kept=_(
                "for good: after an erasure a numbered line keeps name, number, course and date, without year of "
                "birth; a line without a number goes"
            ),
            erasure=Erasure.UNLINKED,
            person="person",
            columns=(
                Column("serial", _("Number in the register")),
                Column("holder", _("Issued to")),
                Column("title", _("For")),
                Column("issuer", _("Given by")),
                Column("issued_on", _("Issued on")),
                Column("entered_at", _("Entered on")),
                Column("withdrawn_at", _("Withdrawn on")),
                Column("withdrawn_reason", _("Reason")),
            ),
            before_erasure=keep_numbered_entries,
        )
    )


def keep_register_entries(person: Person) -> None:
    """What the register needs stays: name, serial, course, date and the commune; year of birth and village go."""
    held = Certificate.objects.filter(person=person).select_related("unit__parent").select_for_update(of=("self",))
    for certificate in held:
        certificate.text = {**certificate.text, "about": ""}
        unit = certificate.unit
        if unit is not None and unit.level == Level.VILLAGE:
            certificate.unit = unit.parent
        certificate.person = None
        certificate.save(update_fields=["text", "unit", "person"])


def keep_numbered_entries(person: Person) -> None:
    """A paper that is out there can still be checked; a training without one is nobody's business any more."""
    held = PaperEntry.objects.filter(person=person)
    held.filter(serial_key="").delete()
    held.update(birth_year=None, person=None)
