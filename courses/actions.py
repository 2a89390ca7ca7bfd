"""What `courses` writes on the audit trail, in words."""

from django.utils.translation import gettext_lazy as _

from ledger.actions import register_actions


def register() -> None:
    """Called once, when the app is ready."""
    register_actions(
        changes={
            "courses.enrol": _("Enrolled in a course"),
            "courses.enrol_many": _("People enrolled in a course"),
            "courses.withdraw_completion": _("Completion of a course taken back"),
        },
    )
