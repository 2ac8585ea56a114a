"""A round's dates as a calendar file (RFC 5545): moments in UTC, one event each, known again by their UID when they move."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from casework import clock
from grants.rounds.models import Round
from grants.rounds.states import RoundState

LONGEST = 75
"""Bytes of a line, without its end (RFC 5545, 3.1)."""


def dates_of(case: Round) -> list[tuple[str, str, dt.datetime]]:
    """(key, words, moment) of every date that a bidder needs, in their order."""
    rows = [
        ("opens", "opens for bids", case.opens_at),
        ("questions", "last moment for questions", case.questions_until),
        ("expressions", "last moment for expressions of interest", case.expressions_until),
        ("closes", "closes for bids", case.closes_at),
    ]
    return sorted(((key, words, at) for key, words, at in rows if at is not None), key=lambda row: row[2])


def calendar_file(case: Round) -> bytes:
    """The whole file, with the line ends and folds that calendars expect."""
    return b"".join(_folded(line) + b"\r\n" for line in _lines(case))


def _lines(case: Round) -> Iterator[str]:
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    link = settings.BASE_URL + case.get_absolute_url()
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//CSP Grants//Rounds//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH")
    for key, words, at in dates_of(case):
        yield "BEGIN:VEVENT"
        yield f"UID:{case.reference.lower()}-{key}@{host}"
        yield f"DTSTAMP:{_utc(clock.now())}"
        yield f"SEQUENCE:{case.version}"
        yield f"DTSTART:{_utc(at)}"
        yield f"SUMMARY:{_text(f'{case.title} {words}')}"
        yield f"DESCRIPTION:{_text(f'{case.reference}: {link}')}"
        yield f"URL:{link}"
        yield f"STATUS:{'CANCELLED' if case.state == RoundState.CANCELLED else 'CONFIRMED'}"
        yield "TRANSP:TRANSPARENT"
        yield "END:VEVENT"
    yield "END:VCALENDAR"


def _utc(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    """Escaped as RFC 5545, 3.3.11 asks."""
    for sign in ("\\", ";", ","):
        words = words.replace(sign, f"\\{sign}")
    return "\\n".join(words.splitlines())


def _folded(line: str) -> bytes:
    """Lines of at most 75 bytes, each further one after a space; a letter of several bytes is not torn."""
    parts: list[bytes] = [b""]
    for letter in line:
        encoded = letter.encode()
        room = LONGEST if len(parts) == 1 else LONGEST - 1
        if len(parts[-1]) + len(encoded) > room:
            parts.append(b"")
        parts[-1] += encoded
    return b"\r\n ".join(parts)
