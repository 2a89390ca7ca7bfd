"""Addresses of `events`."""

from django.urls import path

from events import list_views, views

urlpatterns = [
    path("lop-hoc/", views.classes, name="classes"),
    path("lop-hoc/moi/", views.class_new, name="class_new"),
    path("lop-hoc/<uuid:uuid>/", views.class_session, name="class_session"),
    path("lop-hoc/<uuid:uuid>/sua/", views.class_change, name="class_change"),
    path("lop-hoc/<uuid:uuid>/co-mat/", views.class_mark, name="class_mark"),
    path("lop-hoc/<uuid:uuid>/diem-danh/", views.class_presence, name="class_presence"),
    path("lop-hoc/<uuid:uuid>/nguoi-moi/", list_views.class_walk_in, name="class_walk_in"),
    path("lop-hoc/<uuid:uuid>/danh-sach/", list_views.class_list, name="class_list"),
    path("lop-hoc/<uuid:uuid>/ky-ten.pdf", list_views.class_sheet, name="class_sheet"),
    path("lop-hoc/<uuid:uuid>/dong/", views.class_close, name="class_close"),
    path("lop-hoc/<uuid:uuid>/mo-lai/", views.class_reopen, name="class_reopen"),
    path("lop-hoc/<uuid:uuid>/huy/", views.class_cancel, name="class_cancel"),
]
