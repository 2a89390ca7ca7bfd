"""The real site in a real browser: `manage.py up` with its own database, demonstration data and worker.

Nothing here touches Django in this process; what a test knows it reads from the page, as a person would.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.steps import PHONE

ROOT = Path(__file__).resolve().parents[2]
START_WITHIN = 240  # seconds, demonstration data included


@dataclass
class Site:
    url: str
    folder: Path
    env: dict[str, str]
    process: subprocess.Popen[bytes]

    def manage(self, *arguments: str) -> str:
        """Run a management command against the running site's database and return what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, env=self.env, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    def worker_pid(self) -> int:
        """The process id of the running Celery worker's parent process, which leads a process group of its own."""
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                command = (folder / "cmdline").read_bytes().split(b"\0")
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            if b"celery" in command and parent == self.process.pid:
                return int(folder.name)
        raise LookupError("no worker is running")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="session")
def database_url(tmp_path_factory) -> Iterator[str]:
    """A database of its own: a SQLite file, or one more on the server that DATABASE_URL names."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield f"sqlite:///{tmp_path_factory.mktemp('database')}/site.sqlite3"
        return
    name = f"thonso_e2e_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield re.sub(r"/[^/?]*($|\?)", rf"/{name}\1", server)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def site(database_url, tmp_path_factory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    port = free_port()
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "training_site.settings",
        "THONSO_DEMO": "1",
        "THONSO_VAR": str(folder),
        "STATIC_ROOT": str(folder / "static"),
        "DATABASE_URL": database_url,
        "PORT": str(port),
        "WEB_PROCESSES": "1",
        "WORKER_PROCESSES": "1",
    }
    prepare(env)
    log = (folder / "up.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up"], env=env, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
    )
    found = Site(url=f"http://127.0.0.1:{port}", folder=folder, env=env, process=process)
    try:
        wait_until_ready(found)
        yield found
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


def prepare(env: dict[str, str]) -> None:
    """What `make run` does before it starts the site: Vietnamese words and hashed static files."""
    for source in sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            subprocess.run(["msgfmt", "--check-format", "-o", str(target), str(source)], check=True)
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"], env=env, cwd=ROOT, check=True
    )


def wait_until_ready(site: Site) -> None:
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline and site.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{site.url}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail((site.folder / "up.log").read_text()[-4000:])


@pytest.fixture(scope="session")
def base_url(site) -> str:
    return site.url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args) -> dict:
    return {
        **browser_type_launch_args,
        "executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        "args": ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args, site) -> dict:
    return {**browser_context_args, "viewport": PHONE, "locale": "vi-VN", "base_url": site.url, "has_touch": True}


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A phone; an error of a script or of the content security policy fails the test."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: problems.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield page
    assert not problems


@pytest.fixture
def no_script(browser: Browser, browser_context_args) -> Iterator[Page]:
    """The same phone with JavaScript off."""
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    yield context.new_page()
    context.close()
