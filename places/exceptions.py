"""Why a unit cannot be added or loaded."""

from django.utils.translation import gettext_lazy as _

from common.exceptions import DomainError


class NotACommune(DomainError):
    """Params: `unit`."""

    code = "places-not-a-commune"
    message = _("%(unit)s is not a commune; villages stand directly below a commune, ward or special zone.")


class UnitNotInForce(DomainError):
    """Params: `unit`."""

    code = "places-unit-not-in-force"
    message = _("%(unit)s no longer exists. Choose the unit that took its place.")


class VillageNameMissing(DomainError):
    code = "places-village-name-missing"
    message = _("Enter the name or the number of the village.")


class VillageNameTooLong(DomainError):
    """Params: `limit` in characters."""

    code = "places-village-name-too-long"
    message = _("The name of the village is longer than %(limit)d characters.")


class VillageLineWrong(DomainError):
    """Params: `line` counted from 1, `text`, `reason`."""

    code = "places-village-line-wrong"
    message = _("Line %(line)d, “%(text)s”: %(reason)s")


class TooManyVillages(DomainError):
    """Params: `limit`."""

    code = "places-too-many-villages"
    message = _("At most %(limit)d villages at once.")


class NotAVillageKind(DomainError):
    """Params: `kind`."""

    code = "places-not-a-village-kind"
    message = _("“%(kind)s” is not a kind of village.")


class NoVillageColumn(DomainError):
    code = "places-no-village-column"
    message = _("No column with the names of villages was found. Give it the heading “Tên thôn”.")


class NotAVillage(DomainError):
    """Params: `unit`."""

    code = "places-not-a-village"
    message = _("%(unit)s is not a village; only villages are changed by their commune.")


class NotOneCommune(DomainError):
    code = "places-not-one-commune"
    message = _("Choose villages of one commune.")


class TooFewVillages(DomainError):
    code = "places-too-few-villages"
    message = _("Name at least two villages.")


class VillageNameTaken(DomainError):
    """Params: `unit`."""

    code = "places-village-name-taken"
    message = _("The commune already has a village called %(unit)s.")


class ChangeDayWrong(DomainError):
    """Params: `since`, `today` as dd/mm/yyyy."""

    code = "places-change-day-wrong"
    message = _("The day must lie after %(since)s, when the village began, and not after today, %(today)s.")


class UnitSourceUnknown(DomainError):
    """Params: `name` of a source that is not the one the builder was written for."""

    code = "places-unit-source-unknown"
    message = _("“%(name)s” is not what the builder of the list of units was written for.")


class UnitDataBroken(DomainError):
    """Params: `row`, `reason` (for the developer or administrator who loads the file)."""

    code = "places-unit-data-broken"
    message = _("Row %(row)d of the list of units: %(reason)s")
