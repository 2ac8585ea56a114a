"""What stands against a sheet of answers: what is missing, what cannot stand, and what contradicts.

The forms, the check for completeness, the worksheet and the test page of the builder all ask here.
"""

from __future__ import annotations

from collections import ChainMap, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from questionnaires import kinds
from questionnaires.conditions import contradicts, named_in_order
from questionnaires.engine import Item, every_item, only_asked
from questionnaires.facts import NONE, Facts
from questionnaires.models import Response, Section
from questionnaires.totals import SUM, Totals, is_total, rows_of, split, totals_among


@dataclass(frozen=True)
class Problem:
    """A sentence about one question. `wrong` tells what was answered and cannot stand from what is only missing."""

    item: Item
    sentence: str
    wrong: bool = False

    @property
    def section(self) -> str:
        return self.item.section.key


def judged(response: Response, facts: Facts = NONE) -> list[Problem]:
    """Everything that must be put right in a response, in the order of the form."""
    return judge(only_asked(every_item(response), facts), facts)


def judge(asked: Sequence[Item], facts: Facts = NONE) -> list[Problem]:
    """The same of a sheet that was read already: of the items that are asked."""
    found = []
    contradictions = defaultdict(list)
    for each in contradictions_in(asked, facts):
        contradictions[id(each.item)].append(each.sentence)
    few = _too_few_rows(asked)
    for item in asked:
        if sentence := few.pop(item.section.pk, ""):
            found.append(Problem(item, sentence))
        if item.missing:
            found.append(Problem(item, f"Answer “{item.name}”"))
        elif item.answered and (sentence := _fault(item)):
            found.append(Problem(item, sentence, wrong=True))
        found += [Problem(item, message, wrong=True) for message in contradictions[id(item)]]
    return found


def _too_few_rows(asked: Sequence[Item]) -> dict[int, str]:
    """What to say of each repeating section with fewer rows than it needs, by the section's key."""
    rows: dict[int, set[int]] = defaultdict(set)
    for item in asked:
        if item.section.repeats:
            rows[item.section.pk] |= set() if item.spare else {item.row}
    sections = {item.section.pk: item.section for item in asked}
    return {key: few_rows(sections[key]) for key, filled in rows.items() if len(filled) < sections[key].min_rows}


def few_rows(section: Section) -> str:
    return f"{section.title}: fill in at least {section.min_rows} row{'' if section.min_rows == 1 else 's'}"


def _fault(item: Item) -> str:
    if over := item.words_over:
        extra = f"{over:,} word{'' if over == 1 else 's'} too many"
        return f"The answer to “{item.name}” must be {item.question.max_words:,} words or less: it has {extra}"
    sentence = kinds.fault(item.question, item.value)
    return f"{item.section.noun} {item.row + 1}: {sentence}" if sentence and item.section.repeats else sentence


@dataclass(frozen=True)
class Contradiction:
    """A check that finds something wrong: the item at which it is said, and what is said.

    `whole` where it is said at all rows of a section together; `item` is then the first of them.
    """

    item: Item
    sentence: str
    whole: bool = False


def contradictions_in(asked: Sequence[Item], facts: Facts = NONE) -> Iterator[Contradiction]:
    """What the checks find wrong. A check that is said at a question of rows is judged row by row."""
    checks = asked[0].section.version.checks if asked else []
    if not checks:
        return
    totals = Totals(lambda: asked)
    plain: dict[str, Any] = {}
    rows: dict[int, dict[str, Any]] = defaultdict(dict)
    for item in asked:
        (rows[item.row] if item.section.repeats else plain)[item.question.key] = item.value
    for check in checks:
        for item, whole in _places(check["at"], asked):
            # Rows of another section have no part in this one's: faults() refuses a check on two of them.
            own = rows[item.row] if item.section.repeats and not whole else {}
            if contradicts(check["wrong"], ChainMap(own, plain, totals, facts)):  # type: ignore[arg-type]
                yield Contradiction(item, _with_sums(check, totals, asked), whole)


def _places(at: str, asked: Sequence[Item]) -> list[tuple[Item, bool]]:
    """The items at which a check is said, and whether it is said of all rows together."""
    if not is_total(at):
        return [(item, False) for item in asked if item.question.key == at]
    return [(item, True) for item in asked if rows_of(item.section) == at][:1]


def _with_sums(check: Mapping[str, Any], totals: Totals, asked: Sequence[Item]) -> str:
    """The check's message, with what was added up: nobody should have to do the sum again to see what is wrong."""
    said = []
    known = totals_among(item.question for item in asked)
    for key in dict.fromkeys(named_in_order(check["wrong"])):
        if split(key)[0] == SUM and key in known:
            said.append(f"“{known[key].source}” adds up to {kinds.told(known[key].kind, totals[key])}")
    return f"{check['message'].rstrip('.')} – {' and '.join(said)}" if said else check["message"]
