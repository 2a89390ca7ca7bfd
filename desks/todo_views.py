"""The list of what waits for somebody who works here."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from desks.todo_queries import todo_list
from people.access import home_of, login_required, note_people_read
from people.learners import is_staff_member
from people.scopes import own_unit


@never_cache
@login_required
@require_safe
def todo(request: HttpRequest) -> HttpResponse:
    """Requests, roles, lists and approvals, by their last day."""
    if not is_staff_member(request.user):
        raise PermissionDenied
    items = todo_list(request.user)
    named = sum(item.names_somebody for item in items)
    note_people_read(request, "desks.read_requests", request.user, unit=own_unit(request.user), count=named)
    return render(request, "desks/todo.html", {"items": items, "home": home_of(request.user)})
