"""Addresses. Vietnamese has no prefix, English lives under `/en/`; each app names its own below."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from content.media_views import media
from training_site import views

urlpatterns = [
    path("readyz", views.readyz, name="readyz"),
    # One door for everybody: Wagtail's own sign-in pages would bypass our rate limits and second factor.
    path("admin/login/", views.admin_sign_in),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("media/<path:path>", media, name="media"),
]

urlpatterns += i18n_patterns(
    path("", include("desks.urls")),
    path("", include("campaigns.urls")),
    path("", include("events.urls")),
    path("", include("courses.urls")),
    path("", include("quizzes.urls")),
    path("", include("certificates.urls")),
    path("", include("people.urls")),
    path("", include("places.urls")),
    path("", include("ledger.urls")),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("_util/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("", include(wagtail_urls)),
    prefix_default_language=False,
)

handler400 = "training_site.views.bad_request"
handler403 = "training_site.views.permission_denied"
handler429 = "training_site.views.too_many_requests"  # allauth's name for it
handler404 = "training_site.views.not_found"
