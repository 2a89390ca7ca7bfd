"""Vietnamese phone numbers as people and spreadsheets write them, brought to one form.

One form is E.164 (``+84912345678``); `format_phone` shows it as people read it (``0912 345 678``).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from django.utils.translation import gettext_lazy as _

from common.exceptions import DomainError
from common.folding import normalise_text

# The 11-digit mobile prefixes that ended in 2018 and what replaced them (plan of the Ministry of
# Information and Communications of May 2018). Old rosters still carry them.
_OLD_PREFIXES = {
    "120": "70", "121": "79", "122": "77", "126": "76", "128": "78",
    "123": "83", "124": "84", "125": "85", "127": "81", "129": "82",
    "162": "32", "163": "33", "164": "34", "165": "35",
    "166": "36", "167": "37", "168": "38", "169": "39",
    "186": "56", "188": "58", "199": "59",
}  # fmt: skip

_DECORATION = re.compile(r"[\s.\-–—‑()'`’\"]")
_SEPARATORS = re.compile(r"[/;,|&]|\bhoặc\b|\bvà\b")
_SCIENTIFIC = re.compile(r"^[0-9]+([.,][0-9]+)?e\+?[0-9]+$", re.IGNORECASE)
_MOBILE_TYPES = {
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
}


class InvalidPhone(DomainError):
    """A phone number that cannot be used; each subclass says why."""

    code = "phone-invalid"
    message = _("This is not a Vietnamese phone number. Check each digit.")


class PhoneMissing(InvalidPhone):
    code = "phone-missing"
    message = _("There is no phone number here.")


class PhoneHasLetters(InvalidPhone):
    code = "phone-letters"
    message = _("A phone number has digits only, no letters.")


class PhoneTooShort(InvalidPhone):
    code = "phone-too-short"
    message = _("The phone number has too few digits; a mobile number has ten, starting with 0.")


class PhoneTooLong(InvalidPhone):
    code = "phone-too-long"
    message = _("The phone number has too many digits; a mobile number has ten, starting with 0.")


class SeveralPhones(InvalidPhone):
    code = "phone-several"
    message = _("There is more than one phone number here. Keep one.")


class ForeignPhone(InvalidPhone):
    code = "phone-foreign"
    message = _("Only Vietnamese phone numbers (+84) can be used.")


class PhoneRounded(InvalidPhone):
    code = "phone-rounded"
    message = _("The spreadsheet has rounded this phone number. Format the column as text and type the number again.")


class PhoneNotMobile(InvalidPhone):
    code = "phone-not-mobile"
    message = _("This is a landline; messages need a mobile number.")


def normalise_phone(raw: str | float | None, *, mobile_only: bool = False) -> str:
    """The E.164 form of `raw`, such as ``+84912345678``.

    Takes numbers with 0, 84, 0084 or +84 before them, with spaces, dots or dashes, numbers that lost
    their zero in a spreadsheet (also as float), and the 11-digit mobile numbers of before 2018.

    Raises a subclass of `InvalidPhone` that says why; a landline only with `mobile_only`.
    """
    text = _as_text(raw)
    international, digits = _digits(text)
    national = _national(international, digits)
    old = _OLD_PREFIXES.get(national[:3])
    if old is not None and len(national) == 10:
        national = old + national[3:]
    if len(national) < 9:
        raise PhoneTooShort()
    # Only landlines have ten digits behind the zero, and all of them start with 2.
    if len(national) > 10 or (len(national) == 10 and not national.startswith("2")):
        raise PhoneTooLong()
    kind = _kind(national)
    if national.startswith("0") or kind == phonenumbers.PhoneNumberType.UNKNOWN:
        raise InvalidPhone()
    if mobile_only and kind not in _MOBILE_TYPES:
        raise PhoneNotMobile()
    return f"+84{national}"


def is_mobile(phone: str) -> bool:
    """Whether an E.164 Vietnamese number can receive text messages."""
    national = phone.removeprefix("+84")
    return national.isdecimal() and _kind(national) in _MOBILE_TYPES


def format_phone(phone: str) -> str:
    """How people write an E.164 number at home: ``0912 345 678``. Anything else comes back as it is."""
    try:
        number = phonenumbers.parse(phone, "VN")
    except phonenumbers.NumberParseException:
        return phone
    if number.country_code != 84:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def mask_phone(phone: str) -> str:
    """An E.164 number with its middle hidden, for screens others may see: ``0912 ••• 678``."""
    national = "0" + phone.removeprefix("+84")
    return f"{national[:4]} ••• {national[-3:]}"


@lru_cache(maxsize=128)  # a list asks twice for each number: whether it is one, and of a mobile
def _kind(national: str) -> int:
    """The `phonenumbers.PhoneNumberType` of a Vietnamese number; UNKNOWN for one that is not valid."""
    return phonenumbers.number_type(phonenumbers.PhoneNumber(country_code=84, national_number=int(national)))


def _as_text(raw: str | float | None) -> str:
    """What was typed, without invisible characters; a whole number from a spreadsheet as digits."""
    if raw is None or isinstance(raw, bool):
        raise PhoneMissing()
    if isinstance(raw, float):
        if not raw.is_integer():
            raise InvalidPhone()
        raw = int(raw)
    text = normalise_text(unicodedata.normalize("NFKC", str(raw)))
    text = re.sub(r"^([0-9]+)\.0$", r"\1", text)
    if not text:
        raise PhoneMissing()
    if _SCIENTIFIC.match(text):
        raise PhoneRounded()
    return text


def _digits(text: str) -> tuple[bool, str]:
    """Whether a country code is announced, and the digits; refuses letters and lists of numbers."""
    parts = [re.sub(r"\D", "", part) for part in _SEPARATORS.split(text)]
    if sum(len(part) >= 8 for part in parts) > 1:
        raise SeveralPhones()
    bare = _DECORATION.sub("", text)
    international = bare.startswith("+")
    bare = bare.removeprefix("+")
    if not bare:
        raise PhoneMissing()
    if any(character.isalpha() for character in bare):
        raise PhoneHasLetters()
    if not bare.isascii() or not bare.isdigit():
        raise InvalidPhone()
    if bare.startswith("00"):
        return True, bare.removeprefix("00")
    return international, bare


def _national(international: bool, digits: str) -> str:
    """The digits after the country code and without the leading zero."""
    if international:
        if not digits.startswith("84"):
            raise ForeignPhone()
        # "+84 0912…" is a common slip: both the code and the zero it replaces.
        return digits.removeprefix("84").removeprefix("0")
    if digits.startswith("0"):
        return digits.removeprefix("0")
    # Nine digits that start with 84 are a number of the 084 range that lost its zero.
    if digits.startswith("84") and len(digits) >= 11:
        return digits.removeprefix("84").removeprefix("0")
    return digits
