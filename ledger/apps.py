from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "ledger"
    verbose_name = "Ledger"

    def ready(self) -> None:
        from ledger import actions, deliveries, jobs  # noqa: F401  registers job kinds

        actions.register()
