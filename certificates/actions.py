"""What `certificates` writes on the audit trail, in words."""

from django.utils.translation import gettext_lazy as _

from ledger.actions import register_actions


def register() -> None:
    """Called once, when the app is ready."""
    register_actions(
        changes={
            "certificates.issue": _("Certificate issued"),
            "certificates.revoke": _("Certificate revoked"),
            "certificates.withdraw_entry": _("Line of an old register withdrawn"),
        },
        readings={
            "certificates.read_certificate": _("Certificate of a person"),
        },
        exports={
            "certificates.print": _("Certificates made for the printer"),
        },
    )
