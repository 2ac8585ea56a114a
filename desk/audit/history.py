"""A grant's whole history as one timeline: every act, every pound in the ledger and every message, oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.apps import apps
from django.db.models import CharField, F, Field, Model, Q, QuerySet, Value

from casework.audit.models import AuditEntry
from casework.history import Event, told
from casework.money import PoundsField, pounds
from casework.outbox import Message
from casework.reminders import Reminded
from casework.spine import GrantFile
from desk.audit.labels import belongs, column_of, field_name, says_itself
from grants.decisions.models import Award, Decision
from grants.funds.models import LedgerEntry

ENTRY, LEDGER, MESSAGE = "1 entry", "2 ledger", "3 message"
Place = dict[str, Any]
Found = dict[tuple[str, int], Event]


def acts_on(file: GrantFile) -> QuerySet[AuditEntry]:
    """The entries of a grant's file, and those of the decisions about its bid, which belong to several files."""
    decisions = Award.objects.filter(bid__file=file).values("decision")
    return AuditEntry.objects.filter(Q(file=file) | Q(subject=Decision._meta.label_lower, object_id__in=decisions))


def places_in(file: GrantFile) -> QuerySet[Any]:
    """{happened, what, row} of everything, oldest first: one query, so that pages are cut in the database."""
    ledger = LedgerEntry.objects.filter(file=file)
    of_several = Reminded.objects.filter(file=file).values("message")
    messages = Message.objects.filter(Q(file=file) | Q(pk__in=of_several))
    parts = [_places(acts_on(file), "at", ENTRY), _places(ledger, "at", LEDGER), _places(messages, "queued_at", MESSAGE)]
    return parts[0].union(*parts[1:], all=True).order_by("happened", "what", "row")


def _places(rows: QuerySet[Any], moment: str, what: str) -> QuerySet[Any]:
    return rows.order_by().values(happened=F(moment), what=Value(what, output_field=CharField()), row=F("pk"))


def events_at(places: Sequence[Place]) -> list[Event]:
    """The events of these places in their order: three queries for any number."""
    found = _entries(_rows(places, ENTRY)) | _ledger(_rows(places, LEDGER)) | _messages(_rows(places, MESSAGE))
    return [found[(place["what"], place["row"])] for place in places]


def _rows(places: Sequence[Place], what: str) -> list[int]:
    return [place["row"] for place in places if place["what"] == what]


def _entries(keys: list[int]) -> Found:
    rows = list(AuditEntry.objects.select_related("actor", "statement").filter(pk__in=keys))
    return {(ENTRY, row.pk): _with_changes(event, row) for row, event in zip(rows, told(rows), strict=True)}


def _with_changes(event: Event, entry: AuditEntry) -> Event:
    changed = describe_changes(apps.get_model(entry.subject), entry.changes)
    return replace(event, text="\n".join(filter(None, [event.text, changed])))


def describe_changes(model: type[Model], changes: dict[str, Any]) -> str:
    """Which fields changed, amounts with their values; words and people are in the case, not in its audit.

    Of a row that was added or removed the amounts alone: all of its fields are new or gone. In the order of the words: PostgreSQL
    keeps the keys of JSON in an order of its own.
    """
    pairs = [(column_of(model, name), value) for name, value in changes.items() if isinstance(value, list) and len(value) == 2]
    told_of = [(column, value) for column, value in pairs if column is not None]
    if any(belongs(column) for column, _ in told_of):
        words = _in_line(_amount(column, now) for column, (_, now) in told_of)
        return f"{words[:1].upper()}{words[1:]}." if words else ""
    found = [_change(column, value) for column, value in told_of if not says_itself(column)]
    if answers := changes.get("answers"):
        found.append("1 answer" if len(answers) == 1 else f"{len(answers)} answers")
    return f"Changed: {words}." if (words := _in_line(found)) else ""


def _in_line(found: Iterable[str]) -> str:
    return ", ".join(sorted(filter(None, found), key=str.lower))


def _amount(column: Field, value: Any) -> str:
    """ "amount asked for £6,000.00"; nothing of what is no amount, or none."""
    amount = column.to_python(value) if isinstance(column, PoundsField) else None
    return f"{field_name(column)} {pounds(amount)}" if amount else ""


def _change(column: Field, values: list[Any]) -> str:
    if not isinstance(column, PoundsField):
        return field_name(column)
    before, after = (pounds(column.to_python(value)) or "nothing" for value in values)
    return f"{field_name(column)} from {before} to {after}"


def _ledger(keys: list[int]) -> Found:
    rows = LedgerEntry.objects.select_related("by", "account__fund").filter(pk__in=keys)
    return {(LEDGER, row.pk): _posting(row) for row in rows}


def _posting(row: LedgerEntry) -> Event:
    what = "Opening balance" if row.opening else row.get_kind_display()
    text = f"{row.account}, effective {row.on.day} {row.on:%B %Y}, because of {row.cause}"
    return Event(f"{what} of {pounds(row.amount)} in the ledger", str(row.by) if row.by else "the system", row.at, text)


def _messages(keys: list[int]) -> Found:
    rows = Message.objects.select_related("to").filter(pk__in=keys)
    return {(MESSAGE, row.pk): _message(row) for row in rows}


def _message(row: Message) -> Event:
    sent = "sent" if row.sent_at else "waits to be sent" if row.next_try_at else "could not be sent"
    return Event(f"E-mail “{row.subject}”", "the system", row.queued_at, f"To {row.to or 'somebody without an account'}: {sent}")
