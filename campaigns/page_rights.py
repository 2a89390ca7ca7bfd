"""Rights on campaign pages in the admin: the group of organisers reaches all of them, the area says whose each is."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.models import PagePermissionTester

from campaigns.scopes import can_organise_in


class CampaignPermissionTester(PagePermissionTester):
    """Nobody changes, publishes, moves or deletes the campaign of an area that they do not organise."""

    def __init__(self, user: Any, page: Any) -> None:
        super().__init__(user, page)
        if not user.is_superuser and not can_organise_in(user, page.area):
            self.permissions: set[str] = set()


class CampaignPageForm(WagtailAdminPageForm):
    """Refuses an area that is not the editor's own: the competing communes follow from it."""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        area = data.get("area")
        if area is not None and self.for_user is not None and not can_organise_in(self.for_user, area):
            self.add_error("area", _("You do not organise campaigns in this area."))
        return data
