"""The upkeep of the audit trail, as jobs."""

from __future__ import annotations

from typing import Any

from ledger.kinds import job_kind
from ledger.runs import JobRun
from ledger.sealing import publish_head, seal_everything


@job_kind("ledger.seal_audit", every=60, lease_seconds=300)
def seal_audit_job(run: JobRun) -> dict[str, Any]:
    return {"sealed": seal_everything()}


@job_kind("ledger.publish_audit_head", every=24 * 60 * 60, lease_seconds=1800)
def publish_audit_head_job(run: JobRun) -> dict[str, Any]:
    head = publish_head()
    return {"number": head.number, "digest": head.digest, "first_fault": head.first_fault}
