"""What `desks` writes on the audit trail, in words."""

from django.utils.translation import gettext_lazy as _

from ledger.actions import register_actions


def register() -> None:
    """Called once, when the app is ready."""
    register_actions(
        readings={
            "desks.read_people": _("People of a unit"),
            "desks.read_certificates": _("Certificates of a unit"),
            "desks.read_register": _("Register of certificates looked at"),
            "desks.read_organisation": _("People of an organisation"),
            "desks.read_roster": _("Uploaded list looked at"),
            "desks.read_requests": _("Requests about data looked at"),
            "desks.read_former_residents": _("People of a former unit"),
            "desks.read_duplicates": _("Records that look alike"),
            "desks.read_staff": _("List of who works here"),
            "desks.read_trail": _("Audit trail read"),
        },
        exports={
            "desks.export_unit": _("People of a unit downloaded"),
            "desks.export_members": _("People of an organisation downloaded"),
            "desks.export_roster": _("Result of a list downloaded"),
            "desks.export_trail": _("Audit trail downloaded"),
        },
    )
