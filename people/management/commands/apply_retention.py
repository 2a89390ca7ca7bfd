"""`manage.py apply_retention [--dry-run]`: remove what has been kept long enough; the worker does it every day."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from people.operations.data import apply_retention


class Command(BaseCommand):
    help = "Remove what has been kept long enough and print, as one JSON line, how many of each kind."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, remove nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(apply_retention(dry_run=options["dry_run"])))
