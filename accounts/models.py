"""The login, and nothing else: who somebody is stands in `people`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from common.folding import fold

_rest: ContextVar[Callable[["User"], bool] | None] = ContextVar("rest", default=None)


@contextmanager
def rights_resting(rule: Callable[["User"], bool]) -> Iterator[None]:
    """For the length of a request the rights of those logins rest of which `rule` says so."""
    token = _rest.set(rule)
    try:
        yield
    finally:
        _rest.reset(token)


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
    name_folded = models.CharField(max_length=320, default="", editable=False, help_text="To find it without accents.")
    sessions_ended = models.PositiveIntegerField(
        default=0, editable=False, help_text="How often all open sessions of the login were ended."
    )

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

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_folded = fold(self.get_full_name())
        if kwargs.get("update_fields") is not None and {"first_name", "last_name"} & {*kwargs["update_fields"]}:
            kwargs["update_fields"] = {*kwargs["update_fields"], "name_folded"}
        super().save(*args, **kwargs)

    def get_session_auth_hash(self) -> str:
        return self._of_now(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (self._of_now(digest) for digest in super().get_session_auth_fallback_hash())

    def _of_now(self, digest: str) -> str:
        """What a session holds; none from before the last end fits any more."""
        return f"{digest}.{self.sessions_ended}" if self.sessions_ended else digest

    @cached_property
    def rights_rest(self) -> bool:
        """Whether no role and no permission of this login counts at present: its second step is missing."""
        rule = _rest.get()
        return rule is not None and rule(self)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return not self.rights_rest and super().has_perm(perm, obj)

    def has_module_perms(self, app_label: str) -> bool:
        return not self.rights_rest and super().has_module_perms(app_label)

    def __str__(self) -> str:
        return self.get_full_name() or self.username
