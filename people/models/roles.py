"""Roles with a scope."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.enums import (
    Role,
)
from people.models.organisations import DatedQuerySet, Organisation, valid_period
from people.scopes import (
    OFFICE_READERS,
    reads_whole_site,
    role_units,
    within_any,
)
from places.enums import Level


class RoleAssignmentQuerySet(DatedQuerySet):
    def visible_to(self, user) -> "RoleAssignmentQuerySet":
        """One's own, and those in the units one looks after or audits, the managers of organisations there included."""
        if not user.is_authenticated:
            return self.none()
        if reads_whole_site(user):
            return self
        units = role_units(user, *OFFICE_READERS)
        return self.filter(
            Q(user=user)
            | within_any("unit__present_path", units)
            | within_any("organisation__seat__present_path", units)
        )

    def in_place(self, unit) -> "RoleAssignmentQuerySet":
        """Roles in the unit or below it; those of the whole site stand with the country."""
        found = Q(unit__present_path__startswith=unit.path) | Q(organisation__seat__present_path__startswith=unit.path)
        if unit.level == Level.COUNTRY:
            found |= Q(unit=None, organisation=None)
        return self.filter(found)


class RoleAssignment(models.Model):
    """A role with a scope: a unit (with all below it) or an organisation; neither means the whole site."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    unit = models.ForeignKey(
        "places.AdministrativeUnit", null=True, blank=True, on_delete=models.PROTECT, related_name="role_assignments"
    )
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="role_assignments"
    )
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="granted_roles"
    )

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            valid_period("people_roleassignment_valid_period"),
            models.CheckConstraint(
                name="people_roleassignment_scope",
                condition=Q(role=Role.MANAGER, organisation__isnull=False, unit__isnull=True)
                | Q(role__in=[Role.OFFICIAL, Role.FACILITATOR], unit__isnull=False, organisation__isnull=True)
                | Q(
                    role__in=[Role.ADMINISTRATOR, Role.EDITOR, Role.REVIEWER, Role.ORGANISER, Role.AUDITOR],
                    organisation__isnull=True,
                ),
            ),
            # Three, because SQLite knows no unique index in which nulls are equal.
            models.UniqueConstraint(
                name="people_roleassignment_once_in_unit",
                fields=["user", "role", "unit"],
                condition=Q(valid_until__isnull=True, unit__isnull=False),
            ),
            models.UniqueConstraint(
                name="people_roleassignment_once_in_organisation",
                fields=["user", "role", "organisation"],
                condition=Q(valid_until__isnull=True, organisation__isnull=False),
            ),
            models.UniqueConstraint(
                name="people_roleassignment_once_on_site",
                fields=["user", "role"],
                condition=Q(valid_until__isnull=True, unit__isnull=True, organisation__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.unit or self.organisation or '*'}"
