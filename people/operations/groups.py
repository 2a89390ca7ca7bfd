"""Keeping the groups of the content admin as the table in `people.groups` says."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

from people.groups import COURSE_PAGES, COURSE_REVIEW, COURSE_REVIEW_GROUPS, GROUPS, GroupPlan

_FILE_MODELS = {"wagtailimages": "image", "wagtaildocs": "document"}


@transaction.atomic
def sync_groups() -> None:
    """Bring the groups of the admin to what `people.groups` says. Idempotent.

    Runs after every migration. Whoever creates the first pages of a type named there runs it again, because
    a permission on pages needs the page.
    """
    for plan in GROUPS:
        group, _created = Group.objects.get_or_create(name=plan.name)
        _write_group(group, plan)
    _write_course_review()


def group_with_rights(plan: GroupPlan) -> Group:
    """The group of a plan, made with its rights when it is not there yet."""
    group, created = Group.objects.get_or_create(name=plan.name)
    if created:
        _write_group(group, plan)
    return group


def _write_course_review() -> None:
    """Courses that are handed in wait for a reviewer or an administrator."""
    task, _created = GroupApprovalTask.objects.get_or_create(name=COURSE_REVIEW)
    task.groups.add(*Group.objects.filter(name__in=[plan.name for plan in COURSE_REVIEW_GROUPS]))
    workflow, _created = Workflow.objects.get_or_create(name=COURSE_REVIEW)
    WorkflowTask.objects.get_or_create(workflow=workflow, task=task)
    for page_id in _pages_of_type(COURSE_PAGES):
        WorkflowPage.objects.get_or_create(page_id=page_id, defaults={"workflow": workflow})


def _write_group(group: Group, plan: GroupPlan) -> None:
    named = [tuple(name.split(".")) for name in plan.permissions]
    named += [
        (app, f"{action}_{model}")
        for app, model, actions in ((*label.split("."), actions) for label, actions in plan.models.items())
        for action in actions
    ]
    condition = Q(pk__in=[])
    for app, codename in named:
        condition |= Q(content_type__app_label=app, codename=codename)
    group.permissions.set(Permission.objects.filter(condition))
    _write_pages(group, plan)
    _write_files(group, plan)


def _write_pages(group: Group, plan: GroupPlan) -> None:
    permissions = {
        permission.codename.removesuffix("_page"): permission.pk
        for permission in Permission.objects.filter(content_type__app_label="wagtailcore", content_type__model="page")
    }
    wanted = {
        (page_id, permissions[action])
        for label, actions in plan.pages.items()
        for page_id in _pages_of_type(label)
        for action in actions
        if action in permissions
    }
    held = {(row.page_id, row.permission_id): row.pk for row in GroupPagePermission.objects.filter(group=group)}
    GroupPagePermission.objects.filter(pk__in=[held[key] for key in held.keys() - wanted]).delete()
    GroupPagePermission.objects.bulk_create(
        [
            GroupPagePermission(group=group, page_id=page, permission_id=permission)
            for page, permission in sorted(wanted - held.keys())
        ]
    )


def _pages_of_type(label: str) -> list[int]:
    """The topmost pages of a type; a permission on one reaches the pages below it. `wagtailcore.page`: the root."""
    if label == "wagtailcore.page":
        return [page.pk for page in Page.get_root_nodes()]
    app, model = label.split(".")
    content_type = ContentType.objects.filter(app_label=app, model=model).first()
    if content_type is None:
        return []
    kept: list[tuple[str, int]] = []
    for path, pk in Page.objects.filter(content_type=content_type).order_by("path").values_list("path", "pk"):
        if not (kept and path.startswith(kept[-1][0])):
            kept.append((path, pk))
    return [pk for _path, pk in kept]


def _write_files(group: Group, plan: GroupPlan) -> None:
    root = Collection.get_first_root_node()
    if root is None:
        return
    condition = Q(pk__in=[])
    for app, model in _FILE_MODELS.items():
        condition |= Q(content_type__app_label=app, codename__in=[f"{action}_{model}" for action in plan.files])
    wanted = set(Permission.objects.filter(condition).values_list("pk", flat=True))
    held = {row.permission_id: row.pk for row in GroupCollectionPermission.objects.filter(group=group, collection=root)}
    GroupCollectionPermission.objects.filter(pk__in=[held[key] for key in held.keys() - wanted]).delete()
    GroupCollectionPermission.objects.bulk_create(
        [
            GroupCollectionPermission(group=group, collection=root, permission_id=permission)
            for permission in sorted(wanted - held.keys())
        ]
    )
