"""What a visitor does at the sign-in pages, for tests."""

from __future__ import annotations

import re

from django.test import Client
from django.urls import reverse

from ledger.models import Message

PHONE = "0912 345 678"
E164 = "+84912345678"


def last_code(phone: str = E164) -> str:
    """The code in the newest text to a phone."""
    body = Message.objects.filter(to=phone).order_by("-pk").values_list("body", flat=True).first() or ""
    found = re.search(r"\b[0-9]{6}\b", body)
    assert found is not None, f"no code in {body!r}"
    return found.group()


def ask_for_code(client: Client, phone: str = PHONE, **params: str):
    return client.post(reverse("account_request_login_code", query=params or None), {"phone": phone})


def sign_in_by_code(client: Client, phone: str = PHONE, **params: str):
    """Ask for a code and type it; returns the answer to the code."""
    answer = ask_for_code(client, phone, **params)
    assert answer.status_code == 302, answer.context["phone_form"].errors
    return client.post(answer["Location"], {"code": last_code(), "action": "verify"})
