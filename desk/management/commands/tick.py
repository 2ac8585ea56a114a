import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from desk.tick import run, run_every


class Command(BaseCommand):
    """The one timer command: run it every minute, or let it run by itself with --every."""

    help = "Open returns that are due, chase reminders, send waiting e-mails, clear leftovers away."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, metavar="SECONDS", help="run again and again until the process is told to end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["every"] is None:
            if "failed" in run().values():
                raise CommandError("A part of the tick failed; the log says which and why.")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        run_every(options["every"], stop)
