"""The login, and nothing else: who somebody is stands in `people`."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A login by phone and code, or by user name and password. One login may serve a household."""

    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(
        _("phone number"),
        max_length=16,
        null=True,
        blank=True,
        unique=True,
        help_text=_("In the international form, for example +84912345678."),
    )
    phone_verified_at = models.DateTimeField(_("phone verified at"), null=True, blank=True)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                name="accounts_user_phone_not_blank",
                condition=models.Q(phone__isnull=True) | ~models.Q(phone=""),
            ),
            models.CheckConstraint(
                name="accounts_user_verified_phone",
                condition=models.Q(phone_verified_at__isnull=True) | models.Q(phone__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username
