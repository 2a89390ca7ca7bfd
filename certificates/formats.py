"""Verification codes: twelve characters of Crockford's base 32, printed as `7K3M-9QXA-2BTD`.

60 random bits: at a thousand guesses a second, finding one of a million certificates takes more than ten years,
and the verification page takes twenty wrong ones a minute from one address.
"""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
GROUP = 4
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code() -> str:
    """A random code in the form it is printed and stored in."""
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def read_code(text: str) -> str | None:
    """The code that somebody typed, in its stored form; None when it cannot be one.

    Case, dashes and spaces do not matter; O is read as 0, I and L as 1.
    """
    bare = "".join(letter for letter in text.upper() if letter.isalnum()).translate(_LOOKALIKES)
    if len(bare) != LENGTH or any(letter not in ALPHABET for letter in bare):
        return None
    return _grouped(bare)


def _grouped(bare: str) -> str:
    return "-".join(bare[start : start + GROUP] for start in range(0, LENGTH, GROUP))
