"""Organisations, and the words that dated and named models share."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.folding import fold, normalise_text
from people.enums import (
    OrganisationKind,
)
from people.scopes import (
    OFFICE_READERS,
    is_site_administrator,
    managed_organisation_ids,
    reads_whole_site,
    role_units,
    within_any,
)


def valid_period(name: str) -> models.CheckConstraint:
    """A half-open period [valid_from, valid_until) that is not empty."""
    return models.CheckConstraint(
        name=name, condition=Q(valid_until__isnull=True) | Q(valid_until__gt=models.F("valid_from"))
    )


class DatedQuerySet(models.QuerySet):
    """For models with a half-open `[valid_from, valid_until)`."""

    def as_of(self, day):
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=day), valid_from__lte=day)

    def active(self):
        return self.as_of(clock.today())


class NamedQuerySet(models.QuerySet):
    """For models with a `name_folded`."""

    def search(self, text: str) -> "NamedQuerySet":
        """Rows whose name contains every word of `text`, with or without accents."""
        found = self
        for word in fold(text).split():
            found = found.filter(name_folded__contains=word)
        return found


class OrganisationQuerySet(NamedQuerySet, DatedQuerySet):
    def within(self, unit) -> "OrganisationQuerySet":
        """Organisations seated in the unit or in one below it."""
        return self.filter(seat__present_path__startswith=unit.path)

    def visible_to(self, user) -> "OrganisationQuerySet":
        """Organisations the user manages, or that are seated in a unit the user looks after or audits."""
        if reads_whole_site(user):
            return self
        units = role_units(user, *OFFICE_READERS)
        return self.filter(Q(pk__in=managed_organisation_ids(user)) | within_any("seat__present_path", units))

    def managed_by(self, user) -> "OrganisationQuerySet":
        """Organisations whose people the user manages."""
        return self if is_site_administrator(user) else self.filter(pk__in=managed_organisation_ids(user))


class Organisation(models.Model):
    """A legal or working body, seated in a unit."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    name_folded = models.CharField(max_length=200, editable=False, db_index=True)
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind.choices)
    seat = models.ForeignKey(
        "places.AdministrativeUnit", verbose_name=_("seat"), on_delete=models.PROTECT, related_name="organisations"
    )
    registration_number = models.CharField(_("registration number"), max_length=40, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="absorbed",
        help_text="Which organisation went on with its people when this one ended.",
    )

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["name_folded", "id"]
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            valid_period("people_organisation_valid_period"),
            models.UniqueConstraint(
                name="people_organisation_registration_number",
                fields=["registration_number"],
                condition=~Q(registration_number=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        self.name = normalise_text(self.name)
        self.name_folded = fold(self.name)
        super().save(*args, **kwargs)
