"""Question bank, quizzes and attempts. The engine serves courses and contests alike and knows neither."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.search import index

from common.folding import fold
from people.models import LearntUnder
from quizzes.enums import Difficulty, QuestionKind


class Category(models.Model):
    """A drawer of the question bank."""

    slug = models.SlugField(unique=True, max_length=80)
    title = models.CharField(_("title"), max_length=200)

    class Meta:
        ordering = ["title"]
        verbose_name = _("question category")
        verbose_name_plural = _("question categories")

    def __str__(self) -> str:
        return self.title


class Question(index.Indexed, ClusterableModel):
    """A question of the bank. Attempts freeze what they asked, so an edit never changes a past attempt."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    category = models.ForeignKey(
        Category, verbose_name=_("category"), on_delete=models.PROTECT, related_name="questions"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=QuestionKind.choices, default=QuestionKind.SINGLE)
    text = models.TextField(_("question"))
    explanation = models.TextField(_("explanation"), blank=True)
    competence = models.CharField(_("competence"), max_length=20, blank=True)
    difficulty = models.PositiveSmallIntegerField(_("difficulty"), choices=Difficulty.choices, default=Difficulty.EASY)
    language = models.CharField(_("language"), max_length=10, default="vi")
    source_hash = models.CharField(max_length=64, blank=True, editable=False)

    search_fields = [
        index.SearchField("folded_text"),
        index.AutocompleteField("folded_text"),
        index.FilterField("category"),
    ]

    class Meta:
        ordering = ["category", "id"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")

    def __str__(self) -> str:
        return self.text

    @property
    def folded_text(self) -> str:
        """The question without accents, as editors type it into the search."""
        return fold(self.text)


class Choice(models.Model):
    question = ParentalKey(Question, on_delete=models.CASCADE, related_name="choices")
    sort_order = models.PositiveSmallIntegerField(default=0, editable=False)
    text = models.CharField(_("text"), max_length=400)
    is_correct = models.BooleanField(_("right"), default=False)
    feedback = models.CharField(
        _("feedback"), max_length=600, help_text=_("Why it is right or wrong; shown after answering.")
    )

    sort_order_field = "sort_order"  # lets the editor move choices up and down

    class Meta:
        ordering = ["sort_order", "id"]
        verbose_name = _("choice")
        verbose_name_plural = _("choices")

    def __str__(self) -> str:
        return self.text


class Quiz(models.Model):
    """A test: which questions it draws from, and the rules of an attempt."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=200)
    questions = models.ManyToManyField(Question, verbose_name=_("questions"), related_name="quizzes")
    draw = models.PositiveSmallIntegerField(
        _("questions per attempt"), null=True, blank=True, help_text=_("Empty: all of them.")
    )
    pass_mark = models.PositiveSmallIntegerField(_("pass mark, per cent"), default=70)
    max_attempts = models.PositiveSmallIntegerField(
        _("attempts allowed"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    time_limit_minutes = models.PositiveSmallIntegerField(
        _("minutes for an attempt"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    shuffle = models.BooleanField(_("shuffle questions and choices"), default=True)
    with_help = models.BooleanField(
        _("may be taken on behalf of somebody who is present"),
        default=True,
        help_text=_("By a facilitator, with consent; the result is marked. Off: only by the person alone."),
    )
    source_hash = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["title"]
        verbose_name = _("test")
        verbose_name_plural = _("tests")
        constraints = [
            models.CheckConstraint(name="quizzes_quiz_pass_mark", condition=Q(pass_mark__gte=1, pass_mark__lte=100)),
            models.CheckConstraint(name="quizzes_quiz_draw", condition=Q(draw__isnull=True) | Q(draw__gte=1)),
            models.CheckConstraint(
                name="quizzes_quiz_max_attempts", condition=Q(max_attempts__isnull=True) | Q(max_attempts__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class AttemptQuerySet(models.QuerySet):
    def open(self) -> "AttemptQuerySet":
        return self.filter(submitted_at__isnull=True)

    def submitted(self) -> "AttemptQuerySet":
        return self.filter(submitted_at__isnull=False)


class Attempt(LearntUnder):
    """One try at a quiz. `number` counts a person's tries; the rules of the day are frozen with it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="attempts")
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    pass_mark = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, help_text="By the server's clock; null: no limit.")
    submitted_at = models.DateTimeField(null=True)
    points = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    max_points = models.DecimalField(max_digits=7, decimal_places=2)
    passed = models.BooleanField(null=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["quiz", "person", "number"]
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [
            models.UniqueConstraint(name="quizzes_attempt_number", fields=["quiz", "person", "number"]),
            models.UniqueConstraint(
                name="quizzes_attempt_one_open",
                fields=["quiz", "person"],
                condition=Q(submitted_at__isnull=True),
            ),
            models.CheckConstraint(
                name="quizzes_attempt_graded_when_submitted",
                condition=Q(submitted_at__isnull=True, points__isnull=True, passed__isnull=True)
                | Q(submitted_at__isnull=False, points__isnull=False, passed__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quiz} · {self.number}"


class Response(models.Model):
    """One question of an attempt: what was asked, frozen, and what was answered."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="responses")
    position = models.PositiveSmallIntegerField()
    question = models.ForeignKey(Question, null=True, on_delete=models.SET_NULL, related_name="responses")
    asked = models.JSONField(
        help_text="{kind, text, explanation, choices: [{id, text, correct, feedback}]} in the order shown."
    )
    chosen = models.JSONField(default=list, help_text="Ids of the chosen choices.")
    answered_at = models.DateTimeField(null=True)
    points = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    acted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who gave the answer for the person.",
    )

    @property
    def asked_text(self) -> str:
        """The question as it was asked."""
        return self.asked["text"]

    @property
    def chosen_texts(self) -> list[str]:
        """What was chosen, in words."""
        return [choice["text"] for choice in self.asked["choices"] if choice["id"] in self.chosen]

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="quizzes_response_position", fields=["attempt", "position"]),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id}:{self.position}"


class PracticeAnswer(models.Model):
    """The last answer a person gave to a question inside a lesson; it counts for nothing but being remembered."""

    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="practice_answers")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="practice_answers")
    chosen = models.JSONField(default=list)
    answered_at = models.DateTimeField()

    @property
    def chosen_texts(self) -> list[str]:
        """What was chosen, in words."""
        return [choice.text for choice in self.question.choices.all() if choice.pk in self.chosen]

    class Meta:
        constraints = [
            models.UniqueConstraint(name="quizzes_practiceanswer_once", fields=["person", "question"]),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.question_id}"
