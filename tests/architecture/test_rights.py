"""Every address of ours, asked for by every role: what it answers, and whose names are in the answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from django.utils import translation

from ledger.enums import AuditKind
from tests.architecture.rights.answers import Answer, Seen, Visitor, kind_of, own_routes, patterns
from tests.architecture.rights.doors import (
    ACCOUNT_DOORS,
    ACCOUNT_KWARGS,
    DOORS,
    REGISTER_DOORS,
    is_account,
    wanted_answer,
)
from tests.architecture.rights.roles import EVERYBODY, SEES, SEES_HOLDER, Who
from tests.architecture.rights.world import World

pytestmark = pytest.mark.django_db
PREFIXES = {"vi": "", "en": "/en"}
NOT_TRANSLATED = {"media", "readyz"}
LOOKING = {AuditKind.READING, AuditKind.EXPORT}
OWN = {Who.LEARNER: frozenset({"learner"}), Who.LEARNER_ELSEWHERE: frozenset({"elsewhere"})}
PROTECTION = ("Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options", "X-Frame-Options")


def addresses(name: str, kwargs: dict, method: str) -> Iterator[tuple[str, str]]:
    """(prefix, address) of a route in each language; a form is sent in the first only."""
    for language, prefix in PREFIXES.items():
        if prefix and (name in NOT_TRANSLATED or method == "post"):
            continue
        with translation.override(language):
            yield prefix, reverse(name, kwargs=kwargs)


def problems_of(seen: Seen, *, hidden: dict[str, str], known: set[str]) -> Iterator[str]:
    """What is wrong with an answer, whoever asked."""
    if seen.status >= 500:
        yield f"breaks with {seen.status}"
    leaked = seen.tells(hidden)
    if leaked:
        yield f"tells about {', '.join(leaked)}"
    if seen.holds_any(known) and "private" not in seen.response.headers.get("Cache-Control", ""):
        yield "holds personal data and may be kept by a shared cache"
    missing = [header for header in PROTECTION if header not in seen.response.headers]
    if missing:
        yield f"comes without {', '.join(missing)}"


def test_every_address_of_ours_is_in_the_table():
    """A new page needs a line that says who may open it."""
    names = own_routes()
    assert len(names) == len(set(names))
    assert {name for name in names if not is_account(name)} == set(DOORS)
    signing_in = {entry.name for _address, entry in patterns() if is_account(entry.name or "")}
    assert signing_in == set(ACCOUNT_DOORS)


def test_every_role_at_every_door(world: World):
    wrong, visits = [], 0
    read_by, read_in = set(), set()
    for who, user in world.users.items():
        visitor = Visitor(user)
        hidden, known = world.secrets_from(SEES[who]), world.secrets_to(SEES[who])
        for name, door in [*DOORS.items(), *REGISTER_DOORS.items()]:
            shown = world.on_the_certificate() if door.by_code else set()
            secrets = {secret: whose for secret, whose in hidden.items() if secret not in shown}
            for method, rule in (("get", door.get), ("post", door.post)):
                if rule is None:
                    continue
                for prefix, address in addresses(name, door.kwargs(world), method):
                    seen = visitor.ask(method, address, door.data(world) if method == "post" else None)
                    visits += 1
                    problems = list(problems_of(seen, hidden=secrets, known=known))
                    found, wanted = kind_of(seen.response, prefix), wanted_answer(rule, who)
                    if found != wanted:
                        problems.append(f"{found}, not {wanted}")
                    wrong += [f"{who}: {method} {name} {address}: {problem}" for problem in problems]
                    others = world.secrets_to(SEES[who] - OWN.get(who, frozenset())) - shown
                    if seen.holds_any(others) and not set(seen.noted) & LOOKING:
                        wrong.append(f"{who}: {method} {name} {address}: shows people and leaves no trace")
                    if seen.holds_any(known):
                        read_by.add(who)
                        read_in.add(name)
    assert not wrong, "\n".join(wrong)
    assert visits == 8717
    # Who may see somebody of A did, also inside workbooks and PDFs: the search for secrets finds what is there.
    assert read_by == SEES_HOLDER | {Who.LEARNER_ELSEWHERE}  # who sees themselves
    assert {"members_export", "unit_export", "roster_result", "job_file", "certificate_pdf"} <= read_in


def test_one_s_own_account_breaks_for_nobody(world: World):
    wrong, visits = [], 0
    for who, user in world.users.items():
        visitor = Visitor(user)
        hidden, known = world.secrets_from(SEES[who]), world.secrets_to(SEES[who])
        for name in ACCOUNT_DOORS:
            for method in ("get", "post"):
                for _prefix, address in addresses(name, ACCOUNT_KWARGS.get(name, {}), method):
                    seen = visitor.ask(method, address)
                    visits += 1
                    wrong += [
                        f"{who}: {method} {name}: {problem}"
                        for problem in problems_of(seen, hidden=hidden, known=known)
                    ]
    assert not wrong, "\n".join(wrong)
    assert visits == 1794


def test_pages_that_are_only_read_take_no_forms(world: World):
    taken, visits = [], 0
    refusals = {Answer.METHOD, Answer.SIGN_IN, Answer.WHO, Answer.DENIED, Answer.HIDDEN}
    for who in sorted(EVERYBODY):
        visitor = Visitor(world.users[who])
        for name, door in DOORS.items():
            if door.post is None:
                seen = visitor.ask("post", reverse(name, kwargs=door.kwargs(world)))
                visits += 1
                if kind_of(seen.response) not in refusals:
                    taken.append(f"{who}: {name}: {kind_of(seen.response)}")
    assert not taken, "\n".join(taken)
    assert visits == 1242


def test_no_form_is_taken_without_its_token(world: World):
    """A page of another site cannot send a form in somebody's name: refused before anybody looks who they are."""
    taken, visits = [], 0
    for who in (Who.ANONYMOUS, Who.LEARNER, Who.MANAGER, Who.OFFICIAL, Who.ORGANISER, Who.SITE_ADMINISTRATOR):
        visitor = Visitor(world.users[who], enforce_csrf_checks=True)
        forms = {name: door.kwargs(world) for name, door in DOORS.items() if door.post is not None}
        for name, kwargs in [*forms.items(), *((key, ACCOUNT_KWARGS.get(key, {})) for key in ACCOUNT_DOORS)]:
            seen = visitor.ask("post", reverse(name, kwargs=kwargs))
            visits += 1
            if kind_of(seen.response) != Answer.DENIED:
                taken.append(f"{who}: {name}: {kind_of(seen.response)}")
    assert not taken, "\n".join(taken)
    assert visits == 654


def test_a_form_with_its_token_is_taken(world: World):
    visitor = Visitor(world.users[Who.MANAGER], enforce_csrf_checks=True)
    address = reverse("member_add", kwargs={"uuid": world.here.organisation.uuid})
    token = visitor.token_of(address)
    assert kind_of(visitor.ask("post", address, {"csrfmiddlewaretoken": token}).response) == Answer.OPEN
