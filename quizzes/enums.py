from django.db import models
from django.utils.translation import gettext_lazy as _


class QuestionKind(models.TextChoices):
    SINGLE = "single", _("one right answer")
    MULTIPLE = "multiple", _("several right answers")


class Difficulty(models.IntegerChoices):
    EASY = 1, _("easy")
    MIDDLE = 2, _("middle")
    HARD = 3, _("hard")
