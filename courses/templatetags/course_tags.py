"""What course and lesson templates ask for beyond their page: `{% load course_tags %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.middleware.csrf import get_token
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from courses import catalogue
from courses.models import CoursePage
from courses.outlines import LessonOutline, lesson_outline
from courses.parts import draw_part, in_course_language, part_state
from courses.queries import content_language
from courses.readers import NOBODY, Reader, reader_of
from courses.screens import CourseScreen, course_screen
from courses.shells import gap_for

register = template.Library()


@register.simple_tag(takes_context=True)
def lesson_frame(context: template.Context) -> LessonOutline:
    """The lesson's place in its course."""
    return _outline(context)


@register.simple_tag(takes_context=True)
def part(context: template.Context, name: str, argument: Any = "") -> SafeString:
    """A part of the lesson page that differs from reader to reader, or the gap for it."""
    argument = str(argument)
    if context.get("leave_gaps"):
        return mark_safe(gap_for(name, argument))
    lesson, reader = _outline(context), _reader(context)
    request = context.get("request")
    token = SimpleLazyObject(lambda: get_token(request)) if request is not None else ""
    state = part_state(name, lesson, reader, argument)
    return mark_safe(draw_part(name, lesson, state, argument, csrf_token=token, reader_name=reader.name))


def _outline(context: template.Context) -> LessonOutline:
    """Made once for a page, however many parts ask."""
    given = context.get("lesson_outline")
    if given is not None:
        return given
    page = context["page"]
    made = getattr(page, "_outline", None)
    if made is None:
        made = page._outline = lesson_outline(page)
    return made


def _reader(context: template.Context) -> Reader:
    request = context.get("request")
    if request is None:
        return NOBODY
    lesson = _outline(context)
    known = getattr(request, "_reader", None)
    if known is None:
        known = request._reader = reader_of(request, lesson.course.key, list(lesson.questions))
    return known


@register.simple_tag(takes_context=True)
def course_frame(context: template.Context, page: CoursePage) -> CourseScreen:
    """What the page of a course shows: its outline and how the reader stands to it."""
    made = getattr(page, "_screen", None)
    if made is None:
        made = page._screen = course_screen(page, context.get("request"))
    return made


@register.simple_tag(takes_context=True)
def catalogue_frame(context: template.Context, page: Any) -> catalogue.CatalogueScreen:
    """What the catalogue shows for the search words and filters of the address."""
    return catalogue.catalogue_screen(page, context.get("request"))


@register.simple_tag(takes_context=True)
def first_courses(context: template.Context, page: Any) -> catalogue.HomeScreen:
    """The courses of the home page and for whom else there are some."""
    return catalogue.home_screen(page)


@register.simple_tag
def help_facts(settings: Any) -> list[dict[str, str]]:
    """When somebody answers the hotline, for the help card."""
    hours = getattr(settings, "hours_here", "")
    return [{"label": gettext("Somebody answers"), "value": hours}] if hours else []


@register.filter
def as_written(text: Any, page: Any) -> Any:
    """Text of a page, marked with its language where it stands on a page that speaks another."""
    return in_course_language(str(text), content_language(page))


@register.filter
def content_lang(page: Any) -> str:
    """The language a page is written in."""
    return content_language(page)
