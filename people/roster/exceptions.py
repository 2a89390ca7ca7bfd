"""Why a list of people cannot be read, changed or imported."""

from django.utils.translation import gettext_lazy as _

from common.exceptions import DomainError


class NoNamesFound(DomainError):
    """Params: `sheets`, names of the sheets that were looked at."""

    code = "roster-no-names"
    message = _(
        "No column with names was found on: %(sheets)s. "
        "Write “Họ và tên” above the names (row 1 is a good place) and upload the file again."
    )


class NoPeople(DomainError):
    """Params: `sheet`, `row` of the header."""

    code = "roster-no-people"
    message = _("The sheet “%(sheet)s” has nobody below row %(row)s. Check that the right file was chosen.")


class HeaderRowMissing(DomainError):
    """Params: `sheet`, `row` that was said to be the header."""

    code = "roster-no-header-row"
    message = _("Row %(row)s of the sheet “%(sheet)s” is empty. Choose the row in which the column names stand.")


class IssuerMissing(DomainError):
    code = "roster-issuer-missing"
    message = _("Write who gave the papers, as it stands on them.")


class RosterClosed(DomainError):
    code = "roster-closed"
    message = _("This list cannot be changed any more, or is being worked on. Look at the page again.")


class RowDone(DomainError):
    code = "roster-row-done"
    message = _("This row has been imported already.")


class UnknownDecision(DomainError):
    code = "roster-unknown-decision"
    message = _("Choose one of the people that are shown, or say that it is somebody else.")


class NothingToImport(DomainError):
    code = "roster-nothing"
    message = _("There is nobody to import. Mend the red rows first.")


class NobodyTicked(DomainError):
    code = "roster-nobody-ticked"
    message = _("Nobody is ticked. Tick those to enrol, or choose everybody.")


class ColumnsWrong(DomainError):
    code = "roster-columns"
    message = _("Choose the column of names, and each column only once.")


class SameNameKnown(DomainError):
    """Params: `name`."""

    code = "roster-same-name"
    message = _("%(name)s is on the list already, as far as can be told. Add a phone number or a year of birth.")


class NobodyToRemind(DomainError):
    code = "roster-nobody-to-remind"
    message = _("Everybody who can get a text has had one today.")


class NothingToUndo(DomainError):
    code = "roster-nothing-to-undo"
    message = _("Nothing of this list is imported.")


class UndoBlocked(DomainError):
    """Params: `count` of people."""

    code = "roster-undo-blocked"
    message = _("The import cannot be taken back: something depends on %(count)d people of it.")
