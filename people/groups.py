"""What each role may do in the content admin, as one table. `people.operations.sync_groups` writes it down.

Page types and models of upper apps are named by strings: the table says who works where, and imports nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from people.enums import Role

_ANY_PAGE = "wagtailcore.page"
_OWN_FILES = ("add", "change", "choose")


@dataclass(frozen=True)
class GroupPlan:
    """A group of the admin: page permissions by page type (they reach everything below), files and models."""

    name: str
    pages: Mapping[str, tuple[str, ...]]
    files: tuple[str, ...] = _OWN_FILES
    models: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    permissions: tuple[str, ...] = ("wagtailadmin.access_admin",)


# Editors write and hand in; whoever moderates publishes. Organisers run their campaigns alone: what a campaign
# counts is decided by its rules, not by its text.
EDITORS = GroupPlan(
    name="Editors",
    pages={
        "courses.courseindexpage": ("add", "change"),
        "content.standardpage": ("add", "change"),
    },
    models={
        "quizzes.question": ("add", "change", "view"),
        "quizzes.category": ("add", "change", "view"),
        "quizzes.quiz": ("add", "change", "view"),
        "courses.topic": ("add", "change", "view"),
    },
)
MODERATORS = GroupPlan(
    name="Moderators",
    pages={_ANY_PAGE: ("add", "bulk_delete", "change", "lock", "publish", "unlock")},
    files=(*_OWN_FILES, "delete"),
    models={
        "quizzes.question": ("add", "change", "delete", "view"),
        "quizzes.category": ("add", "change", "delete", "view"),
        "quizzes.quiz": ("add", "change", "delete", "view"),
        "courses.topic": ("add", "change", "delete", "view"),
        "certificates.issuingbody": ("add", "change", "view"),
        "people.organisation": ("add", "change", "view"),
        "content.sitesettings": ("change",),
        "wagtailredirects.redirect": ("add", "change", "delete"),
        "wagtailcore.collection": ("add", "change", "delete"),
    },
    permissions=("wagtailadmin.access_admin", "simple_translation.submit_translation"),
)
# Reviewers read what is handed in and let it be published; they write nothing themselves.
REVIEWERS = GroupPlan(name="Course reviewers", pages={}, files=())
ORGANISERS = GroupPlan(
    name="Organisers",
    pages={"campaigns.campaignindexpage": ("add", "change", "publish")},
)

GROUPS = (EDITORS, MODERATORS, ORGANISERS, REVIEWERS)

GROUP_OF_ROLE: dict[Role, GroupPlan] = {
    Role.ADMINISTRATOR: MODERATORS,
    Role.EDITOR: EDITORS,
    Role.REVIEWER: REVIEWERS,
    Role.ORGANISER: ORGANISERS,
}

# Courses that are handed in wait for one of these; whichever workflow an administrator put there instead stays.
COURSE_REVIEW = "Course review"
COURSE_PAGES = "courses.courseindexpage"
COURSE_REVIEW_GROUPS = (MODERATORS, REVIEWERS)


def group_of(role: str, *, whole_site: bool) -> GroupPlan | None:
    """The admin group of a role; an administrator of one unit works at the desks, not in the site's content."""
    role = Role(role)
    if role == Role.ADMINISTRATOR and not whole_site:
        return None
    return GROUP_OF_ROLE.get(role)
