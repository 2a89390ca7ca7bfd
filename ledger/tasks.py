"""The only Celery tasks of the site. The broker wakes a worker up; the ledger says what there is to do."""

from celery import shared_task

from ledger import operations


@shared_task(name="ledger.run_job")
def run_job_task(job_id: int) -> None:
    operations.run_job(job_id)


@shared_task(name="ledger.sweep")
def sweep_task() -> int:
    return operations.sweep_jobs()
