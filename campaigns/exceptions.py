from django.utils.translation import gettext_lazy as _

from common.exceptions import DomainError


class CampaignStillRunning(DomainError):
    code = "campaign-still-running"
    message = _("The campaign runs until %(ends_at)s. It can be closed after that.")


class CampaignAlreadyClosed(DomainError):
    code = "campaign-already-closed"
    message = _("The campaign is closed; its standings no longer change.")


class HeadcountTooSmall(DomainError):
    """More people completed a course than are said to live in the unit."""

    code = "headcount-too-small"
    message = _("%(unit)s: the headcount %(headcount)s is smaller than the %(completions)s completions counted so far.")
