"""What a learner or guest sends from course and lesson pages, and the page of a completed course."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from certificates.models import Certificate
from common import clock
from common.exceptions import DomainError
from courses import operations
from courses.enums import EnrolmentReason
from courses.guests import GuestRecord
from courses.models import CourseCompletion, CoursePage, LessonPage
from courses.queries import completion_of, content_language, course_page, lesson_page, lessons_of, published_courses
from ledger.enums import JobStatus
from ledger.models import Job
from people.access import learner_required, may_say_who, next_url
from people.circumstances import circumstances_of
from quizzes.models import Question
from quizzes.operations import check_practice_answer, record_practice_answer

MOST_CHOICES = 50
"""More than any question has; a form that sends more was not made by this site."""


def chosen_ids(request: HttpRequest) -> list[int]:
    """The field `choice`, repeated for each chosen one. Raises BadRequest for what is not a number."""
    raw = request.POST.getlist("choice")
    if len(raw) > MOST_CHOICES or not all(text.isascii() and text.isdigit() and len(text) < 19 for text in raw):
        raise BadRequest("choice")
    return [int(text) for text in raw]


def get_lesson(lesson_key: UUID) -> LessonPage:
    """The published lesson in the visitor's language; 404 without one."""
    lesson = lesson_page(lesson_key, get_language())
    if lesson is None:
        raise Http404
    return lesson


def get_course(course_key: UUID) -> CoursePage:
    """The published course in the visitor's language; 404 without one."""
    course = course_page(course_key, get_language())
    if course is None:
        raise Http404
    return course


@require_POST
def lesson_done(request: HttpRequest, lesson_key: UUID) -> HttpResponse:
    """Note that the lesson was read to its end, then go where the form says."""
    lesson = get_lesson(lesson_key)
    course = lesson.get_parent()
    onward = next_url(request, course.get_url(request))
    learner, at = request.learner, clock.now()  # type: ignore[attr-defined]
    if not learner:
        GuestRecord(request.session).add_lesson(course_key=course.translation_key, lesson_key=lesson_key, at=at)
        return redirect(onward)
    try:
        unmet = operations.complete_lesson(
            person=learner, course_key=course.translation_key, lesson_key=lesson_key, at=at
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(onward)
    if not unmet and completed_at(learner, course.translation_key) == at:
        return redirect("course_completed", course_key=course.translation_key)
    return redirect(onward)


def completed_at(learner, course_key: UUID):
    completion = completion_of(learner, course_key)
    return completion.completed_at if completion else None


@require_POST
def practice_answer(request: HttpRequest, lesson_key: UUID, question_id: int) -> HttpResponse:
    """Keep the answer to a question inside the lesson; the lesson page then says why it is right or wrong."""
    lesson = get_lesson(lesson_key)
    if question_id not in questions_in(lesson):
        raise Http404
    question = get_object_or_404(Question.objects.prefetch_related("choices"), pk=question_id)
    chosen = chosen_ids(request)
    learner = request.learner  # type: ignore[attr-defined]
    try:
        if learner:
            record_practice_answer(person=learner, question=question, chosen=chosen)
        else:
            cleaned = check_practice_answer(question=question, chosen=chosen)
            GuestRecord(request.session).set_answer(question_id=question_id, chosen=cleaned)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{lesson.get_url(request)}#cau-{question_id}")


def questions_in(lesson: LessonPage) -> set[int]:
    """Ids of the bank's questions that the lesson's body refers to."""
    return {
        block["value"]["question"]
        for block in lesson.body.raw_data
        if block["type"] == "question" and block["value"].get("question")
    }


@require_POST
def enrol(request: HttpRequest, course_key: UUID) -> HttpResponse:
    """Take the course, then go where the form says: by default to the first lesson not done."""
    course = get_course(course_key)
    learner = request.learner  # type: ignore[attr-defined]
    if not learner:
        # Only a page can be come back to, not what was sent to this address.
        if may_say_who(request):
            return redirect(f"{reverse('who')}?next={course.get_url(request)}")
        return redirect_to_login(course.get_url(request), reverse("account_login"))
    operations.enrol(person=learner, course_key=course_key, reason=EnrolmentReason.SELF, by=request.user)
    unmet = operations.check_completion(person=learner, course=course)
    if not unmet:
        return redirect("course_completed", course_key=course_key)
    missing = {step.key for item in unmet for step in item.lessons}
    first = next((lesson for lesson in lessons_of(course) if lesson.translation_key in missing), None)
    default = first.get_url(request) if first else reverse("course_test", args=[course_key])
    return redirect(next_url(request, default))


# Completed ------------------------------------------------------------------------------------------------


@never_cache
@learner_required
@require_safe
def course_completed(request: HttpRequest, course_key: UUID) -> HttpResponse:
    """The completed course with its certificate, or how far the certificate is."""
    learner = request.learner  # type: ignore[attr-defined]
    completion = completion_of(learner, course_key)
    if completion is None:
        raise Http404
    return render(
        request,
        "desks/learning_completed.html",
        {
            "completion": completion,
            "course": course_page(course_key, get_language()),
            "certificate": certificate_state(completion, learner),
            "suggestion": another_course(learner, completion),
        },
    )


def certificate_state(completion: CourseCompletion, learner) -> dict[str, Any]:
    """What the certificate card shows: `issued` with the certificate, else the state of the job that makes it."""
    issued = Certificate.objects.valid().filter(achievement=operations.achievement_of(completion)).first()
    state: dict[str, Any] = {"completion": completion, "learner": learner, "issued": issued}
    if issued is None:
        job = Job.objects.filter(key=operations.certificate_job_key(completion)).first()
        state["failed"] = job is None or job.status in {JobStatus.FAILED, JobStatus.CANCELLED}
        # Only whoever asked for a job can follow it: the login that completed the course, when it is the one here.
        own = circumstances_of(learner.pk) is None and job is not None and job.created_by_id == learner.account_id
        if own and job is not None and job.created_by_id is not None:
            state["follow"] = reverse("job_data", args=[job.uuid])
    return state


def another_course(learner, completion: CourseCompletion) -> dict[str, Any] | None:
    """A course for the same audience that the learner has not completed yet, with the language it is written in."""
    done = CourseCompletion.objects.filter(person=learner).values("course_key")
    courses = published_courses(get_language()).filter(audience=completion.audience)
    found = courses.exclude(translation_key__in=done).first()
    return None if found is None else {"page": found, "language": content_language(found)}
