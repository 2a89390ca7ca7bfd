"""Lists and forms of the admin: organisations and roles."""

from __future__ import annotations

from django.utils.translation import gettext_lazy
from wagtail.admin.views.generic import CreateView, EditView
from wagtail.admin.viewsets.model import ModelViewSet

from people.models import Organisation
from people.operations.organisations import keep_organisation
from people.organisation_forms import OrganisationForm


class OrganisationCreateView(CreateView):
    def save_instance(self) -> Organisation:
        return keep_organisation(organisation=self.form.save(commit=False), by=self.request.user)


class OrganisationEditView(EditView):
    def save_instance(self) -> Organisation:
        self.has_content_changes = self.form.has_changed()
        changed = self.form.changed_data
        return keep_organisation(organisation=self.form.save(commit=False), changed=changed, by=self.request.user)


class OrganisationViewSet(ModelViewSet):
    """Co-operatives, enterprises, agencies, digital teams. One that ends gets a last day; it is not deleted."""

    model = Organisation
    name = "organisations"
    icon = "group"
    menu_label = gettext_lazy("Organisations")
    list_display = ["name", "kind", "seat", "valid_from", "valid_until"]
    list_filter = ["kind"]
    search_fields = ["name", "name_folded", "registration_number"]
    search_backend_name = None
    add_view_class = OrganisationCreateView
    edit_view_class = OrganisationEditView
    copy_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> type[OrganisationForm]:
        return OrganisationForm
