"""Why something about a person, a login or a role is refused."""

from django.utils.translation import gettext_lazy as _

from common.exceptions import DomainError


class NameInvalid(DomainError):
    code = "people-name-invalid"
    message = _("Enter the full name as it stands in the papers, in letters.")


class NameTooLong(DomainError):
    """Params: `limit` in characters."""

    code = "people-name-too-long"
    message = _("The name is longer than %(limit)d characters.")


class BirthYearInvalid(DomainError):
    """Params: `first` and `last`, the years that are taken."""

    code = "people-birth-year-invalid"
    message = _("Enter the year of birth with four digits, between %(first)s and %(last)s.")


class ConsentMissing(DomainError):
    code = "people-consent-missing"
    message = _("Without consent no learning record can be kept.")


class OutsideScope(DomainError):
    code = "people-outside-scope"
    message = _("This place is not one of those you look after.")


class OrganisationEnded(DomainError):
    """Params: `name`."""

    code = "people-organisation-ended"
    message = _("%(name)s has ended. Look at the page again.")


class SameOrganisation(DomainError):
    code = "people-same-organisation"
    message = _("Choose another organisation than this one.")


class NotInvited(DomainError):
    """Params: `name`."""

    code = "people-not-invited"
    message = _("%(name)s has had a message today, has no mobile number, learns already, or wants no reminders.")


class TextsSpent(DomainError):
    code = "people-texts-spent"
    message = _("Today's text messages are used up. Try again tomorrow.")


class AlreadyClaimed(DomainError):
    code = "people-already-claimed"
    message = _("This person already learns with another account.")


class NotYourPhone(DomainError):
    code = "people-not-your-phone"
    message = _("This person has another phone number than the one you have confirmed.")


class HouseholdFull(DomainError):
    """Params: `limit` of people."""

    code = "people-household-full"
    message = _("One account serves at most %(limit)d people.")


class PhoneTaken(DomainError):
    code = "people-phone-taken"
    message = _("This number already belongs to another account. Sign in with the number instead.")


class WrongCode(DomainError):
    """Params: `left`, tries at this code."""

    code = "people-wrong-code"
    message = _("This code is not right. Look at the newest message. Tries left: %(left)d.")


class CodeSpent(DomainError):
    code = "people-code-spent"
    message = _("Too many tries. Ask for a new code.")


class TooManyWrongCodes(DomainError):
    """Params: `minutes` to wait."""

    code = "people-too-many-wrong-codes"
    message = _("Too many wrong codes. Try again in %(minutes)d minutes, or sign in with your password.")


class TooManyWrongDigits(DomainError):
    """Params: `minutes` to wait."""

    code = "people-too-many-wrong-digits"
    message = _("Too many wrong codes. Try again in %(minutes)d minutes.")


class SamePerson(DomainError):
    code = "people-same-person"
    message = _("Choose two different records.")


class AlreadyMerged(DomainError):
    code = "people-already-merged"
    message = _("One of these records was merged with another one meanwhile.")


class MergedAgain(DomainError):
    code = "people-merged-again"
    message = _("The record was merged again since. Take the later merging back first.")


class RoleScopeInvalid(DomainError):
    """Params: `role`."""

    code = "people-role-scope-invalid"
    message = _("The role “%(role)s” cannot be given with this scope.")


class GuardianMissing(DomainError):
    """Params: `age` under which a guardian agrees, too."""

    code = "people-guardian-missing"
    message = _("For somebody under %(age)d a parent or guardian agrees, too. Enter their name.")


class NothingToCorrect(DomainError):
    code = "people-nothing-to-correct"
    message = _("Say what should be different.")


class RequestAnswered(DomainError):
    code = "people-request-answered"
    message = _("This request has been answered already.")


class ReasonMissing(DomainError):
    code = "people-reason-missing"
    message = _("Give the reason; the person reads it.")


class WorksHere(DomainError):
    code = "people-works-here"
    message = _("This person's login still holds a role. End or hand over the role first.")


class MayNotEndOrganisation(DomainError):
    code = "people-may-not-end-organisation"
    message = _("An organisation is ended by whoever answers for the place of its seat.")


class MayNotGrant(DomainError):
    """Params: `role`."""

    code = "people-may-not-grant"
    message = _("The role “%(role)s” is given and ended here by somebody who stands above it.")


class RoleEndsInThePast(DomainError):
    code = "people-role-ends-in-the-past"
    message = _("The last day must lie in the future.")


class SameLogin(DomainError):
    code = "people-same-login"
    message = _("Choose somebody else: these roles are held by this login already.")


class NoRolesToHandOver(DomainError):
    code = "people-no-roles-to-hand-over"
    message = _("This login holds no role that you may end.")


class UsernameTaken(DomainError):
    code = "people-username-taken"
    message = _("This user name is taken. Choose another one.")


class NotAPartOfIt(DomainError):
    """Params: `unit`, `former`."""

    code = "people-not-a-part-of-it"
    message = _("%(unit)s did not take the place of %(former)s. Choose one of the places listed.")


class PinUnfit(DomainError):
    """Params: `least` and `most` digits."""

    code = "people-pin-unfit"
    message = _("A PIN has %(least)d to %(most)d digits.")


class PinTooSimple(DomainError):
    code = "people-pin-too-simple"
    message = _("This PIN is guessed at once. Do not take your year of birth, one digit again and again, or 1234.")


class PinWrong(DomainError):
    """Params: `left` tries on this device."""

    code = "people-pin-wrong"
    message = _("This PIN is not right. Tries left: %(left)d.")


class PinLocked(DomainError):
    """Params: `minutes` until the next try."""

    code = "people-pin-locked"
    message = _("Too many wrong tries on this device. Try again in %(minutes)d minutes.")


class CodeWrong(DomainError):
    """Params: `left` tries."""

    code = "people-code-wrong"
    message = _("This code is not right. Tries left: %(left)d.")


class CodeLocked(DomainError):
    """Params: `minutes` until the next try."""

    code = "people-code-locked"
    message = _("Too many wrong codes. Try again in %(minutes)d minutes.")


class NobodyToPrint(DomainError):
    code = "people-nobody-to-print"
    message = _("Choose at least one person whose card is to be printed.")


class TooManyCards(DomainError):
    """Params: `limit` of cards in one sheet."""

    code = "people-too-many-cards"
    message = _("One sheet holds at most %(limit)d cards. Choose a village or search for a name.")


class SameNumber(DomainError):
    code = "people-same-number"
    message = _("This is the number the person learns with already.")


class NotLearning(DomainError):
    code = "people-not-learning"
    message = _("This person has taken back the consent to a learning record.")
