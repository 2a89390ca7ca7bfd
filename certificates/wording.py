"""The words on a certificate. They are Vietnamese whatever language the site is read in, and frozen at issue."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from certificates.models import IssuingBody
from common.folding import normalise_text
from people.models import Person
from places.models import AdministrativeUnit

STATE_TITLE = "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
HEADING = "CHỨNG NHẬN"


@dataclass(frozen=True, slots=True)
class Achievement:
    """What was achieved: a clause after the name, the title in large letters, a line under it (may be empty)."""

    intro: str
    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CertificateText:
    """Every word of a certificate, as stored in `Certificate.text`. Empty lines are left out in print."""

    state_title: str
    motto: str
    body: str
    heading: str
    holder: str
    about: str
    intro: str
    title: str
    detail: str
    serial: str
    register_line: str
    decision: str
    place_and_date: str
    authority: str
    signatory_title: str
    signatory_name: str

    def to_json(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> CertificateText:
        """Read stored words; a line that an older version did not know is empty."""
        return cls(**{field.name: str(stored.get(field.name, "")) for field in fields(cls)})


def compose(
    *,
    body: IssuingBody,
    person: Person,
    unit: AdministrativeUnit | None,
    achievement: Achievement,
    number: int,
    day: date,
) -> CertificateText:
    """The words for this person on this day; `unit` is where they live, `number` the next one of the register."""
    return CertificateText(
        state_title=STATE_TITLE,
        motto=MOTTO,
        body=normalise_text(body.name),
        heading=HEADING,
        holder=normalise_text(person.full_name),
        about=about_line(person.birth_year, unit),
        intro=normalise_text(achievement.intro),
        title=normalise_text(achievement.title),
        detail=normalise_text(achievement.detail),
        serial=serial_number(number, day.year, body.serial_suffix),
        register_line=f"Vào sổ cấp chứng nhận năm {day.year}",
        decision=normalise_text(body.decision),
        place_and_date=f"{normalise_text(body.place)}, ngày {day.day:02d} tháng {day.month:02d} năm {day.year}",
        authority=normalise_text(body.signatory_authority),
        signatory_title=normalise_text(body.signatory_title),
        signatory_name=normalise_text(body.signatory_name),
    )


def serial_number(number: int, year: int, suffix: str) -> str:
    """For example `0147/2026/CN-TS`."""
    return f"{number:04d}/{year}/{suffix}"


def about_line(birth_year: int | None, unit: AdministrativeUnit | None) -> str:
    """For example "Sinh năm 1961, thôn Bến Hạ, xã Đồng Tiến, tỉnh Lam Giang"; tells two of one name apart."""
    parts = [f"Sinh năm {birth_year}"] if birth_year else []
    if unit is not None and unit.address:
        parts.append(unit.address)
    line = ", ".join(parts)
    return line[:1].upper() + line[1:]
