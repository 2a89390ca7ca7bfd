"""Addresses of `desks`."""

from django.urls import path

from desks import learning_views, organisation_views, roster_row_views, roster_views, unit_certificate_views, unit_views

urlpatterns = [
    path("don-vi/", unit_views.my_unit, name="my_unit"),
    path("don-vi/tim/", unit_views.find_unit, name="find_unit"),
    path("don-vi/<uuid:uuid>/", unit_views.unit_desk, name="unit_desk"),
    path("don-vi/<uuid:uuid>/chung-nhan/", unit_certificate_views.unit_certificates, name="unit_certificates"),
    path(
        "don-vi/<uuid:uuid>/chung-nhan/<uuid:certificate_uuid>/thu-hoi/",
        unit_certificate_views.unit_revoke,
        name="unit_revoke",
    ),
    path("don-vi/<uuid:uuid>/so-cap/", unit_certificate_views.unit_register, name="unit_register"),
    path("don-vi/<uuid:uuid>/nguoi-hoc/", unit_views.unit_people, name="unit_people"),
    path("don-vi/<uuid:uuid>/xuat.xlsx", unit_views.unit_export, name="unit_export"),
    path("hoc-tap/", learning_views.my_learning, name="my_learning"),
    path("to-chuc/", organisation_views.organisations, name="organisations"),
    path("to-chuc/<uuid:uuid>/", organisation_views.organisation, name="organisation"),
    path("to-chuc/<uuid:uuid>/bang.xlsx", organisation_views.members_export, name="members_export"),
    path("to-chuc/<uuid:uuid>/them/", organisation_views.member_add, name="member_add"),
    path("to-chuc/<uuid:uuid>/ghi-danh/", organisation_views.members_enrol, name="members_enrol"),
    path("to-chuc/<uuid:uuid>/nhac/", organisation_views.members_remind, name="members_remind"),
    path("to-chuc/<uuid:uuid>/nguoi/<uuid:person>/", organisation_views.member, name="member"),
    path("to-chuc/<uuid:uuid>/nguoi/<uuid:person>/thoi/", organisation_views.member_end, name="member_end"),
    path("to-chuc/<uuid:uuid>/danh-sach/", roster_views.organisation_rosters, name="organisation_rosters"),
    path("to-chuc/<uuid:uuid>/danh-sach/mau.xlsx", roster_views.roster_template, name="roster_template"),
    path("to-chuc/<uuid:uuid>/danh-sach/<uuid:roster>/", roster_views.roster, name="roster"),
    path("to-chuc/<uuid:uuid>/danh-sach/<uuid:roster>/tien-do/", roster_views.roster_data, name="roster_data"),
    path("to-chuc/<uuid:uuid>/danh-sach/<uuid:roster>/ket-qua/", roster_views.roster_result, name="roster_result"),
    path("to-chuc/<uuid:uuid>/danh-sach/<uuid:roster>/chon/", roster_views.roster_ticks, name="roster_ticks"),
    path("to-chuc/<uuid:uuid>/danh-sach/<uuid:roster>/xac-nhan/", roster_views.roster_confirm, name="roster_confirm"),
    path("to-chuc/<uuid:uuid>/danh-sach/<uuid:roster>/bo/", roster_views.roster_discard, name="roster_discard"),
    path("to-chuc/<uuid:uuid>/danh-sach/<uuid:roster>/cot/", roster_row_views.roster_columns, name="roster_columns"),
    path(
        "to-chuc/<uuid:uuid>/danh-sach/<uuid:roster>/dong/<int:number>/",
        roster_row_views.roster_row,
        name="roster_row",
    ),
]
