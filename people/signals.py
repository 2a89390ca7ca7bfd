"""What happens to persons that upper apps want to know. Receivers only write rows, in the sender's transaction."""

from django.dispatch import Signal

# A session got its learner, after sign-in, a claim or a switch. Sent with sender=Person, `person` and `session`
# (the session of the request), so that what was done as a guest can be kept under the person's name.
learner_chosen = Signal()
