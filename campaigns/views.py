"""The organiser's pages: start a campaign, confirm headcounts, close it, take the figures away."""

from __future__ import annotations

import io

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from wagtail.models import Locale
from wagtail.views import serve as wagtail_serve

from campaigns import operations, queries
from campaigns.forms import CampaignForm, HeadcountForm
from campaigns.models import Campaign, CampaignIndexPage, CampaignPage
from campaigns.rules import can_organise, organised_areas
from common import clock
from common.doors import login_required
from common.exceptions import DomainError
from common.tabular import OutSheet, write_workbook
from content.published import find_published
from ledger.operations import record_audit
from places.models import AdministrativeUnit

UNITS_ON_A_PAGE = 25


@require_safe
def campaign_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The public page, found in one query; Wagtail serves whatever is special about it."""
    page = find_published(CampaignPage, language=get_language(), url_path_end=f"thi-dua/{slug}/")
    if page is None:
        return wagtail_serve(request, f"thi-dua/{slug}/")
    return page.serve(request)


def get_campaign(request: HttpRequest, key) -> Campaign:
    """The campaign, for those who organise in its area; 404 for everybody else."""
    campaign = get_object_or_404(Campaign.objects.select_related("area"), key=key)
    if not can_organise(request.user, campaign):
        raise Http404
    return campaign


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_new(request: HttpRequest) -> HttpResponse:
    areas = organised_areas(request.user)
    if not areas:
        raise PermissionDenied
    index = get_object_or_404(CampaignIndexPage.objects.live(), locale=Locale.get_default())
    form = CampaignForm(request.POST or None, areas=areas, locale=index.locale)
    if request.method == "POST" and form.is_valid():
        starts_at, ends_at = form.period()
        page = operations.create_campaign(
            index=index,
            title=form.cleaned_data["title"],
            summary=form.cleaned_data["summary"],
            starts_at=starts_at,
            ends_at=ends_at,
            area=form.cleaned_data["area"],
            courses=list(form.cleaned_data["courses"]),
            points_per_completion=form.cleaned_data["points"],
            by=request.user,
        )
        messages.success(request, _("The campaign is published. Confirm the numbers of inhabitants next."))
        return redirect("campaign_desk", key=page.translation_key)
    return render(request, "campaigns/new.html", {"form": form}, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_desk(request: HttpRequest, key) -> HttpResponse:
    """State, figures and headcounts of one campaign."""
    campaign = get_campaign(request, key)
    units = campaign.competing_units.select_related("unit", "standing").order_by("unit__sort_key")
    search = request.GET.get("q", "")[:80]
    if search:
        units = units.filter(unit__in=AdministrativeUnit.objects.search(search))
    shown = Paginator(units, UNITS_ON_A_PAGE).get_page(request.GET.get("trang"))
    form = HeadcountForm(request.POST or None, units=list(shown))
    if request.method == "POST" and form.is_valid():
        try:
            count = operations.confirm_headcounts(campaign=campaign, headcounts=form.headcounts(), by=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request,
                ngettext("%(n)s number was saved.", "%(n)s numbers were saved.", count) % {"n": count},
            )
            return redirect(request.get_full_path())
    confirmed = campaign.competing_units.filter(headcount__isnull=False).count()
    state = campaign.state_at(clock.now())
    context = {
        "campaign": campaign,
        "campaign_page": CampaignPage.objects.filter(translation_key=campaign.key, alias_of=None).first(),
        "state": state,
        "form": form,
        "page_of_units": shown,
        "search": search,
        "unit_count": campaign.competing_units.count(),
        "confirmed": confirmed,
        "completions": campaign.events.aggregate(count=operations.COMPLETIONS)["count"],
        "previous_url": f"?trang={shown.previous_page_number()}" if shown.has_previous() else "",
        "next_url": f"?trang={shown.next_page_number()}" if shown.has_next() else "",
    }
    return render(request, "campaigns/desk.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def campaign_close(request: HttpRequest, key) -> HttpResponse:
    campaign = get_campaign(request, key)
    try:
        operations.close_campaign(campaign=campaign, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The campaign is closed and its standings are final."))
    return redirect("campaign_desk", key=campaign.key)


@login_required
@require_safe
def campaign_export(request: HttpRequest, key) -> HttpResponse:
    """The standings as a workbook."""
    campaign = get_campaign(request, key)
    header = [
        _("Rank by points"),
        _("Rank by rate"),
        _("Commune"),
        _("Completions"),
        _("Points"),
        _("Inhabitants"),
        _("Rate, %"),
    ]
    rows = [
        [
            standing.rank_by_points,
            standing.rank_by_rate,
            standing.competing_unit.unit.full_name,
            standing.completions,
            standing.points,
            standing.competing_unit.headcount,
            standing.rate * 100 if standing.rate is not None else None,
        ]
        for standing in queries.ranked_standings(campaign, by_rate=False)
    ]
    buffer = io.BytesIO()
    write_workbook(buffer, [OutSheet(campaign.title, header, rows)])
    record_audit(actor=request.user, action="campaigns.export_standings", target=campaign, unit=campaign.area)
    response = HttpResponse(
        buffer.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response["Content-Disposition"] = 'attachment; filename="bang-xep-hang.xlsx"'
    return response
