from django.db import models
from django.utils.translation import gettext_lazy as _


class Audience(models.TextChoices):
    RESIDENT = "resident", _("Residents")
    COOPERATIVE = "cooperative", _("Co-operatives and enterprises")
    OFFICIAL = "official", _("Officials")


class EnrolmentReason(models.TextChoices):
    SELF = "self", _("by oneself")
    MANAGER = "manager", _("by the organisation")
    FACILITATOR = "facilitator", _("by a facilitator")


class Icon(models.TextChoices):
    SHIELD = "shield", _("shield")
    DOCUMENT = "document", _("document")
    QR = "qr", _("QR code")
    CHART = "chart", _("chart")
    PHONE = "phone", _("phone")
    CART = "cart", _("cart")
    PEOPLE = "people", _("people")
