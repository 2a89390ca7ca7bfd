"""A job is done once, whatever happens to the process that does it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clock
from common.exceptions import DomainError
from ledger import kinds, operations
from ledger.enums import JobStatus
from ledger.exceptions import LeaseLost, UnknownJobKind
from ledger.models import AuditEntry, Job, Message

pytestmark = pytest.mark.django_db


class NoPaper(DomainError):
    code = "no-paper"
    message = _("The work failed %(attempts)s times. The last reason was: %(reason)s. You may start it again.")


@pytest.fixture
def kind():
    """Register a handler for the length of a test."""
    names = []

    def register(handler, **options):
        name = f"test.{uuid.uuid4()}"
        kinds.job_kind(name, **options)(handler)
        names.append(name)
        return name

    yield register
    for name in names:
        kinds._kinds.pop(name)


def test_a_job_runs_its_handler_once_and_keeps_the_result(kind):
    calls = []

    def handler(run, *, number):
        with run.step(done=1, total=1):
            calls.append(number)
        return {"doubled": number * 2}

    job = operations.enqueue_job(kind(handler), params={"number": 21})
    operations.run_job(job.pk)
    operations.run_job(job.pk)
    job.refresh_from_db()
    assert calls == [21]
    assert (job.status, job.result, job.progress_done) == (JobStatus.DONE, {"doubled": 42}, 1)


def test_asking_twice_with_a_key_is_one_job(kind):
    name = kind(lambda run: None)
    first = operations.enqueue_job(name, params={}, key="same")
    assert operations.enqueue_job(name, params={}, key="same") == first
    assert Job.objects.count() == 1


def test_an_unknown_kind_is_refused_where_it_is_asked_for():
    with pytest.raises(UnknownJobKind):
        operations.enqueue_job("no.such.kind", params={})


def test_publishing_waits_for_the_commit(kind, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        job = operations.enqueue_job(kind(lambda run: None), params={})
        job.refresh_from_db()
        assert job.published_at is None
    assert len(callbacks) == 1


def test_a_rolled_back_caller_leaves_no_job(kind):
    name = kind(lambda run: None)
    with transaction.atomic():
        operations.enqueue_job(name, params={})
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_only_one_of_two_workers_gets_the_lease(kind):
    job = operations.enqueue_job(kind(lambda run: None), params={})
    assert operations.claim_job(job.pk) is not None
    assert operations.claim_job(job.pk) is None


def test_a_lost_workers_job_is_taken_over_and_the_lost_worker_writes_nothing(kind):
    job = operations.enqueue_job(kind(lambda run: None, lease_seconds=60), params={})
    lost = operations.claim_job(job.pk)
    later = clock.now() + timedelta(seconds=61)
    assert operations.claim_job(job.pk, at=later) is not None
    with pytest.raises(LeaseLost), lost.step(done=1, total=2):
        pytest.fail("the step of a lost worker must not begin")
    with pytest.raises(LeaseLost):
        lost.finish({})
    job.refresh_from_db()
    assert (job.status, job.attempts) == (JobStatus.RUNNING, 2)


def test_state_survives_an_interruption_and_the_next_attempt_goes_on(kind):
    seen = []

    def handler(run):
        for number in range(run.state.get("next", 0), 4):
            with run.step(done=number + 1, total=4):
                seen.append(number)
                run.state["next"] = number + 1
            if number == 1 and len(seen) == 2:
                raise ConnectionError("power cut")
        return {"steps": len(seen)}

    job = operations.enqueue_job(kind(handler), params={})
    operations.run_job(job.pk)
    job.refresh_from_db()
    assert (job.status, job.progress_done) == (JobStatus.QUEUED, 2)
    Job.objects.update(run_after=clock.now())
    operations.run_job(job.pk)
    job.refresh_from_db()
    assert (job.status, job.result, seen) == (JobStatus.DONE, {"steps": 4}, [0, 1, 2, 3])


def test_a_step_that_fails_takes_its_writes_and_its_progress_back(kind):
    def handler(run):
        with run.step(done=1, total=2):
            User.objects.create(username="half-done")
            raise ValueError

    job = operations.enqueue_job(kind(handler), params={})
    operations.run_job(job.pk)
    job.refresh_from_db()
    assert not User.objects.exists()
    assert job.progress_done == 0


def test_a_job_that_always_fails_stops_after_its_attempts_with_a_reason(kind):
    def handler(run):
        raise ConnectionResetError("secret detail")

    job = operations.enqueue_job(kind(handler, max_attempts=3), params={})
    for _attempt in range(5):
        Job.objects.update(run_after=clock.now())
        operations.run_job(job.pk)
    job.refresh_from_db()
    assert (job.status, job.attempts, job.error_code) == (JobStatus.FAILED, 3, "job-broken")
    assert "3" in job.error_message
    assert "secret" not in job.error_message


def test_an_impossible_job_is_not_tried_again(kind):
    def handler(run):
        raise NoPaper(attempts=1, reason="x")

    job = operations.enqueue_job(kind(handler), params={})
    operations.run_job(job.pk)
    job.refresh_from_db()
    assert (job.status, job.attempts, job.error_code) == (JobStatus.FAILED, 1, "no-paper")


def test_a_job_whose_worker_dies_every_time_ends(kind):
    job = operations.enqueue_job(kind(lambda run: None, max_attempts=2, lease_seconds=10), params={})
    moment = clock.now()
    for _attempt in range(2):
        assert operations.claim_job(job.pk, at=moment) is not None
        moment += timedelta(seconds=11)
    operations.sweep_jobs(at=moment)
    job.refresh_from_db()
    assert (job.status, job.error_code) == (JobStatus.FAILED, "worker-lost")


def test_the_sweep_publishes_what_nobody_started(kind):
    job = operations.enqueue_job(kind(lambda run: None), params={})
    moment = clock.now()
    operations.sweep_jobs(at=moment)
    job.refresh_from_db()
    first = job.published_at
    assert first is not None
    assert operations.sweep_jobs(at=moment) == 0
    operations.sweep_jobs(at=clock.now() + timedelta(seconds=31))
    job.refresh_from_db()
    assert job.published_at > first


def test_a_periodic_job_is_asked_for_once_a_slot_and_never_beside_itself(kind):
    name = kind(lambda run: None, every=10)
    moment = clock.now()
    operations.sweep_jobs(at=moment)
    operations.sweep_jobs(at=moment + timedelta(seconds=11))
    assert Job.objects.filter(kind=name).count() == 1
    operations.run_job(Job.objects.get(kind=name).pk)
    operations.sweep_jobs(at=moment + timedelta(seconds=22))
    assert Job.objects.filter(kind=name).count() == 2


def test_a_waiting_job_is_stopped_at_once(kind):
    owner = User.objects.create(username="owner")
    job = operations.enqueue_job(kind(lambda run: None), params={}, by=owner)
    operations.cancel_job(job=job, by=owner)
    operations.run_job(job.pk)
    job.refresh_from_db()
    assert (job.status, job.attempts) == (JobStatus.CANCELLED, 0)
    assert AuditEntry.objects.get().action == "ledger.cancel_job"


def test_a_running_job_stops_at_its_next_step(kind):
    owner = User.objects.create(username="owner")
    steps = []

    def handler(run):
        for number in range(5):
            with run.step(done=number, total=5):
                steps.append(number)
            if number == 1:
                operations.cancel_job(job=Job.objects.get(pk=run.job_id), by=owner)

    job = operations.enqueue_job(kind(handler), params={}, by=owner)
    operations.run_job(job.pk)
    job.refresh_from_db()
    assert (job.status, steps) == (JobStatus.CANCELLED, [0, 1])


def test_a_running_job_without_a_lease_cannot_be_stored(kind):
    job = operations.enqueue_job(kind(lambda run: None), params={})
    with pytest.raises(IntegrityError, match=r"ledger_job_running_has_lease|CHECK"), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(status=JobStatus.RUNNING)


def test_a_text_is_handed_over_once_and_its_body_is_cleared(run_jobs):
    from ledger.sms import MemoryOutbox

    operations.send_message(channel="sms", purpose="sign-in-code", to="+84900000123", body="123456")
    assert run_jobs() == 1
    message = Message.objects.get()
    assert [text["body"] for text in MemoryOutbox.sent] == ["123456"]
    assert (message.status, message.body) == ("sent", "")


class TestPages:
    @pytest.fixture
    def owner(self):
        return User.objects.create(username="owner")

    @pytest.fixture
    def job(self, kind, owner):
        return operations.enqueue_job(kind(lambda run: None), params={}, by=owner)

    @pytest.mark.parametrize("page", ["", "tien-do/", "tep/"])
    def test_nobody_else_learns_that_a_job_exists(self, client, job, page):
        client.force_login(User.objects.create(username="other"))
        assert client.get(f"/viec/{job.uuid}/{page}").status_code == 404
        assert client.post(f"/viec/{job.uuid}/dung/").status_code == 404

    def test_the_owner_sees_progress_and_may_stop(self, client, owner, job):
        client.force_login(owner)
        assert client.get(f"/viec/{job.uuid}/").status_code == 200
        assert client.get(f"/viec/{job.uuid}/tien-do/").json()["state"] == "queued"
        assert client.get(f"/viec/{job.uuid}/tep/").status_code == 404
        client.post(f"/viec/{job.uuid}/dung/")
        job.refresh_from_db()
        assert job.status == JobStatus.CANCELLED

    def test_the_owner_gets_the_file_of_a_finished_job(self, client, owner, kind):
        def handler(run):
            run.attach(ContentFile(b"%PDF"), "Chứng nhận.pdf")

        job = operations.enqueue_job(kind(handler), params={}, by=owner)
        operations.run_job(job.pk)
        client.force_login(owner)
        answer = client.get(f"/viec/{job.uuid}/tep/")
        assert b"".join(answer.streaming_content) == b"%PDF"
        assert "utf-8''Ch%E1%BB%A9ng%20nh%E1%BA%ADn.pdf" in answer["Content-Disposition"]
        assert "no-store" in answer["Cache-Control"]

    def test_the_reason_of_a_failure_is_shown_to_its_owner(self, client, owner, kind):
        def handler(run):
            raise ZeroDivisionError

        job = operations.enqueue_job(kind(handler, max_attempts=1), params={}, by=owner)
        operations.run_job(job.pk)
        client.force_login(owner)
        assert "ZeroDivisionError" in client.get(f"/viec/{job.uuid}/").content.decode()
