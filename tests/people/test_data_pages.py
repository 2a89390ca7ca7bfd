"""Pages about one's own data, and what taking consent back means for learning."""

from __future__ import annotations

import pytest
from django.urls import reverse

from common import clock
from courses.enums import EnrolmentReason
from courses.models import Enrolment, LessonCompletion
from courses.operations import enrol_many
from ledger.models import Job, Message
from ledger.operations import run_job
from people.enums import ConsentPurpose, PersonSource, RequestStatus
from people.models import Consent, DataRequest, Person
from people.operations import give_consent
from people.operations.memberships import remind_members
from people.personal_data import personal_records
from tests.counting import statements
from tests.factories import places
from tests.factories.courses import make_course
from tests.factories.people import make_manager, make_member, make_organisation, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def learner(client):
    login = make_user("nguoi-hoc", phone="+84912345678", phone_verified_at=clock.now())
    person = make_person("Bế Thị Hoa", birth_year=1961, phone="+84912345678", residence=places.village(), account=login)
    give_consent(person=person, purpose=ConsentPurpose.LEARNING_RECORD, language="vi", recorded_by=login)
    client.force_login(login, backend="allauth.account.auth_backends.AuthenticationBackend")
    return person


def take_back(client, purpose: str = "learning_record"):
    return client.post(reverse("my_data_consent"), {"purpose": purpose, "wish": "withdraw"})


class TestWhatIsKept:
    def test_the_public_page_names_every_record(self, client):
        words = client.get(reverse("stored_data")).content.decode()
        for record in personal_records():
            assert str(record.title) in words
            assert str(record.purpose) in words

    def test_the_text_of_consent_leads_there(self, client):
        client.force_login(make_user())
        assert (
            reverse("stored_data")
            in client.get(reverse("who_new") + "?tinh=" + places.province().code).content.decode()
        )


class TestMyData:
    def test_it_costs_a_fixed_number_of_queries(self, client, learner):
        client.get(reverse("my_data"))
        with statements(9):
            client.get(reverse("my_data"))

    def test_a_login_for_several_asks_whose_data(self, client, learner):
        make_person("Bế Thị Lan", account=learner.account)
        assert client.get(reverse("my_data")).url.startswith(reverse("who"))

    def test_a_copy_is_made_in_the_background(self, client, learner):
        answer = client.post(reverse("my_data_export"))
        job = Job.objects.get(kind="people.export_person")
        assert answer.url == reverse("job", args=[job.uuid])
        run_job(job.pk)
        handed_out = client.get(reverse("job_file", args=[job.uuid]))
        assert handed_out["Content-Type"] == "application/zip"
        assert b"".join(handed_out.streaming_content)[:2] == b"PK"
        assert reverse("job", args=[job.uuid]) in client.get(reverse("my_data")).content.decode()

    def test_a_correction_is_asked_for(self, client, learner):
        address = reverse("my_data_correct")
        assert "Bế Thị Hoa" in client.get(address).content.decode()
        wrong = client.post(address, {"birth_year": "mùa xuân", "words": "Sai tên"})
        assert "Sai tên" in wrong.content.decode()
        assert wrong.context["form"].errors["birth_year"]
        same = client.post(address, {"full_name": "Bế Thị Hoa"})  # nothing differs
        assert same.status_code == 200
        assert not DataRequest.objects.exists()
        assert client.post(address, {"full_name": "Bế Thị Hòa"}).url == reverse("my_data")
        assert DataRequest.objects.get().wanted == {"full_name": "Bế Thị Hòa"}

    def test_an_erasure_is_asked_for_on_purpose_and_taken_back(self, client, learner):
        address = reverse("my_data_erase")
        assert client.post(address, {}).context["form"].errors["sure"]
        assert client.post(address, {"sure": "on"}).url == reverse("my_data")
        item = DataRequest.objects.get()
        cancel = reverse("my_data_cancel", args=[item.uuid])
        assert cancel in client.get(reverse("my_data")).content.decode()
        assert client.post(cancel).url == reverse("my_data")
        item.refresh_from_db()
        assert item.status == RequestStatus.CANCELLED
        assert client.get(reverse("my_data")).status_code == 200

    @pytest.mark.parametrize(
        "data", [{}, {"purpose": "x", "wish": "give"}, {"purpose": "reminders"}, {"purpose": "reminders", "wish": "?"}]
    )
    def test_what_the_page_does_not_send_is_not_found(self, client, learner, data):
        assert client.post(reverse("my_data_consent"), data).status_code == 404


class TestConsentTakenBack:
    def test_in_one_tap_learning_stops(self, client, learner):
        course = make_course("Tránh lừa đảo", lessons=1)
        lesson = course.get_children().get()
        assert take_back(client).url == reverse("my_data")
        learner.refresh_from_db()
        assert learner.learning_stopped_at is not None
        client.post(reverse("lesson_done", args=[lesson.translation_key]))
        assert not LessonCompletion.objects.exists()
        assert client.get(reverse("course_test", args=[course.translation_key])).url.startswith(reverse("who"))
        enrolled = enrol_many(
            person_ids=[learner.pk], course_key=course.translation_key, reason=EnrolmentReason.MANAGER, by=None
        )
        assert (enrolled, Enrolment.objects.count()) == (0, 0)
        assert client.get(lesson.url).status_code == 200

    def test_own_data_stays_within_reach(self, client, learner):
        take_back(client)
        assert client.get(reverse("my_data")).status_code == 200
        assert client.post(reverse("my_data_export")).status_code == 302

    def test_one_agrees_again_with_the_text_before_one(self, client, learner):
        take_back(client)
        answer = client.post(reverse("my_data_consent"), {"purpose": "learning_record", "wish": "give"})
        page = reverse("who_consent", args=[learner.uuid])
        assert answer.url.startswith(page)
        assert Consent.objects.filter(withdrawn_at=None).count() == 0
        chosen = client.post(reverse("who"), {"person": learner.uuid})
        assert chosen.url.startswith(page)
        assert client.post(page, {}).context["form"].errors["consent"]
        assert client.post(page, {"consent": "on", "next": reverse("my_data")}).url == reverse("my_data")
        learner.refresh_from_db()
        assert learner.learning_stopped_at is None
        assert client.get(page).status_code == 302

    def test_no_reminder_reaches_who_objected(self, client, learner):
        coop = make_organisation()
        member = make_member(coop, "Bế Thị Lan", phone="+84912345679")
        learner.memberships.create(organisation=coop, valid_from=clock.today())
        take_back(client, "reminders")
        course = make_course("Tránh lừa đảo", lessons=1)
        job = remind_members(
            organisation=coop,
            person_ids=[learner.pk, member.pk],
            course_key=course.translation_key,
            course_title=course.title,
            course_url="https://thonso.example/",
            by=make_manager(coop),
        )
        run_job(job.pk)
        assert [message.to for message in Message.objects.filter(purpose="reminder")] == ["+84912345679"]
        assert "wish" in client.get(reverse("my_data")).content.decode()
        client.post(reverse("my_data_consent"), {"purpose": "reminders", "wish": "give"})
        assert learner in Person.objects.reachable()


class TestChildren:
    def child_year(self) -> str:
        return str(clock.today().year - 10)

    def test_a_guardian_is_asked_for_when_the_year_says_so(self, client):
        client.force_login(make_user(), backend="allauth.account.auth_backends.AuthenticationBackend")
        address = reverse("who_new") + f"?tinh={places.province().code}"
        data = {
            "full_name": "Bế An",
            "birth_year": self.child_year(),
            "residence": places.commune().code,
            "consent": "on",
        }
        assert "guardian_name" not in client.get(address).content.decode()
        asked = client.post(address, data)
        assert asked.context["form"].errors["guardian_name"]
        assert 'name="guardian_name"' in asked.content.decode()
        assert not Person.objects.exists()
        assert client.post(address, {**data, "guardian_name": "Bế Văn Cha"}).status_code == 302
        assert Consent.objects.get().guardian_name == "Bế Văn Cha"
        person = Person.objects.get()
        client.post(reverse("my_data_consent"), {"purpose": "reminders", "wish": "withdraw"})
        client.post(reverse("my_data_consent"), {"purpose": "reminders", "wish": "give"})
        assert person in Person.objects.reachable()

    def test_claiming_a_record_of_a_child(self, client):
        login = make_user(phone="+84912345678", phone_verified_at=clock.now())
        child = make_person(
            "Bế An", birth_year=int(self.child_year()), phone="+84912345678", source=PersonSource.ROSTER
        )
        client.force_login(login, backend="allauth.account.auth_backends.AuthenticationBackend")
        address = reverse("who_claim", args=[child.uuid])
        assert client.post(address, {"consent": "on"}).context["form"].errors["guardian_name"]
        child.refresh_from_db()
        assert child.account is None
        assert client.post(address, {"consent": "on", "guardian_name": "Bế Văn Cha"}).status_code == 302
        child.refresh_from_db()
        assert child.account == login
