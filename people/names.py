"""What is taken as somebody's name."""

from __future__ import annotations

from common.folding import normalise_text
from people.exceptions import NameInvalid, NameTooLong
from people.models import Person


def recased(name: str) -> str:
    """Names in capitals or without any get ordinary capital letters: the certificate prints the name."""
    if (name.isupper() and len(name) > 3) or name.islower():
        return normalise_text(" ".join(word[:1].upper() + word[1:].lower() for word in name.split()))
    return name


def checked_name(full_name: str) -> str:
    """The tidied name in ordinary capitals; at least two letters and no digits, so that a phone in the wrong field is
    noticed."""
    name = recased(normalise_text(full_name))
    limit = Person._meta.get_field("full_name").max_length or 0
    if len(name) > limit:
        raise NameTooLong(limit=limit)
    if sum(letter.isalpha() for letter in name) < 2 or any(letter.isdigit() or letter in "<>@/\\" for letter in name):
        raise NameInvalid()
    return name
