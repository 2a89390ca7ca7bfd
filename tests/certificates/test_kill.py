"""`kill -9` of the worker in the middle of a print job of 200 certificates."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.ledger.test_kill import ROOT, environment, rows, start_worker, wait_for

SCRIPT = """
import django; django.setup()
from certificates.operations import request_print
from tests.factories import certificates as make
from tests.factories import places
from tests.factories.people import make_official
issued = make.make_certificates(200)
request_print(certificate_ids=[certificate.pk for certificate in issued], by=make_official(places.commune()))
"""
JOB = "from ledger_job where kind='certificates.print'"


def stop(worker: subprocess.Popen) -> None:
    os.killpg(worker.pid, signal.SIGTERM)
    try:
        worker.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


@pytest.mark.slow
def test_the_job_finishes_after_a_restart_with_each_certificate_once(tmp_path: Path):
    env = environment(tmp_path)
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=env, cwd=ROOT, check=True)
    subprocess.run([sys.executable, "-c", SCRIPT], env=env, cwd=ROOT, check=True)
    worker = start_worker(env)
    try:
        wait_for(tmp_path, f"select progress_done {JOB}", 50, 120)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    [(done, status)] = rows(tmp_path, f"select progress_done, status {JOB}")
    assert status == "running"
    assert 50 <= done < 200, "the kill came too late to prove anything"

    worker = start_worker(env)
    try:
        seen = []
        deadline = time.monotonic() + 240  # the lost worker's lease runs out first
        while not seen or seen[-1][1] != "done":
            assert time.monotonic() < deadline, seen[-1]
            seen.append(rows(tmp_path, f"select progress_done, status, progress_total, result_file {JOB}")[0])
            time.sleep(0.2)
    finally:
        stop(worker)
    reached = [progress for progress, *_rest in seen]
    assert reached == sorted(reached), "progress went backwards"
    assert reached[0] >= done, "finished chunks were thrown away"
    assert seen[-1][:3] == (200, "done", 200)
    folder = tmp_path / "private"
    chunks = list(folder.rglob("print/*/*.pdf"))
    assert len(chunks) in {8, 9}  # nine when the kill fell between a chunk's file and its row
    pages = [page.extract_text() for page in PdfReader(folder / seen[-1][3]).pages]
    names = [re.search(r"Trần Văn Số \d+", page).group() for page in pages]
    assert names == [f"Trần Văn Số {number:03d}" for number in range(1, 201)]
    assert len({re.search(r"\d{4}/\d{4}/CN-TS", page).group() for page in pages}) == 200
