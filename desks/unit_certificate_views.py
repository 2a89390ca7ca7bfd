"""Certificates of a unit: which to print, which to revoke, the register to sign."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from certificates.forms import RevokeForm
from certificates.models import Certificate
from certificates.operations import request_print, revoke_certificate
from certificates.queries import subjects_of
from certificates.wording import CertificateText
from common import clock
from common.exceptions import DomainError
from desks.paging import page_links, page_of
from desks.unit_forms import SelectionForm
from desks.unit_queries import places_below, registers_of
from desks.unit_views import desk_context, desk_role, reachable_unit
from people.access import note_people_read
from places.models import AdministrativeUnit

REGISTER_SIZE = 250


@never_cache
@desk_role
@require_http_methods(["GET", "HEAD", "POST"])
def unit_certificates(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Certificates in force by place, course and days; a POST asks for one PDF of all that are selected."""
    unit = reachable_unit(request, uuid, "certificates.print")
    certificates = Certificate.objects.visible_to(request.user).valid()
    form = SelectionForm(
        request.POST if request.method == "POST" else request.GET,
        unit=unit,
        below=places_below(unit),
        subjects=subjects_of(certificates.within(unit)),
    )
    selected = form.selected(certificates)
    if request.method == "POST" and form.is_valid():
        try:
            job = request_print(certificate_ids=list(selected.values_list("pk", flat=True)), by=request.user, unit=unit)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return redirect("job", uuid=job.uuid)
    page = page_of(request, selected)
    note_people_read(request, "desks.read_certificates", unit, unit=unit, count=len(page))
    query = request.GET.copy() if request.method != "POST" else request.POST.copy()
    for name in ("page", "csrfmiddlewaretoken"):
        query.pop(name, None)
    context = {
        **desk_context(request, unit, "certificates"),
        "form": form,
        "page": page,
        "columns": [
            {"label": _("Full name")},
            {"label": _("Born, living in")},
            {"label": _("Course")},
            {"label": _("Number")},
            {"label": _("Issued on")},
            {"label": _("If it is wrong")},
        ],
        "rows": [_certificate_row(unit, certificate) for certificate in page],
        **page_links(page, query),
    }
    return render(request, "desks/unit_certificates.html", context)


def about_inside(unit: AdministrativeUnit, text: CertificateText) -> str:
    """Birth year and place of a holder, without the unit that stands over the whole list."""
    return text.about.removesuffix(f", {unit.address}")


def _certificate_row(unit: AdministrativeUnit, certificate: Certificate) -> dict[str, Any]:
    text = CertificateText.from_json(certificate.text)
    name = format_html('<a href="{}">{}</a>', reverse("certificate_pdf", args=[certificate.uuid]), text.holder)
    revoke = format_html(
        '<a href="{}">{}<span class="sr"> {}</span></a>',
        reverse("unit_revoke", args=[unit.uuid, certificate.uuid]),
        _("Revoke"),
        text.serial,
    )
    day = f"{certificate.issued_on:%d/%m/%Y}"
    return {"cells": [name, about_inside(unit, text), text.title, text.serial, day, revoke]}


@never_cache
@desk_role
@require_http_methods(["GET", "HEAD", "POST"])
def unit_revoke(request: HttpRequest, uuid: UUID, certificate_uuid: UUID) -> HttpResponse:
    """Revoke one certificate, with the reason that everybody who checks it reads."""
    unit = reachable_unit(request, uuid, "certificates.print")
    certificates = Certificate.objects.visible_to(request.user).within(unit)
    certificate = get_object_or_404(certificates, uuid=certificate_uuid)
    note_people_read(request, "certificates.read_certificate", certificate, unit=unit)
    form = RevokeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            revoke_certificate(certificate=certificate, reason=form.cleaned_data["reason"], by=request.user)
        except DomainError as error:
            form.add_error("reason", str(error))
        else:
            messages.success(request, _("Certificate %(serial)s is revoked.") % {"serial": certificate.serial})
            return redirect("unit_certificates", uuid=unit.uuid)
    context = {
        **desk_context(request, unit, "certificates"),
        "form": form,
        "certificate": certificate,
        "text": CertificateText.from_json(certificate.text),
    }
    return render(request, "desks/unit_revoke.html", context)


@never_cache
@desk_role
@require_safe
def unit_register(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A register book as far as it concerns the unit, to read on screen and to sign on paper; revoked lines too."""
    unit = reachable_unit(request, uuid, "certificates.read_register")
    registers = registers_of(unit)
    chosen = next((book for book in registers if str(book.pk) == request.GET.get("so")), None)
    chosen = chosen or (registers[0] if registers else None)
    context = {**desk_context(request, unit, "register"), "registers": registers, "register": chosen}
    if chosen is not None:
        certificates = Certificate.objects.within(unit).filter(register=chosen).order_by("number")
        page = page_of(request, certificates, REGISTER_SIZE)
        note_people_read(request, "desks.read_register", unit, unit=unit, count=len(page))
        labels = [_("Number"), _("Full name"), _("Born, living in"), _("Course"), _("Issued on"), _("Note")]
        rows = [_register_line(unit, certificate) for certificate in page]
        query = request.GET.copy()
        query.pop("page", None)
        context |= {
            "page": page,
            "labels": labels,
            "lines": rows,
            "columns": [{"label": label} for label in labels],
            "rows": [
                {"cells": row, "state": "bad" if certificate.revoked_at else ""}
                for row, certificate in zip(rows, page, strict=True)
            ],
            "tabs": [
                {
                    "label": f"{book.year}, {book.body.name}",
                    "href": f"?so={book.pk}",
                    "current": book == chosen,
                }
                for book in registers
            ],
            "today": clock.today(),
            **page_links(page, query),
        }
    return render(request, "desks/unit_register.html", context)


def _register_line(unit: AdministrativeUnit, certificate: Certificate) -> list[str]:
    text = CertificateText.from_json(certificate.text)
    note = ""
    if certificate.revoked_at is not None:
        revoked_on = f"{clock.day_of(certificate.revoked_at):%d/%m/%Y}"
        note = _("Revoked on %(day)s: %(reason)s") % {"day": revoked_on, "reason": certificate.revoked_reason}
    day = f"{certificate.issued_on:%d/%m/%Y}"
    return [text.serial, text.holder, about_inside(unit, text), text.title, day, note]
