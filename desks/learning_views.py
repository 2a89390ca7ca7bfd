"""My learning: what to go on with, what else is begun, what is completed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from certificates.models import Certificate, PaperEntry
from common.phones import mask_phone
from courses.guests import GuestRecord
from courses.operations import achievement_of
from courses.overview import CompletedCourse, course_summaries, guest_facts, learning_facts
from people.access import may_say_who, with_next
from people.models import Person


@never_cache
@require_safe
def my_learning(request: HttpRequest) -> HttpResponse:
    """A learner's courses and certificates; what a guest did in this session, with the invitation to keep it."""
    learner = request.learner  # type: ignore[attr-defined]
    if learner:
        return render(request, "desks/learning.html", learner_context(request, learner))
    if may_say_who(request):
        return redirect(with_next(reverse("who"), request.get_full_path()))
    summaries = course_summaries(guest_facts(GuestRecord(request.session)), get_language())
    context = {
        "current": summaries[0] if summaries else None,
        "others": summaries[1:],
        "lessons": sum(summary.done_count for summary in summaries),
        "sign_in": with_next(reverse("account_login"), request.get_full_path()),
    }
    return render(request, "desks/learning_guest.html", context)


def learner_context(request: HttpRequest, learner: Person) -> dict[str, Any]:
    """Four queries: the facts, the pages, the certificates, the papers of before."""
    facts = learning_facts(learner)
    summaries = course_summaries(facts, get_language())
    begun = [summary for summary in summaries if summary.completed is None]
    phone = getattr(request.user, "phone", "") if learner.account_id == request.user.pk else ""
    return {
        "learner": learner,
        "former_place": learner.residence if learner.residence and not learner.residence.is_in_force() else None,
        "phone": mask_phone(phone) if phone else "",
        "current": begun[0] if begun else None,
        "others": begun[1:],
        "completed": completed_rows(learner, list(facts.completed.values())),
        "papers": PaperEntry.objects.in_force().filter(person=learner),
    }


def completed_rows(learner: Person, completed: list[CompletedCourse]) -> list[dict[str, Any]]:
    """Completed courses with their certificates, the latest first."""
    if not completed:
        return []
    issued = {c.achievement: c for c in Certificate.objects.valid().filter(person=learner).order_by("pk")}
    return [
        {"completion": course, "certificate": issued.get(achievement_of(course))}
        for course in sorted(completed, key=lambda course: course.completed_at, reverse=True)
    ]
