from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from casework.audit.chain import check_seal, seal_line


class Command(BaseCommand):
    """The chain's head as a line to keep outside the database, and the check of the present chain against such a line."""

    help = "Print the head of the audit chain, sealed; with --against, check that this chain contains a head printed earlier."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--against", metavar="FILE", help="a file that holds a line printed earlier")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["against"]:
            self.stdout.write(seal_line())
            return
        try:
            problem = check_seal(Path(options["against"]).read_text(encoding="utf-8").strip())
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        if problem is not None:
            raise CommandError(problem.sentence)
        self.stdout.write("The chain contains the sealed head.")
