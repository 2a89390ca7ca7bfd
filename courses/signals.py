"""Upward notice. Sent inside the transaction: a receiver only inserts rows, and one that raises undoes everything."""

from django.dispatch import Signal

course_completed = Signal()
"""`course_completed.send(CourseCompletion, completion=…)`: a person completed a course; sent once for each."""

completion_withdrawn = Signal()
"""`completion_withdrawn.send(CourseCompletion, completion=…, at=…)`: it was written by mistake and goes now."""
