"""Addresses of `campaigns`; the pages people read are Wagtail's, below `/thi-dua/`."""

from django.urls import path

from campaigns import views

urlpatterns = [
    path("thi-dua/<slug:slug>/", views.campaign_page, name="campaign"),
    path("thi-dua/to-chuc/moi/", views.campaign_new, name="campaign_new"),
    path("thi-dua/to-chuc/<uuid:key>/", views.campaign_desk, name="campaign_desk"),
    path("thi-dua/to-chuc/<uuid:key>/dong/", views.campaign_close, name="campaign_close"),
    path("thi-dua/to-chuc/<uuid:key>/bang-xep-hang.xlsx", views.campaign_export, name="campaign_export"),
]
