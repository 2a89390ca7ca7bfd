"""Two records of one person become one, with everything they own, and can become two again."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest
from django.core import serializers
from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate
from common import clock
from courses.models import CourseCompletion, Enrolment, LessonCompletion
from ledger.models import AuditEntry
from people.duplicates import probable_duplicates
from people.enums import ConsentPurpose, Role
from people.exceptions import AlreadyMerged, MergedAgain, OutsideScope, SamePerson
from people.models import Consent, DistinctPeople, LearnerCard, Membership, Person, PersonMerge
from people.operations import grant_role
from people.operations.data import erase_person
from people.operations.merging import merge_people, records_that_go_over, tell_apart, undo_merge
from people.personal_data import personal_records, sections
from tests.concurrency import at_once
from tests.counting import statements
from tests.factories import places
from tests.factories.people import make_organisation, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def official():
    user = make_user("can-bo")
    grant_role(user=user, role=Role.OFFICIAL, unit=places.commune(), by=None)
    return user


def complete(person: Person, key: uuid.UUID, title: str = "An toàn trên mạng") -> CourseCompletion:
    Enrolment.objects.create(person=person, course_key=key, reason="self", enrolled_at=clock.now())
    LessonCompletion.objects.create(person=person, course_key=key, lesson_key=key, completed_at=clock.now())
    return CourseCompletion.objects.create(
        person=person,
        course_key=key,
        course_title=title,
        completed_at=clock.now(),
        residence=person.residence,
        audience="resident",
        points=0,
        max_points=0,
        lessons=1,
    )


def consent(person: Person) -> Consent:
    return Consent.objects.create(
        person=person,
        purpose=ConsentPurpose.LEARNING_RECORD,
        text_version="2026-01",
        language="vi",
        given_at=clock.now(),
    )


@pytest.fixture
def twins():
    """The same woman: signed up on her phone, and registered by a facilitator before. Each has something of her own,
    and of some things both have one."""
    kept = make_person("Lê Thị Cúc", residence=places.village(), birth_year=None, account=make_user("cuc"))
    other = make_person("Le Thi Cuc", residence=places.village(), birth_year=1961, birth_date=date(1961, 5, 2))
    organisation = make_organisation("HTX Bến Hạ", seat=places.commune())
    Membership.objects.create(person=other, organisation=organisation, valid_from=clock.today())
    both, own, theirs = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    complete(kept, both)
    complete(kept, own)
    complete(other, both)
    complete(other, theirs, "Bán nông sản")
    consent(kept)
    consent(other)
    for number, person in enumerate((kept, other)):
        LearnerCard.objects.create(person=person, token=f"t{number}", code=f"c{number}", issued_at=clock.now())
    return kept, other


def rows() -> dict[str, list[dict[str, Any]]]:
    """Everything that is registered about people, as it stands in the tables."""
    found: dict[str, list[dict[str, Any]]] = {}
    for record in personal_records():
        if record.person is None or record.model is PersonMerge:
            continue
        everything = record.model._base_manager.order_by("pk")
        found[record.model._meta.label_lower] = serializers.serialize("python", everything)
    return found


class TestMerging:
    def test_what_one_has_goes_over_and_of_what_both_have_one_counts(self, twins, official):
        kept, other = twins
        merge = merge_people(kept=kept, absorbed=other, by=official)
        kept.refresh_from_db()
        assert (kept.full_name, kept.birth_year, kept.birth_date) == ("Lê Thị Cúc", 1961, date(1961, 5, 2))
        assert kept.memberships.count() == 1
        assert set(CourseCompletion.objects.filter(person=kept).values_list("course_title", flat=True)) == {
            "An toàn trên mạng",
            "Bán nông sản",
        }
        assert CourseCompletion.objects.filter(person=kept).count() == 3
        assert [len(ids) for ids in merge.stayed.values()] == [
            1,
            1,
            1,
            1,
            1,
        ]
        assert not LearnerCard.objects.valid().filter(person=other).exists()

    def test_the_other_record_is_met_nowhere(self, twins, official):
        kept, other = twins
        merge_people(kept=kept, absorbed=other, by=official)
        assert list(Person.objects.all()) == [kept]
        assert list(Person.objects.living_in(places.commune())) == [kept]
        assert list(Person.objects.visible_to(official)) == [kept]
        assert not other.account_id
        assert Person.everyone.get(pk=other.pk).residence is None

    def test_once_however_often_it_is_asked_for(self, twins, official):
        kept, other = twins
        first = merge_people(kept=kept, absorbed=other, by=official)
        assert merge_people(kept=kept, absorbed=other, by=official) == first
        assert AuditEntry.objects.filter(action="people.merge_people").count() == 1
        with pytest.raises(AlreadyMerged):
            merge_people(kept=other, absorbed=kept, by=official)

    def test_refusals(self, twins, official):
        kept, other = twins
        with pytest.raises(SamePerson):
            merge_people(kept=kept, absorbed=kept, by=official)
        elsewhere = make_person("Lê Thị Cúc", residence=places.commune("99001", "Xã xa", places.province("99", "Xa")))
        with pytest.raises(OutsideScope):
            merge_people(kept=kept, absorbed=elsewhere, by=official)
        with pytest.raises(OutsideScope):
            merge_people(kept=kept, absorbed=other, by=make_user("nguoi-la"))
        assert not PersonMerge.objects.exists()

    def test_a_login_goes_over_where_there_is_none(self, official):
        kept, other = make_person("An", residence=places.village()), make_person("An", residence=places.village())
        other.account = make_user("an")
        other.save()
        merge_people(kept=kept, absorbed=other, by=official)
        kept.refresh_from_db()
        assert kept.account.username == "an"
        assert list(kept.account.learners.all()) == [kept]

    def test_every_model_with_a_person_is_decided_upon(self):
        """Whatever points at a person goes over, or says why not."""
        direct = {
            relation.related_model
            for relation in Person._meta.get_fields(include_hidden=True)
            if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)
        } - {Person}
        over = {record.model for record in records_that_go_over()}
        stays = {record.model for record in personal_records() if record.person and not record.goes_over}
        assert direct == over | stays
        assert {model._meta.label for model in stays} == {
            "people.PersonMerge",
            "people.DistinctPeople",
            "campaigns.ScoreEvent",
        }


class TestTakingItBack:
    def test_everything_is_as_it_was(self, twins, official):
        before = rows()
        kept, other = twins
        merge = merge_people(kept=kept, absorbed=other, by=official)
        assert rows() != before
        undo_merge(merge=merge, by=official)
        assert rows() == before
        undo_merge(merge=merge, by=official)
        assert AuditEntry.objects.filter(action="people.undo_merge").count() == 1

    def test_what_came_since_stays_with_the_kept_record(self, twins, official):
        kept, other = twins
        merge = merge_people(kept=kept, absorbed=other, by=official)
        later = complete(kept, uuid.uuid4(), "Sau khi gộp")
        kept.refresh_from_db()
        kept.birth_year, kept.birth_date = 1962, None
        kept.save()
        undo_merge(merge=merge, by=official)
        later.refresh_from_db()
        kept.refresh_from_db()
        assert later.person == kept
        assert kept.birth_year == 1962  # somebody corrected what was filled in

    def test_and_merged_again(self, twins, official):
        kept, other = twins
        undo_merge(merge=merge_people(kept=kept, absorbed=other, by=official), by=official)
        merge_people(kept=other, absorbed=kept, by=official)
        other.refresh_from_db()
        assert other.account.username == "cuc"

    def test_a_chain_ends_at_one_record(self, twins, official):
        kept, other = twins
        first = merge_people(kept=other, absorbed=kept, by=official)
        third = make_person("Lê Thị Cúc", residence=places.village())
        second = merge_people(kept=third, absorbed=other, by=official)
        assert set(Person.everyone.filter(merged_into=third)) == {kept, other}
        with pytest.raises(MergedAgain):
            undo_merge(merge=first, by=official)
        before = set(Person.everyone.get(pk=third.pk).record_ids)
        assert before == {third.pk, kept.pk, other.pk}
        undo_merge(merge=second, by=official)
        undo_merge(merge=first, by=official)
        assert not Person.everyone.exclude(merged_into=None).exists()


class TestRights:
    def test_a_copy_holds_what_both_records_had(self, twins, official):
        kept, other = twins
        merge_people(kept=kept, absorbed=other, by=official)
        kept = Person.objects.get(pk=kept.pk)
        found = {record.model: lines for record, lines in sections(kept)}
        assert len(found[CourseCompletion]) == 4  # the one that does not count, too
        assert len(found[Person]) == 2

    def test_an_erasure_takes_both(self, twins, official):
        kept, other = twins
        kept.account = None
        kept.save()
        merge_people(kept=kept, absorbed=other, by=official)
        erase_person(person=kept, by=official)
        assert not Person.everyone.filter(pk__in=[kept.pk, other.pk]).exists()
        assert not PersonMerge.objects.exists()
        assert not CourseCompletion.objects.exists()
        assert not Certificate.objects.exclude(person=None).exists()


class TestProposals:
    def names(self, **options) -> set[tuple[str, str]]:
        pairs = probable_duplicates(places.commune(), 50)
        return {(pair.first.full_name, pair.second.full_name) for pair in pairs}

    @pytest.mark.parametrize(
        ("first", "second", "proposed"),
        [
            (("Lê Thị Cúc", 1961, ""), ("Lê Thị Cúc", 1961, ""), True),
            (("Lê Thị Cúc", 1961, ""), ("Le Thi Cuc", 1961, ""), True),
            (("Lê Thị Cúc", 1961, ""), ("Lê Thị Cúc", 1983, ""), False),
            (("Lê Thị Cúc", 1961, ""), ("Lê Thị Cúc", None, ""), True),  # the same village
            (("Lê Thị Hoa", 1961, ""), ("Lê Thị Hoà", 1961, ""), False),
            (("Lê Thị Cúc", 1961, "+84912345678"), ("Lê Thị Cúc", 1962, "+84912345678"), True),
            (("Lê Thị Cúc", 1961, "+84912345678"), ("Lê Văn Ba", 1961, "+84912345678"), False),
        ],
    )
    def test_who_is_probably_one(self, first, second, proposed):
        for name, year, phone in (first, second):
            make_person(name, residence=places.village(), birth_year=year, phone=phone)
        assert bool(self.names()) == proposed

    def test_who_was_told_apart_is_not_proposed_again(self, official):
        pair = tuple(make_person("Lê Thị Cúc", residence=places.village(), birth_year=1961) for _ in range(2))
        assert self.names()
        tell_apart(people=pair, by=official)
        tell_apart(people=(pair[1], pair[0]), by=official)
        assert not self.names()
        assert DistinctPeople.objects.count() == 1

    def test_those_of_another_place_are_not_shown(self):
        far = places.commune("99001", "Xã xa", places.province("99", "Xa"))
        for _ in range(2):
            make_person("Lê Thị Cúc", residence=far, birth_year=1961)
        assert not self.names()


class TestThePages:
    @pytest.fixture
    def desk(self, client, official):
        client.force_login(official, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    def test_from_the_proposal_to_one_record_and_back(self, desk, official):
        unit = places.commune()
        first, second = (make_person("Lê Thị Cúc", residence=places.village(), birth_year=1961) for _ in range(2))
        page = desk.get(reverse("unit_duplicates", args=[unit.uuid])).content.decode()
        address = reverse("unit_duplicate", args=[unit.uuid, first.uuid, second.uuid])
        assert address in page
        assert desk.get(address).status_code == 200
        assert "Hãy chọn" in desk.post(address, {"act": "merge"}).content.decode()
        desk.post(address, {"act": "merge", "kept": str(first.uuid)})
        merge = PersonMerge.objects.get()
        assert (merge.kept, merge.absorbed) == (first, second)
        again = reverse("unit_merge", args=[unit.uuid, merge.uuid])
        assert again in desk.get(reverse("unit_duplicates", args=[unit.uuid])).content.decode()
        # Who comes too late is shown that it is done.
        for answer in (desk.get(address), desk.post(address, {"act": "merge", "kept": str(second.uuid)})):
            assert answer["Location"] == again
        local = timezone.localtime(merge.at)
        words = desk.get(again).content.decode()
        assert f"{local:%H:%M} ngày" in words.replace("\u00a0", " ") or f"At {local:%H:%M} on" in words
        desk.post(again)
        assert Person.objects.count() == 2
        stranger = reverse("unit_duplicate", args=[unit.uuid, first.uuid, uuid.uuid4()])
        assert desk.get(stranger).status_code == 404

    def test_two_found_by_name_are_compared(self, desk):
        unit = places.commune()
        first, second = (
            make_person("Cúc", residence=places.village()),
            make_person("Bà Cúc", residence=places.village()),
        )
        here = reverse("unit_duplicates", args=[unit.uuid])
        assert "Bà Cúc" in desk.get(here, {"q": "cuc"}).content.decode()
        answer = desk.get(here, {"q": "cuc", "nguoi": [str(first.uuid), str(second.uuid)]})
        assert answer["Location"] == reverse("unit_duplicate", args=[unit.uuid, first.uuid, second.uuid])
        assert "Hãy đánh dấu hai người" in desk.get(here, {"q": "cuc", "nguoi": [str(first.uuid)]}).content.decode()
        assert desk.get(here, {"q": "cuc", "nguoi": ["x", "y"]}).status_code == 404

    @pytest.mark.parametrize("count", [1, 3])
    def test_queries(self, desk, count):
        for number in range(count):
            for _ in range(2):
                make_person(f"Lê Thị Cúc {'abc'[number]}", residence=places.village(), birth_year=1961)
        here = reverse("unit_duplicates", args=[places.commune().uuid])
        desk.get(here)
        with statements(13):
            desk.get(here)


@pytest.mark.django_db(transaction=True)
def test_two_who_merge_the_same_pair_each_way_end_with_one_record():
    places.village()
    official = make_user("can-bo")
    grant_role(user=official, role=Role.OFFICIAL, unit=places.commune(), by=None)
    first, second = (make_person("Lê Thị Cúc", residence=places.village()) for _ in range(2))
    outcomes = at_once(
        lambda: merge_people(kept=first, absorbed=second, by=official),
        lambda: merge_people(kept=second, absorbed=first, by=official),
        lambda: merge_people(kept=first, absorbed=second, by=official),
    )
    assert Person.objects.count() == 1
    assert PersonMerge.objects.count() == 1
    assert all(isinstance(outcome, PersonMerge | AlreadyMerged) for outcome in outcomes)
