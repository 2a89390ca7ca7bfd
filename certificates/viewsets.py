"""Lists and forms of the admin."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail.snippets.views.snippets import SnippetViewSet

from certificates.forms import IssuingBodyForm
from certificates.models import IssuingBody


class IssuingBodyViewSet(SnippetViewSet):
    """Whose name stands on certificates. A change touches what is issued from then on, never what was issued."""

    model = IssuingBody
    icon = "form"
    menu_label = _("Issuing bodies")
    add_to_admin_menu = True
    list_display = ["name", "unit", "signatory_title", "signatory_name"]
    search_fields = ["name", "signatory_name"]
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldPanel("unit"),
            MultiFieldPanel(
                [FieldPanel("place"), FieldPanel("decision"), FieldPanel("serial_suffix")], heading=_("Paper")
            ),
            MultiFieldPanel(
                [
                    FieldPanel("signatory_authority"),
                    FieldPanel("signatory_title"),
                    FieldPanel("signatory_name"),
                ],
                heading=_("Who signs"),
            ),
        ],
        base_form_class=IssuingBodyForm,
    )
