from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "Targets and reports"

    def ready(self) -> None:
        from reports import actions

        actions.register()
