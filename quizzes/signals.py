"""Upward notice. Sent inside the transaction: a receiver only inserts rows, and one that raises undoes everything."""

from django.dispatch import Signal

attempt_submitted = Signal()
"""`attempt_submitted.send(Attempt, attempt=…)`: an attempt was handed in and graded; sent once for each attempt."""
