from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "places"
    verbose_name = "Places"

    def ready(self) -> None:
        from places import actions, jobs  # noqa: F401  registers job kinds

        actions.register()
