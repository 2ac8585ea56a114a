"""Appending to the audit chain and proving it whole."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import models

from casework.audit.models import AuditEntry, AuditHead, Statement
from casework.spine import GrantFile

GENESIS = "0" * 64


@dataclass
class Pending:
    """An act waiting for the end of its transaction."""

    at: dt.datetime
    actor_id: int | None
    verb: str
    subject: str
    object_id: int
    reference: str = ""
    file_id: int | None = None
    version: int | None = None
    source: str = ""
    target: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class Problem:
    """The first entry that does not hold, and why. `number` is None when the head itself is wrong."""

    number: int | None
    sentence: str


def canonical(value: Any) -> str:
    """JSON with one spelling only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def text_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _key(key_id: str) -> str | None:
    """The key of that id: the one in use, or one that was in use before; None for one that is not given."""
    return settings.AUDIT_KEY if key_id == settings.AUDIT_KEY_ID else settings.AUDIT_KEYS_RETIRED.get(key_id)


def _keyed(text: str, key_id: str) -> str:
    key = _key(key_id)
    if key is None:
        raise LookupError(f"No audit key “{key_id}” is given.")
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def _entry_hash(entry: AuditEntry) -> str:
    skipped = {"id", "hash"}
    fields = {f.attname: getattr(entry, f.attname) for f in AuditEntry._meta.concrete_fields if f.attname not in skipped}
    fields["at"] = entry.at.astimezone(dt.UTC).isoformat()
    return _keyed(canonical(fields), entry.key_id)


def _seal(count: int, last: str, key_id: str = "") -> str:
    """With the key in use unless another is named."""
    return _keyed(f"head:{count}:{last}", key_id or settings.AUDIT_KEY_ID)


def append(acts: Sequence[Pending]) -> list[AuditEntry]:
    """Add acts in order. Called once, last in the outermost transaction: the head row is locked once and held briefly."""
    if not acts:
        return []
    AuditHead.objects.get_or_create(pk=1, defaults={"last": GENESIS, "seal": _seal(0, GENESIS)})
    statements = {index: _statement(act.reason) for index, act in enumerate(acts) if act.reason}
    head = AuditHead.objects.select_for_update().get(pk=1)
    entries = []
    for index, act in enumerate(acts):
        entry = _entry(act, statements.get(index), head.count + 1, head.last)
        entries.append(entry)
        head.count, head.last = entry.number, entry.hash
    AuditEntry.objects.bulk_create(entries)
    head.key_id, head.seal = settings.AUDIT_KEY_ID, _seal(head.count, head.last)
    head.save()
    return entries


def _statement(text: str) -> Statement:
    return Statement.objects.create(text=text, sha256=text_hash(text))


def _entry(act: Pending, statement: Statement | None, number: int, previous: str) -> AuditEntry:
    values = {key: value for key, value in vars(act).items() if key != "reason"}
    entry = AuditEntry(
        **values,
        number=number,
        previous=previous,
        key_id=settings.AUDIT_KEY_ID,
        statement=statement,
        statement_sha256=statement.sha256 if statement else "",
    )
    entry.hash = _entry_hash(entry)
    return entry


def verify() -> Problem | None:
    """Walk the whole chain; None when it holds, else the first bad entry. Streams, so memory does not grow with the chain."""
    previous, expected = GENESIS, 1
    keys: list[str] = []
    entries = AuditEntry.objects.select_related("statement").order_by("number").iterator(chunk_size=2000)
    head = AuditHead.objects.filter(pk=1).first()
    for entry in entries:
        problem = _check_key(entry, keys) or _check_entry(entry, expected, previous)
        if problem:
            return problem
        previous, expected = entry.hash, expected + 1
    return _check_head(head, expected - 1, previous, keys)


def _check_key(entry: AuditEntry, keys: list[str]) -> Problem | None:
    """Keys follow one another: whoever learns one that was replaced can put in nothing after it. `keys` grows as they come."""
    if keys and keys[-1] != entry.key_id and entry.key_id in keys:
        return Problem(
            entry.number, f"Entry {entry.number} was sealed with the key “{entry.key_id}” after another had replaced it."
        )
    if not keys or keys[-1] != entry.key_id:
        keys.append(entry.key_id)
    if _key(entry.key_id) is None:
        words = f"Entry {entry.number} was changed, or its key “{entry.key_id}” is not given: name it in AUDIT_KEYS_RETIRED."
        return Problem(entry.number, words)
    return None


def _check_entry(entry: AuditEntry, expected: int, previous: str) -> Problem | None:
    if entry.number != expected:
        missing = entry.number > expected
        sentence = f"Entry {expected} is missing." if missing else f"Entry {entry.number} was put in from outside."
        return Problem(expected if missing else entry.number, sentence)
    if entry.previous != previous:
        return Problem(entry.number, f"Entry {entry.number} does not follow from the one before it.")
    if not hmac.compare_digest(entry.hash, _entry_hash(entry)):
        return Problem(entry.number, f"Entry {entry.number} was changed or put in from outside.")
    if entry.statement_sha256 and entry.statement is None:
        return Problem(entry.number, f"The words kept with entry {entry.number} are missing.")
    if entry.statement is not None and text_hash(entry.statement.text) != entry.statement_sha256:
        return Problem(entry.number, f"The words kept with entry {entry.number} were changed.")
    return None


def _check_head(head: AuditHead | None, count: int, last: str, keys: list[str]) -> Problem | None:
    if head is None:
        return Problem(None, "The head of the chain is missing.") if count else None
    named = not keys or head.key_id == keys[-1]
    if not named or not hmac.compare_digest(head.seal, _seal(head.count, head.last, head.key_id)):
        return Problem(None, "The head of the chain was changed.")
    if head.count > count:
        return Problem(count + 1, f"Entry {count + 1} is missing: the end of the chain was cut off.")
    if head.count < count:
        return Problem(head.count + 1, f"Entry {head.count + 1} was put in from outside.")
    if head.last != last:
        return Problem(count, f"Entry {count} is not the one the chain ended with.")
    return None


def seal_line() -> str:
    """The head as one line to keep outside the database: an old copy put back shows as a shorter chain."""
    head = AuditHead.objects.filter(pk=1).first()
    count, last = (head.count, head.last) if head else (0, GENESIS)
    return canonical({"count": count, "last": last, "key_id": settings.AUDIT_KEY_ID, "seal": _seal(count, last)})


def check_seal(line: str) -> Problem | None:
    """None when the present chain contains the head that `seal_line` printed earlier; an older copy put back does not.

    A line that is no seal is a ValueError with a sentence.
    """
    count, last, seal, key_id = _read_seal(line)
    if _key(key_id) is None:
        return Problem(None, f"The seal was made with the key “{key_id}”, which is not given: name it in AUDIT_KEYS_RETIRED.")
    if not hmac.compare_digest(seal, _seal(count, last, key_id)):
        return Problem(None, "The seal was changed, or was made with another key.")
    if count == 0:
        return None
    entry = AuditEntry.objects.filter(number=count).first()
    if entry is None:
        return Problem(count, f"Entry {count} is missing: this is an older copy of the chain, or its end was cut off.")
    if entry.hash != last:
        return Problem(count, f"Entry {count} is not the one that was sealed.")
    return None


def _read_seal(line: str) -> tuple[int, str, str, str]:
    try:
        kept = json.loads(line)
        return int(kept["count"]), str(kept["last"]), str(kept["seal"]), str(kept["key_id"])
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError("This is not a line that export_seal printed.") from error


def entries_of(*, file: GrantFile | None = None, obj: models.Model | None = None) -> models.QuerySet[AuditEntry]:
    """The entries of a grant's whole file or of one object, oldest first, with what a timeline shows."""
    entries = AuditEntry.objects.select_related("actor", "statement").order_by("number")
    if file is not None:
        return entries.filter(file=file)
    if obj is None:
        raise ValueError("Say whose entries.")
    return entries.filter(subject=obj._meta.label_lower, object_id=obj.pk)
