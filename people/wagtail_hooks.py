"""Organisations in Wagtail's admin, and the way from there to who works where."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from people.scopes import reads_whole_site
from people.viewsets import OrganisationViewSet


@hooks.register("register_admin_viewset")
def organisations_viewset() -> OrganisationViewSet:
    return OrganisationViewSet()


class RolesMenuItem(MenuItem):
    """Shown to those who see the roles of the whole site."""

    def is_shown(self, request: Any) -> bool:
        return reads_whole_site(request.user)


@hooks.register("register_admin_menu_item")
def roles_menu_item() -> MenuItem:
    return RolesMenuItem(_("Roles"), reverse("roles"), name="roles", icon_name="key", order=310)
