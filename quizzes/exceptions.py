"""Why the engine refuses."""

from django.utils.translation import gettext_lazy as _

from common.exceptions import DomainError


class AttemptsUsedUp(DomainError):
    code = "attempts-used-up"
    message = _("You have used all %(allowed)s attempts.")


class QuizEmpty(DomainError):
    code = "quiz-empty"
    message = _("This test has no questions yet.")


class AttemptClosed(DomainError):
    code = "attempt-closed"
    message = _("This attempt is over. The answers kept until then count.")


class UnknownChoice(DomainError):
    code = "unknown-choice"
    message = _("This answer does not belong to the question. Please open the question again.")


class OneChoiceOnly(UnknownChoice):
    code = "one-choice-only"
    message = _("This question takes one answer only.")


class NothingChosen(DomainError):
    code = "nothing-chosen"
    message = _("Choose an answer first.")


class HelpNotAllowed(DomainError):
    code = "quiz-help-not-allowed"
    message = _("This test is taken by the person alone. Hand the phone over, on a shared device or with their card.")
