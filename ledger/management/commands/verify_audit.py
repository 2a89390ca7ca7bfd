from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from ledger.sealing import check_chain


def noted_head(text: str) -> tuple[int, str]:
    """`NUMBER:DIGEST`, the digest in groups, as the public page of seals writes it, or in one."""
    number, _, digest = "".join(text.split()).lower().partition(":")
    if not (number.isascii() and number.isdigit() and len(digest) == 64):
        raise ArgumentTypeError("a number, a colon, and 64 hexadecimal digits")
    return int(number), digest


class Command(BaseCommand):
    help = (
        "Check the chain of the audit trail. Prints every place at which it is broken and ends with status 1; "
        "with `--head`, also compares a seal that was noted outside this installation."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--head", type=noted_head, metavar="NUMBER:DIGEST", help="a published seal to hold it to")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("en"):
            report = check_chain(options["head"])
        for fault in report.faults:
            self.stderr.write(f"entry {fault.number} {fault.words}")
        if report.faults:
            raise CommandError(f"the audit trail is broken at entry {report.faults[0].number}")
        self.stdout.write(
            f"the audit trail holds: entries {report.first} to {report.last}, {report.unsealed} not sealed yet, "
            f"head {report.last}:{report.digest}"
        )
