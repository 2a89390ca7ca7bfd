import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.exceptions import DomainError
from places.formats import SHIPPED_UNITS, read_units
from places.operations import load_units
from places.queries import count_in_force


class Command(BaseCommand):
    help = "Load the administrative units and print, as one JSON line, how many are in force at each level."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path",
            nargs="?",
            type=Path,
            default=SHIPPED_UNITS,
            help="a file of units; default: the shipped one",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            load_units(read_units(options["path"]))
        except (OSError, DomainError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(count_in_force()))
