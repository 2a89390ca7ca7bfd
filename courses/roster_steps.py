"""Enrolling the people of a roster, as a step of the roster import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model

from courses.enums import EnrolmentReason
from courses.operations import enrol_many
from courses.queries import course_page
from people.models import Organisation


class EnrolmentStep:
    """Enrols everybody of a roster in the course `options["course_key"]`; without the option it does nothing."""

    def validate_row(self, data: Mapping[str, Any], options: Mapping[str, Any]) -> list[dict[str, Any]]:
        """No row is wrong because of a course; whether the course is there is asked once, when it is chosen."""
        return []

    def apply_chunk(
        self,
        *,
        person_ids: Sequence[int],
        options: Mapping[str, Any],
        by_id: int | None,
        organisation_id: int,
        at: datetime,
    ) -> int:
        """Enrol them; returns how many are new. A course unpublished since the preview enrols nobody."""
        raw_key = options.get("course_key")
        if not raw_key or course_page(UUID(str(raw_key))) is None:
            return 0
        return enrol_many(
            person_ids=person_ids,
            course_key=UUID(str(raw_key)),
            reason=EnrolmentReason.MANAGER,
            by=get_user_model().objects.filter(pk=by_id).first() if by_id else None,
            organisation=Organisation.objects.select_related("seat").get(pk=organisation_id),
            at=at,
        )
