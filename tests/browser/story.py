"""What the acts of a journey know of each other: the people, the year, and the references that they read on the pages."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.browser.tab import People, Watched

TITLE = "Transforming Lives in every parish"
DECLINED = "A second minibus for the youth club"
OFFICER, EXECUTIVE, COMMISSIONER = "grants@office", "chief-executive@office", "commissioner@office"
COORDINATOR, SIGNATORY, FINANCE = "coordinator@huntingdonshire", "signatory@huntingdonshire", "finance@huntingdonshire"
ASSESSORS = {"assessor1@office": "Priya Raman", "assessor2@office": "Stephen Kowalski"}
AWARD = Decimal("36000.00")
HALF = Decimal("18000.00")


@dataclass
class Story:
    """One grant on its way. `year` is the one in which the present financial year began."""

    people: People
    folder: Path
    year: int
    references: dict[str, str] = field(default_factory=dict)

    def as_(self, who: str) -> Watched:
        return self.people.as_(who)

    def note(self, what: str, tab: Watched, pattern: str) -> str:
        """Keep the reference that stands in the address of the page."""
        found = re.search(pattern, tab.page.url)
        assert found is not None, f"{tab.page.url} has no {what}"
        self.references[what] = found[1]
        return found[1]

    def path(self, what: str) -> str:
        return f"/{ {'round': 'rounds', 'bid': 'bids', 'other': 'bids', 'decision': 'decisions'}[what] }/{self.references[what]}/"

    @property
    def bid(self) -> str:
        return self.references["bid"]

    @property
    def label(self) -> str:
        """2026-27"""
        return f"{self.year}-{(self.year + 1) % 100:02d}"

    @property
    def starts(self) -> dt.date:
        return dt.date(self.year, 4, 1)

    @property
    def ends(self) -> dt.date:
        return dt.date(self.year + 1, 3, 31)


def today() -> dt.date:
    return dt.datetime.now(ZoneInfo("Europe/London")).date()


def begin(people: People, folder: Path) -> Story:
    day = today()
    return Story(people, folder, day.year if day >= dt.date(day.year, 4, 1) else day.year - 1)


def small_pdf(path: Path, words: str) -> Path:
    """A PDF of one page, large enough to be one."""
    text = f"BT /F1 18 Tf 40 760 Td ({words}) Tj ET".encode()
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(parts) + 1, table)
    path.write_bytes(out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, start))
    return path
