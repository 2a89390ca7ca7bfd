"""Issuing bodies in the admin. Certificates are issued by jobs and revoked at the desk of a unit."""

from wagtail.snippets.models import register_snippet

from certificates.viewsets import IssuingBodyViewSet

register_snippet(IssuingBodyViewSet)
