from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = "Classes"

    def ready(self) -> None:
        from events import actions, helping, records
        from people.registry import register_help_action

        actions.register()
        records.register()
        register_help_action("events.attendance", helping.classes_to_mark)
