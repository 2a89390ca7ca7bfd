from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "Campaigns"

    def ready(self) -> None:
        from campaigns import actions, jobs, receivers, records  # noqa: F401  registers job kinds and receivers

        actions.register()
        records.register()
