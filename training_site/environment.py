"""Reading settings from environment variables, with errors that say which variable is wrong."""

from __future__ import annotations

import os
import secrets
from datetime import date
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"", "0", "false", "no", "off"}
SHORTEST_SECRET_KEY = 40


def flag(name: str, default: bool = False) -> bool:
    """Return a boolean variable; anything but the usual words for yes and no is an error."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in TRUE:
        return True
    if value.lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def number(name: str, default: int) -> int:
    value = os.environ.get(name)
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from None


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated variable as a list without empty items."""
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def days(name: str) -> list[date]:
    """Return a comma-separated variable of days, each as YYYY-MM-DD."""
    try:
        return [date.fromisoformat(item) for item in words(name)]
    except ValueError:
        raise ImproperlyConfigured(f"{name} must hold days such as 2026-09-02, separated by commas") from None


def secret_key(folder: Path, *, production: bool) -> str:
    """Return SECRET_KEY; outside production one is made once and kept in `folder`.

    There is no default key in the code: a production site without its own key does not start.
    """
    key = os.environ.get("SECRET_KEY", "")
    if production:
        if len(key) < SHORTEST_SECRET_KEY or key.startswith("django-insecure") or len(set(key)) < 8:
            raise ImproperlyConfigured(
                "SECRET_KEY is missing or weak. A production site needs its own random key of at least "
                f"{SHORTEST_SECRET_KEY} characters in the environment. To try the site out, use `make run` "
                "or set THONSO_DEMO=1."
            )
        return key
    if key:
        return key
    path = folder / "secret-key"
    try:
        return path.read_text()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
        fresh = secrets.token_urlsafe(48)
        try:
            with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(fresh)
            return fresh
        except FileExistsError:  # another process was faster
            return path.read_text()


def celery_broker(url: str, folder: Path) -> dict:
    """Return Celery's broker settings for a URL; `filesystem://` keeps its queue in `folder`."""
    if not url.startswith("filesystem:"):
        return {"broker_url": url, "broker_transport_options": {"visibility_timeout": 600}}
    base = Path(unquote(urlsplit(url).path)) if urlsplit(url).path else folder / "queue"
    places = {name: base / name for name in ("messages", "control")}
    for place in places.values():
        place.mkdir(parents=True, exist_ok=True)
    return {
        "broker_url": "filesystem://",
        "broker_transport_options": {
            "data_folder_in": str(places["messages"]),
            "data_folder_out": str(places["messages"]),
            "control_folder": str(places["control"]),
            # Seconds between two looks at the folder, each of which takes one message at most.
            "polling_interval": 0.1,
        },
    }
