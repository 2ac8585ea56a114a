"""A round as an Excel file: one row a bid, a sheet for each part that repeats, and a sheet that explains every column.

The text is each bid's latest version as it was submitted, so nothing that is being changed, and nothing that the office has not
opened, is in it. A question that was not asked of a bid says so, and so does one that was asked and not answered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from casework.exports import Column, Sheet, columns_sheet, sheet_title
from casework.money import ZERO
from grants.assessment.diligence_sheet import diligence_columns, sheets_of
from grants.assessment.models import GateResult
from grants.assessment.round_answers import answer_column, repeated_rows, round_questions
from grants.assessment.round_rows import RoundBid, with_texts
from grants.bids.content import Data
from grants.bids.exports import came
from grants.rounds.models import Round

POUNDS = "£"
BID, OFFICE, SUBMITTED = "The bid", "The office", "The bid as last submitted"
Row = tuple[RoundBid, Data]
"""A row of a part, beside its bid."""


def sheets(round: Round, rows: Sequence[RoundBid]) -> list[Sheet]:
    """The workbook's sheets, read one after the other; each reads the bids' texts a chunk at a time."""
    once, repeated = round_questions(round, [row.bid.response_id for row in rows])
    failed = _failed_gates(round)
    found = [Sheet("Bids", [*_bid_columns(failed), *(answer_column(each) for each in once)], with_texts(rows))]
    for title, part, columns in PARTS:
        found.append(Sheet(title, [*OF_BID, *columns], _part(rows, part)))
    for section, questions in repeated:
        title = sheet_title(section.title, [*(sheet.title for sheet in found), "Due diligence", "Columns"])
        number = Column(
            "Row", lambda row: row[1]["row"] + 1, 8, f"The number of the {section.noun.lower()} in the bid", "", SUBMITTED
        )
        columns = [*OF_BID, number, *(answer_column(each, of_row=True) for each in questions)]
        found.append(Sheet(title, columns, repeated_rows(with_texts(rows), section.key)))
    found.append(Sheet("Due diligence", diligence_columns(), sheets_of([row.bid for row in rows if not row.kept])))
    return [*found, columns_sheet(found)]


def _failed_gates(round: Round) -> dict[int, str]:
    """Why a bid failed its gates, by its key."""
    told: dict[int, str] = {}
    for result in GateResult.objects.filter(bid__round=round, passed=False).select_related("gate").order_by("gate__order", "pk"):
        told[result.bid_id] = "\n".join(filter(None, [told.get(result.bid_id), f"{result.gate}: {result.reason}"]))
    return told


def _of(name: str) -> Callable[[RoundBid], str]:
    """The name of a body of the bid."""

    def value(row: RoundBid) -> str:
        body = getattr(row.bid, name)
        return body.name if body is not None else ""

    return value


def _text(name: str) -> Callable[[RoundBid], Any]:
    """A detail of the submitted text; a choice by its words, several in one cell."""

    def value(row: RoundBid) -> Any:
        return _words(row.data.get(name)) if row.data else None

    return value


def _words(told: Any) -> Any:
    if isinstance(told, dict):
        return told["name"]
    return "\n".join(each["name"] for each in told) if isinstance(told, list) else told


def _as_of(row: RoundBid) -> str:
    if row.data:
        return "As last submitted"
    return "Not opened yet" if row.sealed else "No text kept"


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _warnings(row: RoundBid) -> str:
    return "\n".join(row.warnings or [])


def _lines(name: str) -> Callable[[RoundBid], Decimal | None]:
    """What the submitted budget lines add up to."""

    def value(row: RoundBid) -> Decimal | None:
        return sum((Decimal(line[name]) for line in row.data["lines"]), ZERO) if row.data else None

    return value


CAME = (
    Column("How it came", lambda row: came(row.bid), 20, "Written in this service, or received on paper or by e-mail", "", BID),
    Column("Received", lambda row: row.bid.received_at, 18, "When it reached the office, if not here", "Date and time, UK", BID),
)


def _bid_columns(failed: dict[int, str]) -> list[Column]:
    return [
        Column("Reference", lambda row: row.bid.reference, 16, "What every page and paper calls the bid", "", BID),
        Column("Title", lambda row: row.bid.title, 40, "The project's title", "", BID),
        Column("Applicant", _of("applicant"), 36, "Who asks for the grant", "", BID),
        Column("Kind of applicant", lambda row: row.bid.applicant.get_kind_display(), 28, "What kind of body asks", "", BID),
        Column("Accountable body", _of("accountable_body"), 36, "Who signs for the grant and is paid", "", BID),
        Column("Delivered by", _of("delivery_body"), 36, "Who does the work", "", BID),
        Column("Delivery Group", _of("delivery_group"), 30, "The Delivery Group whose strategy it serves", "", BID),
        Column("Category", lambda row: row.bid.get_category_display(), 32, "The category of the round's fund", "", BID),
        Column("State", lambda row: row.bid.get_state_display(), 20, "Where the bid stands now", "", BID),
        *CAME,
        Column("Submitted", lambda row: row.bid.submitted_at, 18, "When it was last submitted", "Date and time, UK", BID),
        Column("Start date", lambda row: row.bid.starts, 12, "When the project begins", "Date", BID),
        Column("End date", lambda row: row.bid.ends, 12, "When the project ends", "Date", BID),
        Column("Requested", lambda row: row.bid.amount_requested, 14, "What is asked of the Commissioner", POUNDS, BID),
        Column(
            "Awarded", lambda row: row.bid.amount_awarded, 14, "What was awarded; empty before a decision", POUNDS, "Decision"
        ),
        Column(
            "Own order", lambda row: row.place, 12, "Where the bidder puts it among its own bids, by its latest order", "", BID
        ),
        Column("Gates", lambda row: row.gates, 18, "Whether the bid passed the round's gates", "", OFFICE),
        Column(
            "Why a gate failed",
            lambda row: "" if row.kept else failed.get(row.bid.pk, ""),
            40,
            "Each failed gate with the reason recorded for it",
            "",
            OFFICE,
        ),
        Column("Assessors left", lambda row: row.left, 16, "How many of the assigned assessors have not scored yet", "", OFFICE),
        Column("Points", lambda row: row.points, 10, "The moderated scores times their weights", "Points", OFFICE),
        Column("Most points", lambda row: row.most_points, 12, "The most points a bid of the round can have", "Points", "Round"),
        Column("Rank", lambda row: row.rank, 8, "By points among the bids you may read; equal points share a rank", "", "Points"),
        Column("Text", _as_of, 18, "Which text the columns from here on tell", "", ""),
        Column("Match in cash", _lines("match_cash"), 14, "Cash that others give", POUNDS, SUBMITTED),
        Column("Match in kind", _lines("match_in_kind"), 14, "The worth of what others give in kind", POUNDS, SUBMITTED),
        Column("Project or change", _text("change"), 26, "A project, or a change to a mainstream service", "", SUBMITTED),
        Column("Outcomes", _text("outcomes"), 40, "Outcomes of the plan that the bid serves, one a line", "", SUBMITTED),
        Column("Areas", _text("areas"), 24, "Where it takes place, one a line", "", SUBMITTED),
        Column("Wards or towns", _text("places"), 24, "Named places within the areas", "", SUBMITTED),
        Column("Priority", _text("priority"), 30, "The priority of the agreement or plan that it serves", "", SUBMITTED),
        Column("Principle", _text("principle"), 40, "The partnership's principle that it serves", "", SUBMITTED),
        Column("When the money ends", _text("when_money_ends"), 40, "What happens when the grant ends", "", SUBMITTED),
        Column("Interests", _text("interests"), 30, "Interests that the bidder declared", "", SUBMITTED),
        Column(
            "Warnings", _warnings, 40, "What a reader would stumble over, one a line", "", "Worked out from the submitted text"
        ),
    ]


def _part(rows: Sequence[RoundBid], name: str) -> Iterator[Row]:
    for row in with_texts(rows):
        for each in (row.data or {}).get(name, ()):
            yield row, each


def _field(title: str, name: str, width: int, about: str) -> Column:
    return Column(title, lambda row: _words(row[1].get(name)), width, about, "", SUBMITTED)


def _pounds(title: str, name: str, about: str) -> Column:
    return Column(title, lambda row: _amount(row[1].get(name)), 14, about, POUNDS, SUBMITTED)


def _figure(title: str, name: str, about: str, unit: str = "") -> Column:
    """A number with as many places as it was given."""
    return Column(title, lambda row: _plain(row[1].get(name)), 14, about, unit, SUBMITTED)


def _plain(text: str | int | None) -> float | int | None:
    if text is None:
        return None
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)


def _day(title: str, name: str, about: str) -> Column:
    return Column(title, lambda row: _date(row[1].get(name)), 12, about, "Date", SUBMITTED)


def _yes(told: Any) -> str:
    return "Yes" if told else "No"


OF_BID: Iterable[Column] = (
    Column("Bid", lambda row: row[0].bid.reference, 16, "The reference of the bid, as on the sheet “Bids”", "", BID),
    Column("Applicant", lambda row: row[0].bid.applicant.short_name, 24, "Who asks for the grant", "", BID),
)
LINES = (
    _field("Category", "category", 22, "What kind of cost it is"),
    _field("Description", "description", 40, "What the money is for"),
    _field("Revenue or capital", "spending", 18, "Whether it is running cost or buys something that lasts"),
    _pounds("Asked", "asked", "What is asked of the Commissioner for this line"),
    _pounds("Match in cash", "match_cash", "Cash that others give for this line"),
    _pounds("Match in kind", "match_in_kind", "The worth of what others give in kind for this line"),
    _figure("Volunteer hours", "volunteer_hours", "Hours that volunteers give", "Hours"),
    _field("Funder", "funder", 28, "Who gives the match"),
    Column("Confirmed", lambda row: _yes(row[1].get("confirmed")), 12, "Whether the match is confirmed", "Yes or no", SUBMITTED),
    _field("Employer", "employer", 28, "Who employs the post"),
    _figure("Full-time equivalent", "full_time_equivalent", "How much of a full-time post it is", "Posts"),
    _day("Post starts", "post_starts", "When the post begins"),
    _pounds("On-costs", "on_costs", "The employer's costs within the line"),
)
MEASURES = (
    _field("Measure", "name", 40, "What is counted"),
    Column("Proposed new", lambda row: _yes(not row[1]["definition"]), 12, "Not in the plan's library", "Yes or no", SUBMITTED),
    _field("Counted in", "unit", 20, "The unit of the figures"),
    _field("Direction", "direction", 18, "Which way is better"),
    _field("Way of counting", "aggregation", 24, "How the figures of several periods become one"),
    _figure("Baseline", "baseline", "Where it stands now; empty where that is not known", "As counted"),
    _figure("Baseline out of", "baseline_of", "What a baseline that is a rate is out of", "As counted"),
    _figure("Target", "target", "Where it will stand", "As counted"),
    _figure("Target out of", "target_of", "What a target that is a rate is out of", "As counted"),
)
MILESTONES = (_field("Milestone", "title", 50, "What will have happened"), _day("Due", "due", "By when"))
PARTNERS = (
    _field("Partner", "name", 32, "Who works with the applicant"),
    _field("Brings", "brings", 40, "What the partner brings"),
    Column(
        "Confirmation",
        lambda row: row[1]["confirmation"]["words"],
        30,
        "Whether the partner had confirmed it when the bid was submitted",
        "",
        SUBMITTED,
    ),
)
RISKS = (
    _field("Risk", "title", 40, "What could go wrong"),
    _field("Likelihood", "likelihood", 12, "How likely it is"),
    _field("Impact", "impact", 12, "How bad it would be"),
    _field("What is done about it", "mitigation", 40, "What makes it less likely or less bad"),
    _field("Watched by", "owner", 24, "Who watches it"),
)
PARTS: Sequence[tuple[str, str, Sequence[Column]]] = (
    ("Budget lines", "lines", LINES),
    ("Measures", "measures", MEASURES),
    ("Milestones", "milestones", MILESTONES),
    ("Partners", "partners", PARTNERS),
    ("Risks", "risks", RISKS),
)
