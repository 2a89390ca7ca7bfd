from django.apps import AppConfig


class TrainingSiteConfig(AppConfig):
    name = "training_site"
    verbose_name = "Site"

    def ready(self) -> None:
        from training_site import checks  # noqa: F401  registers the checks
