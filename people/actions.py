"""What `people` writes on the audit trail, in words."""

from django.utils.translation import gettext_lazy as _

from ledger.actions import register_actions


def register() -> None:
    """Called once, when the app is ready."""
    register_actions(
        changes={
            "people.add_member": _("Member added"),
            "people.answer_request": _("Request about data answered"),
            "people.begin_help": _("Began to act for a person"),
            "people.cancel_move": _("Move to another phone number taken back"),
            "people.change_organisation": _("Organisation changed"),
            "people.change_person": _("Record of a person completed"),
            "people.change_role": _("Role given for other days"),
            "people.claim_person": _("Record of a person claimed"),
            "people.close_shared_session": _("Shared device closed"),
            "people.confirm_roster": _("Import of a list confirmed"),
            "people.correct_person": _("Record of a person corrected"),
            "people.create_organisation": _("Organisation entered"),
            "people.create_person": _("Person registered"),
            "people.deactivate_staff": _("All roles of a colleague ended"),
            "people.discard_roster": _("List discarded"),
            "people.end_membership": _("Membership ended"),
            "people.end_organisation": _("Organisation ended or merged"),
            "people.end_role": _("Role ended"),
            "people.erase_person": _("Data of a person erased"),
            "people.grant_role": _("Role given"),
            "people.hand_over_roles": _("Roles handed over"),
            "people.import_roster": _("List imported"),
            "people.invite": _("Invitation sent"),
            "people.move_member": _("Member moved to another organisation"),
            "people.merge_people": _("Two records of a person merged"),
            "people.undo_merge": _("Merging of records taken back"),
            "people.tell_apart": _("Two records found to be of two people"),
            "people.open_account": _("Login opened"),
            "people.open_shared_session": _("Shared device opened"),
            "people.open_staff_account": _("Login of a colleague opened"),
            "people.place_organisation": _("Seat of an organisation given a unit of today"),
            "people.place_person": _("Residence given a unit of today"),
            "people.remind": _("Reminders sent"),
            "people.remove_pin": _("PIN removed"),
            "people.request_data_change": _("Correction or erasure asked for"),
            "people.reset_second_factor": _("Second step of a sign-in reset"),
            "people.revoke_card": _("Learner card made void"),
            "people.set_phone": _("Phone number of a login set"),
            "people.set_pin": _("PIN set"),
            "people.settle_unit": _("Residents moved to the one successor of their unit"),
            "people.state_move": _("Move to another phone number stated"),
            "people.take_back_roster": _("Import of a list taken back"),
            "people.take_move": _("Record taken over by one's own phone number"),
            "people.undo_roster": _("Taking back of an import asked for"),
            "people.upload_roster": _("List uploaded"),
            "people.withdraw_consent": _("Consent withdrawn"),
        },
        readings={
            "people.read_person": _("Page of a person"),
            "people.read_people": _("List of people"),
            "people.read_logins": _("Logins in the editor"),
        },
        exports={
            "people.export_person": _("Copy of a person's data made"),
            "people.print_cards": _("Learner cards printed"),
        },
    )
