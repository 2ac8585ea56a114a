"""`manage.py export_finance --year 2026-27 --output FILE`: the finance workbook that the finance page gives."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from casework import clock
from grants.payments.workbook import write_finance_workbook


class Command(BaseCommand):
    help = "Write the finance workbook of one financial year: commitments, payments and budget position."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", required=True, help="the financial year, like 2026-27")
        parser.add_argument("--output", required=True, help="the Excel file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            year = clock.year_from_label(options["year"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        target = Path(options["output"])
        try:
            write_beside(target, year)
        except OSError as error:
            raise CommandError(f"“{target}” cannot be written: {error.strerror or error}.") from error
        self.stdout.write(f"The finance workbook of {options['year']} is in {target}.")


def write_beside(target: Path, year: int) -> None:
    """Write under a temporary name in the same folder and rename: a failure leaves no half file in the target's place."""
    with NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as out:
        part = Path(out.name)
        try:
            write_finance_workbook(out, year=year)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    try:
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    target.chmod(0o640)
