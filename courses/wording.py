"""What a certificate says about a course. Certified words are Vietnamese whatever language the site is read in."""

from __future__ import annotations

from decimal import Decimal

from certificates.wording import Achievement
from courses.enums import Audience
from courses.models import CourseCompletion

_FOR_WHOM = {
    Audience.RESIDENT: "người dân",
    Audience.COOPERATIVE: "hợp tác xã và doanh nghiệp",
    Audience.OFFICIAL: "cán bộ",
}


def certified_words(completion: CourseCompletion) -> Achievement:
    """Introduction, title and detail as printed on the certificate of this completion."""
    return Achievement(
        intro=f"đã hoàn thành khoá học dành cho {_FOR_WHOM[Audience(completion.audience)]}",
        title=completion.course_title,
        detail=certified_detail(completion.lessons, completion.points, completion.max_points),
    )


def certified_detail(lessons: int, points: Decimal | None, max_points: Decimal | None) -> str:
    """For example "5 bài học, bài kiểm tra đạt 9 trên 10 câu"."""
    words = f"{lessons} bài học"
    if points is None or max_points is None:
        return words
    return f"{words}, bài kiểm tra đạt {_figure(points)} trên {_figure(max_points)} câu"


def _figure(number: Decimal) -> str:
    """A number as written in Vietnamese: a comma for decimals, none when whole."""
    return f"{number.normalize():f}".replace(".", ",")
