from django.utils.translation import gettext_lazy as _

from common.exceptions import DomainError


class UnknownJobKind(DomainError):
    code = "unknown-job-kind"
    message = _("This kind of work is not known to this version of the site.")


class WorkerLost(DomainError):
    code = "worker-lost"
    message = _("The work was interrupted %(attempts)s times and was stopped. You may start it again.")


class JobBroken(DomainError):
    code = "job-broken"
    message = _("The work failed %(attempts)s times. The last reason was: %(reason)s. You may start it again.")


class JobCancelled(Exception):
    """Raised inside a handler at its next checkpoint after its owner asked it to stop."""


class LeaseLost(Exception):
    """Raised inside a handler when another worker has taken the job over; nothing more may be written."""
