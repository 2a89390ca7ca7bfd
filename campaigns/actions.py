"""What `campaigns` writes on the audit trail, in words."""

from django.utils.translation import gettext_lazy as _

from ledger.actions import register_actions


def register() -> None:
    """Called once, when the app is ready."""
    register_actions(
        changes={
            "campaigns.close_campaign": _("Campaign closed"),
            "campaigns.confirm_headcounts": _("Numbers of inhabitants confirmed"),
            "campaigns.create_campaign": _("Campaign started"),
        },
        exports={
            "campaigns.export_standings": _("Standings downloaded"),
        },
    )
