"""Real workers killed with -9: every job done, each effect once."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)

SCRIPT = """
import django; django.setup()
from ledger import operations
from ledger.models import Job
for number in range(12):
    operations.enqueue_job("ledger.proof", params={"number": number}, key=f"proof:{number}")
"""


def environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.worker_settings",
        "THONSO_VAR": str(folder),
        "THONSO_DEMO": "1",
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "CELERY_BROKER_URL": f"filesystem://{folder}/queue",
        "CACHE_URL": "database://",
        "PYTHONPATH": str(ROOT),
    }


def start_worker(env: dict[str, str]) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "training_site", "--quiet", "worker", "--beat", "--concurrency", "2",
         "--loglevel", "error", "--without-gossip", "--without-mingle", "--without-heartbeat"],
        env=env, start_new_session=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def rows(folder: Path, query: str) -> list[tuple]:
    with sqlite3.connect(folder / "db.sqlite3", timeout=10) as connection:
        return connection.execute(query).fetchall()


def wait_for(folder: Path, query: str, wanted: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while (count := rows(folder, query)[0][0]) < wanted:
        assert time.monotonic() < deadline, f"{query}: {count} of {wanted}"
        time.sleep(0.1)


def test_killed_workers_lose_nothing_and_do_nothing_twice(tmp_path):
    env = environment(tmp_path)
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "--verbosity", "0"], env=env, cwd=ROOT, check=True)
    subprocess.run([sys.executable, "-c", SCRIPT], env=env, cwd=ROOT, check=True)
    worker = start_worker(env)
    try:
        done = "select count(*) from ledger_job where kind='ledger.proof' and progress_done >= 1"
        wait_for(tmp_path, done, 2, 60)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    left = "select count(*) from ledger_job where kind='ledger.proof' and status <> 'done'"
    assert rows(tmp_path, left)[0][0] > 0, "the kill came too late to prove anything"
    worker = start_worker(env)
    try:
        finished = "select count(*) from ledger_job where kind='ledger.proof' and status='done'"
        wait_for(tmp_path, finished, 12, 90)
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        try:
            worker.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
    effects = rows(
        tmp_path, "select target_id, count(*) from ledger_auditentry where action='ledger.proof' group by target_id"
    )
    assert len(effects) == 12
    assert {count for _target, count in effects} == {3}
