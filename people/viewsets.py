"""Lists and forms of the admin: organisations and roles."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.views.generic import CreateView, DeleteView, EditView
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet

from people.models import Organisation, RoleAssignment
from people.operations import end_role
from people.operations.organisations import keep_organisation
from people.organisation_forms import OrganisationForm, RoleForm


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


class RoleCreateView(CreateView):
    def form_valid(self, form: RoleForm) -> HttpResponse:
        self.form = form
        assignment = form.grant(by=self.request.user)
        if assignment is None:
            self.produced_error_message = self.get_error_message()
            return self.form_invalid(form)
        messages.success(self.request, _("The role was given."))
        return redirect(self.get_success_url())


class RoleEditView(EditView):
    """A role is not changed: it is ended, and another one given."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(reverse("roles:delete", args=[kwargs["pk"]]))


class RoleDeleteView(DeleteView):
    def delete_action(self) -> None:
        end_role(assignment=self.object, by=self.request.user)


class RoleViewSet(ModelViewSet):
    """Who may do what where, today and before. Deleting ends a role today and keeps that it was."""

    model = RoleAssignment
    name = "roles"
    icon = "key"
    menu_label = gettext_lazy("Roles")
    list_display = ["user", "get_role_display", "unit", "organisation", "valid_from", "valid_until"]
    list_filter = ["role"]
    ordering = ["-id"]
    search_fields = ["user__username", "organisation__name_folded"]
    search_backend_name = None
    add_view_class = RoleCreateView
    edit_view_class = RoleEditView
    delete_view_class = RoleDeleteView
    copy_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> type[RoleForm]:
        return RoleForm


class PeopleViewSetGroup(ViewSetGroup):
    menu_label = gettext_lazy("People")
    menu_icon = "group"
    menu_name = "people"
    items = (OrganisationViewSet, RoleViewSet)
