"""The first administrator of a new site: `manage.py create_administrator NAME`."""

import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import User
from common.exceptions import DomainError
from people.enums import Role
from people.operations import grant_role, open_staff_account, set_account_phone


class Command(BaseCommand):
    help = (
        "Create an administrator who may do everything. The password is asked for, read from the first line of "
        "standard input (--password-stdin) or taken from ADMINISTRATOR_PASSWORD; it is never printed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "username",
            nargs="?",
            default=os.environ.get("ADMINISTRATOR_USERNAME", ""),
            help="name to sign in with; default: ADMINISTRATOR_USERNAME, else it is asked for",
        )
        parser.add_argument("--phone", default="", help="mobile number that may sign in with a code")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        username = options["username"].strip() or self._ask_name()
        try:
            User.username_validator(username)
            password = self._password(from_stdin=options["password_stdin"])
            validate_password(password, User(username=username))
            with transaction.atomic():
                user = open_staff_account(username=username, password=password, superuser=True)
                if options["phone"]:
                    set_account_phone(user=user, phone=options["phone"], verified=True)
                grant_role(user=user, role=Role.ADMINISTRATOR, by=None)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Administrator {user.username} created. Set up a second factor at the first sign-in.")

    def _ask_name(self) -> str:
        if not sys.stdin.isatty():
            raise CommandError("Say the user name: manage.py create_administrator NAME")
        return input("User name: ").strip()

    def _password(self, *, from_stdin: bool) -> str:
        if from_stdin:
            return sys.stdin.readline().rstrip("\r\n")
        if password := os.environ.get("ADMINISTRATOR_PASSWORD"):
            return password
        if not sys.stdin.isatty():
            raise CommandError("No terminal to ask for the password at: use --password-stdin.")
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Password once more: "):
            raise CommandError("The two passwords differ.")
        return password
