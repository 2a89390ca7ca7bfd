"""Vietnamese text: tidy it, fold it for search, order it as a Vietnamese reader expects.

The alphabet is a ă â b c d đ e ê g h i k l m n o ô ơ p q r s t u ư v x y, with f j w z in their Latin
places; the tones come in the order of the dictionary (ngang huyền hỏi ngã sắc nặng) and count only
when all letters are equal.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from django.utils.text import slugify

SORT_KEY_MAX_LENGTH = 255
"""Longest key that `sort_key_vi` and `name_sort_key` return, in characters: fits one column."""

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_CODES = "23456789abcdefghijklmnopqrstuvwxy"
_LETTER_CODE = dict(zip(_ALPHABET, _CODES, strict=True))

_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_SHAPED = {
    ("a", "\u0306"): "ă",
    ("a", "\u0302"): "â",
    ("e", "\u0302"): "ê",
    ("o", "\u0302"): "ô",
    ("o", "\u031b"): "ơ",
    ("u", "\u031b"): "ư",
}
_DROPPED = {"Cf", "Cc", "Cs"}
_FIRST_MARK = "\u0300"
_MARKS = re.compile("[\u0300-\u036f]+")
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<number>[0-9]+)|(?P<base>.)(?P<marks>[\u0300-\u036f]*)",
    re.DOTALL,
)


def normalise_text(text: str) -> str:
    """NFC, single spaces, nothing invisible: how every name and title is stored.

    Zero-width characters, controls and lone surrogates go; any white space, also a line break or a
    no-break space, becomes one space; Ð (eth) becomes Đ.
    """
    kept = text
    if not text.isprintable():  # printable text has no white space but the plain one and nothing to drop
        kept = "".join(
            " " if character.isspace() else character
            for character in text
            if character.isspace() or unicodedata.category(character) not in _DROPPED
        )
    if not kept.isascii():
        # Eth looks like the Vietnamese letter and is what old converters and phone keyboards leave behind.
        kept = unicodedata.normalize("NFC", kept).replace("\u00d0", "\u0110").replace("\u00f0", "\u0111")
    return " ".join(kept.split())


@lru_cache(maxsize=4096)  # a list folds each name and address several times, one after another
def fold(text: str) -> str:
    """The text as people type it without accents: lower case, no marks, đ as d, single spaces."""
    lower = normalise_text(text).casefold()
    if lower.isascii():
        return lower
    bare = _MARKS.sub("", unicodedata.normalize("NFD", lower)).replace("đ", "d")
    if not bare.isascii():  # marks of other scripts
        bare = "".join(letter for letter in bare if letter < _FIRST_MARK or unicodedata.category(letter) != "Mn")
    return " ".join(bare.split())


def slugify_vi(text: str) -> str:
    """An ASCII slug that keeps every Vietnamese letter: ``Đồng Tiến`` gives ``dong-tien``."""
    return slugify(fold(text))


def sort_key_vi(text: str) -> str:
    """A key whose plain order is the Vietnamese order of `text`; numbers inside it count as numbers.

    Made of 0-9 and a-z only, so that SQLite and PostgreSQL agree on it under any collation. At most
    `SORT_KEY_MAX_LENGTH` characters.
    """
    return _key(text)[:SORT_KEY_MAX_LENGTH]


def name_sort_key(full_name: str) -> str:
    """The key for lists of people: given name (the last word) first, then the rest, Vietnamese order."""
    rest, _, given = normalise_text(full_name).rpartition(" ")
    return f"{_key(given)}0{_key(rest)}"[:SORT_KEY_MAX_LENGTH]


@lru_cache(maxsize=2048)  # the names of a list are made of few family, middle and given names
def _key(text: str) -> str:
    """Codes of the letters, an end mark, then one tone for each word.

    A tone belongs to its word, not to one vowel, which makes hoà and hòa the same. Codes: 00 end,
    01 space, 10 punctuation, 11 number (with its count of digits before it, so that 2 precedes 10),
    2 to y letters, z letters of other scripts.
    """
    letters: list[str] = []
    tones: list[str] = []
    in_word = False
    for token in _TOKEN.finditer(unicodedata.normalize("NFD", normalise_text(text).casefold())):
        if token["space"]:
            letters.append("01")
            in_word = False
        elif token["number"]:
            digits = token["number"].lstrip("0")[:35]
            letters.append(f"11{_base36(len(digits))}{digits}")
            in_word = False
        else:
            code, tone = _letter(token["base"], token["marks"])
            letters.append(code)
            if code[0] in "01":
                in_word = False
                continue
            if not in_word:
                tones.append("")
                in_word = True
            tones[-1] += tone
    return f"{''.join(letters)}00{''.join(tone or '0' for tone in tones)}"


def _letter(base: str, marks: str) -> tuple[str, str]:
    """Code of one character with its marks, and its tone ('' for ngang)."""
    tone = ""
    letter = base
    for mark in marks:
        letter = _SHAPED.get((base, mark), letter)
        tone = _TONES.get(mark, tone)
    if letter in _LETTER_CODE:
        return _LETTER_CODE[letter], tone
    if base.isalpha():
        return f"z{ord(base):06x}", ""
    return f"10{min(ord(base), 0xFFFF):04x}", ""


def _base36(number: int) -> str:
    return "0123456789abcdefghijklmnopqrstuvwxyz"[number]
