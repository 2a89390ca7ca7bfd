"""Learner cards: printing and revoking them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.crypto import get_random_string

from accounts.models import User
from common import clock
from ledger.models import Job
from ledger.operations import enqueue_job, record_audit
from people.exceptions import NobodyToPrint, OutsideScope, TooManyCards
from people.models import LearnerCard, Person
from people.records import CARDS_KIND
from people.rules import can_help_person

MOST_CARDS = 500
CODE_LETTERS = "BCDFGHJKMNPQRSTVWXZ23456789"  # none that is read as another, and no word comes out


@transaction.atomic
def request_cards(*, person_ids: Sequence[int], by: User, at: datetime | None = None) -> Job:
    """A sheet for the printer with the cards of these people; who has a valid card keeps it.

    Printing again after a paper jam must not make the cards void that were handed out; a lost card is revoked.
    People whom `by` does not look after are left out. Raises `NobodyToPrint` and `TooManyCards`.
    """
    at = at or clock.now()
    people = Person.objects.helped_by(by).learning().filter(pk__in=person_ids)
    ids = list(people.order_by("residence__sort_key", "name_key", "pk").values_list("pk", flat=True))
    if not ids:
        raise NobodyToPrint()
    if len(ids) > MOST_CARDS:
        raise TooManyCards(limit=MOST_CARDS)
    known = set(LearnerCard.objects.valid().filter(person__in=ids).values_list("person", flat=True))
    new = [
        LearnerCard(
            person_id=pk,
            token=get_random_string(24),
            code=get_random_string(8, CODE_LETTERS),
            issued_by=by,
            issued_at=at,
        )
        for pk in ids
        if pk not in known
    ]
    LearnerCard.objects.bulk_create(new, ignore_conflicts=True)  # two sheets at once give one card each
    job = enqueue_job(CARDS_KIND, params={"ids": ids}, by=by, at=at)
    record_audit(actor=by, action="people.print_cards", target=job, count=len(ids), at=at)
    return job


@transaction.atomic
def revoke_card(*, card: LearnerCard, by: User, at: datetime | None = None) -> None:
    """A lost card opens nothing from now on; a second time changes nothing. Raises `OutsideScope`."""
    at = at or clock.now()
    if not can_help_person(by, card.person):
        raise OutsideScope()
    if LearnerCard.objects.valid().filter(pk=card.pk).update(revoked_at=at):
        record_audit(actor=by, action="people.revoke_card", target=card, unit=card.person.residence, at=at)
