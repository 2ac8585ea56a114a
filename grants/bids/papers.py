"""All attachments of a round in one zip: a folder for each bid, and a list that also says what was left out and why.

The files are those of the version that was submitted last. Each is copied in small pieces, so memory does not grow with the round.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, Any

from casework import clock
from casework.documents.models import Document, Scan, documents_of
from casework.exports import csv_row
from casework.jobs.kinds import JobKind, Made, Progress
from casework.snapshots import snapshots_of
from casework.templatetags.ui import gov_moment
from grants.bids.models import Bid
from grants.bids.states import HAVE_BEEN_SUBMITTED, BidState
from grants.rounds.files import LABELS
from grants.rounds.models import Round

MANIFEST = "manifest.csv"
HEADINGS = (
    "Bid",
    "Applicant",
    "State of the bid",
    "Kind",
    "File in this zip",
    "Original name",
    "Bytes",
    "SHA-256",
    "Uploaded",
    "Note",
)
SEALED = "Left out: the office has not opened this bid yet"
NEVER = "Left out: this bid was never submitted"
REMOVED = "Left out: the bidder has removed this file since"
INFECTED = "Left out: a virus was found in this file"
UNCHECKED = "Left out: this file has not been checked for viruses yet"
MISSING = "Left out: the service cannot read this file"
DIFFERS = "This file is not what was uploaded: its SHA-256 differs"
EMPTY = "No files are attached"
_PIECE = 256 * 1024


@dataclass(frozen=True)
class Paper:
    """A line of the manifest: a document, or a bid of which there is none; `note` says why a file is left out."""

    bid: Bid
    document: Document | None
    note: str = ""


def bids_of(case: Round, user: Any) -> list[Bid]:
    """The bids of a round that this person sees and that have left their writers, by reference."""
    seen = Bid.objects.visible_to(user).filter(round=case).exclude(state=BidState.DRAFT)
    return list(seen.select_related("applicant").order_by("reference"))


def papers_of(bid: Bid) -> Iterator[Paper]:
    """What the office may read of a bid's files, and a note in place of what it may not."""
    if bid.state == BidState.SUBMITTED:
        yield Paper(bid, None, SEALED)
        return
    submitted = snapshots_of(bid).last()
    if submitted is None and bid.state not in HAVE_BEEN_SUBMITTED:
        yield Paper(bid, None, NEVER)
        return
    if submitted is None:
        found = list(documents_of(bid))
    else:
        keys = [each["document"] for each in submitted.data["attachments"]]
        found = list(Document.objects.filter(pk__in=keys).order_by("at", "pk"))
    yield from (Paper(bid, document, _held(document)) for document in found)
    if not found:
        yield Paper(bid, None, EMPTY)


def _held(document: Document) -> str:
    if document.scan == Scan.INFECTED:
        return INFECTED
    if document.removed_at is not None:
        return REMOVED
    return "" if document.may_be_opened else UNCHECKED


def write_papers(case: Round, by: Any, out: IO[bytes], tell: Progress) -> Made:
    """The zip. Files are stored as they are: documents and pictures are packed already."""
    papers = [paper for bid in bids_of(case, by) for paper in papers_of(bid)]
    wanted = sum(paper.document is not None and not paper.note for paper in papers)
    taken: set[str] = {MANIFEST}
    lines, done = [], 0
    tell(0, wanted)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for paper in papers:
            name, note = "", paper.note
            if paper.document is not None and not note:
                name = _free_name(paper, taken)
                note = _copy(archive, name, paper.document)
                name = "" if note == MISSING else name
                done += 1
                tell(done, wanted)
            lines.append(_line(paper, name, note))
        archive.writestr(_entry(MANIFEST, clock.now()), _manifest(lines))
    return Made(f"{case.reference} attachments {clock.today():%Y-%m-%d}.zip", "application/zip")


def _free_name(paper: Paper, taken: set[str]) -> str:
    """ "CDR-2026-014/Last accounts - accounts.pdf"; the second of that name ends in (2). Names that differ in case alone are the same."""
    document = paper.document
    path = PurePath(document.name if document is not None else "")
    kind = LABELS.get(document.kind, document.kind) if document is not None else ""
    base = f"{paper.bid.reference}/{kind.replace('/', '-')} - {path.stem}"
    name, number = f"{base}{path.suffix}", 2
    while name.lower() in taken:
        name, number = f"{base} ({number}){path.suffix}", number + 1
    taken.add(name.lower())
    return name


def _copy(archive: zipfile.ZipFile, name: str, document: Document) -> str:
    """Put one file in; what the manifest says about it."""
    digest = hashlib.sha256()
    try:
        content = document.path.open("rb")
    except OSError:
        return MISSING
    with content, archive.open(_entry(name, document.at), "w", force_zip64=True) as target:
        while piece := content.read(_PIECE):
            digest.update(piece)
            target.write(piece)
    return "" if digest.hexdigest() == document.sha256 else DIFFERS


def _entry(name: str, moment: Any) -> zipfile.ZipInfo:
    local = moment.astimezone(clock.LONDON)
    entry = zipfile.ZipInfo(name, (local.year, local.month, local.day, local.hour, local.minute, local.second))
    entry.external_attr = 0o644 << 16
    return entry


def _line(paper: Paper, name: str, note: str) -> list[str]:
    bid, document = paper.bid, paper.document
    told = [bid.reference, bid.applicant.name, str(bid.get_state_display())]
    if document is None:
        return [*told, "", "", "", "", "", "", note]
    kind = LABELS.get(document.kind, document.kind)
    return [*told, kind, name, document.name, str(document.size), document.sha256, gov_moment(document.at), note]


def _manifest(lines: list[list[str]]) -> bytes:
    """As Excel opens it: with the mark of UTF-8, and nothing in it that would be a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    writer.writerows(csv_row(line) for line in lines)
    return out.getvalue().encode("utf-8-sig")


def may_take_papers(user: Any, case: Round) -> bool:
    return bool(user.has_perm("grants.take_papers", case))


PAPERS = JobKind(
    key="round_papers",
    model=Round,
    title=lambda case: f"All attachments of {case.reference}",
    may_have=may_take_papers,
    make=write_papers,
    asked="asked for all attachments as one file",
    taken="downloaded all attachments as one file",
)
