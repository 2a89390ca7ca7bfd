"""Roles: scopes, the admin's groups, and that seeing agrees with finding."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.db import IntegrityError, transaction
from wagtail.models import GroupPagePermission, Page

from accounts.models import User
from common import clock
from content.models import HomePage, StandardPage
from ledger.models import AuditEntry
from people.enums import Role
from people.exceptions import RoleScopeInvalid
from people.groups import EDITORS, GROUPS, MODERATORS, ORGANISERS
from people.models import Organisation, Person, RoleAssignment
from people.operations import end_role, grant_role, sync_groups
from people.rules import SCOPES_OF_ROLE, can_change_role, can_see_organisation, can_see_person, can_see_role
from tests.factories import places
from tests.factories.campaigns import site_tree
from tests.factories.people import make_member, make_organisation, make_person, make_user

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_a_role_is_given_once_and_audited():
    user, by = make_user(), make_user(is_superuser=True)
    for _time in range(2):
        assignment = grant_role(user=user, role=Role.OFFICIAL, unit=places.commune(), by=by, at=AT)
    assert RoleAssignment.objects.get() == assignment
    assert (assignment.valid_from, assignment.granted_by) == (date(2026, 3, 1), by)
    entry = AuditEntry.objects.get(action="people.grant_role")
    assert (entry.actor, entry.fields, entry.unit_path) == (by, ["official"], places.commune().path)


@pytest.mark.parametrize(
    ("role", "unit", "organisation"),
    [
        (Role.MANAGER, False, False),
        (Role.MANAGER, True, False),
        (Role.MANAGER, True, True),
        (Role.OFFICIAL, False, False),
        (Role.OFFICIAL, False, True),
        (Role.FACILITATOR, False, False),
        (Role.EDITOR, False, True),
        (Role.ADMINISTRATOR, False, True),
    ],
)
def test_a_scope_that_does_not_fit_is_refused(role, unit, organisation):
    with pytest.raises(RoleScopeInvalid):
        grant_role(
            user=make_user(),
            role=role,
            unit=places.commune() if unit else None,
            organisation=make_organisation() if organisation else None,
            by=None,
        )
    assert not RoleAssignment.objects.exists()


def test_a_role_works_at_once_for_the_user_in_hand():
    user = make_user()
    assert not user.has_perm("people.view_unit", places.commune())
    assert not user.has_perm("wagtailadmin.access_admin")
    official = grant_role(user=user, role=Role.OFFICIAL, unit=places.commune(), by=None, at=AT)
    grant_role(user=user, role=Role.EDITOR, by=None)
    assert user.has_perm("people.view_unit", places.village())
    assert user.has_perm("wagtailadmin.access_admin")
    end_role(assignment=official, by=None)
    assert not User.objects.get(pk=user.pk).has_perm("people.view_unit", places.village())


def test_ending_a_role_leaves_the_group_unless_another_role_needs_it():
    user = make_user()
    whole = grant_role(user=user, role=Role.EDITOR, by=None, at=AT)
    part = grant_role(user=user, role=Role.EDITOR, unit=places.province(), by=None, at=AT)
    for _time in range(2):
        end_role(assignment=whole, by=None, at=AT + timedelta(days=1))
    assert user.groups.filter(name=EDITORS.name).exists()
    end_role(assignment=part, by=None, at=AT + timedelta(days=1))
    assert not user.groups.exists()
    assert AuditEntry.objects.filter(action="people.end_role").count() == 2
    assert {row.valid_until for row in RoleAssignment.objects.all()} == {date(2026, 3, 2)}


def test_a_role_taken_back_on_its_day_was_never_in_force():
    assignment = grant_role(user=make_user(), role=Role.EDITOR, by=None)
    end_role(assignment=assignment, by=None)
    assert not RoleAssignment.objects.exists()


def test_an_administrator_of_a_unit_does_not_edit_the_site():
    user = make_user()
    grant_role(user=user, role=Role.ADMINISTRATOR, unit=places.province(), by=None)
    assert not user.groups.exists()
    grant_role(user=user, role=Role.ADMINISTRATOR, by=None)
    assert [group.name for group in user.groups.all()] == [MODERATORS.name]


# The admin's groups


def page_rights(name: str) -> set[tuple[str, str]]:
    rows = GroupPagePermission.objects.filter(group__name=name).select_related("page", "permission")
    return {(row.page.title, row.permission.codename) for row in rows}


def test_the_groups_exist_after_migrating():
    assert set(Group.objects.values_list("name", flat=True)) >= {plan.name for plan in GROUPS}
    for plan in GROUPS:
        group = Group.objects.get(name=plan.name)
        assert group.permissions.filter(codename="access_admin").exists()
        assert group.collection_permissions.filter(permission__codename="add_image").exists() == bool(plan.files)


def test_every_permission_of_the_table_exists():
    known = {
        f"{app}.{codename}" for app, codename in Permission.objects.values_list("content_type__app_label", "codename")
    }
    checked = 0
    for plan in GROUPS:
        for label, actions in plan.models.items():
            app, model = label.split(".")
            for action in actions:
                assert f"{app}.{action}_{model}" in known
                checked += 1
        for permission in plan.permissions:
            assert permission in known
            checked += 1
    assert checked > 30


def test_editors_write_courses_and_pages_but_do_not_publish():
    site_tree()
    home = HomePage.objects.get()
    about = StandardPage(title="Giới thiệu", slug="gioi-thieu")
    home.add_child(instance=about)
    about.add_child(instance=StandardPage(title="Bên dưới", slug="ben-duoi"))
    for _time in range(2):
        sync_groups()
    assert page_rights(EDITORS.name) == {
        ("Khoá học", "add_page"),
        ("Khoá học", "change_page"),
        ("Giới thiệu", "add_page"),
        ("Giới thiệu", "change_page"),
    }
    assert page_rights(ORGANISERS.name) == {
        ("Thi đua", "add_page"),
        ("Thi đua", "change_page"),
        ("Thi đua", "publish_page"),
    }
    assert ("Root", "publish_page") in page_rights(MODERATORS.name)

    editor, organiser = make_user(), make_user()
    grant_role(user=editor, role=Role.EDITOR, by=None)
    grant_role(user=organiser, role=Role.ORGANISER, by=None)
    courses = Page.objects.get(title="Khoá học")
    campaigns = Page.objects.get(title="Thi đua")
    below = Page.objects.get(title="Bên dưới")
    assert courses.permissions_for_user(editor).can_add_subpage()
    assert below.permissions_for_user(editor).can_edit()
    assert not below.permissions_for_user(editor).can_publish()
    assert not campaigns.permissions_for_user(editor).can_edit()
    assert not home.permissions_for_user(editor).can_edit()
    assert campaigns.permissions_for_user(organiser).can_publish()
    assert not courses.permissions_for_user(organiser).can_edit()


def test_what_somebody_added_by_hand_is_taken_back():
    site_tree()
    group = Group.objects.get(name=EDITORS.name)
    group.permissions.add(Permission.objects.get(content_type__app_label="accounts", codename="delete_user"))
    GroupPagePermission.objects.create(group=group, page=Page.objects.get(depth=1), permission_type="publish")
    sync_groups()
    assert not group.permissions.filter(codename="delete_user").exists()
    assert ("Root", "publish_page") not in page_rights(EDITORS.name)


# Seeing and finding


@pytest.fixture
def grid():
    """Users of every role in several scopes, and persons and organisations inside and outside of them."""
    home, next_door = places.commune(), places.commune("16013", "Xã Bên")
    far = places.commune("99001", "Xa Lạ", places.province("99", "Ngoài Tỉnh"))
    coop = make_organisation(seat=home)
    other = make_organisation("HTX Xã Bên", seat=next_door)
    make_organisation("HTX Xa", seat=far)
    units = [places.country(), places.province(), home, places.village(), next_door]
    users: list = [AnonymousUser(), make_user(), make_user(is_superuser=True)]
    for role in Role:
        scopes: list[dict] = [{"unit": unit} for unit in units]
        if role == Role.MANAGER:
            scopes = [{"organisation": coop}, {"organisation": other}]
        elif None in SCOPES_OF_ROLE[role]:
            scopes.append({})
        for scope in scopes:
            users.append(make_user())
            grant_role(user=users[-1], role=role, by=None, **scope)
    ended = make_user()
    RoleAssignment.objects.create(
        user=ended, role=Role.OFFICIAL, unit=home, valid_from="2020-01-01", valid_until="2021-01-01"
    )
    users.append(ended)
    make_person("Không Nơi Ở")
    for residence in (home, places.village(), next_door, far, places.province()):
        make_person(f"Người {residence.name.replace('16', '')}", residence=residence)
    make_person("Trong Nhà", account=users[1], residence=far)
    make_member(coop, "Thành Viên", residence=far)
    gone = make_member(coop, "Đã Rời", residence=far)
    gone.memberships.update(valid_from="2020-01-01", valid_until="2021-01-01")
    make_member(other, "Bên Kia")
    return users


def test_whom_one_may_see_is_whom_one_finds(grid):
    seen = checked = 0
    for user, person in product(grid, Person.objects.select_related("residence")):
        found = Person.objects.visible_to(user).filter(pk=person.pk).exists()
        assert can_see_person(user, person) == found, (user, person)
        seen += found
        checked += 1
    assert checked == len(grid) * 10
    assert 0 < seen < checked


def test_which_organisation_one_may_see_is_which_one_finds(grid):
    seen = checked = 0
    for user, organisation in product(grid, Organisation.objects.select_related("seat")):
        found = Organisation.objects.visible_to(user).filter(pk=organisation.pk).exists()
        assert can_see_organisation(user, organisation) == found, (user, organisation)
        seen += found
        checked += 1
    assert checked == len(grid) * 3
    assert 0 < seen < checked


def test_which_role_one_may_see_is_which_one_finds(grid):
    seen = changed = checked = 0
    roles = list(RoleAssignment.objects.select_related("unit", "organisation__seat"))
    for user in grid:
        found = set(RoleAssignment.objects.visible_to(user).values_list("pk", flat=True))
        for assignment in roles:
            assert can_see_role(user, assignment) == (assignment.pk in found), (user, assignment)
            if user.is_authenticated and can_change_role(user, assignment):
                assert assignment.pk in found, (user, assignment)
                changed += 1
            seen += assignment.pk in found
            checked += 1
    assert checked == len(grid) * len(roles)
    assert 0 < changed < seen < checked


def test_a_list_names_nobody_twice(grid):
    for user in grid:
        found = list(Person.objects.visible_to(user).values_list("pk", flat=True))
        assert len(found) == len(set(found))


def test_permissions_follow_the_scope():
    user = make_user()
    grant_role(user=user, role=Role.FACILITATOR, unit=places.commune(), by=None)
    assert user.has_perm("people.register_walk_in", places.village())
    assert not user.has_perm("people.register_walk_in", places.province())
    assert not user.has_perm("certificates.print", places.commune())
    assert not user.has_perm("people.register_walk_in")
    assert clock.today() >= user.roles.get().valid_from
    user.is_active = False
    assert not user.has_perm("people.register_walk_in", places.village())


@pytest.mark.parametrize("scope", ["unit", "organisation", "site"])
def test_no_role_is_held_twice_in_one_scope(scope):
    details = {"user": make_user(), "role": Role.EDITOR, "valid_from": date(2026, 1, 1)}
    if scope == "unit":
        details["unit"] = places.commune()
    elif scope == "organisation":
        details |= {"role": Role.MANAGER, "organisation": make_organisation()}
    RoleAssignment.objects.create(**details, valid_until=date(2026, 2, 1))
    RoleAssignment.objects.create(**details)
    with pytest.raises(IntegrityError, match=r"once|roleassignment"), transaction.atomic():
        RoleAssignment.objects.create(**details)
