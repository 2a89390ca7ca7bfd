"""The table of doors: for each address of ours, what each role gets there. Read top to bottom; the first line that
names a role decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.architecture.rights.answers import Answer
from tests.architecture.rights.roles import (
    AUDITS_HERE,
    EVERYBODY,
    GRANTS,
    HELPS,
    HELPS_SOMEWHERE,
    HOLDS_CLASSES,
    LEARNERS,
    MANAGES,
    NOBODY_YET,
    ONE_SELF,
    ORGANISES,
    ORGANISES_SOMEWHERE,
    OWNER,
    PRINTS,
    READS_REGISTER,
    READS_TRAIL,
    REGISTERS_WALK_INS,
    SEES_HOLDER,
    SEES_ORGANISATION,
    SEES_SOME_ORGANISATION,
    SEES_SOME_STAFF,
    SEES_SOME_UNIT,
    SEES_STAFF,
    SEES_UNIT,
    SIGNED_IN,
    Who,
)
from tests.architecture.rights.world import ROW_TO_MEND, World

Rule = list[tuple[frozenset[Who], Answer]]
OPEN, MOVED, SIGN_IN, WHO = Answer.OPEN, Answer.MOVED, Answer.SIGN_IN, Answer.WHO
BAD, DENIED, HIDDEN, METHOD, INVALID = Answer.BAD, Answer.DENIED, Answer.HIDDEN, Answer.METHOD, Answer.INVALID


def wanted_answer(rule: Rule, who: Who) -> Answer:
    return next(answer for roles, answer in rule if who in roles)


def public(answer: Answer = OPEN) -> Rule:
    return [(EVERYBODY, answer)]


def account(answer: Answer = OPEN) -> Rule:
    return [(NOBODY_YET, SIGN_IN), (SIGNED_IN, answer)]


def organisation(answer: Answer = OPEN) -> Rule:
    return [(NOBODY_YET, SIGN_IN), (SEES_ORGANISATION, answer), (SIGNED_IN, HIDDEN)]


def managed(answer: Answer = OPEN) -> Rule:
    return [(NOBODY_YET, SIGN_IN), (MANAGES, answer), (SEES_ORGANISATION, DENIED), (SIGNED_IN, HIDDEN)]


def ending(answer: Answer = OPEN) -> Rule:
    """Not a matter of its manager: of whoever answers for the place of its seat."""
    return [(NOBODY_YET, SIGN_IN), (PRINTS, answer), (SEES_ORGANISATION, DENIED), (SIGNED_IN, HIDDEN)]


def any_desk(answer: Answer = OPEN) -> Rule:
    return [(NOBODY_YET, SIGN_IN), (SEES_SOME_UNIT, answer), (SIGNED_IN, DENIED)]


def unit(answer: Answer = OPEN) -> Rule:
    return [(NOBODY_YET, SIGN_IN), (SEES_UNIT, answer), (SEES_SOME_UNIT, HIDDEN), (SIGNED_IN, DENIED)]


def unit_with(roles: frozenset[Who], answer: Answer = OPEN) -> Rule:
    """A page of the unit for some of those who see it."""
    return [
        (NOBODY_YET, SIGN_IN),
        (roles, answer),
        (SEES_UNIT, DENIED),
        (SEES_SOME_UNIT, HIDDEN),
        (SIGNED_IN, DENIED),
    ]


def printing(answer: Answer = OPEN) -> Rule:
    return unit_with(PRINTS, answer)


def holding(answer: Answer = OPEN) -> Rule:
    return unit_with(HOLDS_CLASSES, answer)


def offices(roles: frozenset[Who], answer: Answer = OPEN) -> Rule:
    """Who works in the unit: not a matter of facilitators."""
    return [
        (NOBODY_YET, SIGN_IN),
        (roles, answer),
        (SEES_STAFF, DENIED),
        (SEES_SOME_STAFF, HIDDEN),
        (SIGNED_IN, DENIED),
    ]


def colleague(answer: Answer = OPEN) -> Rule:
    """What somebody above does for the manager of A."""
    return [
        (NOBODY_YET, SIGN_IN),
        (GRANTS, answer),
        (AUDITS_HERE | {Who.MANAGER}, DENIED),
        (SIGNED_IN, HIDDEN),
    ]


def learner(answer: Answer = OPEN, other: Answer = HIDDEN) -> Rule:
    """What belongs to the learner of A; `other` is what another learner gets."""
    return [(NOBODY_YET, SIGN_IN), (ONE_SELF, answer), (LEARNERS, other), (SIGNED_IN, WHO)]


def own_data(answer: Answer = OPEN) -> Rule:
    """Everybody who learns has their own."""
    return [(NOBODY_YET, SIGN_IN), (LEARNERS, answer), (SIGNED_IN, WHO)]


def account_of_learner(answer: Answer = OPEN) -> Rule:
    return [(NOBODY_YET, SIGN_IN), (ONE_SELF, answer), (SIGNED_IN, HIDDEN)]


def answering(roles: frozenset[Who], answer: Answer = OPEN) -> Rule:
    """Requests about data: of officials and administrators of the place."""
    elsewhere = frozenset({Who.OFFICIAL_NEXT_DOOR, Who.OFFICIAL_BELOW, Who.ADMINISTRATOR_ELSEWHERE})
    return [(NOBODY_YET, SIGN_IN), (roles, answer), (elsewhere, HIDDEN), (SIGNED_IN, DENIED)]


def works_with_people(answer: Answer = OPEN) -> Rule:
    return [(NOBODY_YET, SIGN_IN), (HELPS_SOMEWHERE, answer), (SIGNED_IN, DENIED)]


def helping(answer: Answer = OPEN) -> Rule:
    """What is done for the learner of A by those who look after them: nobody else learns that they exist."""
    return [(NOBODY_YET, SIGN_IN), (HELPS, answer), (HELPS_SOMEWHERE, HIDDEN), (SIGNED_IN, DENIED)]


def job(answer: Answer = OPEN) -> Rule:
    """Not even the administrator of the site: a job's file belongs to whoever asked for it."""
    return [(NOBODY_YET, SIGN_IN), (OWNER, answer), (SIGNED_IN, HIDDEN)]


def reads_trail() -> Rule:
    return [(NOBODY_YET, SIGN_IN), (READS_TRAIL, OPEN), (SIGNED_IN, DENIED)]


def campaign(answer: Answer = OPEN) -> Rule:
    return [(NOBODY_YET, SIGN_IN), (ORGANISES, answer), (SIGNED_IN, HIDDEN)]


# Where only a form may be sent to, looking is refused: after the sign-in where one is needed, before it where guests
# may send it too.
ONLY_SENT = account(METHOD)
ONLY_SENT_BY_ANYBODY = public(METHOD)
ONLY_SENT_BY_STAFF = any_desk(METHOD)


@dataclass(frozen=True)
class Door:
    """`kwargs` of the address in the world; what a GET and, where forms are sent to it, an empty POST answers.

    `data` is sent where an empty form would be refused before anybody looks whose it is. `by_code`: whoever has the
    code may read the certificate of the learner of A.
    """

    get: Rule
    post: Rule | None = None
    kwargs: Callable[[World], dict[str, Any]] = field(default=lambda world: {})
    data: Callable[[World], dict[str, str]] = field(default=lambda world: {})
    by_code: bool = False


def _learner(world: World) -> dict[str, Any]:
    return {"uuid": world.people["learner"].uuid}


def _unit(world: World) -> dict[str, Any]:
    return {"uuid": world.here.commune.uuid}


def _pair(world: World) -> dict[str, Any]:
    return {**_unit(world), "first": world.people["colleague"].uuid, "second": world.people["resident"].uuid}


def _merge(world: World) -> dict[str, Any]:
    return {**_unit(world), "merge": world.merge.uuid}


def _class(world: World) -> dict[str, Any]:
    return {"uuid": world.class_session.uuid}


def _report(world: World) -> dict[str, Any]:
    return {**_unit(world), "month": f"{world.report.month:%Y-%m}"}


def _organisation(world: World) -> dict[str, Any]:
    return {"uuid": world.here.organisation.uuid}


def _member(world: World) -> dict[str, Any]:
    return {"uuid": world.here.organisation.uuid, "person": world.people["colleague"].uuid}


def _roster(world: World) -> dict[str, Any]:
    return {"roster": world.roster.uuid}


def _row(world: World) -> dict[str, Any]:
    return {**_roster(world), "number": ROW_TO_MEND}


def _course(world: World) -> dict[str, Any]:
    return {"course_key": world.course.translation_key}


def _next_course(world: World) -> dict[str, Any]:
    return {"course_key": world.next_course.translation_key}


def _lesson(world: World) -> dict[str, Any]:
    return {"lesson_key": world.course.get_children().get().translation_key}


def _open_attempt(world: World) -> dict[str, Any]:
    return {"uuid": world.open_attempt.uuid}


def _submitted(world: World) -> dict[str, Any]:
    return {"uuid": world.submitted_attempt.uuid}


def _campaign(world: World) -> dict[str, Any]:
    return {"key": world.campaign.key}


def _manager(world: World) -> dict[str, Any]:
    return {"username": world.users[Who.MANAGER].username}


def _role_of_manager(world: World) -> dict[str, str]:
    return {"role": str(world.users[Who.MANAGER].roles.get().pk)}


def _request(world: World) -> dict[str, Any]:
    return {"uuid": world.data_request.uuid}


def _job(world: World) -> dict[str, Any]:
    return {"uuid": world.print_job.uuid}


def _learner_s_paper(world: World) -> dict[str, str]:
    return {"serial": world.certificate.serial, "name": world.people["learner"].full_name}


def _register(world: World) -> dict[str, Any]:
    return {"roster": world.register.uuid}


def entering(answer: Answer = OPEN) -> Rule:
    """An old register of the unit: of officials and administrators, not even of whoever reads what was entered."""
    return [(NOBODY_YET, SIGN_IN), (PRINTS, answer), (SEES_UNIT, DENIED), (SIGNED_IN, HIDDEN)]


# The pages of a list, for the list of an old register.
REGISTER_DOORS: dict[str, Door] = {
    "roster": Door(entering(), kwargs=_register),
    "roster_data": Door(entering(), kwargs=_register),
    "roster_result": Door(entering(), kwargs=_register),
    "roster_ticks": Door(ONLY_SENT, entering(MOVED), _register),
    "roster_confirm": Door(ONLY_SENT, entering(MOVED), _register),
    "roster_discard": Door(ONLY_SENT, entering(MOVED), _register),
    "roster_undo": Door(entering(), entering(MOVED), _register),
    "roster_columns": Door(entering(), entering(), _register),
    "roster_row": Door(entering(), entering(), lambda w: {**_register(w), "number": 3}),
}

DOORS: dict[str, Door] = {
    # Everybody's pages.
    "home": Door(public(), public()),
    "catalogue": Door(public(), public()),
    "course": Door(public(), public(), lambda w: {"course_slug": w.course.slug}),
    "lesson": Door(public(), public(), lambda w: {"course_slug": w.course.slug, "lesson_slug": "bai-1"}),
    "campaign": Door(public(), kwargs=lambda w: {"slug": w.campaign_slug}),
    "verify": Door(public()),
    "verify_serial": Door(public(), public(MOVED), data=_learner_s_paper, by_code=True),
    "verify_certificate": Door(public(), kwargs=lambda w: {"code": w.certificate.code}, by_code=True),
    "media": Door(public(HIDDEN), kwargs=lambda w: {"path": w.print_job.result_file.name}),
    "find_place": Door(public()),
    "place": Door(public(), kwargs=_unit),
    "readyz": Door(public()),
    "styleguide": Door(public(HIDDEN)),
    # Learning.
    "my_learning": Door([(NOBODY_YET | LEARNERS, OPEN), (SIGNED_IN, WHO)]),
    "lesson_done": Door(ONLY_SENT_BY_ANYBODY, public(MOVED), _lesson),
    "practice_answer": Door(
        ONLY_SENT_BY_ANYBODY, public(MOVED), lambda w: {**_lesson(w), "question_id": w.practice_question}
    ),
    "enrol": Door(ONLY_SENT_BY_ANYBODY, learner(MOVED, MOVED), _next_course),
    "course_completed": Door(learner(OPEN, OPEN), kwargs=_course),
    "course_test": Door(learner(OPEN, OPEN), learner(MOVED, MOVED), _next_course),
    "attempt": Door(learner(), learner(MOVED), _open_attempt, lambda w: {"position": "1"}),
    "attempt_save": Door(learner(METHOD, METHOD), learner(), _open_attempt, lambda w: {"position": "1"}),
    "attempt_overview": Door(learner(), kwargs=_open_attempt),
    "attempt_submit": Door(learner(METHOD, METHOD), learner(MOVED), _open_attempt),
    "attempt_result": Door(learner(), kwargs=_submitted),
    "certificate_pdf": Door(
        [(NOBODY_YET, SIGN_IN), (SEES_HOLDER, OPEN), (SIGNED_IN, HIDDEN)],
        kwargs=lambda w: {"uuid": w.certificate.uuid},
    ),
    # Who is learning.
    "who": Door([(NOBODY_YET, SIGN_IN), (LEARNERS, OPEN), (SIGNED_IN, MOVED)], account(HIDDEN)),
    "who_new": Door(account(), account()),
    "who_claim": Door(account(HIDDEN), account(HIDDEN), lambda w: {"uuid": w.people["colleague"].uuid}),
    # Sharing a device: PINs, cards, acting for somebody.
    "who_pin": Door(account_of_learner(WHO), account_of_learner(WHO), _learner),
    "who_pin_forgotten": Door(account_of_learner(WHO), account_of_learner(WHO), _learner),
    "my_pin": Door(own_data(), own_data()),
    "who_move": Door(own_data(), own_data()),
    "card_find": Door(public()),
    "card": Door(
        [(NOBODY_YET, OPEN), (HELPS | ONE_SELF, MOVED), (SIGNED_IN, OPEN)],
        [(NOBODY_YET, OPEN), (HELPS | ONE_SELF, MOVED), (SIGNED_IN, OPEN)],
        lambda w: {"token": w.card.token},
    ),
    "learner_done": Door(ONLY_SENT_BY_ANYBODY, [(NOBODY_YET, MOVED), (SIGNED_IN, WHO)]),
    "cards": Door(works_with_people(), works_with_people(MOVED)),
    "shared_open": Door(works_with_people(), works_with_people()),
    "shared_close": Door(
        ONLY_SENT,
        [(NOBODY_YET, SIGN_IN), (frozenset({Who.FACILITATOR}), MOVED), (SIGNED_IN, HIDDEN)],
        lambda w: {"uuid": w.shared.uuid},
    ),
    "helped_person": Door(helping(), kwargs=_learner),
    "helped_pin": Door(helping(), helping(), _learner),
    "helped_move": Door(helping(), helping(), _learner),
    "help_begin": Door(helping(), helping(), _learner),
    "help_end": Door(ONLY_SENT, account(MOVED)),
    "card_revoke": Door(ONLY_SENT, helping(MOVED), _learner),
    # An organisation.
    "organisations": Door(
        [
            (NOBODY_YET, SIGN_IN),
            (frozenset({Who.SITE_ADMINISTRATOR}), OPEN),
            (frozenset({Who.OFFICIAL_NEXT_DOOR, Who.OFFICIAL_BELOW}), OPEN),  # there is none
            (frozenset({Who.SITE_AUDITOR}), OPEN),
            (SEES_SOME_ORGANISATION, MOVED),  # to the only one they see
            (SIGNED_IN, DENIED),
        ]
    ),
    "organisation": Door(organisation(), kwargs=_organisation),
    "members_export": Door(managed(), kwargs=_organisation),
    "member_add": Door(managed(), managed(), _organisation),
    "members_enrol": Door(ONLY_SENT, managed(MOVED), _organisation),
    "members_remind": Door(ONLY_SENT, managed(MOVED), _organisation),
    "member": Door(managed(), kwargs=_member),
    "member_end": Door(ONLY_SENT, managed(MOVED), _member),
    "organisation_end": Door(ending(), ending(), _organisation),
    "member_invite": Door(ONLY_SENT, managed(MOVED), _member),
    "member_move": Door(ONLY_SENT, managed(MOVED), _member),
    "organisation_rosters": Door(managed(), managed(), _organisation),
    "roster_template": Door(managed(), kwargs=_organisation),
    "roster": Door(managed(), kwargs=_roster),
    "roster_data": Door(managed(), kwargs=_roster),
    "roster_result": Door(managed(), kwargs=_roster),
    "roster_ticks": Door(ONLY_SENT, managed(MOVED), _roster),
    "roster_confirm": Door(ONLY_SENT, managed(MOVED), _roster),
    "roster_discard": Door(ONLY_SENT, managed(MOVED), _roster),
    "roster_undo": Door(managed(), managed(MOVED), _roster),
    "roster_columns": Door(managed(), managed(), _roster),
    "roster_row": Door(managed(), managed(), _row),
    # A unit.
    "my_unit": Door(any_desk()),
    "find_unit": Door(any_desk()),
    "register_walk_in": Door(
        [(NOBODY_YET, SIGN_IN), (REGISTERS_WALK_INS, OPEN), (SIGNED_IN, DENIED)],
        [(NOBODY_YET, SIGN_IN), (REGISTERS_WALK_INS, OPEN), (SIGNED_IN, DENIED)],
    ),
    "unit_desk": Door(unit(), kwargs=_unit),
    "unit_people": Door(unit(), kwargs=_unit),
    "unit_certificates": Door(printing(), printing(MOVED), _unit),
    "unit_revoke": Door(printing(), printing(), lambda w: {**_unit(w), "certificate_uuid": w.certificate.uuid}),
    "unit_register": Door(unit_with(READS_REGISTER), kwargs=_unit),
    "unit_paper": Door(unit_with(READS_REGISTER), kwargs=_unit),
    "unit_paper_new": Door(printing(), printing(), _unit),
    "paper_template": Door(printing(), kwargs=_unit),
    "unit_paper_withdraw": Door(printing(), printing(), lambda w: {**_unit(w), "entry": w.paper.uuid}),
    "unit_export": Door(printing(), kwargs=_unit),
    "unit_villages": Door(printing(), printing(), _unit),
    "unit_village": Door(printing(), printing(), lambda w: {**_unit(w), "village": w.here.village.uuid}),
    "unit_villages_merge": Door(printing(), printing(), _unit),
    "unit_placing": Door(printing(), printing(), _unit),
    "unit_duplicates": Door(printing(), kwargs=_unit),
    "unit_duplicate": Door(printing(), printing(), _pair),
    "unit_merge": Door(printing(), printing(MOVED), _merge),
    # Targets and reports.
    "unit_targets": Door(unit(), printing(MOVED), _unit),
    "unit_reports": Door(unit(), kwargs=_unit),
    "unit_report": Door(unit(), kwargs=_report),
    "unit_report_close": Door(ONLY_SENT_BY_STAFF, printing(MOVED), _report),
    "unit_report_workbook": Door(unit(), kwargs=_report),
    "unit_report_pdf": Door(unit(), kwargs=_report),
    # Classes in a room.
    "classes": Door(any_desk()),
    "class_new": Door(
        [(NOBODY_YET, SIGN_IN), (REGISTERS_WALK_INS, OPEN), (SIGNED_IN, DENIED)],
        [(NOBODY_YET, SIGN_IN), (REGISTERS_WALK_INS, OPEN), (SIGNED_IN, DENIED)],
    ),
    "class_session": Door(unit(), kwargs=_class),
    "class_change": Door(holding(), holding(), _class),
    "class_mark": Door(ONLY_SENT_BY_STAFF, holding(MOVED), _class),
    "class_presence": Door(ONLY_SENT_BY_STAFF, holding(MOVED), _class),
    "class_walk_in": Door(holding(), holding(), _class),
    "class_list": Door(holding(), holding(), _class),
    "class_sheet": Door(holding(), kwargs=_class),
    "class_close": Door(ONLY_SENT_BY_STAFF, holding(MOVED), _class),
    "class_reopen": Door(ONLY_SENT_BY_STAFF, holding(MOVED), _class),
    "class_cancel": Door(ONLY_SENT_BY_STAFF, holding(MOVED), _class),
    "my_place": Door(own_data(MOVED), own_data(MOVED)),
    # One's own data.
    "stored_data": Door(public()),
    "my_data": Door(own_data()),
    "my_data_export": Door(ONLY_SENT, own_data(MOVED)),
    "my_data_consent": Door(ONLY_SENT, own_data(MOVED), data=lambda w: {"purpose": "reminders", "wish": "withdraw"}),
    "my_data_correct": Door(own_data(), own_data()),
    "my_data_erase": Door(own_data(), own_data()),
    "my_data_cancel": Door(ONLY_SENT, account_of_learner(MOVED), _request),
    "who_consent": Door(
        account_of_learner(MOVED), account_of_learner(MOVED), lambda w: {"uuid": w.people["learner"].uuid}
    ),
    "unit_requests": Door(answering(PRINTS), kwargs=_unit),
    "data_request": Door(
        answering(PRINTS | {Who.OFFICIAL_BELOW}),
        answering(PRINTS | {Who.OFFICIAL_BELOW}, MOVED),
        _request,
        lambda w: {"act": "answer"},
    ),
    "todo": Door([(NOBODY_YET, SIGN_IN), (LEARNERS | {Who.NEWCOMER, Who.FORMER_MANAGER}, DENIED), (SIGNED_IN, OPEN)]),
    # The audit trail.
    "audit_seals": Door(public()),
    "audit_seals_data": Door(public()),
    "trail": Door(reads_trail()),
    "trail_export": Door(reads_trail()),
    # Who works where.
    "roles": Door([(NOBODY_YET, SIGN_IN), (SEES_SOME_STAFF, MOVED), (SIGNED_IN, DENIED)]),
    "unit_roles": Door(offices(SEES_STAFF), kwargs=_unit),
    "unit_role_new": Door(offices(GRANTS), offices(GRANTS), _unit),
    "organisation_roles": Door(
        organisation(),
        [(NOBODY_YET, SIGN_IN), (GRANTS, OPEN), (SEES_ORGANISATION, DENIED), (SIGNED_IN, HIDDEN)],
        _organisation,
    ),
    "staff": Door([(NOBODY_YET, SIGN_IN), (SEES_STAFF | {Who.MANAGER}, OPEN), (SIGNED_IN, HIDDEN)], kwargs=_manager),
    "staff_end_role": Door(ONLY_SENT, colleague(MOVED), _manager, _role_of_manager),
    "staff_hand_over": Door(ONLY_SENT, colleague(), _manager),
    "staff_deactivate": Door(ONLY_SENT, colleague(MOVED), _manager),
    "staff_reset_second_factor": Door(ONLY_SENT, colleague(MOVED), _manager),
    # A campaign.
    "campaign_new": Door(
        [(NOBODY_YET, SIGN_IN), (ORGANISES_SOMEWHERE, OPEN), (SIGNED_IN, DENIED)],
        [(NOBODY_YET, SIGN_IN), (ORGANISES_SOMEWHERE, INVALID), (SIGNED_IN, DENIED)],
    ),
    "campaign_desk": Door(campaign(), campaign(MOVED), _campaign),
    "campaign_close": Door(ONLY_SENT, campaign(MOVED), _campaign),
    "campaign_export": Door(campaign(), kwargs=_campaign),
    # Work in the background.
    "job": Door(job(), kwargs=_job),
    "job_data": Door(job(), kwargs=_job),
    "job_file": Door(job(), kwargs=_job),
    "job_cancel": Door(ONLY_SENT, job(MOVED), _job),
}

# Signing in and one's own account: everybody reaches them, in whatever state they are.
ACCOUNT_DOORS = (
    "account",
    "account_login",
    "account_request_login_code",
    "account_confirm_login_code",
    "account_signup",
    "account_signup_password",
    "account_logout",
    "account_inactive",
    "account_reauthenticate",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_remove_webauthn",
    "mfa_reauthenticate_webauthn",
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "account_change_phone",
    "account_verify_phone",
    "mfa_index",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
)


ACCOUNT_KWARGS = {"mfa_remove_webauthn": {"pk": 1}}


def is_account(name: str) -> bool:
    return name.startswith(("account", "mfa_"))
