"""Merging two records of one person, and taking that back.

The absorbed record stays as a row that points at the kept one. Whatever belongs to it goes over; of what both have (a
course completed twice) the kept record's own counts, and the other row stays where it is, out of sight. Everything that
was done is written down, so that undoing it gives the same rows again.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, models, transaction

from accounts.models import User
from common import clock
from ledger.operations import record_audit
from people.exceptions import AlreadyMerged, MergedAgain, OutsideScope, SamePerson
from people.models import DistinctPeople, LearnerCard, Person, PersonMerge
from people.personal_data import PersonalRecord, personal_records
from people.rules import can_merge
from people.signals import merge_undone, people_merged

FILLED = ("birth_year", "birth_date", "phone", "residence_id", "account_id", "pin_hash")
"""What the kept record takes over where it has nothing of its own."""


def records_that_go_over() -> list[PersonalRecord]:
    """Models whose rows name their person by a foreign key and are not bound to the record they were written for."""
    return [record for record in personal_records() if record.goes_over and record.person and "__" not in record.person]


@transaction.atomic
def merge_people(*, kept: Person, absorbed: Person, by: User, at: datetime | None = None) -> PersonMerge:
    """From now on both are one person. Asking again gives the merging that is there.

    Raises `SamePerson`, `OutsideScope` unless `by` may decide about both, `AlreadyMerged`.
    """
    at = at or clock.now()
    if kept.pk == absorbed.pk:
        raise SamePerson()
    kept, absorbed = _locked(kept.pk, absorbed.pk)
    before = PersonMerge.objects.standing().filter(kept=kept, absorbed=absorbed).first()
    if before is not None:
        return before
    if kept.merged_into_id is not None or absorbed.merged_into_id is not None:
        raise AlreadyMerged()
    if not (can_merge(by, kept) and can_merge(by, absorbed)):
        raise OutsideScope()
    unit = kept.residence or absorbed.residence
    merge = PersonMerge(kept=kept, absorbed=absorbed, by=by, at=at)
    for record in records_that_go_over():
        moved, stayed = _move(record, absorbed, kept)
        label = record.model._meta.label_lower
        if moved:
            merge.moved[label] = moved
        if stayed:
            merge.stayed[label] = stayed
    earlier = Person.everyone.filter(merged_into=absorbed)
    merge.moved["people.person"] = list(earlier.values_list("pk", flat=True))
    earlier.update(merged_into=kept)
    cards = LearnerCard.objects.valid().filter(person=absorbed)  # the kept record has one of its own
    merge.before["cards"] = list(cards.values_list("pk", flat=True))
    cards.update(revoked_at=at)
    changed = _fill(merge)
    merge.save()
    record_audit(actor=by, action="people.merge_people", target=kept, unit=unit, fields=changed, count=2, at=at)
    people_merged.send(PersonMerge, merge=merge, at=at)
    return merge


@transaction.atomic
def undo_merge(*, merge: PersonMerge, by: User, at: datetime | None = None) -> None:
    """Take a merging back: the rows that went over return, filled values go where nothing changed them since.

    What was added to the kept record meanwhile stays with it. A second time changes nothing. Raises `OutsideScope`,
    `MergedAgain` while the kept record itself is merged into another.
    """
    at = at or clock.now()
    kept, absorbed = _locked(merge.kept_id, merge.absorbed_id)
    merge = PersonMerge.objects.select_for_update().get(pk=merge.pk)
    if merge.undone_at is not None:
        return
    if kept.merged_into_id is not None:
        raise MergedAgain()
    if not can_merge(by, kept):
        raise OutsideScope()
    unit = kept.residence
    merge_undone.send(PersonMerge, merge=merge, at=at)
    changed = _unfill(merge, kept, absorbed)
    LearnerCard.objects.filter(pk__in=merge.before["cards"], person=absorbed).update(revoked_at=None)
    Person.everyone.filter(pk__in=merge.moved["people.person"], merged_into=kept).update(merged_into=absorbed)
    for record in records_that_go_over():
        ids = merge.moved.get(record.model._meta.label_lower, [])
        _set_person(record, record.model._base_manager.filter(pk__in=ids, **{str(record.person): kept}), absorbed)
    merge.undone_by, merge.undone_at = by, at
    merge.save(update_fields=["undone_by", "undone_at"])
    record_audit(actor=by, action="people.undo_merge", target=kept, unit=unit, fields=changed, count=2, at=at)


@transaction.atomic
def tell_apart(*, people: tuple[Person, Person], by: User, at: datetime | None = None) -> DistinctPeople:
    """The two look alike and are not one person: not proposed again. Raises `SamePerson`, `OutsideScope`."""
    at = at or clock.now()
    first, second = sorted(people, key=lambda person: person.pk)
    if first.pk == second.pk:
        raise SamePerson()
    if not (can_merge(by, first) and can_merge(by, second)):
        raise OutsideScope()
    told, created = DistinctPeople.objects.get_or_create(first=first, second=second, defaults={"by": by, "at": at})
    if created:
        record_audit(actor=by, action="people.tell_apart", target=first, unit=first.residence, count=2, at=at)
    return told


def _locked(kept_id: int, absorbed_id: int) -> tuple[Person, Person]:
    """Both rows, locked in the order of their numbers, so that two who merge wait and do not block each other."""
    rows = Person.everyone.select_for_update(of=("self",)).select_related("residence").order_by("pk")
    found = {person.pk: person for person in rows.filter(pk__in=[kept_id, absorbed_id])}
    return found[kept_id], found[absorbed_id]


def _move(record: PersonalRecord, absorbed: Person, kept: Person) -> tuple[list[int], list[int]]:
    """Rows of one model go over at once, or, where the kept record has some of its own, one by one."""
    rows = record.model._base_manager.filter(**{str(record.person): absorbed})
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    if not ids or _set_person(record, rows, kept):
        return ids, []
    stayed = [pk for pk in ids if not _set_person(record, rows.filter(pk=pk), kept)]
    return [pk for pk in ids if pk not in set(stayed)], stayed


def _set_person(record: PersonalRecord, rows: models.QuerySet[Any], person: Person) -> bool:
    try:
        with transaction.atomic():
            rows.update(**{str(record.person): person})
    except IntegrityError:
        return False
    return True


def _fill(merge: PersonMerge) -> list[str]:
    """Fill the gaps of the kept record, take the absorbed one out of its place and login; names of changed fields."""
    kept, absorbed = merge.kept, merge.absorbed
    filled: dict[str, Any] = {}
    for name in FILLED:
        mine, theirs = getattr(kept, name), getattr(absorbed, name)
        if mine or not theirs or (name == "birth_date" and theirs.year != kept.birth_year):
            continue
        filled[name] = theirs
        setattr(kept, name, theirs)
    merge.before["filled"] = {name: _plain(value) for name, value in filled.items()}
    merge.before["absorbed"] = {"residence_id": absorbed.residence_id, "account_id": absorbed.account_id}
    absorbed.residence_id = absorbed.account_id = None
    absorbed.merged_into = kept
    absorbed.save(update_fields=["residence", "account", "merged_into"])
    kept.save(update_fields=[name.removesuffix("_id") for name in filled])
    return [name.removesuffix("_id") for name in filled]


def _unfill(merge: PersonMerge, kept: Person, absorbed: Person) -> list[str]:
    filled = merge.before["filled"]
    changed = [name for name, value in filled.items() if _plain(getattr(kept, name)) == value]
    for name in changed:
        setattr(kept, name, "" if name in ("phone", "pin_hash") else None)
    if "birth_year" in changed and "birth_date" not in changed and kept.birth_date is not None:
        kept.birth_year = kept.birth_date.year  # a date that somebody entered since
    kept.save(update_fields=[name.removesuffix("_id") for name in changed])
    was = merge.before["absorbed"]
    absorbed.residence_id = was["residence_id"]
    login = was["account_id"]
    absorbed.account_id = login if login and User.objects.filter(pk=login).exists() else None
    absorbed.merged_into = None
    absorbed.save(update_fields=["residence", "account", "merged_into"])
    return [name.removesuffix("_id") for name in changed]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
