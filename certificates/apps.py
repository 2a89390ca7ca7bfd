from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = "Certificates"

    def ready(self) -> None:
        from certificates import actions, jobs, records  # noqa: F401  registers the job kinds
        from certificates.roster_steps import PaperEntryStep
        from people.roster.steps import register_roster_step

        actions.register()
        records.register()
        register_roster_step("certificates.paper", PaperEntryStep())
