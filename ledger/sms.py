"""Back-ends that hand a text message over. `SMS_BACKEND` names one by its dotted path."""

from __future__ import annotations

import json
import logging
import os
import urllib.request
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from common import clock

logger = logging.getLogger(__name__)
GATEWAY_TIMEOUT = 15  # seconds


class SmsBackend(Protocol):
    def send(self, *, key: str, to: str, body: str) -> None:
        """Hand a text over. `key` is the same at every try, so that a gateway can refuse a double."""


class ConsoleBackend:
    """Prints to standard output; for development."""

    def send(self, *, key: str, to: str, body: str) -> None:
        print(f"SMS {to}: {body}")


class FileOutbox:
    """Appends one JSON line per text to `var/sms/outbox.jsonl`, readable by the owner only."""

    def send(self, *, key: str, to: str, body: str) -> None:
        folder = Path(settings.VAR_DIR) / "sms"
        folder.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"key": key, "to": to, "body": body, "at": clock.now().isoformat()}, ensure_ascii=False)
        target = os.open(folder / "outbox.jsonl", os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        with open(target, "a", encoding="utf-8") as file:
            file.write(line + "\n")


class MemoryOutbox:
    """Keeps texts in a list; for tests."""

    sent: list[dict[str, str]] = []

    def send(self, *, key: str, to: str, body: str) -> None:
        self.sent.append({"key": key, "to": to, "body": body})


class HttpGateway:
    """Posts `{"id", "to", "text"}` as JSON to `SMS_GATEWAY_URL` with a bearer token; any 2xx is a success."""

    def send(self, *, key: str, to: str, body: str) -> None:
        request = urllib.request.Request(
            settings.SMS_GATEWAY_URL,
            data=json.dumps({"id": key, "to": to, "text": body}).encode(),
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Bearer {settings.SMS_GATEWAY_TOKEN}",
                "Idempotency-Key": key,
            },
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=GATEWAY_TIMEOUT):
            pass


def get_backend() -> SmsBackend:
    return import_string(settings.SMS_BACKEND)()
