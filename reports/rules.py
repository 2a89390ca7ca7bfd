"""Who may see a report; the twin of `visible_to`."""

from __future__ import annotations

from people.scopes import PEOPLE_READERS, reads_whole_site, role_units
from reports.models import MonthlyReport


def can_see_report(user, report: MonthlyReport) -> bool:
    if not user.is_authenticated:
        return False
    path = report.unit.present_path
    return reads_whole_site(user) or any(path.startswith(unit.path) for unit in role_units(user, *PEOPLE_READERS))
