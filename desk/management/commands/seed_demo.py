"""`manage.py seed_demo`: plays the demonstration through the services, once, and says who signs in as what."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

import environ
from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.models import User
from desk.demo.play import play

PASSWORD = "community-safety"  # noqa: S105 - the demonstration's own, printed for everybody


class Command(BaseCommand):
    """All or nothing: a run that fails leaves the database as it was, so it can simply be run again."""

    help = "Fill an empty database with the demonstration: past years, the live round, and people who have work waiting."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="say nothing when there is data already")

    def handle(self, *args: Any, if_empty: bool = False, **options: Any) -> None:
        if User.objects.exists():
            if not if_empty:
                self.stdout.write("There is data already, so nothing was changed.")
            return
        password = environ.Env().str("DEMO_PASSWORD", default=PASSWORD)
        self.stdout.write("Making the demonstration. This takes about a minute, once.")
        started = time.monotonic()
        with transaction.atomic():
            play(password=password)
        self.stdout.write(f"Made in {time.monotonic() - started:.0f} seconds.\n")
        for line in told(password):
            self.stdout.write(line)


def told(password: str) -> list[str]:
    """Who signs in as what."""
    return [
        f"Everybody's password is {password}",
        "  grants@office.example.org                      runs rounds and handles grants",
        "  assessor1@, assessor2@office.example.org       score bids",
        "  commissioner@office.example.org                decides",
        "  chief-executive@office.example.org             decides within the scheme of delegation, countersigns",
        "  chief-finance@office.example.org               approves payments",
        "  finance@, finance2@office.example.org          prepare and record payments",
        "  auditor@, admin@office.example.org             read everything; give roles",
        "  coordinator@, signatory@, finance@ and one of peterborough, fenland, huntingdonshire, east-cambridgeshire,",
        "  south-cambridgeshire, cambridge and .example.org: write bids and returns; sign; certify",
    ]
