"""The block that only lessons have: a question of the bank, answered in the page."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.snippets.blocks import SnippetChooserBlock

from content.blocks import BODY_BLOCKS


class QuestionBlock(blocks.StructBlock):
    question = SnippetChooserBlock("quizzes.Question", label=_("question"))

    class Meta:
        icon = "help"
        label = _("Question")
        template = "blocks/question.html"


LESSON_BLOCKS = [*BODY_BLOCKS, ("question", QuestionBlock())]
