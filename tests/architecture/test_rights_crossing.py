"""Through one's own door with somebody else's thing: in the address, in a form, in a search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns.models import CampaignPage
from certificates.models import Certificate
from courses.models import CourseCompletion, Enrolment, LessonCompletion
from ledger.models import Job
from people.models import Membership, Person, RosterRow
from people.roster.deciding import upload_roster
from quizzes.models import Attempt, Response
from tests.architecture.rights.answers import Answer, Visitor, kind_of
from tests.architecture.rights.roles import SEES, Who
from tests.architecture.rights.world import ROW_TO_MEND, ROW_TO_MEND_ELSEWHERE, World
from tests.people.rosters import workbook

pytestmark = pytest.mark.django_db

Crossing = tuple[Who, str, str, Callable[[World], dict[str, Any]]]


def _foreign_roster(world: World) -> dict[str, Any]:
    return {"roster": world.roster.uuid}


def _foreign_member(world: World) -> dict[str, Any]:
    return {"uuid": world.elsewhere.organisation.uuid, "person": world.people["colleague"].uuid}


def _foreign_row(world: World) -> dict[str, Any]:
    return {**_foreign_roster(world), "number": ROW_TO_MEND}


def _foreign_attempt(world: World) -> dict[str, Any]:
    return {"uuid": world.attempt_elsewhere.uuid}


def _roster_job(world: World) -> dict[str, Any]:
    return {"uuid": world.roster.job.uuid}


def _paper_next_door(world: World) -> dict[str, Any]:
    return {"uuid": world.next_door.uuid, "certificate_uuid": world.certificate.uuid}


def _paper_elsewhere(world: World) -> dict[str, Any]:
    return {"uuid": world.here.province.uuid, "certificate_uuid": world.certificate_elsewhere.uuid}


def _line_next_door(world: World) -> dict[str, Any]:
    return {"uuid": world.next_door.uuid, "entry": world.paper.uuid}


def _line_elsewhere(world: World) -> dict[str, Any]:
    return {"uuid": world.here.province.uuid, "entry": world.paper_elsewhere.uuid}


CROSSINGS: list[Crossing] = [
    # A line of an old register through the desk of another commune or province.
    *[
        (who, method, "unit_paper_withdraw", kwargs)
        for method in ("get", "post")
        for who, kwargs in ((Who.OFFICIAL_NEXT_DOOR, _line_next_door), (Who.OFFICIAL_ABOVE, _line_elsewhere))
    ],
    # The list and the people of A through the desk of B.
    *[
        (Who.MANAGER_ELSEWHERE, method, name, kwargs)
        for method, name, kwargs in [
            ("get", "member", _foreign_member),
            ("post", "member_end", _foreign_member),
            ("get", "roster", _foreign_roster),
            ("get", "roster_data", _foreign_roster),
            ("get", "roster_result", _foreign_roster),
            ("post", "roster_ticks", _foreign_roster),
            ("post", "roster_confirm", _foreign_roster),
            ("post", "roster_discard", _foreign_roster),
            ("get", "roster_columns", _foreign_roster),
            ("post", "roster_columns", _foreign_roster),
            ("get", "roster_row", _foreign_row),
            ("post", "roster_row", _foreign_row),
            # The work that A's manager asked for.
            ("get", "job", _roster_job),
            ("get", "job_data", _roster_job),
            ("get", "job_file", _roster_job),
            ("post", "job_cancel", _roster_job),
        ]
    ],
    # Another learner's attempt and certificate.
    *[
        (Who.LEARNER, method, name, _foreign_attempt)
        for method, name in [
            ("get", "attempt"),
            ("post", "attempt"),
            ("post", "attempt_save"),
            ("get", "attempt_overview"),
            ("post", "attempt_submit"),
            ("get", "attempt_result"),
        ]
    ],
    (Who.LEARNER, "get", "certificate_pdf", lambda w: {"uuid": w.certificate_elsewhere.uuid}),
    # Somebody of the commune who belongs to no co-operative is nothing to its manager.
    (Who.MANAGER, "get", "certificate_pdf", lambda w: {"uuid": w.certificate_of("resident").uuid}),
    (
        Who.MANAGER,
        "get",
        "member",
        lambda w: {"uuid": w.here.organisation.uuid, "person": w.people["resident"].uuid},
    ),
    # Papers of another place through the desk of one's own.
    (Who.OFFICIAL_NEXT_DOOR, "get", "unit_revoke", _paper_next_door),
    (Who.OFFICIAL_NEXT_DOOR, "post", "unit_revoke", _paper_next_door),
    (Who.OFFICIAL_ABOVE, "get", "unit_revoke", _paper_elsewhere),
    (Who.OFFICIAL_ABOVE, "post", "unit_revoke", _paper_elsewhere),
    # A question that this lesson does not ask.
    (
        Who.LEARNER,
        "post",
        "practice_answer",
        lambda w: {
            "lesson_key": w.next_course.get_children().first().translation_key,
            "question_id": w.practice_question,
        },
    ),
]


def test_another_s_thing_is_not_found_behind_one_s_own_door(world: World):
    answers = {}
    for who, method, name, kwargs in CROSSINGS:
        address = reverse(name, kwargs=kwargs(world))
        seen = Visitor(world.users[who]).ask(method, address, {"position": "1"} if method == "post" else None)
        answers[f"{who}: {method} {name} {address}"] = kind_of(seen.response)
        assert seen.tells(world.secrets_from(SEES[who])) == []
    assert answers == dict.fromkeys(answers, Answer.HIDDEN)
    assert len(answers) == 34


def everything_here(world: World) -> dict[str, list]:
    """All that is known of the people of A."""
    people = [world.people[key].pk for key in ("learner", "colleague", "resident", "listed", "listed again")]
    return {
        "people": list(Person.objects.filter(pk__in=people).order_by("pk").values()),
        "members": list(world.here.organisation.memberships.order_by("pk").values()),
        "memberships": list(Membership.objects.filter(person__in=people).order_by("pk").values()),
        "enrolments": list(Enrolment.objects.filter(person__in=people).order_by("pk").values()),
        "lessons": list(LessonCompletion.objects.filter(person__in=people).order_by("pk").values()),
        "courses": list(CourseCompletion.objects.filter(person__in=people).order_by("pk").values()),
        "attempts": list(Attempt.objects.filter(person__in=people).order_by("pk").values()),
        "answers": list(Response.objects.filter(attempt__person__in=people).order_by("pk").values()),
        "rows": list(RosterRow.objects.filter(roster=world.roster).order_by("pk").values()),
        "certificates": list(Certificate.objects.filter(person__in=people).order_by("pk").values()),
    }


def test_a_form_of_one_s_own_reaches_nobody_else(world: World, client):
    """Ids, places and names of A, typed into the forms of others."""
    before = everything_here(world)
    colleague, own = world.people["colleague"], world.elsewhere.organisation

    def send(who: Who, name: str, kwargs: dict, data: dict) -> Any:
        client.force_login(world.users[who], backend="allauth.account.auth_backends.AuthenticationBackend")
        answer = client.post(reverse(name, kwargs=kwargs), data)
        assert answer.status_code < 500
        return answer

    # Enrolling and ticking people of another organisation.
    course = str(world.course.translation_key)
    send(Who.MANAGER_ELSEWHERE, "members_enrol", {"uuid": own.uuid}, {"nguoi": [str(colleague.pk)], "course": course})
    # Saying that a row of one's own list is somebody of another organisation.
    row = {"roster": world.roster_elsewhere.uuid, "number": ROW_TO_MEND_ELSEWHERE}
    send(Who.MANAGER_ELSEWHERE, "roster_row", row, {"decision": "person", "value": str(colleague.pk)})
    # The same name and phone by hand. Only with the year of birth too is it the same human being; without it, a record
    # of its own, which says nothing about the other one.
    typed = {"full_name": colleague.full_name, "birth": "1985", "phone": colleague.phone, "title": ""}
    send(Who.MANAGER_ELSEWHERE, "member_add", {"uuid": own.uuid}, typed)
    added = Person.objects.members_of(own).get(full_name=colleague.full_name)
    assert (added.pk != colleague.pk, added.residence) == (True, None)
    # A facilitator in a village of somebody else.
    walk_in = {
        "full_name": colleague.full_name,
        "birth_year": "1984",
        "phone": colleague.phone,
        "residence": str(world.here.village.pk),
        "consent": "on",
    }
    count = Person.objects.count()
    answer = send(Who.FACILITATOR_ELSEWHERE, "register_walk_in", {}, walk_in)
    assert (answer.status_code, Person.objects.count()) == (200, count)
    # Learning as somebody else, or taking over a record whose phone is not one's own.
    assert send(Who.LEARNER_ELSEWHERE, "who", {}, {"person": str(colleague.uuid)}).status_code == 404
    assert send(Who.LEARNER_ELSEWHERE, "who_claim", {"uuid": colleague.uuid}, {"consent": "on"}).status_code == 404
    # Printing the papers of a place that is not one's own.
    jobs = Job.objects.count()
    asked = {"place": str(world.here.village.uuid)}
    answer = send(Who.OFFICIAL_NEXT_DOOR, "unit_certificates", {"uuid": world.next_door.uuid}, asked)
    assert (answer.status_code, Job.objects.count()) == (200, jobs)
    # A campaign in another province.
    pages = CampaignPage.objects.count()
    asked = {
        "title": "Xã học số lần hai",
        "summary": "Thử",
        "first_day": "2027-01-01",
        "last_day": "2027-01-31",
        "area": str(world.here.province.pk),
        "courses": [str(world.course.pk)],
        "points": "1",
    }
    answer = send(Who.ORGANISER_ELSEWHERE, "campaign_new", {}, asked)
    assert (answer.status_code, CampaignPage.objects.count()) == (422, pages)
    assert send(Who.ORGANISER, "campaign_new", {}, asked).status_code == 302  # with the same form

    assert everything_here(world) == before


def test_searches_and_further_pages_find_nobody_else(world: World):
    """What is looked for is written without accents, so that the page showing it again is no find."""
    organisation, organisation_elsewhere = world.here.organisation, world.elsewhere.organisation
    names = {"colleague": "lo van panh", "resident": "mua a chia", "elsewhere": "quang thi suong"}
    register, village = world.certificate.register_id, world.here.village.uuid
    looks: list[tuple[Who, str]] = [
        *[
            (who, f"{reverse('unit_people', kwargs={'uuid': unit.uuid})}?q={word}&page={page}")
            for who, unit, word in [
                (Who.FACILITATOR_ELSEWHERE, world.elsewhere.commune, names["colleague"]),
                (Who.OFFICIAL_NEXT_DOOR, world.next_door, names["resident"]),
                (Who.OFFICIAL_ABOVE, world.here.province, names["elsewhere"]),
            ]
            for page in (1, 2, 99)
        ],
        *[
            (who, f"{reverse('organisation', kwargs={'uuid': found.uuid})}?q={word}&trang={page}{more}")
            for who, found, word in [
                (Who.MANAGER_ELSEWHERE, organisation_elsewhere, names["colleague"]),
                (Who.MANAGER, organisation, names["resident"]),
                (Who.OFFICIAL, organisation, "dinh thi khuyen"),  # a member who lives nowhere known
            ]
            for page in (1, 2)
            for more in ("", "&chon=1", "&tinh-trang=started", f"&khoa={world.next_course.translation_key}")
        ],
        (Who.MANAGER_ELSEWHERE, f"{reverse('organisations')}?q=ben ha"),
        (Who.OFFICIAL_NEXT_DOOR, f"{reverse('organisations')}?q=ben ha&trang=2"),
        (Who.FACILITATOR_ELSEWHERE, f"{reverse('find_unit')}?q=ben ha"),
        *[
            (
                Who.ADMINISTRATOR_ELSEWHERE,
                f"{reverse('unit_register', kwargs={'uuid': world.elsewhere.province.uuid})}?so={register}&page={page}",
            )
            for page in (1, 2)
        ],
        (
            Who.ADMINISTRATOR_ELSEWHERE,
            f"{reverse('unit_certificates', kwargs={'uuid': world.elsewhere.province.uuid})}?place={village}",
        ),
        *[(who, f"{reverse('catalogue')}?q={names['colleague']}") for who in (Who.ANONYMOUS, Who.NEWCOMER)],
        *[
            (who, f"{reverse('campaign', kwargs={'slug': world.campaign_slug})}?q={names['colleague']}&xep=so-luong")
            for who in (Who.ANONYMOUS, Who.ORGANISER, Who.ORGANISER_ELSEWHERE)
        ],
        *[(Who.ANONYMOUS, f"{reverse('verify')}?code={code}") for code in ("0001/2026/CN-38", names["colleague"])],
    ]
    found = {}
    for who, address in looks:
        seen = Visitor(world.users[who]).ask("get", address)
        assert seen.status in {200, 404}, (who, address)
        told = seen.tells(world.secrets_from(SEES[who]))
        if "0001/2026" in address:
            told = [] if told == ["learner"] and world.certificate.code not in seen.words else told
        if told:
            found[f"{who}: {address}"] = told
        if "HTX Bến Hạ" in seen.words and who not in {Who.MANAGER, Who.OFFICIAL}:
            found[f"{who}: {address}"] = ["organisation"]
    assert found == {}
    assert len(looks) == 46


def test_an_export_holds_one_s_own_people_only(world: World):
    """Each workbook that somebody may take away, with everybody whom they may see and nobody else."""
    for who, name, uuid, whole in [
        (Who.MANAGER, "members_export", world.here.organisation.uuid, SEES[Who.MANAGER]),
        (Who.MANAGER_ELSEWHERE, "members_export", world.elsewhere.organisation.uuid, SEES[Who.MANAGER_ELSEWHERE]),
        (Who.OFFICIAL, "unit_export", world.here.commune.uuid, SEES[Who.OFFICIAL]),
        (Who.OFFICIAL_NEXT_DOOR, "unit_export", world.next_door.uuid, SEES[Who.OFFICIAL_NEXT_DOOR]),
        (Who.OFFICIAL_ABOVE, "unit_export", world.here.province.uuid, SEES[Who.OFFICIAL_ABOVE]),
    ]:
        seen = Visitor(world.users[who]).ask("get", reverse(name, kwargs={"uuid": uuid}))
        assert {key for key, person in world.people.items() if person.full_name in seen.words} == whole


def test_what_is_uploaded_by_one_is_read_for_nobody_else(world: World, run_jobs):
    """A list with somebody of another organisation, whatever it knows of them: the preview does not say so."""
    colleague = world.people["colleague"]
    rows = [["Họ và tên", "Năm sinh", "Số điện thoại"], [colleague.full_name, colleague.birth_year, colleague.phone]]
    file = SimpleUploadedFile("ds.xlsx", workbook(rows))
    roster = upload_roster(
        organisation=world.elsewhere.organisation,
        file=file,
        filename="ds.xlsx",
        by=world.users[Who.MANAGER_ELSEWHERE],
    )
    run_jobs("people.read_roster")
    row = roster.rows.get()
    assert (row.outcome, row.person_id, row.problems) == ("create", None, [])
