"""Whatever is saved or deleted and shown on pages changes the token of the content, in the same transaction."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.db.models.signals import post_delete, post_save
from wagtail.models import Page, PageViewRestriction, Site
from wagtail.signals import post_page_move

from content.models import CustomDocument, CustomImage, SiteSettings
from content.operations import mark_changed

DRAFT_FIELDS = {
    "latest_revision",
    "latest_revision_id",
    "latest_revision_created_at",
    "draft_title",
    "has_unpublished_changes",
    "locked",
    "locked_at",
    "locked_by",
    "locked_by_id",
    "go_live_at",
    "expire_at",
}
"""Saved with every draft; no reader sees them."""


def watch(*models: type[Model]) -> None:
    """From now on a row of these models that is saved or deleted changes the token. Upper apps add their own."""
    for model in models:
        label = model._meta.label
        post_save.connect(_changed, sender=model, dispatch_uid=f"content.saved.{label}")
        post_delete.connect(_changed, sender=model, dispatch_uid=f"content.deleted.{label}")


def _changed(sender: type[Model], raw: bool = False, **kwargs: Any) -> None:
    if not raw:
        mark_changed()


def _page_changed(sender: type[Model], raw: bool = False, update_fields: Any = None, **kwargs: Any) -> None:
    if raw or not issubclass(sender, Page):
        return
    if update_fields is None or not DRAFT_FIELDS.issuperset(update_fields):
        mark_changed()


def connect() -> None:
    """Called once when the app is ready. Page types are known by their base class, so no upper app is named."""
    post_save.connect(_page_changed, dispatch_uid="content.page.saved")
    post_delete.connect(_page_changed, dispatch_uid="content.page.deleted")
    post_page_move.connect(_changed, dispatch_uid="content.page.moved")
    watch(CustomImage, CustomDocument, SiteSettings, Site, PageViewRestriction)
