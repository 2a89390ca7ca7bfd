"""What `places` writes on the audit trail, in words."""

from django.utils.translation import gettext_lazy as _

from ledger.actions import register_actions


def register() -> None:
    """Called once, when the app is ready."""
    register_actions(
        changes={
            "places.add_village": _("Village entered"),
            "places.carry_villages": _("Villages carried over to the units of today"),
            "places.correct_village": _("Village corrected"),
            "places.divide_village": _("Village divided"),
            "places.end_village": _("Village ended"),
            "places.load_changes": _("Changes of units loaded"),
            "places.load_units": _("Units loaded"),
            "places.merge_villages": _("Villages merged"),
            "places.rename_village": _("Village renamed"),
        },
    )
