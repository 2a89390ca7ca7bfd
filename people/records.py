"""The personal data of `people`, `ledger` and `accounts`: what it is, why it is kept, how it goes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from ledger.enums import MessageStatus
from ledger.limits import drop_allowances
from ledger.models import AuditEntry, Job, Message
from ledger.sealing import drop_entries
from people.enums import ImportStatus
from people.merge_records import merging_records
from people.models import (
    Consent,
    DataRequest,
    HelpSession,
    LearnerCard,
    Membership,
    Person,
    PhoneMove,
    PinTry,
    Reminder,
    RoleAssignment,
    RosterImport,
    RosterRow,
    SharedSession,
)
from people.personal_data import (
    Column,
    Erasure,
    PersonalRecord,
    Retention,
    register_personal_record,
    register_retention,
)

WITH_THE_PERSON = _("until you ask for erasure")
FINISHED = (ImportStatus.DONE, ImportStatus.FAILED, ImportStatus.DISCARDED, ImportStatus.UNDONE)
CIRCUMSTANCES = ("acted_by", "shared_session__unit", "shared_session__organisation")


def circumstance_columns() -> tuple[Column, Column]:
    """The columns of `LearntUnder`: who acted for the person, on whose shared device."""
    return Column("acted_by", _("Done for you by")), Column("shared_session.place", _("On the shared device of"))


def for_days(days: int) -> Any:
    """How long something is kept, in words."""
    return lazy(lambda: ngettext("for %(days)d day", "for %(days)d days", days) % {"days": days}, str)()


def register() -> None:
    """Called once, when the app is ready."""
    _register_records()
    _register_retentions()


def _register_records() -> None:
    for record in (
        PersonalRecord(
            Person,
            title=_("Who you are"),
            purpose=_("To print the right name on certificates and tell people of one name apart"),
            kept=WITH_THE_PERSON,
            erasure=Erasure.DELETED,
            person="",
            columns=(
                Column("full_name", _("Full name")),
                Column("birth_year", _("Year of birth")),
                Column("birth_date", _("Date of birth")),
                Column("phone", _("Phone number")),
                Column("residence.address", _("Place of residence")),
                Column("get_source_display", _("How the record came about")),
                Column("created_at", _("Kept since")),
                Column("learning_stopped_at", _("Consent withdrawn on")),
                Column("has_pin", _("A PIN is set")),
            ),
        ),
        PersonalRecord(
            User,
            title=_("The login"),
            purpose=_("To sign in; a family may share one"),
            kept=_("until nobody learns or works with it any more"),
            erasure=Erasure.DELETED,
            rows=lambda person: User.objects.filter(pk=person.account_id),
            columns=(
                Column("username", _("User name")),
                Column("phone", _("Phone number")),
                Column("date_joined", _("Opened on")),
                Column("last_login", _("Last sign-in")),
            ),
        ),
        PersonalRecord(
            Consent,
            title=_("What you agreed to"),
            purpose=_("To show what was agreed, when, and which text was read"),
            kept=WITH_THE_PERSON,
            erasure=Erasure.DELETED,
            person="person",
            columns=(
                Column("get_purpose_display", _("For")),
                Column("text_version", _("Version of the text")),
                Column("guardian_name", _("Parent or guardian")),
                Column("given_at", _("Given")),
                Column("withdrawn_at", _("Withdrawn")),
            ),
        ),
        PersonalRecord(
            Membership,
            title=_("Your organisations"),
            purpose=_("So that your organisation can enrol you and see how you get on"),
            kept=WITH_THE_PERSON,
            erasure=Erasure.DELETED,
            person="person",
            columns=(
                Column("organisation.name", _("Organisation")),
                Column("title", _("Position")),
                Column("valid_from", _("From")),
                Column("valid_until", _("Until")),
            ),
        ),
        PersonalRecord(
            RoleAssignment,
            title=_("Roles of your login"),
            purpose=_("To know who may do what"),
            kept=_("as long as the login"),
            erasure=Erasure.DELETED,
            rows=lambda person: RoleAssignment.objects.filter(user=person.account_id).exclude(user=None),
            columns=(
                Column("get_role_display", _("Role")),
                Column("unit.full_name", _("Unit")),
                Column("organisation.name", _("Organisation")),
                Column("valid_from", _("From")),
                Column("valid_until", _("Until")),
            ),
        ),
        PersonalRecord(
            Reminder,
            title=_("Reminders sent to you"),
            purpose=_("So that nobody gets more than one a day"),
            kept=for_days(settings.KEEP_REMINDERS_DAYS),
            erasure=Erasure.DELETED,
            person="person",
            columns=(Column("organisation.name", _("Organisation")), Column("sent_on", _("Sent on"))),
        ),
        PersonalRecord(
            PinTry,
            title=_("Tries at your PIN"),
            purpose=_("To lock a device on which somebody guesses, and only that one"),
            kept=for_days(settings.KEEP_SHARING_DAYS),
            erasure=Erasure.DELETED,
            person="person",
            columns=(
                Column("failed", _("Wrong tries")),
                Column("locked_until", _("Locked until")),
                Column("known_at", _("Let in last")),
                Column("last_at", _("Last try")),
            ),
        ),
        PersonalRecord(
            LearnerCard,
            title=_("Your learner cards"),
            purpose=_("To find you on a phone that is not yours; the PIN opens your record"),
            kept=WITH_THE_PERSON,
            erasure=Erasure.DELETED,
            person="person",
            prepare=lambda rows: rows.select_related("issued_by"),
            columns=(
                Column("written_code", _("Code on the card")),
                Column("issued_at", _("Issued on")),
                Column("issued_by", _("Issued by")),
                Column("revoked_at", _("Void since")),
            ),
            before_erasure=_forget_card_sheets,
        ),
        PersonalRecord(
            HelpSession,
            title=_("When somebody acted for you"),
            purpose=_("To show who did something in your name, and that you agreed"),
            kept=WITH_THE_PERSON,
            erasure=Erasure.DELETED,
            person="person",
            prepare=lambda rows: rows.select_related("helper"),
            columns=(
                Column("helper", _("Who")),
                Column("started_at", _("From")),
                Column("ended_at", _("Until")),
                Column("text_version", _("Version of the text")),
                Column("guardian_name", _("Parent or guardian")),
            ),
        ),
        PersonalRecord(
            PhoneMove,
            title=_("Moves to a phone number of your own"),
            purpose=_("So that nobody but the owner of the number takes your record over"),
            kept=for_days(settings.KEEP_SHARING_DAYS),
            erasure=Erasure.DELETED,
            person="person",
            columns=(
                Column("phone", _("Phone number")),
                Column("stated_at", _("Stated on")),
                Column("closed_at", _("Taken or taken back on")),
            ),
        ),
        *merging_records(),
        PersonalRecord(
            RosterRow,
            title=_("Lines of lists that name you"),
            purpose=_("To show your organisation what became of its list, and to take a wrong list back"),
            kept=for_days(settings.KEEP_ROSTERS_DAYS),
            erasure=Erasure.UNLINKED,
            person="person",
            columns=(
                Column("roster.owner_name", _("Whose list")),
                Column("roster.filename", _("File")),
                Column("number", _("Row")),
                Column("cells", _("What the row said")),
            ),
            before_erasure=_empty_roster_rows,
        ),
        PersonalRecord(
            RosterImport,
            title=_("Files with lists"),
            purpose=_("To read what an organisation uploads"),
            kept=for_days(settings.KEEP_ROSTERS_DAYS),
            erasure=Erasure.UNLINKED,
            rows=lambda person: RosterImport.objects.filter(rows__person=person).distinct(),
        ),
        PersonalRecord(
            DataRequest,
            title=_("Your requests about your data"),
            purpose=_("To answer within two working days, and to show that it was done"),
            kept=_("without your name and words after an erasure"),
            erasure=Erasure.UNLINKED,
            person="person",
            columns=(
                Column("get_kind_display", _("What is asked")),
                Column("words", _("In your own words")),
                Column("requested_at", _("Asked on")),
                Column("due_on", _("To be answered by")),
                Column("get_status_display", _("State")),
                Column("answer", _("Answer")),
            ),
            before_erasure=lambda person: person.data_requests.update(words="", wanted={}, answer=""),
        ),
        PersonalRecord(
            Message,
            title=_("Text messages"),
            purpose=_("To send codes, reminders and notices; the words are cleared once they are sent"),
            kept=for_days(settings.KEEP_MESSAGES_DAYS),
            erasure=Erasure.DELETED,
            rows=messages_of,
            columns=(
                Column("purpose", _("About")),
                Column("created_at", _("Written on")),
                Column("sent_at", _("Sent on")),
            ),
            before_erasure=lambda person: messages_of(person).delete(),
        ),
        PersonalRecord(
            AuditEntry,
            title=_("The audit trail"),
            purpose=_("To show who did what with your record, and what your login did"),
            kept=for_days(settings.KEEP_AUDIT_DAYS),
            erasure=Erasure.UNLINKED,
            rows=_trail_of,
            columns=(Column("at", _("When")), Column("title", _("What was done")), Column("count", _("How many"))),
        ),
        PersonalRecord(
            Job,
            title=_("Files made on request"),
            purpose=_("To make long work in the background and hand over its file"),
            kept=for_days(settings.KEEP_JOB_FILES_DAYS),
            erasure=Erasure.DELETED,
            rows=lambda person: Job.objects.filter(kind=EXPORT_KIND, params__person_id=person.pk),
            before_erasure=lambda person: forget_job_files(
                Job.objects.filter(kind=EXPORT_KIND, params__person_id=person.pk)
            ),
        ),
    ):
        register_personal_record(record)


EXPORT_KIND = "people.export_person"
CARDS_KIND = "people.print_cards"


def messages_of(person: Person) -> QuerySet[Message]:
    """Messages to the person's phone, unless somebody else uses the number, too."""
    if not person.phone:
        return Message.objects.none()
    others = Person.objects.filter(phone=person.phone).exclude(pk=person.pk).exists()
    other_login = User.objects.filter(phone=person.phone).exclude(pk=person.account_id).exists()
    return Message.objects.none() if others or other_login else Message.objects.filter(to=person.phone)


def _trail_of(person: Person) -> QuerySet[AuditEntry]:
    """What was done with the person's record, and by their login. Numbers stand in it, no names: it stays as sealed."""
    about = Q(target_type="people.person", target_id=str(person.pk))
    by_login = Q(actor=person.account_id) if person.account_id else Q(pk__in=[])
    return AuditEntry.objects.filter(about | by_login).order_by("pk")


def _forget_card_sheets(person: Person) -> None:
    """Sheets for the printer that hold the person's card, as long as their files are kept."""
    sheets = Job.objects.filter(kind=CARDS_KIND).exclude(result_file="")
    held = [job.pk for job in sheets.only("params") if person.pk in job.params.get("ids", ())]
    forget_job_files(Job.objects.filter(pk__in=held))


def _empty_roster_rows(person: Person) -> None:
    """The words of the rows go, and the files of finished imports that hold them."""
    rows = RosterRow.objects.filter(person=person)
    _forget_roster_files(RosterImport.objects.filter(pk__in=rows.values("roster"), status__in=FINISHED))
    rows.update(cells=[], data={}, problems=[], effect={})


def _forget_roster_files(rosters: QuerySet[RosterImport]) -> int:
    count = 0
    for roster in rosters.exclude(file=""):
        roster.file.delete(save=False)
        RosterImport.objects.filter(pk=roster.pk).update(file="")
        count += 1
    return count


def forget_job_files(jobs: QuerySet[Job]) -> int:
    """Delete the result files of jobs; the rows stay until they are too old."""
    count = 0
    for job in jobs.exclude(result_file=""):
        job.result_file.delete(save=False)
        Job.objects.filter(pk=job.pk).update(result_file="", result_name="")
        count += 1
    return count


# Retention ----------------------------------------------------------------------------------------------------


def _register_retentions() -> None:
    for retention in (
        Retention("messages", _("Text messages and e-mails"), settings.KEEP_MESSAGES_DAYS, _sweep_messages),
        Retention("job_files", _("Files made on request"), settings.KEEP_JOB_FILES_DAYS, _sweep_job_files),
        Retention("rosters", _("Uploaded lists and their rows"), settings.KEEP_ROSTERS_DAYS, _sweep_rosters),
        Retention("reminders", _("That a reminder was sent"), settings.KEEP_REMINDERS_DAYS, _sweep_reminders),
        Retention("unused_logins", _("Logins that nobody used"), settings.KEEP_UNUSED_LOGINS_DAYS, _sweep_logins),
        Retention("sharing", _("Shared devices and tries at a PIN"), settings.KEEP_SHARING_DAYS, _sweep_sharing),
        Retention("audit", _("The audit trail"), settings.KEEP_AUDIT_DAYS, drop_entries),
        Retention("allowances", _("Counts of codes and texts"), 2, drop_allowances),
        Retention("sessions", _("Sign-ins that have run out"), 0, _sweep_sessions),
    ):
        register_retention(retention)


def _delete(rows: QuerySet[Any], dry_run: bool) -> int:
    """How many rows these are; gone, unless it is only to be known."""
    count = rows.count()
    if not dry_run:
        rows.delete()
    return count


def _sweep_messages(before: datetime, dry_run: bool) -> int:
    return _delete(Message.objects.filter(created_at__lt=before).exclude(status=MessageStatus.WAITING), dry_run)


def _sweep_job_files(before: datetime, dry_run: bool) -> int:
    jobs = Job.objects.filter(finished_at__lt=before).exclude(result_file="")
    return jobs.count() if dry_run else forget_job_files(jobs)


def _sweep_rosters(before: datetime, dry_run: bool) -> int:
    rosters = RosterImport.objects.filter(uploaded_at__lt=before, status__in=FINISHED)
    held = rosters.filter(Q(rows__isnull=False) | ~Q(file="")).distinct()
    ids = list(held.values_list("pk", flat=True))
    if not dry_run:
        _forget_roster_files(RosterImport.objects.filter(pk__in=ids))
        RosterRow.objects.filter(roster__in=ids).delete()
    return len(ids)


def _sweep_reminders(before: datetime, dry_run: bool) -> int:
    return _delete(Reminder.objects.filter(sent_on__lt=before.date()), dry_run)


def _sweep_sharing(before: datetime, dry_run: bool) -> int:
    """Tries at a PIN, statements of a number and shared devices that are over."""
    return (
        _delete(PinTry.objects.filter(last_at__lt=before), dry_run)
        + _delete(PhoneMove.objects.filter(expires_at__lt=before), dry_run)
        + _delete(SharedSession.objects.filter(expires_at__lt=before), dry_run)
    )


def _sweep_logins(before: datetime, dry_run: bool) -> int:
    """Logins without a person, a role or a right, opened and last used before the day."""
    unused = User.objects.filter(
        Q(last_login__isnull=True) | Q(last_login__lt=before),
        date_joined__lt=before,
        is_staff=False,
        is_superuser=False,
        learners=None,
        roles=None,
        groups=None,
    )
    return _delete(User.objects.filter(pk__in=list(unused.values_list("pk", flat=True))), dry_run)


def _sweep_sessions(before: datetime, dry_run: bool) -> int:
    return _delete(Session.objects.filter(expire_date__lt=before), dry_run)
