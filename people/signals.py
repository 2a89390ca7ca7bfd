"""What happens to persons that upper apps want to know. Receivers only write rows, in the sender's transaction."""

from django.dispatch import Signal

# A session got its learner, after sign-in, a claim or a switch. Sent with sender=Person, `person` and `session`
# (the session of the request), so that what was done as a guest can be kept under the person's name.
learner_chosen = Signal()

# Two records turned out to be of one person, or the merging was taken back. Sent with sender=PersonMerge, `merge` and
# `at`, when the rows have gone over: what both records had stays with `merge.absorbed`.
people_merged = Signal()
merge_undone = Signal()
