"""Addresses of `places`."""

from django.urls import path

from places import finder_views

urlpatterns = [
    path("dia-phuong/", finder_views.find_place, name="find_place"),
    path("dia-phuong/<uuid:uuid>/", finder_views.place, name="place"),
]
