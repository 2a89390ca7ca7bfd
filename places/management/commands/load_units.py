import json
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from common.exceptions import DomainError
from places.formats import FORMER_UNITS, SHIPPED_UNITS, read_changes, read_units
from places.operations import compare_units, load_changes, load_units, settle_units
from places.queries import count_in_force


class Command(BaseCommand):
    help = (
        "Load the administrative units, former ones and what became of them included, and print, as one JSON line, "
        "how many are in force at each level."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path", nargs="?", type=Path, help="a file of units; default: the shipped ones, with their changes"
        )
        parser.add_argument("--changes", type=Path, help="a file of changes that belongs to the file of units")
        parser.add_argument(
            "--as-of", type=date.fromisoformat, metavar="YYYY-MM-DD", help="count the units in force on that day"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="change nothing; print what would be different, one JSON line"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path, changes = options["path"], options["changes"]
        try:
            records = read_units(path) if path else [*read_units(SHIPPED_UNITS), *read_units(FORMER_UNITS)]
            links = read_changes(changes) if changes else ([] if path else read_changes())
            if options["dry_run"]:
                self.stdout.write(json.dumps(compare_units(records), ensure_ascii=False))
                return
            with transaction.atomic():
                load_units(records)
                load_changes(links)
                settle_units()
        except (OSError, DomainError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(count_in_force(options["as_of"])))
