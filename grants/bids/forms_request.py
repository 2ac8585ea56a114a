"""The form of a bid on one page. The round's own questions stand below it, each section a part of the same page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from casework import clock
from casework.forms import Checkboxes, DateField, PoundsField, Radios, SeveralField, WordLimitedField
from casework.forms.draft import DraftForm
from grants.bids.completeness import amount_sentence, end_sentence, short, start_sentence
from grants.bids.forms_details import LEGAL_BODIES
from grants.bids.forms_rows import FigureField
from grants.bids.models import Bid, Category
from grants.bids.one_page import COUNTED, LONGEST_LINE
from partnerships.organisations.models import Area, Organisation, on_date
from partnerships.plans.models import Outcome

SUMMARY_WORDS = 150


class RequestForm(DraftForm):
    """What a small request needs: what, for whom, where, how much, when, and what is counted."""

    title = forms.CharField(max_length=140, label="What is the project called?")
    summary = WordLimitedField(
        max_words=SUMMARY_WORDS,
        rows=5,
        label="What will you do, and who is it for?",
        help_text="If a grant is awarded this text is published.",
    )
    outcomes = SeveralField(Outcome.objects.none(), widget=Checkboxes, label="Which outcome of the plan will it serve?")
    areas = SeveralField(Area.objects.none(), widget=Checkboxes, label="Where will it happen?")
    category = forms.ChoiceField(choices=Category.choices, widget=Radios, label="Which category does it fall into?")
    buys = forms.CharField(
        max_length=LONGEST_LINE, label="What will the money buy?", help_text="For example, hall hire and two coaches"
    )
    amount_requested = PoundsField(label="How much do you ask for?", more_than_zero=True)
    starts = DateField(label="When does it start?", help_text="For example, 1 4 2027")
    ends = DateField(label="When does it end?", help_text="For example, 30 6 2027")
    measure_name = forms.CharField(
        max_length=200,
        label="What will you count to see that it worked?",
        help_text="For example, young people who take part",
    )
    measure_target = FigureField(label="How many do you aim for?")
    measure_unit = forms.CharField(
        max_length=60, label="Counted in", initial="people", help_text="For example, people or sessions"
    )
    accountable_body = forms.ModelChoiceField(
        Organisation.objects.none(),
        empty_label="Select a body",
        label="Which body receives the money?",
        help_text="A council or another legal body. Its signatory submits this request and accepts the offer.",
    )
    interests = WordLimitedField(
        max_words=100,
        rows=2,
        required=False,
        label="Does anybody in the project serve the office, or did they lately?",
        help_text="Leave it empty if nobody does.",
    )
    always = frozenset({"title"})
    nouns = {
        "title": "what the project is called",
        "summary": "what you will do, and who it is for",
        "outcomes": "at least one outcome",
        "areas": "at least one area",
        "category": "the category",
        "buys": "what the money will buy",
        "amount_requested": "how much you ask for",
        "starts": "the start date",
        "ends": "the end date",
        "measure_name": "what you will count",
        "measure_target": "how many you aim for",
        "measure_unit": "what it is counted in",
        "accountable_body": "the body that receives the money",
    }

    def __init__(self, *args: Any, bid: Bid, with_summary: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bid, case = bid, bid.round
        if not with_summary:
            del self.fields["summary"]
        if case.category:  # every grant of this round falls into it, so nobody is asked
            del self.fields["category"]
        chosen = Outcome.objects.filter(theme__plan=case.plan).select_related("theme").order_by("theme__order", "order", "pk")
        bodies = (Q(kind__in=LEGAL_BODIES) & on_date(clock.today())) | Q(pk=bid.accountable_body_id)
        for name, rows in (
            ("outcomes", chosen),
            ("areas", Area.objects.order_by("name")),
            ("accountable_body", Organisation.objects.filter(bodies)),
        ):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        self.fields["outcomes"].label_from_instance = lambda outcome: f"{outcome.theme.name}: {outcome.name}"  # type: ignore[attr-defined]
        least, most = short(case.minimum), short(case.maximum)
        self.fields["amount_requested"].help_text = f"Between {least} and {most}."

    @property
    def half(self) -> dict[str, Any] | None:
        """What was typed of a measure that is not finished, to be kept as it is; None where it is whole or empty."""
        typed = {name: str(self[name].data or "").strip() for name in COUNTED}
        begun = bool(typed["measure_name"] or typed["measure_target"])
        return typed if begun and not all(typed.values()) else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        case, starts, ends = self.bid.round, cleaned.get("starts"), cleaned.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", "The end date must be after the start date")
        elif ends and (sentence := end_sentence(case, ends)):
            self.late_error("ends", sentence)
        if starts and (sentence := start_sentence(case, starts)):
            self.late_error("starts", sentence)
        amount = cleaned.get("amount_requested")
        if amount is not None and (sentence := amount_sentence(case, amount)):
            self.late_error("amount_requested", sentence)
        return cleaned
