from typing import Any

from django.apps import AppConfig, apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = "People"

    def ready(self) -> None:
        from people import actions, jobs, records  # noqa: F401  registers job kinds
        from people.operations import settle_people
        from places.registry import register_settler

        actions.register()
        records.register()
        register_settler("people", settle_people)

        post_migrate.connect(sync_groups_after_migrate, dispatch_uid="people.sync_groups")


def sync_groups_after_migrate(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Write the admin's groups down once all apps have their tables and permissions."""
    last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
    if sender.name != last.name or using != DEFAULT_DB_ALIAS:
        return
    # After `migrate <one app>` into an empty database the pages may not be there yet.
    if "wagtailcore_groupcollectionpermission" not in connections[using].introspection.table_names():
        return
    from people.operations import sync_groups

    sync_groups()
