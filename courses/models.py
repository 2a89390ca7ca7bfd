"""Course and lesson pages, and the dated facts of learning.

Facts point at the pages' `translation_key`, not at a page: a lesson read in one language counts for its
translations, a course keeps its identity when it travels to another site as files, and deleting a page
never deletes what somebody learnt (see docs/adr/0004).
"""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField

from common import clock
from content.models import BasePage
from courses.blocks import LESSON_BLOCKS
from courses.enums import Audience, EnrolmentReason, Icon
from people.models import LearntUnder


class Topic(models.Model):
    """What a course is about; a filter of the catalogue."""

    slug = models.SlugField(unique=True, max_length=80)
    title = models.CharField(_("title"), max_length=100)
    title_en = models.CharField(_("title in English"), max_length=100, blank=True)

    class Meta:
        ordering = ["title"]
        verbose_name = _("topic")
        verbose_name_plural = _("topics")

    def __str__(self) -> str:
        return self.title


class CourseIndexPage(BasePage):
    """The catalogue."""

    parent_page_types = ["content.HomePage"]
    subpage_types = ["courses.CoursePage"]
    admin_default_ordering = "ord"  # the order of the catalogue, which editors drag
    template = "courses/catalogue.html"
    max_count_per_parent = 1

    class Meta:
        verbose_name = _("course catalogue")
        verbose_name_plural = _("course catalogues")


class CoursePage(BasePage):
    """A course: lessons in order and a final test, for one audience."""

    audience = models.CharField(_("audience"), max_length=20, choices=Audience.choices, default=Audience.RESIDENT)
    topics = ParentalManyToManyField(Topic, verbose_name=_("topics"), blank=True, related_name="courses")
    icon = models.CharField(_("picture"), max_length=20, choices=Icon.choices, default=Icon.SHIELD)
    intro = RichTextField(_("introduction"), features=["bold", "link", "ul", "ol"], blank=True)
    outcomes = models.TextField(_("what one can do afterwards"), blank=True, help_text=_("One sentence a line."))
    quiz = models.ForeignKey(
        "quizzes.Quiz",
        verbose_name=_("final test"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="courses",
    )
    attendance_completes = models.BooleanField(
        _("attending a class completes it"),
        default=False,
        help_text=_("Whoever was at a class on this course has completed it, without lessons and test."),
    )
    source_hash = models.CharField(max_length=64, blank=True, editable=False)

    content_panels = [
        *BasePage.content_panels,
        MultiFieldPanel([FieldPanel("audience"), FieldPanel("topics"), FieldPanel("icon")], heading=_("Filters")),
        FieldPanel("intro"),
        FieldPanel("outcomes"),
        FieldPanel("quiz"),
        FieldPanel("attendance_completes"),
    ]
    parent_page_types = ["courses.CourseIndexPage"]
    subpage_types = ["courses.LessonPage"]
    admin_default_ordering = "ord"  # the order of the lessons
    template = "courses/course.html"

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")

    def searchable_text(self) -> list[str]:
        return [self.intro, self.outcomes]


class LessonPage(BasePage):
    """A lesson: short sections, practice, a question."""

    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=8, validators=[MaxValueValidator(240)], help_text=_("How long it takes to read.")
    )
    competence = models.CharField(_("competence"), max_length=20, blank=True)
    body = StreamField(LESSON_BLOCKS, verbose_name=_("body"), blank=True)
    source_hash = models.CharField(max_length=64, blank=True, editable=False)

    content_panels = [
        *BasePage.content_panels,
        FieldPanel("minutes"),
        FieldPanel("competence"),
        FieldPanel("body"),
    ]
    parent_page_types = ["courses.CoursePage"]
    subpage_types: list[str] = []
    template = "courses/lesson.html"

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")

    def searchable_text(self) -> list[str]:
        return [str(text) for text in self.body.stream_block.get_searchable_content(self.body)]


class EnrolmentQuerySet(models.QuerySet):
    def active(self) -> "EnrolmentQuerySet":
        return self.filter(withdrawn_at__isnull=True)


class Enrolment(LearntUnder):
    """A person takes a course; who enrolled them and why. Withdrawing keeps the row."""

    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="enrolments")
    course_key = models.UUIDField(db_index=True)
    reason = models.CharField(max_length=20, choices=EnrolmentReason.choices)
    organisation = models.ForeignKey(
        "people.Organisation", null=True, on_delete=models.PROTECT, related_name="enrolments"
    )
    enrolled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="enrolments_made"
    )
    enrolled_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(
                name="courses_enrolment_once",
                fields=["person", "course_key"],
                condition=Q(withdrawn_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.course_key}"


class LessonCompletion(LearntUnder):
    """A lesson read to its end."""

    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="lesson_completions")
    course_key = models.UUIDField()
    lesson_key = models.UUIDField()
    completed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("completed lesson")
        verbose_name_plural = _("completed lessons")
        constraints = [
            models.UniqueConstraint(name="courses_lessoncompletion_once", fields=["person", "lesson_key"]),
        ]
        indexes = [models.Index(fields=["person", "course_key"], name="courses_lessoncompletion_pc")]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.lesson_key}"


class CourseCompletion(LearntUnder):
    """A course completed, once and for good: editing the course later takes nothing away."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="course_completions")
    course_key = models.UUIDField(db_index=True)
    course_title = models.CharField(max_length=255, help_text="As it was called on the day.")
    audience = models.CharField(max_length=20, choices=Audience.choices)
    completed_at = models.DateTimeField(db_index=True)
    recorded_at = models.DateTimeField(
        default=clock.now, help_text="When it came to be known: later for what a paper list said."
    )
    points = models.DecimalField(max_digits=7, decimal_places=2, null=True, help_text="Of the passed test.")
    max_points = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    lessons = models.PositiveSmallIntegerField()
    residence = models.ForeignKey(
        "places.AdministrativeUnit",
        null=True,
        on_delete=models.PROTECT,
        related_name="course_completions",
        help_text="Where the person lived on that day.",
    )

    class Meta:
        verbose_name = _("completed course")
        verbose_name_plural = _("completed courses")
        constraints = [
            models.UniqueConstraint(name="courses_coursecompletion_once", fields=["person", "course_key"]),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} · {self.course_title}"
