"""Addresses of `quizzes`."""

urlpatterns: list = []
