"""What courses hear from the apps below. Receivers only insert rows, inside the sender's transaction."""

from django.dispatch import receiver

from courses.guests import SESSION_KEY, GuestRecord
from courses.operations import adopt_guest_record, check_completion
from courses.queries import original_courses_of_quiz
from people.models import Person
from people.signals import learner_chosen
from quizzes.models import Attempt
from quizzes.signals import attempt_submitted


@receiver(attempt_submitted, sender=Attempt, dispatch_uid="courses.complete_after_test")
def complete_after_test(sender, attempt: Attempt, **kwargs) -> None:
    """A passed test may be the last thing missing from each course that ends with it."""
    if attempt.passed:
        for course in original_courses_of_quiz(attempt.quiz_id):
            check_completion(person=attempt.person, course=course, at=attempt.submitted_at)


@receiver(learner_chosen, sender=Person, dispatch_uid="courses.adopt_guest")
def adopt_guest(sender, person: Person, session, **kwargs) -> None:
    """What was done before signing in belongs to whoever signs in, and to them alone."""
    if session.get(SESSION_KEY):
        record = GuestRecord(session)
        adopt_guest_record(person=person, record=record)
        record.clear()
