"""What changes the content as a whole."""

from __future__ import annotations

from uuid import uuid4

from content.models import ContentVersion


def mark_changed() -> None:
    """Say that something which pages show has changed; call it inside the transaction of the change."""
    token = uuid4()
    if not ContentVersion.objects.filter(pk=ContentVersion.ONLY).update(token=token):
        ContentVersion.objects.get_or_create(pk=ContentVersion.ONLY, defaults={"token": token})
