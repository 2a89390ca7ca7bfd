import pickle

from django.utils import translation
from django.utils.translation import gettext_lazy

from common.exceptions import DomainError


class SeatsTaken(DomainError):
    code = "seats-taken"
    message = gettext_lazy("All %(seats)d seats of %(name)s are taken.")


class Yes(DomainError):
    code = "yes"
    message = gettext_lazy("Yes")


def test_the_message_is_filled_in_when_it_is_shown():
    assert str(SeatsTaken(seats=30, name="Ánh")) == "All 30 seats of Ánh are taken."


def test_the_message_follows_the_active_language():
    error = Yes()
    with translation.override("vi"):
        vietnamese = str(error)
    with translation.override("en"):
        assert str(error) == "Yes" != vietnamese


def test_a_repr_for_the_logs_names_nobody():
    assert repr(SeatsTaken(seats=30, name="Ánh")) == "<SeatsTaken seats-taken>"


def test_errors_travel_between_processes():
    error = pickle.loads(pickle.dumps(SeatsTaken(seats=3, name="x")))
    assert (type(error), error.params) == (SeatsTaken, {"seats": 3, "name": "x"})
