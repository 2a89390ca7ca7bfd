"""Five thousand people are imported by a real worker while others go on writing through the real server."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

import pytest
from django.conf import settings

from tests.people.rosters import HEADER, workbook

ROOT = Path(settings.BASE_DIR)
ROWS = 5000
WRITERS = 3
SLOWEST = 0.5  # seconds for the 95th percentile of web writes
WITHIN = 240  # seconds for reading and importing

SEED = """
import json, django; django.setup()
from django.contrib.auth.hashers import make_password
from tests.factories.courses import make_course
from tests.factories.people import make_manager, make_organisation
course = make_course("Bán nông sản trên mạng")
found = {"course": str(course.translation_key)}
for name in ("reader", "writer"):
    organisation = make_organisation("HTX " + name)
    user = make_manager(organisation, name)
    user.password = make_password("thonso-demo"); user.save()
    found[name] = str(organisation.uuid)
print(json.dumps(found))
"""


class Visitor:
    """A browser without a screen: cookies, forms with their token, no redirects followed."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies), _Stay())

    def get(self, path: str) -> str:
        with self.opener.open(self.base + path, timeout=60) as answer:
            return answer.read().decode()

    def post(self, path: str, data: dict[str, str], file: tuple[str, bytes] | None = None) -> tuple[int, str]:
        token = next(cookie.value for cookie in self.cookies if "csrf" in cookie.name)
        data = {**data, "csrfmiddlewaretoken": token or ""}
        headers = {"Referer": self.base + path}
        if file is None:
            body = urllib.parse.urlencode(data).encode()
        else:
            edge = uuid.uuid4().hex
            parts = [
                f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
                for name, value in data.items()
            ]
            head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{file[0]}"\r\n\r\n'
            body = b"".join([*parts, head.encode(), file[1], f"\r\n--{edge}--\r\n".encode()])
            headers["Content-Type"] = f"multipart/form-data; boundary={edge}"
        request = urllib.request.Request(self.base + path, data=body, headers=headers)
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, ""
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers.get("Location", "")

    def sign_in(self, name: str) -> None:
        path = "/tai-khoan/dang-nhap/"
        self.get(path)
        status, _location = self.post(path, {"login": name, "password": "thonso-demo"})
        assert status == 302, f"{name} could not sign in"


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


@pytest.fixture
def server(tmp_path):
    """`manage.py up` on SQLite, with one organisation for each side of the test."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "training_site.settings",
        "THONSO_VAR": str(tmp_path / "var"),
        "THONSO_DEMO": "1",
        "DATABASE_URL": f"sqlite:///{tmp_path}/site.sqlite3",
        "CELERY_BROKER_URL": f"filesystem://{tmp_path}/queue",
        "CACHE_URL": "database://",
        "PORT": str(port),
        "WEB_PROCESSES": "1",
        "WORKER_PROCESSES": "1",
        "PYTHONPATH": str(ROOT),
    }
    manage = [sys.executable, "manage.py"]
    for command in (
        ["migrate"],
        ["migrate", "--database", "volatile"],
        ["createcachetable", "--database", "volatile"],
        ["collectstatic", "--no-input"],
    ):
        subprocess.run([*manage, *command, "--verbosity", "0"], env=env, cwd=ROOT, check=True)
    seeded = subprocess.run([sys.executable, "-c", SEED], env=env, cwd=ROOT, capture_output=True, text=True)
    assert seeded.returncode == 0, seeded.stderr[-3000:]
    log = (tmp_path / "up.log").open("wb")
    process = subprocess.Popen([*manage, "up"], env=env, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    base = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: is_ready(base), 120)
        yield base, json.loads(seeded.stdout.splitlines()[-1]), tmp_path
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def is_ready(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/healthz", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def wait_for(condition, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.2)


def people() -> bytes:
    given = ["Ánh", "Bảy", "Bưởi", "Dung", "Dũng", "Đức", "Hoa", "Lan", "Minh", "Oanh"]
    middle = ["Thị", "Văn", "Quang", "Đình", "Ngọc", "Thu", "Hữu", "Mỹ", "Xuân", "Kim"]
    family = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ"]
    return workbook(
        [HEADER]
        + [
            [
                n,
                f"{family[n % 10]} {middle[n // 10 % 10]} {given[n // 100 % 10]}",
                1950 + n // 1000 * 9 + n % 9,
                910_000_000 + n,
                "",
            ]
            for n in range(ROWS)
        ]
    )


@pytest.mark.slow
@pytest.mark.skipif(
    not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="one writer at a time is SQLite's"
)
def test_the_site_goes_on_while_five_thousand_people_are_imported(server):
    base, ids, folder = server
    manager, stop = Visitor(base), threading.Event()
    manager.sign_in("reader")
    spent: list[float] = []
    answers: set[int] = set()

    def write(number: int) -> None:
        visitor = Visitor(base)
        visitor.sign_in("writer")
        path = f"/to-chuc/{ids['writer']}/them/"
        visitor.get(path)
        count = 0
        while not stop.is_set():
            count += 1
            name = f"Lê Văn {'abcdefghij'[number]}{''.join(chr(97 + int(digit)) for digit in str(count))}"
            began = time.perf_counter()
            status, _location = visitor.post(path, {"full_name": name, "birth": "1980"})
            spent.append(time.perf_counter() - began)
            answers.add(status)
            stop.wait(0.05)

    writers = [threading.Thread(target=write, args=[number]) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        lists = f"/to-chuc/{ids['reader']}/danh-sach/"
        manager.get(lists)
        status, roster = manager.post(lists, {}, ("danh-sach.xlsx", people()))
        assert status == 302, manager.get(lists)[-2000:]
        wait_for(lambda: state(manager, roster) not in {"queued", "running"}, WITHIN)
        assert state(manager, roster) == "done"
        page = manager.get(roster)
        assert re.search(r'name="course"', page)
        reading, spent_reading = len(spent), list(spent)
        status, _location = manager.post(f"{roster}xac-nhan/", {"course": ids["course"]})
        assert status == 302
        wait_for(lambda: state(manager, roster) not in {"queued", "running"}, WITHIN)
    finally:
        stop.set()
        for writer in writers:
            writer.join(60)
    importing = spent[reading:]
    with sqlite3.connect(folder / "site.sqlite3", timeout=20) as connection:
        added = connection.execute("select count(*) from people_rosterrow where applied_at is not null").fetchone()[0]
        persons = connection.execute("select count(*) from people_person").fetchone()[0]
        enrolled = connection.execute("select count(*) from courses_enrolment").fetchone()[0]
        status, error = connection.execute(
            "select status, error_message from ledger_job where kind = 'people.import_roster'"
        ).fetchone()
    log = (folder / "up.log").read_text()
    sys.stdout.write(f"\nwrites while reading: {len(spent_reading)}, {percentiles(spent_reading)}\n")
    sys.stdout.write(f"writes while importing: {len(importing)}, {percentiles(importing)}\n")
    assert (status, error) == ("done", "")
    assert "locked" not in log
    assert answers == {302}
    assert added == enrolled == ROWS
    assert persons == ROWS + len(spent)
    assert len(importing) >= 50
    for some in (spent_reading, importing):
        assert statistics.quantiles(some, n=20)[-1] < SLOWEST, percentiles(some)


def state(visitor: Visitor, roster: str) -> str:
    return json.loads(visitor.get(f"{roster}tien-do/"))["state"]


def percentiles(times: list[float]) -> str:
    cuts = statistics.quantiles(times, n=100)
    return f"p50 {cuts[49]:.3f} s, p95 {cuts[94]:.3f} s, p99 {cuts[98]:.3f} s, most {max(times):.3f} s"
