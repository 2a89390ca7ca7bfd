"""Real workers: two import one list at once; one is killed with -9 while it imports, and while it takes back."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
LEASE = 60  # seconds until a killed worker's job is taken over

PRELUDE = """
import json, sys, django; django.setup()
from django.core.files.base import ContentFile
from ledger.models import Job
from ledger.operations import publish_job, run_job
from people.models import *
from people.roster.deciding import confirm_roster, upload_roster
from people.roster.undoing import undo_roster
from tests.factories.courses import make_course
from tests.factories.people import make_manager, make_organisation
from tests.people.rosters import HEADER, workbook
"""
# One list of so many people, uploaded so many times and read; nobody is working yet.
SEED = """
rows, times = json.loads(sys.argv[1])
course, organisation = make_course("Bán nông sản trên mạng"), make_organisation()
manager = make_manager(organisation)
letters = lambda n: "".join(chr(97 + int(digit)) for digit in str(n))
content = workbook([HEADER, *([n, f"Lê Quang {letters(n)}", 1965, f"09{n:08}", ""] for n in range(10, 10 + rows))])
found = []
for _ in range(times):
    roster = upload_roster(organisation=organisation, file=ContentFile(content), filename="ds.xlsx", by=manager)
    run_job(roster.job_id)
    found.append(roster.pk)
print(json.dumps([found, manager.pk, str(course.translation_key)]))
"""
CONFIRM = """
rosters, manager, course = json.loads(sys.argv[1])
by = RosterImport.objects.first().uploaded_by
jobs = [confirm_roster(roster=RosterImport.objects.get(pk=pk), course_key=course, by=by).pk for pk in rosters]
print(json.dumps(jobs))
"""
UNDO = """
roster = RosterImport.objects.get(pk=json.loads(sys.argv[1]))
print(json.dumps(undo_roster(roster=roster, by=roster.uploaded_by).pk))
"""
RESULT = """
print(json.dumps(Job.objects.get(pk=json.loads(sys.argv[1])).result_file.path))
"""


class Stage:
    """A database and a queue of their own, with workers that can be killed."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder, self.url = folder, database_url
        self.env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "training_site.settings",
            "THONSO_VAR": str(folder),
            "THONSO_DEMO": "1",
            "DATABASE_URL": database_url,
            "CELERY_BROKER_URL": f"filesystem://{folder}/queue",
            "CACHE_URL": "database://",
            "PYTHONPATH": str(ROOT),
        }
        self.workers: list[subprocess.Popen[bytes]] = []
        self.manage("migrate")
        if database_url.startswith("sqlite"):
            self.manage("migrate", "--database", "volatile")
        self.manage("createcachetable", "--database", "volatile" if database_url.startswith("sqlite") else "default")

    def manage(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *arguments, "--verbosity", "0"], env=self.env, cwd=ROOT, check=True
        )

    def run(self, script: str, argument: Any) -> Any:
        command = [sys.executable, "-c", PRELUDE + script, json.dumps(argument)]
        done = subprocess.run(command, env=self.env, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    def query(self, sql: str) -> list[tuple]:
        if self.url.startswith("sqlite"):
            with sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=10) as connection:
                return connection.execute(sql).fetchall()
        with psycopg.connect(self.url) as connection:
            return connection.execute(sql).fetchall()

    def count(self, table: str, where: str = "true") -> int:
        return self.query(f"select count(*) from {table} where {where}")[0][0]

    def wait_for(self, sql: str, wanted: int, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (count := self.query(sql)[0][0]) < wanted:
            assert time.monotonic() < deadline, f"{sql}: {count} of {wanted}"
            time.sleep(0.02)

    def start_worker(self) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "training_site", "--quiet", "worker", "--beat", "--concurrency", "1",
             "--loglevel", "error", "--without-gossip", "--without-mingle", "--without-heartbeat",
             "--schedule", str(self.folder / f"beat-{len(self.workers)}")],
            env=self.env, start_new_session=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[bytes], how: int = signal.SIGKILL) -> None:
        if worker.poll() is None:
            os.killpg(worker.pid, how)
        try:
            worker.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()

    def job(self, job_id: int) -> dict[str, Any]:
        columns = ["status", "progress_done", "progress_total", "attempts", "result"]
        (row,) = self.query(f"select {', '.join(columns)} from ledger_job where id = {job_id}")
        found = dict(zip(columns, row, strict=True))
        if isinstance(found["result"], str):
            found["result"] = json.loads(found["result"])
        return found

    def names_in_result(self, job_id: int) -> list[str]:
        content = Path(self.run(RESULT, job_id)).read_bytes()
        sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
        header, *rows = sheet.iter_rows(values_only=True)
        assert all(row[-3] and row[-1] for row in rows)
        return [row[header.index("Họ và tên")] for row in rows]


@pytest.fixture
def stage(tmp_path) -> Iterator[Stage]:
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        found = Stage(tmp_path, f"sqlite:///{tmp_path}/db.sqlite3")
        yield found
        for worker in found.workers:
            found.kill(worker)
        return
    name = f"thonso_kill_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    found = None
    try:
        found = Stage(tmp_path, re.sub(r"/[^/?]*($|\?)", rf"/{name}\1", server))
        yield found
    finally:
        for worker in found.workers if found else []:
            found.kill(worker)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.slow
def test_two_workers_import_one_list_at_once(stage):
    """Both jobs run at the same time and see every row through; every person exists once."""
    rows = 1500
    seeded = stage.run(SEED, [rows, 2])
    jobs = stage.run(CONFIRM, seeded)
    workers = [stage.start_worker(), stage.start_worker()]
    kinds = "kind = 'people.import_roster'"
    both = f"select count(*) from ledger_job where {kinds} and progress_done > 0 and progress_done < progress_total"
    stage.wait_for(both, 2, 90)  # they overlap
    stage.wait_for(f"select count(*) from ledger_job where {kinds} and status = 'done'", 2, 180)
    for worker in workers:
        stage.kill(worker, signal.SIGTERM)
    for table in ("people_person", "people_membership", "courses_enrolment"):
        assert stage.count(table) == rows, table
    assert stage.query("select count(distinct person_id) from people_rosterrow where applied_at is not null") == [
        (rows,)
    ]
    assert stage.count("people_rosterrow", "applied_at is not null") == 2 * rows
    found = [stage.job(job) for job in jobs]
    assert [(job["progress_done"], job["progress_total"]) for job in found] == [(rows, rows)] * 2
    assert sum(job["result"]["create"] for job in found) == rows
    assert all(job["result"]["create"] + job["result"]["same"] == rows for job in found)
    for job in jobs:
        names = stage.names_in_result(job)
        assert len(names) == len(set(names)) == rows


@pytest.mark.slow
def test_killed_while_importing_and_while_taking_back(stage):
    rows = 4000
    seeded = stage.run(SEED, [rows, 1])
    (job,) = stage.run(CONFIRM, seeded)
    applied = "select count(*) from people_rosterrow where applied_at is not null"
    worker = stage.start_worker()
    stage.wait_for(applied, 300, 90)
    stage.kill(worker)
    half = stage.query(applied)[0][0]
    assert 300 <= half < rows, "the kill came too late to prove anything"
    # What stands is whole: a person for each row, each with membership and enrolment, progress not ahead of them.
    for table in ("people_person", "people_membership", "courses_enrolment"):
        assert stage.count(table) == half, table
    assert (stage.job(job)["progress_done"], stage.job(job)["progress_total"]) == (half, rows)

    worker = stage.start_worker()
    stage.wait_for(f"select count(*) from ledger_job where id = {job} and status = 'done'", 1, LEASE + 120)
    done = stage.job(job)
    assert (done["progress_done"], done["progress_total"], done["attempts"]) == (rows, rows, 2)
    assert (done["result"]["create"], done["result"]["left"]) == (rows, 0)
    for table in ("people_person", "people_membership", "courses_enrolment"):
        assert stage.count(table) == rows, table
    assert stage.query("select count(distinct name_folded) from people_person") == [(rows,)]
    assert len(set(stage.names_in_result(job))) == rows
    assert stage.count("ledger_auditentry", "action = 'people.import_roster'") == 1

    undo = stage.run(UNDO, seeded[0][0])
    undone = "select count(*) from people_rosterrow where applied_at is null"
    stage.wait_for(undone, 300, 90)
    stage.kill(worker)
    left = rows - stage.query(undone)[0][0]
    assert 0 < left < rows, "the kill came too late to prove anything"
    for table in ("people_person", "people_membership", "courses_enrolment"):
        assert stage.count(table) == left, table
    worker = stage.start_worker()
    stage.wait_for(f"select count(*) from ledger_job where id = {undo} and status = 'done'", 1, LEASE + 120)
    assert stage.job(undo)["result"] == {"undone": rows, "kept": 0}
    for table in ("people_person", "people_membership", "courses_enrolment"):
        assert stage.count(table) == 0, table
    assert stage.count("people_rosterrow") == rows
    assert stage.count("ledger_auditentry", "action = 'people.take_back_roster'") == 1
    stage.kill(worker, signal.SIGTERM)
