"""Who lives, and what sits, in units that ended without one successor: somebody has to say where that is today."""

from __future__ import annotations

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from common import clock
from people.models import Organisation, OrganisationQuerySet, Person, PersonQuerySet
from places.models import AdministrativeUnit, UnitQuerySet


def former_units(within: Q) -> UnitQuerySet:
    """Units that ended and still have `people` or `seats`; `within` says in which units they count today."""
    ended = AdministrativeUnit.objects.filter(within, valid_until__lte=clock.today())
    return (
        ended.annotate(people=_count(Person, "residence"), seats=_count(Organisation, "seat"))
        .filter(Q(people__gt=0) | Q(seats__gt=0))
        .select_related("parent__parent")
        .order_by("sort_key", "id")
    )


def _count(model: type[Person] | type[Organisation], field: str) -> Coalesce:
    rows = model.objects.filter(**{field: OuterRef("pk")}).order_by().values(field)
    return Coalesce(Subquery(rows.annotate(count=Count("pk")).values("count"), output_field=IntegerField()), 0)


def people_to_place(former: AdministrativeUnit) -> PersonQuerySet:
    """Residents of a unit that ended, by given name."""
    return Person.objects.filter(residence=former)


def seats_to_place(former: AdministrativeUnit) -> OrganisationQuerySet:
    return Organisation.objects.filter(seat=former).active()
