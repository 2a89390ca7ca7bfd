"""The nightly work of `places`, as a job of the ledger."""

from __future__ import annotations

from typing import Any

from ledger.kinds import job_kind
from ledger.runs import JobRun
from places.operations import settle_units


@job_kind("places.settle_units", every=24 * 60 * 60, lease_seconds=600)
def settle_units_job(run: JobRun) -> dict[str, Any]:
    return dict(settle_units())
