"""Why an operation on targets and reports refuses."""

from django.utils.translation import gettext_lazy as _

from common.exceptions import DomainError


class TargetInvalid(DomainError):
    """Params: `most` people."""

    code = "reports-target-invalid"
    message = _("Enter a number of people from 0 to %(most)d.")


class MonthNotOver(DomainError):
    code = "reports-month-not-over"
    message = _("The month is not over yet. A report is closed from the first day of the next month on.")


class LaterReportClosed(DomainError):
    code = "reports-later-report-closed"
    message = _("A later month is closed already. What came late stands in that report.")
