"""Campaigns in Wagtail's admin: pages with events are unpublished, not deleted."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail import hooks

from campaigns.models import Campaign, CampaignPage


@hooks.register("before_delete_page")
def keep_scored_campaigns(request, page):
    """The events of a campaign are never deleted, so its page can only be unpublished."""
    pages = CampaignPage.objects.descendant_of(page, inclusive=True).filter(alias_of=None)
    scored = Campaign.objects.filter(key__in=pages.values("translation_key"), events__isnull=False)
    if request.method == "POST" and scored.exists():
        messages.error(request, _("This campaign has scores. Unpublish it instead of deleting it."))
        return redirect("wagtailadmin_pages:edit", page.pk)
    return None
