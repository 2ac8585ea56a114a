"""One row per grant from bid to closing, and the counters that number everything.

Bid, award, agreement, obligation, instalment, return, account, document, message, note and audit entry carry the grant file's key,
so a timeline, a life line or "follow the pound" is one query by it.
"""

from __future__ import annotations

from django.db import models, transaction

from casework import clock


class GrantFile(models.Model):
    """The spine of one grant. Its reference is the bid's, taken at draft and never used again."""

    reference = models.CharField(max_length=40, unique=True)
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ["reference"]

    def __str__(self) -> str:
        return self.reference


class ReferenceCounter(models.Model):
    """The last number given out under a prefix; the row is locked while the next one is taken."""

    prefix = models.CharField(max_length=40, unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.prefix}: {self.last}"


def next_number(prefix: str) -> int:
    """The next number under a prefix. Must be called inside a transaction; a rolled-back number is given again."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A reference is taken inside the transaction that uses it.")
    ReferenceCounter.objects.get_or_create(prefix=prefix)
    counter = ReferenceCounter.objects.select_for_update().get(prefix=prefix)
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last


def next_reference(prefix: str, *, width: int = 3) -> str:
    """ "CDR-2026" → "CDR-2026-014"."""
    return f"{prefix}-{next_number(prefix):0{width}d}"


def next_part(parent: str, letter: str, *, width: int = 2) -> str:
    """A descendant's reference: ("CDR-2026-014", "P") → "CDR-2026-014-P01"."""
    return f"{parent}-{letter}{next_number(f'{parent}-{letter}'):0{width}d}"


def open_file(reference: str) -> GrantFile:
    """Open the file of a new grant."""
    return GrantFile.objects.create(reference=reference, opened_at=clock.now())
