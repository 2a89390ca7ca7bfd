"""Why an operation on classes refuses."""

from django.utils.translation import gettext_lazy as _

from common.exceptions import DomainError


class ClassDayTooFar(DomainError):
    """Params: `days`, how far from today a class may lie."""

    code = "events-class-day-too-far"
    message = _("Choose a day at most %(days)d days from today.")


class ClassIsClosed(DomainError):
    code = "events-class-is-closed"
    message = _("The class is closed. Open it again to correct it.")


class ClassIsCancelled(DomainError):
    code = "events-class-is-cancelled"
    message = _("This class was cancelled.")


class ClassNotYet(DomainError):
    code = "events-class-not-yet"
    message = _("The class has not taken place yet. Attendance is noted from its day on.")


class ClassHasMarks(DomainError):
    code = "events-class-has-marks"
    message = _("People are marked as present. Choose a day up to today, or take the marks off first.")


class NobodyCame(DomainError):
    code = "events-nobody-came"
    message = _("Nobody is marked as present. If the class did not take place, cancel it.")


class SomebodyCame(DomainError):
    code = "events-somebody-came"
    message = _("People are marked as present. Take the marks off first if the class did not take place.")


class ClassFull(DomainError):
    """Params: `limit` of people."""

    code = "events-class-full"
    message = _("A class has at most %(limit)d people. Make a second one.")


class TooLateToCorrect(DomainError):
    """Params: `days` within which a closed class is opened again."""

    code = "events-too-late-to-correct"
    message = _("A class is opened again within %(days)d days after it was closed.")


class ListEmpty(DomainError):
    code = "events-list-empty"
    message = _("Type or paste at least one name.")


class ListTooLong(DomainError):
    """Params: `limit` of lines."""

    code = "events-list-too-long"
    message = _("Enter at most %(limit)d lines at a time.")


class NoNames(DomainError):
    code = "events-no-names"
    message = _("No column with names was found. Call the column “Họ và tên”.")


class SameLine(DomainError):
    """Params: `number` of the earlier line."""

    code = "events-same-line"
    message = _(
        "The same person as line %(number)d. Leave one of the lines out; if they are two people, correct the list and"
        " add their years of birth."
    )


class LineUndecided(DomainError):
    code = "events-line-undecided"
    message = _("Choose who this is, or leave the line out.")
