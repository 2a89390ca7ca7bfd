"""Printing many: each once, in order, also after an interruption."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from certificates import jobs, operations
from common import clock
from ledger.enums import JobStatus
from ledger.models import Job, private_storage
from ledger.operations import cancel_job, enqueue_job, run_job
from tests.factories import certificates as make
from tests.factories import places
from tests.factories.people import make_official

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(jobs, "CHUNK", 3)


def request_print(certificates) -> Job:
    return operations.request_print(
        certificate_ids=[certificate.pk for certificate in certificates], by=make_official(places.commune())
    )


def names_in(job: Job) -> list[str]:
    job.refresh_from_db()
    with job.result_file.open("rb") as file:
        text = [page.extract_text() for page in PdfReader(BytesIO(file.read())).pages]
    return [re.search(r"Trần Văn Số \d+", page).group() for page in text]


def chunk_files(job: Job) -> list[str]:
    storage = private_storage()
    folder = f"{jobs.FOLDER}/{job.uuid}"
    return storage.listdir(folder)[1] if storage.exists(folder) else []


def test_one_file_for_the_printer(small_chunks):
    certificates = make.make_certificates(8)
    job = request_print(certificates)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.status, job.progress_done, job.progress_total) == (JobStatus.DONE, 8, 8)
    assert job.result == {"printed": 8, "left_out": 0}
    assert job.result_name == f"chung-nhan-8-{clock.today():%Y-%m-%d}.pdf"
    assert names_in(job) == [f"Trần Văn Số {number:03d}" for number in range(1, 9)]


def test_a_killed_worker_loses_no_chunk_and_repeats_none(small_chunks, monkeypatch):
    job = request_print(make.make_certificates(8))
    drawn: list[int] = []
    draw = jobs._draw

    def killed_in_the_third(certificates):
        if len(drawn) == 6:
            raise KeyboardInterrupt  # as a signal would: nothing of the ledger's own tidying runs
        drawn.extend(certificate.pk for certificate in certificates)
        return draw(certificates)

    monkeypatch.setattr(jobs, "_draw", killed_in_the_third)
    with pytest.raises(KeyboardInterrupt):
        run_job(job.pk)
    job.refresh_from_db()
    assert (job.status, job.progress_done, job.progress_total) == (JobStatus.RUNNING, 6, 8)
    assert len(chunk_files(job)) == 2

    def counted(certificates):
        drawn.extend(certificate.pk for certificate in certificates)
        return draw(certificates)

    monkeypatch.setattr(jobs, "_draw", counted)
    with clock.frozen(clock.now() + timedelta(minutes=5)):  # the lost worker's lease has run out
        run_job(job.pk)
    assert len(drawn) == len(set(drawn)) == 8
    assert names_in(job) == [f"Trần Văn Số {number:03d}" for number in range(1, 9)]
    assert job.status == JobStatus.DONE


def test_killed_between_file_and_progress_draws_that_chunk_again_once(small_chunks, monkeypatch):
    job = request_print(make.make_certificates(5))
    step = jobs.JobRun.step

    def killed(self, **progress):
        if progress.get("done") == 5:
            raise KeyboardInterrupt
        return step(self, **progress)

    monkeypatch.setattr(jobs.JobRun, "step", killed)
    with pytest.raises(KeyboardInterrupt):
        run_job(job.pk)
    assert len(chunk_files(job)) == 2
    monkeypatch.setattr(jobs.JobRun, "step", step)
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        run_job(job.pk)
    assert names_in(job) == [f"Trần Văn Số {number:03d}" for number in range(1, 6)]


def test_an_error_in_the_middle_is_tried_again(small_chunks, monkeypatch):
    job = request_print(make.make_certificates(5))
    draw, calls = jobs._draw, []

    def broken_once(certificates):
        calls.append(len(certificates))
        if len(calls) == 2:
            raise OSError("disk")
        return draw(certificates)

    monkeypatch.setattr(jobs, "_draw", broken_once)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.status, job.progress_done) == (JobStatus.QUEUED, 3)
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        run_job(job.pk)
    assert calls == [3, 2, 2]
    assert len(names_in(job)) == 5


def test_those_revoked_meanwhile_are_left_out(small_chunks):
    certificates = make.make_certificates(7)
    job = request_print(certificates)
    for certificate in certificates[:4]:
        operations.revoke_certificate(certificate=certificate, reason="Sai tên", by=None)
    run_job(job.pk)
    assert names_in(job) == ["Trần Văn Số 005", "Trần Văn Số 006", "Trần Văn Số 007"]
    assert job.result == {"printed": 3, "left_out": 4}
    assert (job.progress_done, job.progress_total) == (7, 7)


def test_nothing_left_gives_no_file():
    certificates = make.make_certificates(1)
    job = request_print(certificates)
    operations.revoke_certificate(certificate=certificates[0], reason="Sai tên", by=None)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.result == {"printed": 0, "left_out": 1}
    assert not job.result_file


def test_two_templates_in_one_chunk(monkeypatch):
    certificates = make.make_certificates(4)
    job = request_print(certificates)
    render = jobs.render
    monkeypatch.setattr(certificates[1].__class__, "template_for_test", None, raising=False)

    def as_if_two(batch, **options):
        calls.append(len(batch))
        for certificate in batch:
            certificate.template = "completion-1"
        return render(batch, **options)

    calls: list[int] = []
    monkeypatch.setattr(jobs, "render", as_if_two)
    type(certificates[0]).objects.filter(pk__in=[certificates[2].pk]).update(template="completion-2")
    run_job(job.pk)
    assert calls == [2, 1, 1]
    assert len(names_in(job)) == 4


def test_a_stopped_job_has_no_file(small_chunks):
    job = request_print(make.make_certificates(4))
    cancel_job(job=job, by=job.created_by)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED
    assert not job.result_file


def test_chunks_are_cleared_once_their_job_has_ended(small_chunks, monkeypatch):
    done = request_print(make.make_certificates(4))
    run_job(done.pk)
    going_on = request_print(make.make_certificates(7))
    draw, count = jobs._draw, []

    def killed(certificates):
        count.append(1)
        if len(count) == 2:
            raise KeyboardInterrupt
        return draw(certificates)

    monkeypatch.setattr(jobs, "_draw", killed)
    with pytest.raises(KeyboardInterrupt):
        run_job(going_on.pk)
    assert (len(chunk_files(done)), len(chunk_files(going_on))) == (2, 1)
    run_job(enqueue_job("certificates.clear_prints", params={}).pk)
    assert (len(chunk_files(done)), len(chunk_files(going_on))) == (0, 1)
    assert len(names_in(done)) == 4
