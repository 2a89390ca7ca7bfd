from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = "Courses"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from content.receivers import watch
        from courses import actions, jobs, receivers, records, walk_ins  # noqa: F401  registers job kinds and receivers
        from courses.models import Topic
        from courses.roster_steps import EnrolmentStep
        from people.registry import register_walk_in_choice
        from people.roster.steps import register_roster_step
        from quizzes.models import Choice, Question, Quiz

        actions.register()
        records.register()
        watch(Topic, Question, Choice, Quiz)

        register_roster_step("courses.enrol", EnrolmentStep())
        register_walk_in_choice("course", label=_("Course to enrol in"), choices=walk_ins.choices, apply=walk_ins.apply)
