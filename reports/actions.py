"""What `reports` writes on the audit trail, in words."""

from django.utils.translation import gettext_lazy as _

from ledger.actions import register_actions


def register() -> None:
    """Called once, when the app is ready."""
    register_actions(
        changes={
            "reports.set_targets": _("Training targets set"),
            "reports.close_report": _("Monthly report closed"),
        },
    )
