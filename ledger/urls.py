"""Addresses of `ledger`."""

from django.urls import path

from ledger import views

urlpatterns = [
    path("viec/<uuid:uuid>/", views.job, name="job"),
    path("viec/<uuid:uuid>/tien-do/", views.job_data, name="job_data"),
    path("viec/<uuid:uuid>/tep/", views.job_file, name="job_file"),
    path("viec/<uuid:uuid>/dung/", views.job_cancel, name="job_cancel"),
    path("niem-phong/", views.audit_seals, name="audit_seals"),
    path("niem-phong.json", views.audit_seals_data, name="audit_seals_data"),
]
