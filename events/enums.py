from django.db import models
from django.utils.translation import gettext_lazy as _


class AttendanceSource(models.TextChoices):
    """How it became known that somebody was at a class."""

    CARD = "card", _("by card")
    NAME = "name", _("by name")
    LIST = "list", _("from a list")
