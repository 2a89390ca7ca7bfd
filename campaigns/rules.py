"""Who may run a campaign."""

from __future__ import annotations

from campaigns.models import Campaign
from campaigns.scopes import can_organise_in, organised_areas

__all__ = ["can_organise", "can_organise_in", "organised_areas"]


def can_organise(user, campaign: Campaign) -> bool:
    return can_organise_in(user, campaign.area)
