"""What an expression of interest says: in words for the page and the snapshot, and what it still lacks."""

from __future__ import annotations

from typing import Any

from casework.forms.fields import count_words
from casework.money import pounds
from casework.templatetags.ui import gov_date
from grants.expressions.models import Expression
from grants.rounds.models import Round

FIELDS = ("title", "summary", "amount", "starts", "lead", "partners")
EDIT = "write/"


def amount_sentence(case: Round, amount: Any) -> str:
    """Why so much cannot be asked for in this round; "" when it can."""
    if amount < case.minimum or amount > case.maximum:
        return f"The amount must be between {pounds(case.minimum)} and {pounds(case.maximum)}"
    return ""


def words_sentence(case: Round, text: str) -> str:
    if count_words(text) > case.expression_words:
        return f"What you would do must be {case.expression_words:,} words or less"
    return ""


def missing(case: Expression) -> list[str]:
    """What stands against sending it, in the order of the page."""
    found = [
        (not case.title, "Enter what you would call it"),
        (not case.summary, "Enter what you would do"),
        (not case.outcomes.exists(), "Select at least one outcome"),
        (not case.areas.exists(), "Select at least one area"),
        (case.amount is None, "Enter roughly how much you would ask for"),
        (case.starts is None, "Enter roughly when it would start"),
        (not case.lead, "Enter who would lead it"),
    ]
    wrong = [words_sentence(case.round, case.summary)]
    if case.amount is not None:
        wrong.append(amount_sentence(case.round, case.amount))
    return [sentence for lacks, sentence in found if lacks] + [sentence for sentence in wrong if sentence]


def summary(case: Expression, *, editable: bool = False) -> list[dict[str, Any]]:
    """The expression as label and value. Two queries."""
    place = f"{case.get_absolute_url()}{EDIT}"
    rows = [
        ("What it is called", case.title, "id_title"),
        ("What it would do", case.summary, "id_summary"),
        ("Outcomes of the plan", "\n".join(outcome.name for outcome in case.outcomes.all()), "id_outcomes_0"),
        ("Where", ", ".join(area.name for area in case.areas.all()), "id_areas_0"),
        ("Roughly how much", case.amount, "id_amount"),
        ("Roughly from when", case.starts, "id_starts_0"),
        ("Who would lead it", case.lead, "id_lead"),
        ("Partners in mind", case.partners, "id_partners"),
    ]
    return [{"label": label, "value": value, "href": f"{place}#{field}" if editable else ""} for label, value, field in rows]


def frozen(case: Expression) -> dict[str, Any]:
    """Everything that was sent, as a snapshot keeps it."""
    return {
        "reference": case.reference,
        "round": case.round.reference,
        "applicant": case.applicant.name,
        **{name: getattr(case, name) for name in ("title", "summary", "lead", "partners")},
        "amount": str(case.amount),
        "starts": gov_date(case.starts),
        "outcomes": [outcome.name for outcome in case.outcomes.all()],
        "areas": [area.name for area in case.areas.all()],
    }
