"""What `events` writes on the audit trail, in words."""

from django.utils.translation import gettext_lazy as _

from ledger.actions import register_actions


def register() -> None:
    """Called once, when the app is ready."""
    register_actions(
        changes={
            "events.create_class": _("Class planned"),
            "events.change_class": _("Class changed"),
            "events.cancel_class": _("Class cancelled"),
            "events.close_class": _("Class closed"),
            "events.reopen_class": _("Class opened again"),
            "events.register": _("People entered for a class"),
            "events.strike_off": _("People struck off the list of a class"),
            "events.mark": _("People marked as present"),
            "events.unmark": _("Marks of presence taken off"),
        },
        readings={
            "events.read_class": _("People of a class"),
        },
        exports={
            "events.print_sheet": _("Sign-in sheet of a class"),
        },
    )
