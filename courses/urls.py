"""Addresses of `courses`: the pages that everybody opens, before Wagtail's own view of them, and learning."""

from django.urls import path

from courses import attempt_views, learning_views, page_views

urlpatterns = [
    path("", page_views.home, name="home"),
    path("khoa-hoc/", page_views.catalogue, name="catalogue"),
    path("khoa-hoc/<slug:course_slug>/", page_views.course, name="course"),
    path("khoa-hoc/<slug:course_slug>/<slug:lesson_slug>/", page_views.lesson, name="lesson"),
    path("hoc-tap/bai/<uuid:lesson_key>/xong/", learning_views.lesson_done, name="lesson_done"),
    path(
        "hoc-tap/bai/<uuid:lesson_key>/tra-loi/<int:question_id>/",
        learning_views.practice_answer,
        name="practice_answer",
    ),
    path("hoc-tap/khoa/<uuid:course_key>/ghi-danh/", learning_views.enrol, name="enrol"),
    path("hoc-tap/khoa/<uuid:course_key>/hoan-thanh/", learning_views.course_completed, name="course_completed"),
    path("hoc-tap/khoa/<uuid:course_key>/kiem-tra/", attempt_views.course_test, name="course_test"),
    path("hoc-tap/luot/<uuid:uuid>/", attempt_views.attempt, name="attempt"),
    path("hoc-tap/luot/<uuid:uuid>/luu/", attempt_views.attempt_save, name="attempt_save"),
    path("hoc-tap/luot/<uuid:uuid>/tat-ca/", attempt_views.attempt_overview, name="attempt_overview"),
    path("hoc-tap/luot/<uuid:uuid>/nop/", attempt_views.attempt_submit, name="attempt_submit"),
    path("hoc-tap/luot/<uuid:uuid>/ket-qua/", attempt_views.attempt_result, name="attempt_result"),
]
