"""The question bank and the tests in the admin."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet, SnippetViewSetGroup

from common.folding import fold
from quizzes.forms import QuestionForm, QuizForm
from quizzes.models import Category, Question, Quiz


class FoldedIndexView(IndexView):
    """The list of questions, searched with or without accents."""

    def search_queryset(self, queryset):
        if self.is_searching:
            self.search_query = fold(self.search_query)
        return super().search_queryset(queryset)


class QuestionViewSet(SnippetViewSet):
    model = Question
    icon = "help"
    menu_label = _("Questions")
    index_view_class = FoldedIndexView
    list_display = ["text", "category", "kind", "competence", "difficulty"]
    list_filter = ["category", "kind", "difficulty", "competence"]
    list_per_page = 50
    edit_handler = ObjectList(
        [
            FieldPanel("category"),
            FieldPanel("kind"),
            FieldPanel("text"),
            InlinePanel(
                "choices",
                heading=_("Choices"),
                label=_("choice"),
                min_num=2,
                max_num=8,
                panels=[FieldPanel("text"), FieldPanel("is_correct"), FieldPanel("feedback")],
            ),
            FieldPanel("explanation"),
            FieldRowPanel([FieldPanel("competence"), FieldPanel("difficulty"), FieldPanel("language")]),
        ],
        base_form_class=QuestionForm,
    )


class QuizViewSet(SnippetViewSet):
    model = Quiz
    icon = "list-ol"
    menu_label = _("Tests")
    list_display = ["title", "draw", "pass_mark", "max_attempts", "time_limit_minutes"]
    search_fields = ["title"]
    edit_handler = ObjectList(
        [
            FieldPanel("title"),
            FieldPanel("questions"),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("draw"), FieldPanel("pass_mark")]),
                    FieldRowPanel([FieldPanel("max_attempts"), FieldPanel("time_limit_minutes")]),
                    FieldPanel("shuffle"),
                    FieldPanel("with_help"),
                ],
                heading=_("Rules of an attempt"),
            ),
        ],
        base_form_class=QuizForm,
    )


class CategoryViewSet(SnippetViewSet):
    model = Category
    icon = "folder-open-inverse"
    menu_label = _("Categories")
    list_display = ["title", "slug"]
    search_fields = ["title"]
    panels = [FieldPanel("title"), FieldPanel("slug")]


class QuestionBankViewSetGroup(SnippetViewSetGroup):
    items = (QuestionViewSet, QuizViewSet, CategoryViewSet)
    menu_icon = "help"
    menu_label = _("Question bank")
    menu_name = "question-bank"
    menu_order = 300
