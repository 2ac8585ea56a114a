"""The kinds of file that are attached to a bid, of which a round may ask for some."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FileKind:
    """`key` is what a document keeps; the hint says what such a file should show."""

    key: str
    label: str
    hint: str = ""


KINDS = (
    FileKind("Supporting evidence", "Supporting evidence", "Figures, research or an evaluation that shows the need"),
    FileKind("Terms of reference", "Terms of reference or constitution", "As they were last agreed"),
    FileKind("Budget breakdown", "Budget breakdown", "How the amounts of the budget were worked out"),
    FileKind("Accounts", "Last accounts", "For the last year that was closed"),
    FileKind("Safeguarding policy", "Safeguarding policy", "The one in force now"),
    FileKind("Policy", "Another policy", "Such as equality or data protection"),
    FileKind("Quote", "Quote or estimate"),
    FileKind("Letter of support", "Letter of support", "Signed and dated, from a partner or somebody who will benefit"),
    FileKind("Other", "Something else"),
)
LABELS = {kind.key: kind.label for kind in KINDS}
CAN_BE_ASKED = tuple((kind.key, kind.label) for kind in KINDS if kind.key != "Other")


def asked_labels(keys: list[str]) -> list[str]:
    """The files that a round asks for, in the order of the form."""
    return [label for key, label in LABELS.items() if key in keys]
