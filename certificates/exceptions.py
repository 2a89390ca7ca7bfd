"""Why an operation on certificates refuses."""

from django.utils.translation import gettext_lazy as _

from common.exceptions import DomainError


class NoIssuingBody(DomainError):
    code = "certificates-no-issuing-body"
    message = _("Nobody is entered who issues certificates for this place. An administrator can add an issuing body.")


class AlreadyRevoked(DomainError):
    """A new certificate for a revoked one is a decision of a person, never a side effect."""

    code = "certificates-already-revoked"
    message = _("The certificate for this was revoked; it is not issued again by itself.")


class ReasonMissing(DomainError):
    code = "certificates-reason-missing"
    message = _("Say why. Whoever checks the paper will read this.")


class ReasonTooLong(DomainError):
    """Params: `limit` in characters."""

    code = "certificates-reason-too-long"
    message = _("The reason is longer than %(limit)d characters.")


class NothingToPrint(DomainError):
    code = "certificates-nothing-to-print"
    message = _("No valid certificate is selected. Choose other dates or another course.")


class TooManyToPrint(DomainError):
    """Params: `count` and `limit` of certificates."""

    code = "certificates-too-many-to-print"
    message = _(
        "%(count)d certificates are too many for one file; at most %(limit)d. Choose a smaller place or fewer days."
    )
