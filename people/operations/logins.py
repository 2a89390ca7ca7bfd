"""Opening logins and changing their phone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string

from accounts.models import User
from common import clock
from common.phones import normalise_phone
from ledger.operations import record_audit
from people.exceptions import PhoneTaken, UsernameTaken
from people.names import checked_name

# No letters that are read as another (0 and o, 1 and l) and no vowels, so that no word comes out.
_USERNAME_LETTERS = "bcdfghjkmnpqrstvwxz23456789"


def free_username() -> str:
    """A user name for a login by phone, which nobody types: ``nd-7k2m9qxw``."""
    return f"nd-{get_random_string(8, _USERNAME_LETTERS)}"


def open_account(*, phone: str, at: datetime | None = None) -> User:
    """Return the login of a phone whose owner has just proved it, opening one when there is none.

    Idempotent: two confirmations at once end in one login. Raises `InvalidPhone`.
    """
    at = at or clock.now()
    phone = normalise_phone(phone)
    users = get_user_model().objects
    user = users.filter(phone=phone).first()
    if user is None:
        user = User(username=free_username(), phone=phone, phone_verified_at=at)
        user.set_unusable_password()
        try:
            with transaction.atomic():
                user.save()
                record_audit(actor=user, action="people.open_account", target=user, at=at)
        except IntegrityError:  # the other of two confirmations was faster
            user = users.get(phone=phone)
    return user


@transaction.atomic
def set_account_phone(*, user: User, phone: str, verified: bool, at: datetime | None = None) -> User:
    """Give a login its phone; confirming the same number again keeps the first date.

    Raises `PhoneTaken` when another login has it, `InvalidPhone`.
    """
    at = at or clock.now()
    phone = normalise_phone(phone)
    if user.phone == phone and (user.phone_verified_at is not None) == verified:
        return user
    if get_user_model().objects.filter(phone=phone).exclude(pk=user.pk).exists():
        raise PhoneTaken()
    user.phone = phone
    user.phone_verified_at = at if verified else None
    try:
        with transaction.atomic():
            user.save(update_fields=["phone", "phone_verified_at"])
    except IntegrityError:
        raise PhoneTaken() from None
    record_audit(actor=user, action="people.set_phone", target=user, fields=["phone"], at=at)
    return user


@transaction.atomic
def open_staff_account(
    *,
    username: str,
    password: str,
    full_name: str = "",
    superuser: bool = False,
    by: Any = None,
    at: datetime | None = None,
) -> User:
    """Open a login with a user name and a password for somebody who works on the site. Raises `UsernameTaken`."""
    users = get_user_model().objects
    if users.filter(username__iexact=username).exists():
        raise UsernameTaken()
    user = User(username=username, first_name=full_name, is_staff=superuser, is_superuser=superuser)
    user.set_password(password)
    user.save()
    record_audit(actor=by, action="people.open_staff_account", target=user, at=at)
    return user


@transaction.atomic
def open_login_for(*, phone: str, full_name: str, by: Any, at: datetime | None = None) -> User:
    """The login of a colleague's phone, opened with their name when there is none; a code to the phone signs in.

    Raises `InvalidPhone`, `NameInvalid`, `NameTooLong`.
    """
    at = at or clock.now()
    phone = normalise_phone(phone)
    known = get_user_model().objects.filter(phone=phone).first()
    if known is not None:
        return known
    user = User(username=free_username(), phone=phone, first_name=checked_name(full_name))
    user.set_unusable_password()
    user.save()
    record_audit(actor=by, action="people.open_staff_account", target=user, at=at)
    return user
