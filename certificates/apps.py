from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = "Certificates"

    def ready(self) -> None:
        from certificates import actions, jobs, records  # noqa: F401  registers the job kinds

        actions.register()
        records.register()
