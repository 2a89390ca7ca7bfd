"""What can be said about a row of a roster. Rows store codes; the text is made when it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.phones import InvalidPhone

ERROR, CONFLICT, NOTE = "error", "conflict", "note"

# code: (level, text)
_TEXTS: dict[str, tuple[str, Promise]] = {
    "name-missing": (ERROR, gettext_lazy("There is no name in this row.")),
    "name-one-word": (ERROR, gettext_lazy("Only a given name; the family name is missing.")),
    "name-characters": (ERROR, gettext_lazy("A name has letters only, no digits or signs.")),
    "name-too-long": (ERROR, gettext_lazy("The name is longer than %(limit)s letters.")),
    "birth-invalid": (
        ERROR,
        gettext_lazy("This is no year or date of birth. Write it like 1979 or 15/03/1979, or leave it empty."),
    ),
    "birth-range": (ERROR, gettext_lazy("The year of birth must lie between %(first)s and %(last)s.")),
    "title-too-long": (ERROR, gettext_lazy("The position is longer than %(limit)s letters.")),
    "duplicate-row": (CONFLICT, gettext_lazy("Row %(row)s already has this person.")),
    "duplicate-maybe": (
        CONFLICT,
        gettext_lazy("Row %(row)s has the same name, and nothing tells the two apart."),
    ),
    "known-maybe": (
        CONFLICT,
        gettext_lazy("Your list already has somebody of this name, and nothing tells the two apart for certain."),
    ),
    "known-renamed": (
        CONFLICT,
        gettext_lazy("This row was imported under another name. Was the name corrected, or is it somebody else?"),
    ),
    "known-several": (CONFLICT, gettext_lazy("Several people on your list could be meant.")),
    "phone-zero": (NOTE, gettext_lazy("The 0 at the front was added.")),
    "phone-none": (NOTE, gettext_lazy("Without a phone number no text message reaches this person.")),
    "phone-landline": (NOTE, gettext_lazy("A landline: text messages do not reach it.")),
    "phone-shared": (NOTE, gettext_lazy("The same number as row %(row)s. Two people may share a phone.")),
    "phone-kept": (NOTE, gettext_lazy("This person's own phone number is kept.")),
    "name-kept": (NOTE, gettext_lazy("This person's own name is kept.")),
    "birth-kept": (NOTE, gettext_lazy("This person's own year of birth is kept.")),
    "birth-swapped": (NOTE, gettext_lazy("Read as %(date)s: day and month had changed places.")),
    "name-recased": (NOTE, gettext_lazy("Capital letters were put right.")),
    "address-unknown": (NOTE, gettext_lazy("The address was not recognised and is left empty.")),
    "address-several": (CONFLICT, gettext_lazy("Several places have this name.")),
    "address-former": (NOTE, gettext_lazy("%(old)s is %(new)s today.")),
    "address-divided": (CONFLICT, gettext_lazy("%(old)s was divided between %(names)s.")),
    "done-before": (NOTE, gettext_lazy("Imported before, nothing was changed in the row.")),
    "will-change": (NOTE, gettext_lazy("Will be completed: %(fields)s.")),
    "returns": (NOTE, gettext_lazy("Was on your list before and joins again.")),
    "residence-missing": (
        ERROR,
        gettext_lazy("Write the commune in which this person lives, so that the record is found again."),
    ),
    "residence-home": (NOTE, gettext_lazy("The address was not recognised: %(place)s was put down.")),
    "residence-outside": (
        ERROR,
        gettext_lazy("Lives outside of %(place)s. Whoever works there, or at the level above, enters this line."),
    ),
    "entry-recorded": (NOTE, gettext_lazy("This line is in the old register already.")),
    "entry-no-serial": (NOTE, gettext_lazy("Without a number: recorded as trained, no certificate.")),
    "entry-serial-too-long": (ERROR, gettext_lazy("The number is longer than %(limit)s characters.")),
    "entry-serial-repeated": (ERROR, gettext_lazy("Row %(row)s has the same number.")),
    "entry-serial-taken": (
        ERROR,
        gettext_lazy("This number of %(year)s is recorded for somebody else already. Compare it with the paper."),
    ),
    "entry-erased": (
        ERROR,
        gettext_lazy("This line is in the register already, and the person has asked for erasure: leave it out."),
    ),
    "entry-course-missing": (ERROR, gettext_lazy("What was learnt is missing.")),
    "entry-course-too-long": (ERROR, gettext_lazy("What was learnt is longer than %(limit)s letters.")),
    "entry-day-missing": (ERROR, gettext_lazy("The day is missing.")),
    "entry-day-invalid": (ERROR, gettext_lazy("This is no day. Write it like 15/03/2025.")),
    "entry-day-range": (ERROR, gettext_lazy("The day must lie between %(first)s and today.")),
    "merged-row": (NOTE, gettext_lazy("Counted as the person in row %(row)s.")),
}

FIELD_LABELS: dict[str, Promise] = {
    "full_name": gettext_lazy("full name"),
    "birth_year": gettext_lazy("year of birth"),
    "birth_date": gettext_lazy("date of birth"),
    "birth": gettext_lazy("year or date of birth"),
    "phone": gettext_lazy("phone number"),
    "title": gettext_lazy("position"),
    "residence": gettext_lazy("place of residence"),
    "serial": gettext_lazy("number"),
    "issued_on": gettext_lazy("day"),
    "course": gettext_lazy("what was learnt"),
}

_PHONE_TEXTS: dict[str, str | Promise] = {
    kind.code: kind.message for kind in (InvalidPhone, *InvalidPhone.__subclasses__())
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing about one field of a row, as it is stored."""

    field: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"field": self.field, "code": self.code, "params": self.params}


def level_of(code: str) -> str:
    """`error` (must be corrected), `conflict` (somebody decides) or `note`; what is not known is an error."""
    if code in _TEXTS:
        return _TEXTS[code][0]
    return ERROR


def problem_sentence(code: str) -> Promise:
    """The sentence of a code that takes no parameters, in the language of whoever reads it later."""
    return _TEXTS[code][1]


def problem_text(problem: Mapping[str, Any]) -> str:
    """The sentence for one stored problem in the language that is active."""
    code, params = problem["code"], dict(problem.get("params") or {})
    if code in _PHONE_TEXTS:
        return str(_PHONE_TEXTS[code])
    if code not in _TEXTS:
        return str(params.get("text") or _("This row needs a look."))
    if code == "will-change":
        params["fields"] = ", ".join(str(FIELD_LABELS.get(name, name)) for name in params.get("fields", []))
    return str(_TEXTS[code][1]) % params if params else str(_TEXTS[code][1])


def asks_where(code: str) -> bool:
    """Whether somebody has to choose the place of residence among several."""
    return code in {"address-divided", "address-several"}


def with_level(problems: Iterable[Mapping[str, Any]], *levels: str) -> list[Mapping[str, Any]]:
    """The problems of these levels, in their order."""
    return [problem for problem in problems if level_of(problem["code"]) in levels]
