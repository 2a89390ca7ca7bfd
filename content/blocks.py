"""Blocks that every page with a body may use. Each one's template stands in `templates/blocks/`."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock

SHORT_FEATURES = ["bold", "link"]
TEXT_FEATURES = ["h2", "h3", "bold", "link", "ol", "ul"]


class FigureBlock(blocks.StructBlock):
    image = ImageChooserBlock(label=_("picture"))
    alt = blocks.CharBlock(
        label=_("text for those who cannot see it"), max_length=300, help_text=_("What the picture shows.")
    )
    caption = blocks.CharBlock(label=_("caption"), required=False, max_length=300)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "blocks/figure.html"


class StepBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("what to do"), max_length=160)
    text = blocks.RichTextBlock(label=_("explanation"), required=False, features=SHORT_FEATURES)
    image = ImageChooserBlock(label=_("picture"), required=False)
    alt = blocks.CharBlock(label=_("text for those who cannot see it"), required=False, max_length=300)


class StepsBlock(blocks.StructBlock):
    steps = blocks.ListBlock(StepBlock(), label=_("steps"), min_num=1)

    class Meta:
        icon = "list-ol"
        label = _("Numbered steps")
        template = "blocks/steps.html"


class NoticeBlock(blocks.StructBlock):
    kind = blocks.ChoiceBlock(
        label=_("kind"),
        choices=[
            ("info", _("good to know")),
            ("success", _("well done")),
            ("warning", _("careful")),
            ("danger", _("danger")),
        ],
        default="info",
    )
    title = blocks.CharBlock(label=_("title"), max_length=160)
    text = blocks.RichTextBlock(label=_("text"), required=False, features=[*SHORT_FEATURES, "ul"])

    class Meta:
        icon = "warning"
        label = _("Notice")
        template = "blocks/notice.html"


class ChecklistBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("title"), max_length=160)
    items = blocks.ListBlock(blocks.CharBlock(max_length=300), label=_("items"), min_num=1)

    class Meta:
        icon = "tick"
        label = _("Checklist")
        template = "blocks/checklist.html"


class FileBlock(blocks.StructBlock):
    document = DocumentChooserBlock(label=_("file"))
    title = blocks.CharBlock(label=_("title"), max_length=160)

    class Meta:
        icon = "doc-full"
        label = _("File to download")
        template = "blocks/file.html"


class TableBlock(blocks.StructBlock):
    """A plain table with a caption and column titles; on a phone each row becomes a card."""

    caption = blocks.CharBlock(label=_("caption"), max_length=200)
    header = blocks.ListBlock(blocks.CharBlock(max_length=100), label=_("column titles"), min_num=2, max_num=5)
    rows = blocks.ListBlock(
        blocks.ListBlock(blocks.CharBlock(max_length=300, required=False), min_num=2, max_num=5),
        label=_("rows"),
        min_num=1,
    )

    class Meta:
        icon = "table"
        label = _("Table")
        template = "blocks/table.html"


BODY_BLOCKS = [
    ("text", blocks.RichTextBlock(label=_("Text"), features=TEXT_FEATURES, template="blocks/text.html")),
    ("figure", FigureBlock()),
    ("steps", StepsBlock()),
    ("notice", NoticeBlock()),
    ("checklist", ChecklistBlock()),
    ("file", FileBlock()),
    ("table", TableBlock()),
]
