"""Answers `user.has_perm("app.action", obj)` from scoped roles."""

from __future__ import annotations

from django.contrib.auth.backends import BaseBackend

from people.rules import has_scoped_permission


class RoleBackend(BaseBackend):
    """Lower apps ask for a permission on a unit or an organisation; the roles in `people` answer."""

    def has_perm(self, user_obj, perm: str, obj=None) -> bool:
        return obj is not None and user_obj.is_active and has_scoped_permission(user_obj, perm, obj)
