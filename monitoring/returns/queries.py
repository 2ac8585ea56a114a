"""What lists, work items and exports say about a return's dates, and the sums an export adds."""

from __future__ import annotations

import datetime as dt

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from casework.money import PoundsField
from monitoring.returns.models import Return
from monitoring.returns.parts import ReturnLine
from monitoring.returns.states import EDITABLE, ReturnState


def days_in_words(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def due_in_words(case: Return, today: dt.date) -> str:
    """ "Due on 31 October 2026." or "12 days late: it was due on 31 October 2026." """
    day = f"{case.due:%-d %B %Y}"
    if case.is_overdue(today):
        return f"{days_in_words((today - case.due).days)} late: it was due on {day}."
    return "Due today." if case.due == today else f"Due on {day}."


def awaited_by(case: Return) -> dt.date | None:
    """The day by which somebody waits for it; a return that was sent once has kept its date, whatever is asked since."""
    return case.due if case.first_submitted_at is None else None


def next_in_words(case: Return, today: dt.date) -> str:
    """Who must do what by when."""
    bid = case.bid
    writer, certifier = bid.applicant.name, bid.accountable_body.name if bid.accountable_body else "the accountable body"
    late = due_in_words(case, today)
    sentences = {
        ReturnState.SCHEDULED: f"It opens on {case.opens_on:%-d %B %Y}, when the period is over. {late}",
        ReturnState.OPEN: f"{writer} fills it in, and the finance signatory of {certifier} certifies it. {late}",
        ReturnState.PREPARED: f"The finance signatory of {certifier} certifies and submits it. {late}",
        ReturnState.SUBMITTED: "The office reads it, and either accepts it or asks a question.",
        ReturnState.QUERIED: f"{writer} answers the office’s question, and the finance signatory of {certifier} certifies it again.",
        ReturnState.ACCEPTED: "Nothing more to do. Payments no longer wait for this return.",
        ReturnState.WAIVED: "The office does not ask for this return. Payments do not wait for it.",
    }
    return sentences[ReturnState(case.state)]


def certified_in_words(case: Return) -> str:
    """Whether the figures on the page are certified."""
    if case.state in {*EDITABLE, ReturnState.PREPARED, ReturnState.SCHEDULED}:
        return "These figures are not certified and may still change."
    return ""


def with_spending(returns: QuerySet[Return]) -> QuerySet[Return]:
    """Adds `spent` and `forecast` over the lines, for the export; empty where no line has a figure."""
    lines = ReturnLine.objects.filter(case=OuterRef("pk")).order_by().values("case")
    money = PoundsField()
    return returns.annotate(
        spent=Subquery(lines.annotate(sum=Sum("actual", output_field=money)).values("sum"), output_field=money),
        forecast=Subquery(lines.annotate(sum=Sum("forecast", output_field=money)).values("sum"), output_field=money),
    )
