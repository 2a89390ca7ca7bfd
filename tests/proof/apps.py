"""A kind of job whose every step leaves a row that can be counted."""

import time

from django.apps import AppConfig


class ProofConfig(AppConfig):
    name = "tests.proof"

    def ready(self) -> None:
        from ledger.actions import register_actions
        from ledger.kinds import job_kind
        from ledger.models import Job
        from ledger.operations import record_audit

        register_actions(changes={"ledger.proof": "Step of a proof"})

        @job_kind("ledger.proof", lease_seconds=3)
        def prove(run, *, number: int) -> dict:
            for step in range(run.state.get("next", 0), 3):
                time.sleep(0.4)
                with run.step(done=step + 1, total=3):
                    record_audit(actor=None, action="ledger.proof", target=Job.objects.get(pk=run.job_id))
                    run.state["next"] = step + 1
            return {"number": number}
