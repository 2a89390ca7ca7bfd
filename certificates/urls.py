"""Addresses of `certificates`."""

from django.urls import path

from certificates import views

urlpatterns = [
    path("xac-minh/", views.verify, name="verify"),
    path("xac-minh/theo-so/", views.verify_serial, name="verify_serial"),
    path("xac-minh/<str:code>/", views.verify_certificate, name="verify_certificate"),
    path("chung-nhan/<uuid:uuid>/pdf/", views.certificate_pdf, name="certificate_pdf"),
]
