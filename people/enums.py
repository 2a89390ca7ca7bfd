from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganisationKind(models.TextChoices):
    COOPERATIVE = "cooperative", _("co-operative")
    ENTERPRISE = "enterprise", _("enterprise")
    AGENCY = "agency", _("state agency")
    SCHOOL = "school", _("school")
    DIGITAL_TEAM = "digital_team", _("community digital team")
    OTHER = "other", _("other organisation")


class Role(models.TextChoices):
    """What each may do stands in `people.rules`; the scope is a unit with all below it, or an organisation."""

    ADMINISTRATOR = "administrator", _("administrator")
    EDITOR = "editor", _("editor")
    REVIEWER = "reviewer", _("course reviewer")
    ORGANISER = "organiser", _("campaign organiser")
    OFFICIAL = "official", _("official")
    FACILITATOR = "facilitator", _("facilitator")
    MANAGER = "manager", _("organisation manager")
    AUDITOR = "auditor", _("auditor")


class PersonSource(models.TextChoices):
    SELF = "self", _("signed up")
    ROSTER = "roster", _("organisation's list")
    REGISTER = "register", _("old register")
    WALK_IN = "walk_in", _("registered by a facilitator")
    DEMO = "demo", _("demonstration data")


class ConsentPurpose(models.TextChoices):
    LEARNING_RECORD = "learning_record", _("keeping a learning record")
    REMINDERS = "reminders", _("reminders by text message")


class RequestKind(models.TextChoices):
    CORRECTION = "correction", _("correction")
    ERASURE = "erasure", _("erasure")


class RequestStatus(models.TextChoices):
    OPEN = "open", _("waiting for an answer")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")
    CANCELLED = "cancelled", _("taken back")


class ImportStatus(models.TextChoices):
    READING = "reading", _("being read")
    PREVIEW = "preview", _("waiting for your confirmation")
    IMPORTING = "importing", _("being imported")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    DISCARDED = "discarded", _("discarded")
    UNDOING = "undoing", _("being taken back")
    UNDONE = "undone", _("taken back")


class RowOutcome(models.TextChoices):
    CREATE = "create", _("new person")
    UPDATE = "update", _("known, will be completed")
    SAME = "same", _("known, nothing to change")
    CONFLICT = "conflict", _("needs your decision")
    ERROR = "error", _("must be corrected")
