"""The final test: its rules, one question a page, all questions at a glance, the result.

An attempt is reached by its own learner only. What is right leaves the server with the result, never before.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import clock
from common.exceptions import DomainError
from courses import operations
from courses.enums import EnrolmentReason
from courses.learning_views import another_course, certificate_state, chosen_ids, get_course
from courses.models import CoursePage
from courses.progress import CourseProgress, progress_for
from courses.queries import completion_of, content_language, course_of_quiz
from people.access import learner_required
from quizzes.enums import QuestionKind
from quizzes.exceptions import AttemptClosed, HelpNotAllowed, UnknownChoice
from quizzes.grading import needed_points
from quizzes.models import Attempt, Response
from quizzes.operations import is_overdue, save_answer, start_attempt, submit_attempt

# Rules ----------------------------------------------------------------------------------------------------


@never_cache
@learner_required
@require_http_methods(["GET", "HEAD", "POST"])
def course_test(request: HttpRequest, course_key: UUID) -> HttpResponse:
    """The rules of the test before it starts; a POST starts it."""
    course = get_course(course_key)
    if course.quiz is None:
        raise Http404
    progress = progress_for(request, course)
    test = progress.test
    if request.method == "POST":
        return _start(request, course, progress)
    questions = course.quiz.questions.count()
    asked = min(questions, course.quiz.draw or questions)
    return render(
        request,
        "quizzes/rules.html",
        {
            "course": course,
            "progress": progress,
            "test": test,
            "missing": progress.lessons and [step for step in progress.lessons if not step.done],
            "questions": asked,
            "needed": needed_points(asked, course.quiz.pass_mark),
            "minutes": course.quiz.time_limit_minutes,
            "content_lang": content_language(course),
        },
    )


def _start(request: HttpRequest, course: CoursePage, progress: CourseProgress) -> HttpResponse:
    """Start or go on. The form says which attempt it offered, so that an old page or a second press starts no other."""
    rules = redirect("course_test", course_key=course.translation_key)
    test = progress.test
    assert test is not None
    if test.passed_attempt is not None:
        return redirect("attempt_result", uuid=test.passed_attempt.uuid)
    if test.open_attempt is None and request.POST.get("number") != str(test.used + 1):
        return rules
    try:
        learner = request.learner  # type: ignore[attr-defined]
        operations.enrol(
            person=learner, course_key=course.translation_key, reason=EnrolmentReason.SELF, by=request.user
        )
        attempt = start_attempt(quiz=test.quiz, person=learner)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return rules
    return redirect("attempt", uuid=attempt.uuid)


# One question a page --------------------------------------------------------------------------------------


def own_attempts(request: HttpRequest) -> QuerySet[Attempt]:
    return Attempt.objects.filter(person=request.learner).select_related("quiz")  # type: ignore[attr-defined]


def get_attempt(request: HttpRequest, uuid: UUID) -> Attempt:
    """The learner's own attempt; 404 for anybody else's."""
    attempt = own_attempts(request).filter(uuid=uuid).first()
    if attempt is None:
        raise Http404
    return attempt


def get_attempt_now(request: HttpRequest, uuid: UUID, at: datetime) -> Attempt:
    """The same; one whose time and grace have passed is closed first, as the periodic job would."""
    found = get_attempt(request, uuid)
    overdue = found.submitted_at is None and is_overdue(found, at)
    return submit_attempt(attempt=found, at=at) if overdue else found


@never_cache
@learner_required
@require_http_methods(["GET", "HEAD", "POST"])
def attempt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One question with its choices; a POST keeps the answer and goes to the next, the previous or all questions."""
    at = clock.now()
    found = get_attempt_now(request, uuid, at)
    if found.submitted_at is not None:
        return redirect("attempt_result", uuid=uuid)
    responses = list(found.responses.all())
    if request.method == "POST":
        return _answer(request, found, len(responses), at)
    position = _asked_position(request, responses)
    return render(request, "quizzes/attempt.html", _question_context(found, responses, position, at))


def _asked_position(request: HttpRequest, responses: list[Response]) -> int:
    """The question that the address names, else the first without an answer, else the last."""
    raw = request.GET.get("cau")
    if raw is None:
        return next((r.position for r in responses if not r.chosen), len(responses))
    if not (raw.isascii() and raw.isdigit() and len(raw) < 5 and 1 <= int(raw) <= len(responses)):
        raise Http404
    return int(raw)


def _question_context(found: Attempt, responses: list[Response], position: int, at: datetime) -> dict[str, Any]:
    current = responses[position - 1]
    several = current.asked["kind"] == QuestionKind.MULTIPLE
    course = course_of_quiz(found.quiz_id, get_language())
    return {
        "attempt": found,
        "course": course,
        "content_lang": content_language(course) if course else "vi",
        "position": position,
        "total": len(responses),
        "saved": sum(bool(response.chosen) for response in responses),
        "question": current.asked["text"],
        "kind": "checkbox" if several else "radio",
        "hint": _("Choose all that are right") if several else _("Choose one answer"),
        # Nothing of what is right: that stays on the server until the attempt is over.
        "options": [
            {"value": str(choice["id"]), "label": choice["text"], "checked": choice["id"] in current.chosen}
            for choice in current.asked["choices"]
        ],
        **_time_left(found, at),
    }


def _time_left(found: Attempt, at: datetime) -> dict[str, Any]:
    """Whole seconds and minutes left, rounded up; nothing without a limit."""
    if found.due_at is None:
        return {}
    seconds = max(0, math.ceil((found.due_at - at) / timedelta(seconds=1)))
    # Seconds are for the script: as text, or the page would write 1.800.
    return {"timed": True, "seconds": str(seconds), "minutes": math.ceil(seconds / 60), "until": found.due_at}


def _answer(request: HttpRequest, found: Attempt, total: int, at: datetime) -> HttpResponse:
    position = _position(request)
    try:
        save_answer(attempt=found, position=position, chosen=chosen_ids(request), at=at)
    except UnknownChoice as refusal:
        raise BadRequest(str(refusal)) from refusal
    except AttemptClosed as refusal:
        messages.info(request, str(refusal))
        return redirect("attempt_result", uuid=found.uuid)
    except HelpNotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("my_learning")
    if found.due_at is not None and at >= found.due_at:
        # The time ran out while this was on its way: what came within the grace counts, and that was all.
        submit_attempt(attempt=found, at=at)
        return redirect("attempt_result", uuid=found.uuid)
    step = {"next": 1, "previous": -1}.get(request.POST.get("to", "next"), 0)
    onward = position + step
    if not step or not 1 <= onward <= total:
        return redirect("attempt_overview", uuid=found.uuid)
    return redirect(f"{reverse('attempt', args=[found.uuid])}?cau={onward}")


def _position(request: HttpRequest) -> int:
    """The field `position`. Raises BadRequest when it is not one number."""
    raw = request.POST.getlist("position")
    if len(raw) != 1 or not (raw[0].isascii() and raw[0].isdigit() and len(raw[0]) < 5):
        raise BadRequest("position")
    return int(raw[0])


@never_cache
@learner_required
@require_POST
def attempt_save(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Keep one answer while the learner stays on the page (test.js); says how many are kept."""
    position = _position(request)
    others = Q(responses__answered_at__isnull=False) & ~Q(responses__position=position)
    found = own_attempts(request).filter(uuid=uuid).annotate(others=Count("responses", filter=others)).first()
    if found is None:
        raise Http404
    try:
        response = save_answer(attempt=found, position=position, chosen=chosen_ids(request))
    except DomainError as refusal:
        return JsonResponse(
            {"error": refusal.code, "words": str(refusal)}, status=409 if refusal.code == AttemptClosed.code else 400
        )
    saved = found.others + bool(response.chosen)
    words = ngettext("%(count)s answer saved", "%(count)s answers saved", saved) % {"count": saved}
    return JsonResponse({"saved": saved, "words": words})


# All questions, handing in --------------------------------------------------------------------------------


@never_cache
@learner_required
@require_safe
def attempt_overview(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All questions with what was chosen, and the button to hand in."""
    at = clock.now()
    found = get_attempt_now(request, uuid, at)
    if found.submitted_at is not None:
        return redirect("attempt_result", uuid=uuid)
    responses = list(found.responses.all())
    course = course_of_quiz(found.quiz_id, get_language())
    address = reverse("attempt", args=[uuid])
    return render(
        request,
        "quizzes/overview.html",
        {
            "attempt": found,
            "course": course,
            "content_lang": content_language(course) if course else "vi",
            "total": len(responses),
            "saved": sum(bool(response.chosen) for response in responses),
            "open": sum(not response.chosen for response in responses),
            "rows": [
                {
                    "href": f"{address}?cau={response.position}",
                    "position": response.position,
                    "title": response.asked["text"],
                    "chosen": "; ".join(
                        choice["text"] for choice in response.asked["choices"] if choice["id"] in response.chosen
                    ),
                }
                for response in responses
            ],
            **_time_left(found, at),
        },
    )


@never_cache
@learner_required
@require_POST
def attempt_submit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hand in. With questions open the overview says so first; its button confirms (`sure`)."""
    at = clock.now()
    found = get_attempt_now(request, uuid, at)
    if (
        found.submitted_at is None
        and not request.POST.get("sure")
        and found.responses.filter(answered_at__isnull=True).exists()
    ):
        return redirect("attempt_overview", uuid=uuid)
    submit_attempt(attempt=found, at=at)
    return redirect("attempt_result", uuid=uuid)


# Result ---------------------------------------------------------------------------------------------------


@never_cache
@learner_required
@require_safe
def attempt_result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """How it went: the certificate or what is missing, and why each wrong answer was wrong."""
    found = get_attempt_now(request, uuid, clock.now())
    if found.submitted_at is None:
        return redirect("attempt", uuid=uuid)
    responses = list(found.responses.select_related("question"))
    course = course_of_quiz(found.quiz_id, get_language())
    wrong = [response for response in responses if not response.points]
    context: dict[str, Any] = {
        "attempt": found,
        "course": course,
        "content_lang": content_language(course) if course else "vi",
        "total": len(responses),
        "points": int(found.points or 0),
        "needed": needed_points(found.max_points, found.pass_mark),
        "wrong": [_explained(response) for response in wrong],
    }
    if course is not None:
        learner = request.learner  # type: ignore[attr-defined]
        completion = completion_of(learner, course.translation_key) if found.passed else None
        if completion is not None:
            context["certificate"] = certificate_state(completion, learner)
            context["suggestion"] = another_course(learner, completion)
        else:
            progress = progress_for(request, course)
            context["progress"] = progress
            context["missing"] = [step for step in progress.lessons if not step.done]
            context["reread"] = _lessons_to_reread(progress, wrong)
    return render(request, "quizzes/result.html", context)


def _explained(response: Response) -> dict[str, Any]:
    """A wrongly answered question: what was chosen, what is right, and why."""
    options = []
    for choice in response.asked["choices"]:
        chosen = choice["id"] in response.chosen
        if chosen or choice["correct"]:
            state = ("right" if chosen else "missed") if choice["correct"] else "wrong"
            options.append({"label": choice["text"], "state": state, "note": choice["feedback"]})
    return {
        "position": response.position,
        "text": response.asked["text"],
        "options": sorted(options, key=lambda option: option["state"] != "wrong"),
        "explanation": response.asked["explanation"],
        "unanswered": not response.chosen,
    }


def _lessons_to_reread(progress: CourseProgress, wrong: list[Response]) -> list:
    """Lessons about what went wrong, by the competence that lesson and question share; all when that tells nothing."""
    missed = {response.question.competence for response in wrong if response.question} - {""}
    return [step for step in progress.lessons if step.page.competence in missed] or list(progress.lessons)
