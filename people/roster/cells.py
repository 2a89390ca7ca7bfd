"""What stands in one cell: a name, a phone number, a year or date of birth."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from common import clock
from common.folding import fold, normalise_text
from common.phones import InvalidPhone, is_mobile, normalise_phone
from common.tabular import CellValue, NumberText
from people.names import recased
from people.roster.problems import Problem

NAME_LIMIT = 120
TITLE_LIMIT = 120
SERIAL_LIMIT = 60
COURSE_LIMIT = 200
ISSUER_LIMIT = 200
FIRST_REGISTER_YEAR = 1990
FIRST_YEAR = 1900
_EXCEL_DAY_ZERO = date(1899, 12, 30)
_NAME = re.compile(r"[^\W\d_][^\W\d_ '’.\-]*(?:[ '’.\-]+[^\W\d_]+)*\.?", re.UNICODE)
_YEAR_WORDS = re.compile(r"^(?:sinh nam|nam sinh|nam|sn|sinh)\s*[:.]?\s*(\d{4})$")
_DATE = re.compile(r"^(\d{1,2})\s*[/.\-–\s]\s*(\d{1,2})\s*[/.\-–\s]\s*(\d{2}|\d{4})$")
_MONTH = re.compile(r"^(\d{1,2})\s*[/.\-]\s*(\d{4})$")
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?$")
_DAY = re.compile(r"\d{1,2}\s*[/.]\s*\d{1,2}\s*[/.]\s*\d{4}")
_EMPTY = {"", "-", "–", "—", "x", "k", "khong", "khong co", "ko", "0", "n/a", "chua co", "khong ro"}


def shown(cell: CellValue) -> str:
    """A cell as its owner sees it; dates as dd/mm/yyyy."""
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    return str(cell)


def read_name(text: str, *, complete: bool = False) -> tuple[str, list[Problem]]:
    """The name in one form and what is wrong with it. `complete` says that one word is the whole name."""
    name = normalise_text(text).strip(" .,;:*")
    if not name:
        return "", [Problem("full_name", "name-missing")]
    if len(name) > NAME_LIMIT:
        return name[:NAME_LIMIT], [Problem("full_name", "name-too-long", {"limit": NAME_LIMIT})]
    if not _NAME.fullmatch(name):
        return name, [Problem("full_name", "name-characters")]
    problems = []
    written, name = name, recased(name)
    if name != written:
        problems.append(Problem("full_name", "name-recased"))
    if " " not in name and not complete:
        problems.insert(0, Problem("full_name", "name-one-word"))
    return name, problems


def read_phone(cell: CellValue | None) -> tuple[str, list[Problem]]:
    """The number in the international form, '' for none or a wrong one, and what there is to say."""
    text = shown(cell) if cell is not None else ""
    if fold(text) in _EMPTY:
        return "", [Problem("phone", "phone-none")]
    try:
        phone = normalise_phone(text)
    except InvalidPhone as error:
        return "", [Problem("phone", error.code)]
    digits = re.sub(r"\D", "", text)
    notes = []
    if len(digits) == 9:
        notes.append(Problem("phone", "phone-zero"))
    if not is_mobile(phone):
        notes.append(Problem("phone", "phone-landline"))
    return phone, notes


def read_birth(cell: CellValue | None, today: date | None = None) -> tuple[int | None, date | None, list[Problem]]:
    """Year, day if the cell has one, and what there is to say.

    Takes dates of the spreadsheet, their day numbers, dd/mm/yyyy with any separator, mm/yyyy, a bare year, and a
    date whose day and month changed places on the way through an American spreadsheet.
    """
    today = today or clock.today()
    if cell is None:
        return None, None, []
    try:
        found, swapped = _read_birth(cell, today)
    except ValueError:
        return None, None, [Problem("birth", "birth-invalid")]
    if found is None:
        return None, None, []
    year = found.year if isinstance(found, date) else found
    if not FIRST_YEAR <= year <= today.year or (isinstance(found, date) and found > today):
        return None, None, [Problem("birth", "birth-range", {"first": FIRST_YEAR, "last": today.year})]
    if not isinstance(found, date):
        return year, None, []
    notes = [Problem("birth", "birth-swapped", {"date": found.strftime("%d/%m/%Y")})] if swapped else []
    return year, found, notes


def _read_birth(cell: CellValue, today: date) -> tuple[date | int | None, bool]:
    """A day, a year or None, and whether day and month were swapped; raises ValueError."""
    if isinstance(cell, datetime):
        return cell.date(), False
    if isinstance(cell, date):
        return cell, False
    text = fold(cell).strip(" .'")
    if text in _EMPTY:
        return None, False
    if text.isdecimal():
        return _from_digits(text, typed_as_number=isinstance(cell, NumberText)), False
    if match := _YEAR_WORDS.match(text):
        return int(match[1]), False
    if match := _ISO.match(text):
        return date(int(match[1]), int(match[2]), int(match[3])), False
    if match := _MONTH.match(text):
        return date(int(match[2]), int(match[1]), 1).year, False
    if match := _DATE.match(text):
        day, month, year = int(match[1]), int(match[2]), int(match[3])
        if len(match[3]) == 2:
            year += 1900 if year > today.year % 100 else 2000
        if month > 12 and day <= 12:
            return date(year, day, month), True
        return date(year, month, day), False
    raise ValueError(text)


def _from_digits(digits: str, *, typed_as_number: bool) -> date | int:
    if len(digits) == 4:
        return int(digits)
    if len(digits) == 5 and typed_as_number:
        return _EXCEL_DAY_ZERO + timedelta(days=int(digits))
    if len(digits) in {7, 8}:
        digits = digits.zfill(8)
        return date(int(digits[4:]), int(digits[2:4]), int(digits[:2]))
    raise ValueError(digits)


def read_title(text: str) -> tuple[str, list[Problem]]:
    title = normalise_text(text)
    if len(title) > TITLE_LIMIT:
        return title[:TITLE_LIMIT], [Problem("title", "title-too-long", {"limit": TITLE_LIMIT})]
    return title, []


def read_fields(
    *, name: str, birth: CellValue | None, phone: CellValue | None, title: str, complete_name: bool = False
) -> tuple[dict[str, Any], list[Problem]]:
    """The data of a row and its problems; what could not be understood stays in `raw` as it was typed."""
    full_name, problems = read_name(name, complete=complete_name)
    birth_year, birth_date, birth_problems = read_birth(birth)
    number, phone_problems = read_phone(phone)
    position, title_problems = read_title(title)
    data: dict[str, Any] = {
        "full_name": full_name,
        "name_folded": fold(full_name),
        "birth_year": birth_year,
        "birth_date": birth_date.isoformat() if birth_date else None,
        "phone": number,
        "title": position,
        "raw": {"birth": shown(birth) if birth is not None else "", "phone": shown(phone) if phone is not None else ""},
    }
    if complete_name:
        data["complete_name"] = True
    return data, [*problems, *birth_problems, *phone_problems, *title_problems]


def serial_key(serial: str) -> str:
    """A number of a register as it is compared: without accents, capitals and spaces."""
    return "".join(fold(serial).split())


def read_entry(
    *, serial: str, issued_on: CellValue, course: str, of_all: Mapping[str, str], today: date | None = None
) -> tuple[dict[str, Any], list[Problem]]:
    """What a line of a register on paper says and its problems; `of_all` has the `course` and the `issued_on` (ISO
    8601) that count where the line is silent.
    """
    today = today or clock.today()
    problems = []
    number, title = normalise_text(serial), normalise_text(course) or of_all.get("course", "")
    if fold(number) in _EMPTY:
        number = ""
        problems.append(Problem("serial", "entry-no-serial"))
    elif len(number) > SERIAL_LIMIT:
        problems.append(Problem("serial", "entry-serial-too-long", {"limit": SERIAL_LIMIT}))
    if not title:
        problems.append(Problem("course", "entry-course-missing"))
    elif len(title) > COURSE_LIMIT:
        problems.append(Problem("course", "entry-course-too-long", {"limit": COURSE_LIMIT}))
    day, day_problems = _read_entry_day(issued_on, of_all.get("issued_on", ""), today)
    entry = {
        "serial": number[:SERIAL_LIMIT],
        "serial_key": serial_key(number)[:SERIAL_LIMIT],
        "issued_on": day.isoformat() if day else None,
        "course": title[:COURSE_LIMIT],
    }
    return entry, [*problems, *day_problems]


def _last_day(cell: CellValue) -> CellValue:
    """Of a class of several days ("10-12/3/2025") the last one."""
    days = _DAY.findall(cell) if isinstance(cell, str) else []
    return days[-1] if days else cell


def _read_entry_day(cell: CellValue, of_all: str, today: date) -> tuple[date | None, list[Problem]]:
    written = cell if shown(cell) else of_all
    try:
        found, swapped = _read_birth(_last_day(written), today)
    except ValueError:
        return None, [Problem("issued_on", "entry-day-invalid")]
    if found is None:
        return None, [Problem("issued_on", "entry-day-missing")]
    if not isinstance(found, date):
        return None, [Problem("issued_on", "entry-day-invalid")]
    if not found.year >= FIRST_REGISTER_YEAR or found > today:
        return None, [Problem("issued_on", "entry-day-range", {"first": FIRST_REGISTER_YEAR})]
    return found, [Problem("issued_on", "birth-swapped", {"date": found.strftime("%d/%m/%Y")})] if swapped else []
