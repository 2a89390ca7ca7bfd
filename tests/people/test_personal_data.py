"""What is kept about people: that nothing is forgotten, the copy, the erasure, keeping no longer than needed."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import models
from django.utils import translation
from pypdf import PdfReader

from accounts.models import User
from campaigns.models import PendingEvent, ScoreEvent
from certificates.models import Certificate
from common import clock
from courses.models import CourseCompletion, Enrolment, LessonCompletion
from ledger.models import AuditEntry, Job, Message
from ledger.operations import run_job, send_message
from people.archives import JSON_NAME, PDF_NAME, archive_of
from people.enums import ConsentPurpose, RequestKind, RequestStatus, Role
from people.exceptions import (
    BirthYearInvalid,
    GuardianMissing,
    NothingToCorrect,
    OutsideScope,
    ReasonMissing,
    RequestAnswered,
    WorksHere,
)
from people.models import Consent, DataRequest, Person, Reminder, RosterImport, RosterRow
from people.operations import give_consent, grant_role
from people.operations.data import (
    answer_erasure,
    apply_retention,
    cancel_request,
    correct_person,
    erase_person,
    refuse_request,
    request_data_change,
    request_export,
    withdraw_consent,
)
from people.personal_data import Erasure, personal_records
from quizzes.models import Attempt, Response
from quizzes.operations import start_attempt
from tests.architecture.rights.answers import OUR_APPS
from tests.factories import places
from tests.factories.certificates import make_certificate
from tests.factories.people import make_member, make_official, make_organisation, make_person, make_user
from tests.factories.quizzes import make_quiz

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)  # a Friday


def leading_to_people() -> dict[type[models.Model], list[str]]:
    """Every model of ours with a chain of foreign keys to a person, and the first fields of the chains."""
    found: dict[type[models.Model], list[str]] = {Person: []}
    while True:
        before = sum(map(len, found.values()))
        for model in apps.get_models():
            if model._meta.app_label not in OUR_APPS:
                continue
            for field in model._meta.get_fields():
                if not (field.is_relation and field.concrete and field.related_model in found):
                    continue
                names = found.setdefault(model, [])
                if field.name not in names:
                    names.append(field.name)
        if sum(map(len, found.values())) == before:
            return found


class TestNothingIsForgotten:
    # A row of the outbox says only that an event waits to be added up; it goes with the next roll-up.
    exempt = {PendingEvent}

    def test_every_model_that_leads_to_a_person_is_registered(self):
        leading = leading_to_people()
        registered = {record.model for record in personal_records()}
        assert set(leading) - registered == self.exempt
        assert len(leading) >= 15

    def test_what_the_record_says_is_what_the_database_does(self):
        checked = 0
        for record in personal_records():
            if not record.person:
                continue
            field = record.model._meta.get_field(record.person.split("__")[0])
            rule = field.remote_field.on_delete
            assert rule == (models.CASCADE if record.erasure == Erasure.DELETED else models.SET_NULL), record.model
            checked += 1
        assert checked >= 11

    def test_all_is_said_in_both_languages(self):
        for language in ("vi", "en"):
            with translation.override(language):
                for record in personal_records():
                    words = [record.title, record.purpose, record.kept, *(c.label for c in record.columns)]
                    assert all(str(word) for word in words), record.model


@pytest.fixture
def official():
    return make_official(places.commune())


@pytest.fixture
def learner():
    """Somebody with a bit of everything."""
    login = make_user("nguoi-hoc", phone="+84912345678", phone_verified_at=AT)
    coop = make_organisation()
    person = make_member(coop, "Bế Thị Hoa", birth_year=1961, phone="+84912345678", residence=places.village())
    person.account = login
    person.save()
    give_consent(person=person, purpose=ConsentPurpose.LEARNING_RECORD, language="vi", recorded_by=login, at=AT)
    quiz = make_quiz(2)
    start_attempt(quiz=quiz, person=person)
    key = quiz.key
    Enrolment.objects.create(person=person, course_key=key, reason="self", enrolled_at=AT)
    LessonCompletion.objects.create(person=person, course_key=key, lesson_key=key, completed_at=AT)
    CourseCompletion.objects.create(
        person=person, course_key=key, course_title="Tránh lừa đảo", audience="resident", completed_at=AT, lessons=1
    )
    make_certificate(person=person, at=AT)
    Reminder.objects.create(person=person, organisation=coop, course_key=key, sent_on=date(2026, 11, 1))
    send_message(channel="sms", purpose="code", to=person.phone, body="123456")
    roster = RosterImport.objects.create(organisation=coop, uploaded_at=AT, filename="ds.xlsx", status="done")
    roster.file.save("rosters/ds.xlsx", ContentFile(b"Be Thi Hoa"))
    RosterRow.objects.create(
        roster=roster,
        number=2,
        cells=["Bế Thị Hoa", "1961"],
        data={"full_name": "Bế Thị Hoa"},
        outcome="same",
        person=person,
    )
    return person


class TestTheCopy:
    def test_it_holds_everything_as_json_and_as_a_readable_pdf(self, learner):
        with translation.override("vi"):
            content, name = archive_of(learner, at=AT)
        assert name == "du-lieu-be-thi-hoa-2026-11-20.zip"
        archive = zipfile.ZipFile(io.BytesIO(content))
        assert archive.namelist() == [JSON_NAME, PDF_NAME]
        stored = json.loads(archive.read(JSON_NAME))
        by_model = {record["model"]: record["rows"] for record in stored["records"]}
        assert set(by_model) == {r.model._meta.label_lower for r in personal_records() if r.columns}
        assert by_model["people.person"][0]["full_name"] == "Bế Thị Hoa"
        assert by_model["people.person"][0]["residence.address"] == places.village().address
        assert by_model["people.rosterrow"][0]["cells"] == ["Bế Thị Hoa", "1961"]
        assert by_model["certificates.certificate"][0]["holder"] == "Bế Thị Hoa"
        assert by_model["accounts.user"][0]["phone"] == "+84912345678"
        assert len(by_model["quizzes.response"]) == 2
        empty = {"campaigns.scoreevent", "quizzes.practiceanswer", "people.roleassignment", "people.datarequest"}
        empty |= {
            "people.personmerge",
            "people.distinctpeople",
            "ledger.auditentry",
            "people.pintry",
            "people.learnercard",
            "events.registration",
            "certificates.paperentry",
            "events.attendance",
            "people.helpsession",
            "people.phonemove",
        }
        assert {model for model, rows in by_model.items() if not rows} == empty
        pdf = PdfReader(io.BytesIO(archive.read(PDF_NAME)))
        words = " ".join(page.extract_text() for page in pdf.pages)
        assert "Bế Thị Hoa" in words
        assert "Tránh lừa đảo" in words
        assert "20/11/2026" in words
        assert pdf.trailer["/Root"]["/Lang"] == "vi"

    def test_it_says_nothing_of_others_and_not_what_is_right(self, learner):
        make_person("Người Khác", phone=learner.phone, account=learner.account)
        content, _name = archive_of(learner, at=AT)
        stored = zipfile.ZipFile(io.BytesIO(content)).read(JSON_NAME).decode()
        assert "Người Khác" not in stored
        assert "correct" not in stored

    def test_it_is_made_by_a_job_for_the_login_that_asked(self, learner):
        job = request_export(person=learner, by=learner.account)
        run_job(job.pk)
        job.refresh_from_db()
        assert job.status == "done"
        with job.result_file.open() as file:
            assert zipfile.is_zipfile(file)
        assert AuditEntry.objects.get(action="people.export_person").actor == learner.account

    def test_somebody_erased_meanwhile_has_none(self, learner, official):
        login = make_user()
        job = request_export(person=learner, by=login)
        erase_person(person=learner, by=official)
        run_job(job.pk)
        job.refresh_from_db()
        assert (job.status, job.result_file.name) == ("done", "")


class TestErasure:
    def test_only_what_the_law_needs_stays(self, learner, official):
        job = request_export(person=learner, by=official)
        run_job(job.pk)
        job.refresh_from_db()
        file, storage = job.result_file.name, job.result_file.storage
        roster = RosterImport.objects.get()
        uploaded = roster.file.name
        erase_person(person=learner, by=official, at=AT)
        for model in (
            Person,
            User,
            Consent,
            Enrolment,
            LessonCompletion,
            CourseCompletion,
            Attempt,
            Response,
            Reminder,
        ):
            assert list(model.objects.exclude(pk=official.pk if model is User else None)) == [], model
        certificate = Certificate.objects.get()
        assert certificate.person is None
        assert certificate.holder == "Bế Thị Hoa"
        assert certificate.text["about"] == ""
        assert certificate.unit == places.commune()
        row = RosterRow.objects.get()
        assert (row.person, row.cells, row.data) == (None, [], {})
        roster.refresh_from_db()
        assert not roster.file
        assert not roster.file.storage.exists(uploaded)
        assert not storage.exists(file)
        message = Message.objects.get()
        assert (message.to, message.purpose) == ("+84912345678", "data_request")
        entry = AuditEntry.objects.get(action="people.erase_person")
        assert (entry.actor, entry.fields) == (official, [])

    def test_a_shared_login_and_phone_go_on_for_the_others(self, learner, official):
        sister = make_person("Bế Thị Lan", phone=learner.phone, account=learner.account)
        erase_person(person=learner, by=official)
        sister.refresh_from_db()
        assert sister.account.phone == "+84912345678"
        assert Message.objects.filter(purpose="code").exists()

    def test_points_stay_with_the_commune(self, learner, official):
        event = ScoreEvent._meta.get_field("person")
        assert event.remote_field.on_delete is models.SET_NULL

    def test_not_while_the_login_works_here(self, learner, official):
        grant_role(user=learner.account, role=Role.FACILITATOR, unit=places.commune(), by=None)
        with pytest.raises(WorksHere):
            erase_person(person=learner, by=official)
        assert Person.objects.filter(pk=learner.pk).exists()

    def test_a_login_that_worked_here_is_emptied_not_deleted(self, learner, official):
        role = grant_role(user=learner.account, role=Role.FACILITATOR, unit=places.commune(), by=None)
        type(role).objects.update(valid_from=date(2026, 1, 1), valid_until=date(2026, 2, 1))
        login = learner.account
        login.first_name = "Bế Thị Hoa"
        login.save()
        login.__dict__.pop("_active_roles", None)
        erase_person(person=learner, by=official)
        login.refresh_from_db()
        assert (login.is_active, login.phone, login.has_usable_password()) == (False, None, False)
        assert (login.first_name, login.name_folded) == ("", "")

    def test_rolls_back_as_one(self, learner, official, monkeypatch):
        def broken(self, *args, **kwargs):
            raise RuntimeError("power cut")

        monkeypatch.setattr(Person, "delete", broken)
        with pytest.raises(RuntimeError):
            erase_person(person=learner, by=official)
        assert Certificate.objects.get().text["about"]
        assert RosterRow.objects.get().cells


class TestRequests:
    @pytest.mark.parametrize(
        ("asked", "due"),
        [
            (datetime(2026, 11, 20, 3, tzinfo=UTC), date(2026, 11, 24)),  # Friday: Monday, Tuesday
            (datetime(2026, 11, 21, 3, tzinfo=UTC), date(2026, 11, 24)),  # Saturday
            (datetime(2026, 11, 23, 3, tzinfo=UTC), date(2026, 11, 25)),
            (datetime(2026, 11, 23, 18, tzinfo=UTC), date(2026, 11, 26)),  # Tuesday already in Viet Nam
            (datetime(2026, 8, 31, 3, tzinfo=UTC), date(2026, 9, 4)),  # 1 and 2 September are set as holidays
        ],
    )
    def test_two_working_days(self, learner, settings, asked, due):
        settings.PUBLIC_HOLIDAYS = [date(2026, 9, 1), date(2026, 9, 2)]
        request = request_data_change(person=learner, kind=RequestKind.ERASURE, by=learner.account, at=asked)
        assert request.due_on == due

    def test_asking_again_keeps_the_clock(self, learner):
        first = request_data_change(
            person=learner, kind=RequestKind.CORRECTION, wanted={"birth_year": 1962}, by=learner.account, at=AT
        )
        again = request_data_change(
            person=learner, kind=RequestKind.CORRECTION, words="Tên sai", by=learner.account, at=AT + timedelta(days=1)
        )
        assert (again.pk, again.due_on, again.words, again.wanted) == (first.pk, first.due_on, "Tên sai", {})

    def test_nothing_said_is_nothing_to_correct(self, learner):
        with pytest.raises(NothingToCorrect):
            request_data_change(
                person=learner, kind=RequestKind.CORRECTION, wanted={"phone": "", "is_admin": 1}, by=learner.account
            )

    def test_a_correction_changes_the_record_and_says_so(self, learner, official):
        request = request_data_change(
            person=learner, kind=RequestKind.CORRECTION, wanted={"full_name": "Bế Thị Hòa"}, by=learner.account, at=AT
        )
        person = correct_person(
            request=request,
            full_name="bế  thị hoà",
            birth_year=1962,
            phone="0912 345 678",
            residence=places.commune(),
            answer="Đã sửa",
            by=official,
            at=AT,
        )
        assert (person.full_name, person.birth_year, person.residence) == ("Bế Thị Hoà", 1962, places.commune())
        request.refresh_from_db()
        assert (request.status, request.answered_by, request.answer) == (RequestStatus.DONE, official, "Đã sửa")
        assert AuditEntry.objects.get(action="people.correct_person").fields == ["birth_year", "full_name", "residence"]
        assert Message.objects.filter(purpose="data_request").count() == 1
        with pytest.raises(RequestAnswered):
            refuse_request(request=request, reason="Không", by=official)

    def test_a_wrong_answer_changes_nothing(self, learner, official):
        request = request_data_change(person=learner, kind=RequestKind.CORRECTION, words="Sai", by=learner.account)
        with pytest.raises(BirthYearInvalid):
            correct_person(
                request=request, full_name="Bế Thị Hoa", birth_year=1700, phone="", residence=None, by=official
            )
        request.refresh_from_db()
        assert request.status == RequestStatus.OPEN

    def test_a_refusal_has_a_reason(self, learner, official):
        request = request_data_change(person=learner, kind=RequestKind.ERASURE, by=learner.account)
        with pytest.raises(ReasonMissing):
            refuse_request(request=request, reason="  ", by=official)
        refuse_request(request=request, reason="Đang có khiếu nại", by=official)
        request.refresh_from_db()
        assert (request.status, request.answer) == (RequestStatus.REFUSED, "Đang có khiếu nại")

    def test_only_who_looks_after_the_place_answers(self, learner):
        request = request_data_change(person=learner, kind=RequestKind.ERASURE, by=learner.account)
        for user in (make_official(places.commune("16013", "Bên")), make_user(), learner.account):
            with pytest.raises(OutsideScope):
                answer_erasure(request=request, by=user)
        assert Person.objects.filter(pk=learner.pk).exists()

    def test_an_erasure_leaves_that_it_was_asked_and_answered(self, learner, official):
        request = request_data_change(
            person=learner, kind=RequestKind.ERASURE, words="Tôi chuyển đi", by=learner.account, at=AT
        )
        answer_erasure(request=request, by=official, at=AT + timedelta(hours=1))
        request.refresh_from_db()
        assert (request.person, request.words, request.status) == (None, "", RequestStatus.DONE)
        assert request.answered_at == AT + timedelta(hours=1)
        with pytest.raises(RequestAnswered):
            answer_erasure(request=request, by=official)

    def test_one_may_take_it_back(self, learner, official):
        request = request_data_change(person=learner, kind=RequestKind.ERASURE, by=learner.account)
        for _time in range(2):
            cancel_request(request=request, by=learner.account)
        with pytest.raises(RequestAnswered):
            answer_erasure(request=request, by=official)
        assert AuditEntry.objects.filter(action="people.answer_request").count() == 1


class TestConsent:
    def test_taken_back_and_given_again(self, learner):
        for _time in range(2):
            withdraw_consent(person=learner, purpose=ConsentPurpose.LEARNING_RECORD, by=learner.account, at=AT)
        learner.refresh_from_db()
        assert learner.learning_stopped_at == AT
        assert not Person.objects.learning().exists()
        assert AuditEntry.objects.filter(action="people.withdraw_consent").count() == 1
        give_consent(person=learner, purpose=ConsentPurpose.LEARNING_RECORD, language="vi", recorded_by=learner.account)
        learner.refresh_from_db()
        assert learner.learning_stopped_at is None
        assert [consent.withdrawn_at for consent in learner.consents.order_by("pk")] == [AT, None]

    def test_an_objection_to_reminders_needs_no_consent_before(self, learner):
        assert list(Person.objects.reachable()) == [learner]
        withdraw_consent(person=learner, purpose=ConsentPurpose.REMINDERS, by=learner.account, at=AT)
        assert not Person.objects.reachable().exists()
        give_consent(person=learner, purpose=ConsentPurpose.REMINDERS, language="vi", recorded_by=learner.account)
        assert list(Person.objects.reachable()) == [learner]

    @pytest.mark.parametrize(("age", "asked"), [(15, True), (16, False), (7, True), (60, False)])
    def test_a_guardian_agrees_for_a_child(self, age, asked):
        child = make_person("Bé An", birth_year=clock.today().year - age)
        details = {"person": child, "purpose": "learning_record", "language": "vi", "recorded_by": None}
        if asked:
            with pytest.raises(GuardianMissing):
                give_consent(**details)
            assert not Consent.objects.exists()
            assert give_consent(**details, guardian_name=" Bế  Văn Cha ").guardian_name == "Bế Văn Cha"
        else:
            assert give_consent(**details).guardian_name == ""


class TestRetention:
    @pytest.fixture
    def old(self, learner):
        Message.objects.update(created_at=AT - timedelta(days=91), status="sent", sent_at=AT - timedelta(days=91))
        RosterImport.objects.update(uploaded_at=AT - timedelta(days=181))
        Reminder.objects.update(sent_on=date(2025, 11, 1))
        make_user("bo-quen", date_joined=AT - timedelta(days=31))
        job = Job.objects.create(
            kind="people.export_person",
            status="done",
            run_after=AT,
            created_at=AT,
            finished_at=AT - timedelta(days=31),
        )
        job.result_file.save("jobs/cu.zip", ContentFile(b"cu"))
        return job

    counts = {
        "messages": 1,
        "job_files": 1,
        "rosters": 1,
        "reminders": 1,
        "unused_logins": 1,
        "audit": 0,
        "allowances": 0,
        "sessions": 0,
        "practice_answers": 0,
        "sharing": 0,
    }

    def test_a_dry_run_only_counts(self, old, capsys):
        assert apply_retention(dry_run=True, at=AT) == self.counts
        assert Message.objects.exists()
        assert RosterRow.objects.exists()
        assert old.result_file.storage.exists(old.result_file.name)

    def test_what_is_too_old_goes_and_nothing_else(self, old, learner):
        name, storage = old.result_file.name, old.result_file.storage
        assert apply_retention(dry_run=False, at=AT) == self.counts
        assert not Message.objects.exists()
        assert not RosterRow.objects.exists()
        assert RosterImport.objects.get().file == ""
        assert not Reminder.objects.exists()
        assert not storage.exists(name)
        assert User.objects.filter(pk=learner.account_id).exists()
        assert not User.objects.filter(username="bo-quen").exists()
        assert set(apply_retention(dry_run=False, at=AT).values()) == {0}

    def test_what_is_young_stays(self, learner):
        assert set(apply_retention(dry_run=False, at=AT).values()) == {0}

    def test_the_command_prints_one_json_line(self, old, capsys):
        with clock.frozen(AT):
            call_command("apply_retention", "--dry-run")
        assert json.loads(capsys.readouterr().out) == self.counts
        assert Message.objects.exists()


def test_a_request_is_one_however_often_it_is_sent(learner):
    for _time in range(2):
        request_data_change(person=learner, kind=RequestKind.ERASURE, by=learner.account)
    assert DataRequest.objects.count() == 1
