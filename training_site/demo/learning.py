"""People who learn: lessons read, tests taken, certificates issued, each on its day."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from certificates.operations import issue_certificate
from courses.enums import EnrolmentReason
from courses.models import CourseCompletion, CoursePage, LessonCompletion, LessonPage
from courses.operations import achievement_of, enrol
from courses.wording import certified_words
from people.models import Organisation, Person
from quizzes.models import Attempt, Response
from quizzes.operations import start_attempt, submit_attempt


class Classroom:
    """Lets a person go through a course as pages would, on given days."""

    def __init__(self, courses: list[CoursePage], chance: Random) -> None:
        self.chance = chance
        self.courses = {course.slug: course for course in courses}
        self.lessons = {
            course.slug: list(LessonPage.objects.child_of(course).live().order_by("path")) for course in courses
        }

    def begin(
        self,
        person: Person,
        slug: str,
        at: datetime,
        *,
        lessons: int,
        by=None,
        organisation: Organisation | None = None,
    ) -> None:
        """Enrol and read the first so many lessons, some minutes each."""
        course = self.courses[slug]
        reason = EnrolmentReason.MANAGER if organisation else EnrolmentReason.SELF
        enrol(
            person=person,
            course_key=course.translation_key,
            reason=reason,
            by=by or person.account,
            organisation=organisation,
            at=at,
        )
        LessonCompletion.objects.bulk_create(
            [
                LessonCompletion(
                    person=person,
                    course_key=course.translation_key,
                    lesson_key=lesson.translation_key,
                    completed_at=at + timedelta(minutes=9 * number),
                )
                for number, lesson in enumerate(self.lessons[slug][:lessons])
            ],
            ignore_conflicts=True,
        )

    def finish(self, person: Person, slug: str, at: datetime, **enrolment) -> CourseCompletion:
        """Read everything, pass the test (a third need a second try) and get the certificate on the same day."""
        self.begin(person, slug, at - timedelta(hours=2), lessons=99, **enrolment)
        quiz = self.courses[slug].quiz
        if self.chance.random() < 0.3:
            self.take_test(quiz, person, at - timedelta(hours=1), right=0.4)
        if not Attempt.objects.filter(quiz=quiz, person=person, passed=True).exists():
            self.take_test(quiz, person, at - timedelta(minutes=12), right=1.0)
        completion = CourseCompletion.objects.select_related("person", "residence").get(
            person=person, course_key=self.courses[slug].translation_key
        )
        issue_certificate(
            achievement=achievement_of(completion),
            subject=f"course:{completion.course_key}",
            person=person,
            unit=completion.residence,
            achievement_lines=certified_words(completion),
            at=completion.completed_at,
        )
        return completion

    def take_test(self, quiz, person: Person, at: datetime, *, right: float) -> None:
        """One attempt in which each question is answered rightly with the given chance (1: all but one)."""
        attempt = start_attempt(quiz=quiz, person=person, at=at)
        responses = list(attempt.responses.all())
        spared = self.chance.randrange(len(responses))
        for number, response in enumerate(responses):
            know = number != spared if right == 1.0 else self.chance.random() < right
            choices = response.asked["choices"]
            good = [choice["id"] for choice in choices if choice["correct"]]
            bad = [choice["id"] for choice in choices if not choice["correct"]]
            response.chosen = good if know else bad[:1]
            response.answered_at = at + timedelta(seconds=30 * (number + 1))
        Response.objects.bulk_update(responses, ["chosen", "answered_at"])
        submit_attempt(attempt=attempt, at=at + timedelta(minutes=10))
