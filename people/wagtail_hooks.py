"""Organisations and roles in Wagtail's admin."""

from wagtail import hooks

from people.viewsets import PeopleViewSetGroup


@hooks.register("register_admin_viewset")
def people_viewset() -> PeopleViewSetGroup:
    return PeopleViewSetGroup()
