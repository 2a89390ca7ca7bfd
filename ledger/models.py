"""What an operation leaves behind in its own transaction: jobs, audit entries, messages."""

import uuid

from django.conf import settings
from django.core.files.storage import storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger import kinds
from ledger.actions import title_of
from ledger.enums import JobStatus, MessageChannel, MessageStatus


def private_storage():
    return storages["private"]


class JobQuerySet(models.QuerySet):
    def visible_to(self, user) -> "JobQuerySet":
        """Jobs belong to whoever asked for them; nobody else learns that they exist."""
        if not user.is_authenticated:
            return self.none()
        mine = self.filter(created_by=user)
        return mine.filter(kind__in=kinds.own_data_kinds()) if user.rights_rest else mine

    def unfinished(self) -> "JobQuerySet":
        return self.filter(status__in=[JobStatus.QUEUED, JobStatus.RUNNING])

    def claimable(self, at) -> "JobQuerySet":
        """Waiting jobs whose time has come, and running ones whose worker was lost (its lease ran out)."""
        return self.filter(
            Q(status=JobStatus.QUEUED, run_after__lte=at) | Q(status=JobStatus.RUNNING, lease_until__lt=at)
        )


class Job(models.Model):
    """Work to be done once, whatever happens to the process that does it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=60)
    key = models.CharField(
        max_length=200, null=True, unique=True, help_text="Makes asking for the same work twice one job."
    )
    params = models.JSONField(default=dict)
    language = models.CharField(max_length=10, default="vi")
    status = models.CharField(max_length=10, choices=JobStatus.choices, default=JobStatus.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=5)
    run_after = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True, help_text="The worker that holds the job; a lost worker's lease runs out.")
    lease_until = models.DateTimeField(null=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    state = models.JSONField(default=dict, help_text="What a handler needs to go on after an interruption.")
    result = models.JSONField(default=dict)
    result_file = models.FileField(storage=private_storage, blank=True, max_length=200)
    result_name = models.CharField(max_length=200, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="jobs")
    unit_path = models.CharField(max_length=120, blank=True, help_text="Path of the unit whose data the file holds.")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index(fields=["status", "run_after"], name="ledger_job_status_due"),
            models.Index(fields=["created_by", "kind", "-id"], name="ledger_job_owner"),
        ]
        constraints = [
            models.CheckConstraint(
                name="ledger_job_running_has_lease",
                condition=~Q(status=JobStatus.RUNNING) | Q(lease__isnull=False, lease_until__isnull=False),
            ),
            models.CheckConstraint(
                name="ledger_job_progress", condition=Q(progress_done__lte=models.F("progress_total"))
            ),
            models.CheckConstraint(
                name="ledger_job_finished_at",
                condition=Q(status__in=[JobStatus.QUEUED, JobStatus.RUNNING], finished_at__isnull=True)
                | Q(
                    status__in=[JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED],
                    finished_at__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    @property
    def is_finished(self) -> bool:
        return self.status in {JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED}


class AuditEntryQuerySet(models.QuerySet):
    def sealed(self) -> "AuditEntryQuerySet":
        return self.filter(number__isnull=False)

    def unsealed(self) -> "AuditEntryQuerySet":
        return self.filter(number=None)


class AuditEntry(models.Model):
    """Who did what to which object; the names of changed fields, never their values.

    Written in the transaction of the act, sealed later by a job (`ledger.sealing`): `number` counts without gaps,
    `digest` is the SHA-256 of the entry and the digest before it. Who acted is part of what is sealed, so the number
    of a login stays in the row when the login is erased: there is no constraint of the database.
    """

    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="audit_entries",
    )
    action = models.CharField(max_length=60)
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=60)
    unit_path = models.CharField(
        max_length=120, blank=True, db_index=True, help_text="Path of the administrative unit it is for."
    )
    fields = models.JSONField(default=list)
    count = models.PositiveIntegerField(default=1, help_text="How many objects a bulk action touched.")
    number = models.BigIntegerField(null=True, unique=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [
            models.Index(fields=["target_type", "target_id"], name="ledger_audit_target"),
            models.Index(fields=["actor", "-at"], name="ledger_audit_actor"),
            models.Index(fields=["-at", "-id"], name="ledger_audit_at"),
        ]
        constraints = [
            models.CheckConstraint(
                name="ledger_auditentry_sealed",
                condition=Q(number__isnull=True, digest="") | (Q(number__gte=1) & ~Q(digest="")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.target_type} {self.target_id}"

    @property
    def title(self) -> str:
        return str(title_of(self.action))


class AuditChain(models.Model):
    """The end of the chain: number and digest of the entry sealed last. One row, locked by whoever seals."""

    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("end of the audit trail")
        verbose_name_plural = _("end of the audit trail")
        constraints = [models.CheckConstraint(name="ledger_auditchain_only_row", condition=Q(pk=1))]

    def __str__(self) -> str:
        return f"{self.number} {self.digest[:12]}"


class AuditHead(models.Model):
    """The end of the chain as it was published on a day. Kept for ever; where the entries before one have been removed
    by the rule of keeping, the chain is checked from there."""

    day = models.DateField(unique=True)
    number = models.BigIntegerField()
    digest = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField()
    first_fault = models.BigIntegerField(null=True, help_text="Where the chain was found broken before publishing.")
    removed_at = models.DateTimeField(null=True, help_text="When the entries up to this one were removed by age.")

    class Meta:
        ordering = ["-day"]
        verbose_name = _("seal of the audit trail")
        verbose_name_plural = _("seals of the audit trail")

    def __str__(self) -> str:
        return f"{self.day} {self.number} {self.digest[:12]}"


class Allowance(models.Model):
    """How often something was done for one key since a moment: wrong codes of a phone, texts of a unit today.

    One row a key, counted by a conditional update (`ledger.limits`): a cache loses increments. A key that names
    somebody, such as a phone, is kept as a keyed hash.
    """

    purpose = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    since = models.DateTimeField()
    used = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0, help_text="How often it was refused since then.")

    class Meta:
        verbose_name = _("allowance")
        verbose_name_plural = _("allowances")
        indexes = [models.Index(fields=["since"], name="ledger_allowance_since")]
        constraints = [
            models.UniqueConstraint(fields=["purpose", "key"], name="ledger_allowance_key"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.key[:12]} {self.used}"


class Message(models.Model):
    """A text message or e-mail to be sent by a job. The body is cleared once it was handed over."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(max_length=10, choices=MessageChannel.choices)
    purpose = models.CharField(max_length=40)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=MessageStatus.choices, default=MessageStatus.WAITING)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [models.Index(fields=["to", "purpose", "-created_at"], name="ledger_message_to")]
        constraints = [
            models.CheckConstraint(
                name="ledger_message_sent_at",
                condition=Q(status=MessageStatus.SENT, sent_at__isnull=False)
                | (~Q(status=MessageStatus.SENT) & Q(sent_at__isnull=True)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.purpose} {self.uuid}"
