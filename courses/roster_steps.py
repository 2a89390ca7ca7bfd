"""Enrolling the people of a roster, as a step of the roster import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.enums import EnrolmentReason
from courses.exceptions import UnknownCourse
from courses.models import CourseCompletion, Enrolment, LessonCompletion
from courses.operations import enrol_many
from people.models import RosterImport
from people.roster.steps import RosterPerson, Verdict


class EnrolmentStep:
    """Enrols everybody of a roster in the course `options["course_key"]`; without the option it does nothing."""

    def check_rows(self, rows: Sequence[Mapping[str, Any]], *, roster: RosterImport) -> Mapping[int, Verdict]:
        """No row is wrong because of a course; whether the course is there is asked once, when it is chosen."""
        return {}

    def apply_chunk(self, *, people: Sequence[RosterPerson], roster: RosterImport, by: User | None) -> int:
        """Enrol them; returns how many are new. A course unpublished since the preview enrols nobody."""
        raw_key = roster.options.get("course_key")
        if not raw_key or not people:
            return 0
        try:
            return enrol_many(
                person_ids=list(dict.fromkeys(person.person_id for person in people)),
                course_key=UUID(str(raw_key)),
                reason=EnrolmentReason.MANAGER,
                by=by,
                organisation=roster.organisation,
                at=people[0].at,
            )
        except UnknownCourse:
            return 0

    def made(self, *, people: Sequence[RosterPerson], roster: RosterImport) -> QuerySet[Enrolment]:
        """Enrolments that carry the moment of the import: nothing else is written at it."""
        return Enrolment.objects.filter(
            person__in=[person.person_id for person in people],
            enrolled_at__in={person.at for person in people},
            organisation=roster.organisation,
            reason=EnrolmentReason.MANAGER,
        )

    def depending(self, *, people: Sequence[RosterPerson], roster: RosterImport) -> Mapping[int, Promise]:
        """Who has begun to learn what they were enrolled in."""
        same = {"person": OuterRef("person"), "course_key": OuterRef("course_key")}
        learnt = Exists(LessonCompletion.objects.filter(**same)) | Exists(CourseCompletion.objects.filter(**same))
        begun = self.made(people=people, roster=roster).filter(learnt)
        return {person_id: _("has begun the course") for person_id in begun.values_list("person", flat=True)}

    def undo(self, *, people: Sequence[RosterPerson], roster: RosterImport, by: User | None) -> int:
        return self.made(people=people, roster=roster).delete()[0]
