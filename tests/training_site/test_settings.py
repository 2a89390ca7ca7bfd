"""A production site does not start with a weak key; a demonstration makes its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from training_site import environment as env

STRONG = "k3y-" + "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF"


def start(**variables: str) -> subprocess.CompletedProcess:
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", "import training_site.wsgi"],
        cwd=settings.BASE_DIR,
        env={**clean, "DJANGO_SETTINGS_MODULE": "training_site.settings", **variables},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("key", [None, "", "short", "django-insecure-" + STRONG, "a" * 60])
def test_production_refuses_a_missing_or_weak_key(tmp_path, key):
    variables = {} if key is None else {"SECRET_KEY": key}
    done = start(THONSO_VAR=str(tmp_path), ALLOWED_HOSTS="example.vn", **variables)
    assert done.returncode != 0
    assert "SECRET_KEY is missing or weak" in done.stderr


def test_production_starts_with_a_key_of_its_own(tmp_path):
    done = start(THONSO_VAR=str(tmp_path), ALLOWED_HOSTS="example.vn", SECRET_KEY=STRONG)
    assert done.returncode == 0, done.stderr


def test_a_demonstration_makes_its_key_once(tmp_path):
    first = env.secret_key(tmp_path, production=False)
    assert env.secret_key(tmp_path, production=False) == first
    assert len(first) >= env.SHORTEST_SECRET_KEY
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("TRUE", True), ("0", False), ("", False)])
def test_flags(monkeypatch, value, expected):
    monkeypatch.setenv("SOME_FLAG", value)
    assert env.flag("SOME_FLAG") is expected


def test_a_flag_that_is_neither_yes_nor_no_is_an_error(monkeypatch):
    monkeypatch.setenv("SOME_FLAG", "maybe")
    with pytest.raises(ImproperlyConfigured, match="SOME_FLAG"):
        env.flag("SOME_FLAG")


def test_a_folder_is_enough_for_a_queue(tmp_path):
    settings_of_broker = env.celery_broker("filesystem://", tmp_path)
    assert settings_of_broker["broker_url"] == "filesystem://"
    assert (tmp_path / "queue" / "messages").is_dir()
    assert env.celery_broker("redis://127.0.0.1/0", tmp_path)["broker_url"] == "redis://127.0.0.1/0"
