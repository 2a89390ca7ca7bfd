"""Administrative units with a dated life, and the changes that link old units to new ones."""

from __future__ import annotations

import re
import uuid
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from common import clock
from common.folding import fold, normalise_text, sort_key_vi
from places.enums import KINDS_OF_LEVEL, ChangeKind, Level, UnitKind

_APOSTROPHES = re.compile(r"['’‘`]")
_WORD_BREAKS = re.compile(r"[^\w]+")


def fold_name(text: str) -> str:
    """A name as people type it: no accents or apostrophes, hyphens as spaces (``Ea H’Leo``: ``ea hleo``)."""
    return _WORD_BREAKS.sub(" ", _APOSTROPHES.sub("", fold(text))).strip()


def split_kind(text: str) -> tuple[UnitKind | None, str]:
    """The kind that `text` begins with, with or without accents, and the rest: ``Xã Đồng Tiến``.

    Without a kind, or with nothing behind it, the whole text comes back with None.
    """
    text = normalise_text(text)
    for kind in UnitKind:
        words = len(kind.label.split())
        head, rest = text.split()[:words], " ".join(text.split()[words:])
        if rest and fold(" ".join(head)) == fold(kind.label):
            return kind, rest
    return None, text


class UnitQuerySet(models.QuerySet["AdministrativeUnit"]):
    """The words in which the rest of the site asks for units; they can be chained."""

    def in_force(self, day: date | None = None) -> UnitQuerySet:
        """Units that exist on `day` (default: today), the half-open `[valid_from, valid_until)`."""
        day = day or clock.today()
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=day), valid_from__lte=day)

    def within(self, unit: AdministrativeUnit) -> UnitQuerySet:
        """The unit and everything below it, of all times: chain `in_force` for one day."""
        return self.filter(path__startswith=unit.path)

    def at_level(self, level: Level) -> UnitQuerySet:
        return self.filter(level=level)

    def search(self, text: str) -> UnitQuerySet:
        """Units whose name contains every word of `text`, with or without accents; the closest first.

        A word for the kind in front (``xa dong tien``) narrows to that kind. An official code finds its unit.
        """
        whole = fold_name(text)
        if not whole:
            return self.none()
        kind, rest = split_kind(text)
        by_name = self._words(whole)
        bare = whole
        if kind is not None:
            bare = fold_name(rest)
            by_name |= Q(kind=kind) & self._words(bare)
        rank = Case(
            When(Q(code=whole) | Q(name_folded__in=[whole, bare]), then=Value(0)),
            When(Q(name_folded__startswith=bare), then=Value(1)),
            default=Value(2),
            output_field=models.SmallIntegerField(),
        )
        return self.filter(by_name | Q(code=whole)).order_by(rank, "sort_key", "id")

    @staticmethod
    def _words(folded: str) -> Q:
        condition = Q()
        for word in folded.split():
            condition &= Q(name_folded__contains=word)
        return condition


KINDS_MATCH_LEVEL = Q()
for _level, _kinds in KINDS_OF_LEVEL.items():
    KINDS_MATCH_LEVEL |= Q(level=_level.value, kind__in=[kind.value for kind in _kinds])


class AdministrativeUnit(models.Model):
    """A country, province, district (until 2025), commune or village.

    An official code is no key: most codes of today's communes existed before July 2025 under another name,
    so the key is the code with the first day of validity.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=100, help_text=_("Without the word for its kind."))
    name_folded = models.CharField(max_length=100, editable=False, db_index=True)
    sort_key = models.CharField(max_length=400, editable=False)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    kind = models.CharField(_("kind"), max_length=12, choices=UnitKind.choices)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    # An index on a CharField brings one for prefixes on PostgreSQL. Unique only among units without an end:
    # a commune that became a ward keeps its code and its place.
    path = models.CharField(
        max_length=120,
        db_index=True,
        editable=False,
        help_text="Codes from the country down, `VN/38/16012/t03/`.",
    )
    present_path = models.CharField(
        max_length=120,
        db_index=True,
        editable=False,
        help_text="Where what is recorded here counts today: the own path while in force, that of the only successor, "
        "what the parts of a divided unit have in common.",
    )
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key", "id"]
        verbose_name = _("administrative unit")
        verbose_name_plural = _("administrative units")
        constraints = [
            models.UniqueConstraint(name="places_administrativeunit_code", fields=["code", "valid_from"]),
            models.CheckConstraint(
                name="places_administrativeunit_valid_period",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
            ),
            models.CheckConstraint(
                name="places_administrativeunit_parent",
                condition=Q(level=Level.COUNTRY, parent__isnull=True)
                | (~Q(level=Level.COUNTRY) & Q(parent__isnull=False)),
            ),
            models.CheckConstraint(name="places_administrativeunit_path_ends", condition=Q(path__endswith="/")),
            models.UniqueConstraint(
                name="places_administrativeunit_path_in_force",
                fields=["path"],
                condition=Q(valid_until__isnull=True),
            ),
            models.CheckConstraint(
                name="places_administrativeunit_kind_of_level",
                condition=KINDS_MATCH_LEVEL,
            ),
        ]
        indexes = [
            models.Index(fields=["parent", "sort_key"], name="places_unit_children"),
            models.Index(fields=["level", "sort_key"], name="places_unit_level"),
        ]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_name(self.name)
        self.present_path = self.present_path or self.path
        super().save(*args, **kwargs)

    @property
    def full_name(self) -> str:
        """The kind and the name, ``xã Đồng Tiến``; the country is its name alone."""
        return self.name if self.level == Level.COUNTRY else f"{UnitKind(self.kind).label} {self.name}"

    @property
    def title(self) -> str:
        """The full name as a heading or a table cell begins it: ``Xã Đồng Tiến``."""
        return self.full_name[:1].upper() + self.full_name[1:]

    @property
    def address(self) -> str:
        """The unit and those above it below the country: ``thôn 3, xã Đồng Tiến, tỉnh Thanh Hóa``.

        Follows `parent`: select_related("parent__parent") before a loop.
        """
        names: list[str] = []
        unit: AdministrativeUnit | None = self
        while unit is not None and unit.level != Level.COUNTRY:
            names.append(unit.full_name)
            unit = unit.parent
        return ", ".join(names)

    def is_in_force(self, day: date | None = None) -> bool:
        """Whether the unit exists on `day` (default: today in Viet Nam); the twin of `in_force`."""
        day = day or clock.today()
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)

    def contains(self, unit: AdministrativeUnit) -> bool:
        """Whether `unit` is this one or lies below it; the twin of `within`."""
        return unit.path.startswith(self.path)

    def set_name(self, name: str) -> None:
        """Set the name with the columns it is found and sorted by (bulk operations skip `save`)."""
        self.name = normalise_text(name)
        self.name_folded = fold_name(self.name)
        self.sort_key = sort_key_vi(self.name)


class UnitChange(models.Model):
    """An old unit became a new one on a day; a divided unit has several successors."""

    old = models.ForeignKey(AdministrativeUnit, on_delete=models.PROTECT, related_name="changes_to")
    new = models.ForeignKey(AdministrativeUnit, on_delete=models.PROTECT, related_name="changes_from")
    kind = models.CharField(_("kind"), max_length=10, choices=ChangeKind.choices)
    decree = models.CharField(_("decree"), max_length=200, blank=True)
    effective_on = models.DateField(_("effective on"))

    class Meta:
        verbose_name = _("change of units")
        verbose_name_plural = _("changes of units")
        constraints = [
            models.UniqueConstraint(name="places_unitchange_once", fields=["old", "new", "effective_on"]),
            models.CheckConstraint(name="places_unitchange_not_itself", condition=~Q(old=F("new"))),
        ]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"
