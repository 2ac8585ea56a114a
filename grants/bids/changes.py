"""Two versions of a bid, word by word: what was taken out, what was put in, and nothing of what stayed as it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from grants.bids.content import Block, Data, told

SAME, OUT, IN = "same", "out", "in"
_WORDS = re.compile(r"\s+|[^\s]+")
Run = tuple[str, str]
"""Whether the words stayed, went out or came in, and the words with the space between them."""


@dataclass(frozen=True)
class Change:
    """One answer, line or figure that is not as it was."""

    label: str
    runs: Sequence[Run]


@dataclass(frozen=True)
class ChangedBlock:
    title: str
    changes: Sequence[Change]


def changes(before: Data, now: Data) -> list[ChangedBlock]:
    """What is not the same in two snapshots, in the order of the later one's parts; parts that went come last."""
    old, new = ({block.key: block for block in parts(data)} for data in (before, now))
    keys = [*new, *(key for key in old if key not in new)]
    compared = [ChangedBlock((new.get(key) or old[key]).title, _block(old.get(key), new.get(key))) for key in keys]
    return [block for block in compared if block.changes]


def parts(data: Data) -> list[Block]:
    """The bid's parts as rows of label and words: the budget line by line, and the files."""
    blocks = [Block(block.key, block.title, [*_lines(block.money), *block.rows]) for block in told(data)]
    attached = [{"label": each["name"], "value": each["kind"], "key": each["sha256"]} for each in data["attachments"]]
    return [*blocks, Block("attachments", "Attachments", attached)]


def _lines(money: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The budget's table as rows of words; its total is the last."""
    if money is None:
        return []
    _, *columns = money["headers"]
    rows = [*money["rows"], money["totals"]]
    return [{"label": name, "value": _amounts(columns, amounts)} for name, *amounts in rows]


def _amounts(columns: Sequence[str], amounts: Iterable[Any]) -> str:
    return "; ".join(f"{column.lower()} £{amount:,.2f}" for column, amount in zip(columns, amounts, strict=True))


def _rows(block: Block | None) -> dict[tuple[str, int], tuple[str, str]]:
    """Label and words of each row by what it is called, counted where two are called the same."""
    found: dict[tuple[str, int], tuple[str, str]] = {}
    for row in block.rows if block is not None else ():
        name, number = str(row.get("key") or row["label"]), 0
        while (name, number) in found:
            number += 1
        value = row["value"]
        found[name, number] = (str(row["label"]), f"£{value:,.2f}" if hasattr(value, "quantize") else str(value or ""))
    return found


def _block(old: Block | None, new: Block | None) -> list[Change]:
    before, now = _rows(old), _rows(new)
    keys = [*now, *(key for key in before if key not in now)]
    found = []
    for key in keys:
        label = (now.get(key) or before[key])[0]
        was, is_now = before.get(key, ("", ""))[1], now.get(key, ("", ""))[1]
        if was != is_now or (key in before) != (key in now):
            found.append(Change(label, word_by_word(was, is_now)))
    return found


def word_by_word(before: str, now: str) -> list[Run]:
    """The runs of words that stayed, went out and came in, in reading order."""
    old, new = _WORDS.findall(before), _WORDS.findall(now)
    runs: list[Run] = []
    for step, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if step == "equal":
            runs.append((SAME, "".join(old[a:b])))
            continue
        runs += [(kind, words) for kind, words in ((OUT, "".join(old[a:b])), (IN, "".join(new[c:d]))) if words]
    return runs
