"""`manage.py load_demo`: units, courses and made-up people into an empty database."""

from __future__ import annotations

import json

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from training_site.demo.build import Demo


class Command(BaseCommand):
    help = "Fill an empty database with the demonstration site; prints what was made as one JSON line."

    def handle(self, *args, **options) -> None:
        if not settings.THONSO_DEMO:
            raise CommandError("Only a demonstration gets made-up people: set THONSO_DEMO=1.")
        if User.objects.exists():
            raise CommandError("The database already has accounts; nothing was changed.")
        self.stderr.write("Loading the demonstration site …")
        call_command("load_units", stdout=self.stderr)
        call_command("load_courses", stdout=self.stderr)
        made = Demo(self.stderr.write).build()
        self.stdout.write(json.dumps(made))
