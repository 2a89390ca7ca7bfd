"""What a list says about a person, as the values of the person's fields; JSON both ways, to be put back later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from people.models import Person

FIELDS = ("full_name", "birth_year", "birth_date", "phone", "residence")
WRITTEN_FIELDS = [*FIELDS, "name_folded", "name_key"]


def person_values(data: Mapping[str, Any]) -> dict[str, Any]:
    """Field → value of an understood row; days in ISO 8601, a unit by its id."""
    return {name: data.get(name) for name in FIELDS}


def value_of(person: Person, name: str) -> Any:
    """The field as `person_values` has it."""
    if name == "residence":
        return person.residence_id
    value = getattr(person, name)
    return value.isoformat() if isinstance(value, date) else value


def set_value(person: Person, name: str, value: Any) -> None:
    """The twin of `value_of`; does not save."""
    if name == "full_name":
        person.set_name(value)
    elif name == "residence":
        person.residence_id = value
    elif name == "birth_date":
        person.birth_date = date.fromisoformat(value) if value else None
    else:
        setattr(person, name, value)
