"""Who may see a class; the twin of `visible_to`."""

from __future__ import annotations

from events.models import ClassSession
from people.scopes import PEOPLE_READERS, reads_whole_site, role_units


def can_see_class(user, session: ClassSession) -> bool:
    if not user.is_authenticated:
        return False
    path = session.unit.present_path
    return reads_whole_site(user) or any(path.startswith(unit.path) for unit in role_units(user, *PEOPLE_READERS))
