"""Checking a certificate by its code, or a paper by its number and name, and downloading one's own."""

from __future__ import annotations

from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.db.models import Q
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from certificates.formats import read_code
from certificates.forms import SerialForm, VerifyForm
from certificates.models import Certificate
from certificates.queries import find_by_code, find_by_serial
from certificates.rendering import download_name
from certificates.rendering import render as render_pdf
from certificates.wording import CertificateText
from common import clock
from people.access import note_people_read, with_next
from people.learners import is_closed_to

MISSES_A_MINUTE = 20
"""Unknown codes that one address may try; a school or a commune office behind one address stays far below."""

_WINDOW = 60  # seconds
BY_CODE, BY_SERIAL = "certificates/verify.html", "certificates/verify_serial.html"


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """The form for a code; with one (`?code=`), on to the page of the certificate."""
    if "code" not in request.GET:
        return _form_page(request, VerifyForm())
    form = VerifyForm(request.GET)
    if not form.is_valid():
        return _form_page(request, form, status=400)
    typed = form.cleaned_data["code"]
    code = read_code(typed)
    if code is None:
        form.add_error(
            "code", _("The code has twelve letters and digits. Compare it with the paper, character by character.")
        )
        return _missed(request, form)
    if find_by_code(code) is None:
        return _missed(request, _unknown(form))
    return redirect("verify_certificate", code=code)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify_serial(request: HttpRequest) -> HttpResponse:
    """The form for a number and a name; with both, what this site issued or what old registers say.

    Sent, not asked for: the name stays out of addresses and logs. Nobody finds a paper by one of the two alone.
    """
    if request.method != "POST":
        return _form_page(request, SerialForm(), template=BY_SERIAL)
    form = SerialForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form, status=400, template=BY_SERIAL)
    issued, entries = find_by_serial(form.cleaned_data["serial"], form.cleaned_data["name"])
    if not issued and not entries:
        form.add_error("serial", _("No register has this number with this name. Compare both with the paper."))
        return _missed(request, form, template=BY_SERIAL)
    if len(issued) == 1 and not entries:
        return redirect("verify_certificate", code=issued[0].code)
    context = {
        "issued": issued,
        "entries": entries,
        "in_force": any(entry.withdrawn_at is None for entry in entries),
        "checked_at": clock.now(),
    }
    response = render(request, "certificates/verified_paper.html", context)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@never_cache
@require_safe
def verify_certificate(request: HttpRequest, code: str) -> HttpResponse:
    """The whole certified text and whether it is in force. Whoever has the code may read it; nobody indexes it."""
    certificate = find_by_code(code)
    if certificate is None:
        form = VerifyForm({"code": code})
        form.is_valid()
        return _missed(request, _unknown(form))
    response = render(
        request,
        "certificates/verified.html",
        {
            "certificate": certificate,
            "text": CertificateText.from_json(certificate.text),
            "replacement": getattr(certificate, "replaced_by", None),
            "checked_at": clock.now(),
        },
    )
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@cache_control(private=True, no_store=True)
@require_safe
def certificate_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The certificate as PDF, for its holder and for those who look after the holder's place."""
    learner = request.learner  # type: ignore[attr-defined]
    if not learner and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), reverse("account_login"))
    seen = Certificate.objects.visible_to(request.user)
    if learner:  # on a phone that is not theirs, nobody may be signed in
        seen = Certificate.objects.filter(Q(pk__in=seen.values("pk")) | Q(person=learner.pk))
    certificate = get_object_or_404(seen.select_related("register", "person__residence"), uuid=uuid)
    if certificate.person is not None and is_closed_to(request, certificate.person):
        return redirect(with_next(reverse("who_pin", args=[certificate.person.uuid]), request.get_full_path()))
    if certificate.revoked_at is not None:  # no new paper of what is void; its page says why
        return redirect("verify_certificate", code=certificate.code)
    own = {learner.pk} if learner else set()
    holder = certificate.person
    if holder is None or not (holder.pk in own or holder.account_id == request.user.pk):
        note_people_read(request, "certificates.read_certificate", certificate, unit=certificate.unit)
    response = HttpResponse(render_pdf([certificate]), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{download_name(certificate)}"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


# Codes that do not exist --------------------------------------------------------------------------------------


def _unknown(form: VerifyForm) -> VerifyForm:
    form.add_error("code", _("No certificate has this code. Compare it with the paper, character by character."))
    return form


def _form_page(request: HttpRequest, form: Form, status: int = 200, template: str = BY_CODE) -> HttpResponse:
    response = render(request, template, {"form": form}, status=status)
    if status != 200:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def _missed(request: HttpRequest, form: Form, template: str = BY_CODE) -> HttpResponse:
    """404 with the form; 429 for an address that tries one code after the other. A code that exists never gets here."""
    seconds = clock.now().timestamp()
    key = f"verify-miss:{get_adapter(request).get_client_ip(request)}:{int(seconds // _WINDOW)}"
    cache.add(key, 0, 2 * _WINDOW)
    if cache.incr(key) > MISSES_A_MINUTE:
        response = render(request, "429.html", status=429)
        response.headers["Retry-After"] = str(_WINDOW - int(seconds % _WINDOW))
        return response
    return _form_page(request, form, status=404, template=template)
