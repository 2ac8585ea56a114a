"""What still stands between a draft and its submission: one list, read by the task list, the check page and the transition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from casework.forms.words import lower_first
from casework.templatetags.ui import gov_date
from grants.bids.facts import question_facts
from grants.bids.models import Bid
from grants.bids.queries import carries_facts, facts_of, with_facts
from grants.bids.readers import only_readers
from grants.rounds.files import KINDS
from grants.rounds.models import Round
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_with
from questionnaires import engine
from questionnaires.judging import judge

REQUEST = "request"
"""The one section of a bid on one page."""
SUMMARY_KEY = "summary"
"""Where a round's questions ask for a summary under this key, that answer is the bid's summary and is not asked twice."""


@dataclass(frozen=True)
class Problem:
    """`wrong` tells what was typed and cannot stand from what is only missing."""

    section: str
    sentence: str
    url: str
    wrong: bool = False


def short(amount: Decimal) -> str:
    """£12,000 or £12,000.50: pennies only where there are some."""
    return f"£{amount:,.2f}".removesuffix(".00")


def sum_sentence(lines: Decimal, requested: Decimal) -> str:
    """Why the budget cannot stand; "" when it does."""
    if lines == requested:
        return ""
    return (
        f"The lines add up to {short(lines)}; the amount requested is {short(requested)}. Change one of them so that they agree"
    )


def sheet_of(bid: Bid) -> Sequence[engine.Item]:
    """The bid's questions and answers; kept with the facts of a bid that was read with them, because one page asks often."""
    if not carries_facts(bid):
        return engine.sheet(bid.response, question_facts(bid))
    if not hasattr(bid, "fact_sheet"):
        bid.fact_sheet = engine.sheet(bid.response, question_facts(bid))  # type: ignore[attr-defined]
    return bid.fact_sheet  # type: ignore[attr-defined]


def problems(bid: Bid, items: Sequence[engine.Item] | None = None) -> list[Problem]:
    """Everything that must be put right before the bid can be submitted, in the order of its sections.

    Two queries, one for a bid read `with_facts`; `items` is the bid's sheet of answers where it was read already.
    """
    full = facts_of(bid)
    sheet = sheet_of(full) if items is None else items
    found = [(key, sentence, wrong) for key, rule in RULES for sentence, wrong in rule(full, sheet)]
    found[_after(found) : _after(found)] = _answers(full, sheet)
    base = full.get_absolute_url()
    if full.round.asks.one_page:
        found = [(key if key == "attachments" else REQUEST, sentence, wrong) for key, sentence, wrong in found]
    return [Problem(key, sentence, f"{base}{key}/", wrong) for key, sentence, wrong in found]


def _after(found: list[tuple[str, str, bool]]) -> int:
    """Where the questions' problems belong: behind details and outcomes."""
    return sum(1 for key, _, _ in found if key in ("details", "outcomes"))


def problems_of(bids: Iterable[Bid]) -> dict[int, list[Problem]]:
    """The problems of many bids by their key, in three queries."""
    bids = list(bids)
    if not all(carries_facts(bid) for bid in bids):
        bids = list(with_facts(Bid.objects.filter(pk__in=[bid.pk for bid in bids])))
    facts = {bid.response_id: question_facts(bid) for bid in bids}
    sheets = engine.sheets((bid.response for bid in bids), facts)
    return {bid.pk: problems(bid, sheets[bid.response_id]) for bid in bids}


Found = Iterable[tuple[str, bool]]


def _details(bid: Any, items: Sequence[engine.Item]) -> Found:
    if not bid.title:
        yield "Enter a title", False
    if not bid.summary and not asks_summary(items):
        yield "Enter a summary", False
    if not bid.category:
        yield "Select the category of the bid", False
    if not bid.change and not bid.round.asks.one_page:
        yield "Select whether this is a project or a change to a mainstream service", False
    yield from _dates(bid)
    if bid.accountable_body_id is None:
        yield "Select the accountable body, which submits the bid, signs for the grant and is paid", False
    elif bid.received_at is not None:
        pass  # its sender confirms it
    elif not bid.fact_signatory:
        yield f"{bid.accountable_body} has no signatory here who could submit the bid. Ask the office to add one", True
    elif bid.is_confidential and not only_readers(bid, people_with(Role.SIGNATORY, [bid.accountable_body_id])):
        yield f"No signatory of {bid.accountable_body} knows of this confidential bid. Name one, or nobody can submit it", True
    if bid.amount_requested is None:
        yield "Enter the amount requested", False
    elif sentence := amount_sentence(bid.round, bid.amount_requested):
        yield sentence, True


def asks_summary(items: Iterable[engine.Item]) -> bool:
    """Whether the round's own questions ask for the summary."""
    return any(item.question.key == SUMMARY_KEY for item in items)


def _dates(bid: Bid) -> Found:
    if bid.starts is None:
        yield "Enter the start date", False
    elif sentence := start_sentence(bid.round, bid.starts):
        yield sentence, True
    if bid.ends is None:
        yield "Enter the end date", False
    elif sentence := end_sentence(bid.round, bid.ends):
        yield sentence, True


def start_sentence(case: Round, day: Any) -> str:
    """Why work may not start on this day: a grant serves the plan that the round was opened under."""
    if day < case.plan.starts:
        return f"The start date must be the same as or after {gov_date(case.plan.starts)}, when the plan begins"
    if case.plan.ends and day > case.plan.ends:
        return f"The start date must be the same as or before {gov_date(case.plan.ends)}, when the plan ends"
    return ""


def end_sentence(case: Round, day: Any) -> str:
    if case.plan.ends and day > case.plan.ends:
        return f"The end date must be the same as or before {gov_date(case.plan.ends)}, when the plan ends"
    return ""


def amount_sentence(case: Round, amount: Decimal) -> str:
    """Why this round does not take a request of that size."""
    if amount < case.minimum or amount <= 0:
        return f"The amount requested must be {short(case.minimum)} or more" if case.minimum else "Enter an amount above £0"
    if amount > case.maximum:
        return f"The amount requested must be {short(case.maximum)} or less, which is the most this round gives"
    return ""


def _outcomes(bid: Any, items: Sequence[engine.Item]) -> Found:
    if not bid.fact_outcomes:
        yield "Select at least one outcome of the plan", False
    if not bid.fact_areas:
        yield "Select at least one area", False


def _answers(bid: Bid, items: Sequence[engine.Item]) -> list[tuple[str, str, bool]]:
    found = judge(items, question_facts(bid))
    return [(f"questions/{problem.section}", problem.sentence, problem.wrong) for problem in found]


def _budget(bid: Any, items: Sequence[engine.Item]) -> Found:
    if bid.fact_half_budget:
        yield "Finish or remove the budget lines that are only partly filled in", True
    elif not bid.fact_lines:
        yield "Enter what the money will buy" if bid.round.asks.one_page else "Add at least one budget line", False
    if not bid.fact_lines:
        return
    if bid.amount_requested is not None and (sentence := sum_sentence(bid.fact_asked, bid.amount_requested)):
        yield sentence, True
    if bid.fact_capital and not bid.round.capital_allowed:
        yield CAPITAL_SENTENCE, True
    if bid.round.match_rule == Round.MatchRule.REQUIRED and not bid.fact_match_cash + bid.fact_match_in_kind:
        yield MATCH_SENTENCE, False


CAPITAL_SENTENCE = "This round does not pay for capital items. Remove the line or pay for it from somewhere else"
MATCH_SENTENCE = "This round asks for match funding. Enter match in cash or in kind on at least one line"


def _measures(bid: Any, items: Sequence[engine.Item]) -> Found:
    if bid.fact_half_measures:
        words = "Finish or remove the measures that are only partly filled in"
        yield "Finish what you will count: what it is, and how many you aim for" if bid.round.asks.one_page else words, True
    elif not bid.fact_measures:
        words = "Add at least one measure with its target"
        yield "Enter what you will count to see that it worked" if bid.round.asks.one_page else words, False


def _milestones(bid: Any, items: Sequence[engine.Item]) -> Found:
    if bid.round.asks.one_page:
        return
    if bid.fact_half_milestones:
        yield "Finish or remove the milestones that are only partly filled in", True
    elif not bid.fact_milestones:
        yield "Add at least one milestone", False
    if bid.fact_outside:
        yield "Every milestone must be due between the start date and the end date", True


def _partners(bid: Any, items: Sequence[engine.Item]) -> Found:
    if bid.fact_half_partners:
        yield "Finish or remove the partners that are only partly filled in", True


def _risks(bid: Any, items: Sequence[engine.Item]) -> Found:
    if bid.fact_half_risks:
        yield "Finish or remove the risks that are only partly filled in", True


def _attachments(bid: Any, items: Sequence[engine.Item]) -> Found:
    for name in filter(None, bid.fact_infected.split("|")):
        yield f"Remove or replace “{name}”, in which a virus was found", True
    attached = bid.fact_files.split("|")
    for kind in KINDS:
        if kind.key in bid.round.required_files and kind.key not in attached:
            yield f"Attach a file of this kind, which the round asks for: {lower_first(kind.label)}", False


RULES = (
    ("details", _details),
    ("outcomes", _outcomes),
    ("budget", _budget),
    ("measures", _measures),
    ("milestones", _milestones),
    ("partners", _partners),
    ("risks", _risks),
    ("attachments", _attachments),
)
