"""Courses in the admin: topics, and lists of pages that say what an editor looks for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.pages import PageListingViewSet
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from courses.models import CoursePage, LessonPage, Topic


class TopicViewSet(SnippetViewSet):
    model = Topic
    icon = "tag"
    menu_label = _("Topics")
    list_display = ["title", "title_en", "slug"]
    panels = [FieldPanel("title"), FieldPanel("title_en"), FieldPanel("slug")]


register_snippet(TopicViewSet)


class CourseListing(PageListingViewSet):
    """All courses with their audience, wherever they stand in the tree."""

    model = CoursePage
    icon = "folder-open-1"
    menu_label = _("Courses")
    menu_order = 200
    add_to_admin_menu = True
    columns = [
        *PageListingViewSet.columns,
        Column("audience", label=_("Audience"), accessor="get_audience_display", sort_key="audience"),
    ]


class LessonListing(PageListingViewSet):
    """All lessons with the minutes they take."""

    model = LessonPage
    icon = "doc-full"
    menu_label = _("Lessons")
    menu_order = 210
    add_to_admin_menu = True
    columns = [*PageListingViewSet.columns, Column("minutes", label=_("Minutes"), sort_key="minutes")]


@hooks.register("register_admin_viewset")
def register_listings() -> list[PageListingViewSet]:
    return [CourseListing("courses"), LessonListing("lessons")]
