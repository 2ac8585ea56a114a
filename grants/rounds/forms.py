"""What an officer fills in about a round: its details, and one bidder's extension. The rows are in `rows.py`."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet

from casework import clock
from casework.forms import Checkboxes, DateField, HouseForm, HouseModelForm, PoundsField, Radios
from grants.funds.models import Fund
from grants.rounds.files import CAN_BE_ASKED
from grants.rounds.models import EXPRESSION_WORDS, Category, Round
from grants.rounds.queries import BIDDER_KINDS, may_bid
from grants.rounds.services import DETAILS
from grants.rounds.times import TimeField, local_parts, moment
from grants.rounds.versions import FROZEN
from grants.rounds.ways import ROUTES, Route, Tier
from partnerships.organisations.models import LegalPower, Organisation, on_date
from partnerships.plans.models import Plan
from questionnaires.models import QuestionSet, QuestionSetVersion

TIME_HINT = "UK time, for example 12 noon, 5pm or 17:30"
MOMENTS = {"opens_at": "opens", "expressions_until": "expressions", "closes_at": "closes", "questions_until": "questions"}
"""The model's moments, each asked for as a date and a time of that name."""
FEWEST_WORDS, MOST_WORDS = 50, 500
TIER_HINTS = {
    Tier.STANDARD: "Two assessors, a grant agreement, instalments and a return twice a year",
    Tier.SMALL: "One page, one assessor, an offer letter, one payment and one end report",
}


def offer(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """The rows among which a select lets choose."""
    form.fields[name].queryset = rows  # type: ignore[attr-defined]


def clean_moment(form: forms.BaseForm, date_name: str, time_name: str) -> dt.datetime | None:
    """The moment of a date and a time, both cleaned; None when either is missing or refused."""
    date, time = form.cleaned_data.get(date_name), form.cleaned_data.get(time_name)
    if date is None or time is None:
        return None
    try:
        return moment(date, time)
    except ValueError as error:
        form.add_error(time_name, f"{form.fields[time_name].label} {error}")
        return None


class RoundForm(HouseModelForm):
    """A draft's details. Moments are a date and a time of day; `details()` gives the service's words."""

    opens_on = DateField(label="Opening date")
    opens_time = TimeField(label="Opening time", help_text=TIME_HINT, initial="9am")
    closes_on = DateField(label="Closing date", required=False)
    closes_time = TimeField(label="Closing time", help_text=TIME_HINT, initial="12 noon", required=False)
    questions_on = DateField(
        label="Last date for questions",
        required=False,
        help_text="Optional. Without it, questions are taken until the round closes",
    )
    questions_time = TimeField(label="Last time for questions", help_text=TIME_HINT, initial="12 noon", required=False)
    expressions_on = DateField(
        label="Last date for expressions of interest",
        required=False,
        help_text="Only if you choose expression of interest first. Leave time to read them and for the bids to be written",
    )
    expressions_time = TimeField(
        label="Last time for expressions of interest", help_text=TIME_HINT, initial="12 noon", required=False
    )
    expression_words = forms.IntegerField(
        label="Words of an expression of interest",
        required=False,
        min_value=FEWEST_WORDS,
        max_value=MOST_WORDS,
        initial=EXPRESSION_WORDS,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-4", "inputmode": "numeric"}),
        help_text=f"Only for expressions of interest: the most that a body says of what it would do. Without it, {EXPRESSION_WORDS}",
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"),
            f"Words of an expression of interest must be a number between {FEWEST_WORDS} and {MOST_WORDS}",
        ),
    )
    minimum = PoundsField(label="Smallest request", help_text="£0 if there is none")
    maximum = PoundsField(label="Largest request", more_than_zero=True)
    volunteer_rate = PoundsField(
        label="Value of a volunteer’s hour",
        required=False,
        more_than_zero=True,
        help_text="Hours that volunteers give count as match in kind at this rate. Leave it empty if hours are not counted",
    )
    eligible_kinds = forms.MultipleChoiceField(
        label="Who may bid",
        choices=[(kind.value, kind.label) for kind in BIDDER_KINDS],
        widget=Checkboxes,
        required=False,
        help_text="Every body of these kinds. Bodies can be named besides, or instead, on the round's own page",
    )
    required_files = forms.MultipleChoiceField(
        label="Files that every bid needs",
        choices=CAN_BE_ASKED,
        widget=Checkboxes,
        required=False,
        help_text="Optional. A bid without one of these cannot be submitted; bidders may attach other files besides",
    )
    nouns: ClassVar = {
        "title": "the title",
        "plan": "the plan",
        "legal_power": "the legal power",
        "eligible_kinds": "the kinds of body that may bid",
        "required_files": "the files that every bid needs",
        "question_version": "the questions of the bid",
        "return_version": "the questions of the return",
    }
    mark_optional = False

    SECTIONS: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = (
        ("What the round is", ("title", "plan", "legal_power", "category", "route", "tier", "tier_reason")),
        (
            "When bids are taken",
            (
                "opens_on",
                "opens_time",
                "expressions_on",
                "expressions_time",
                "rolling",
                "closes_on",
                "closes_time",
                "questions_on",
                "questions_time",
            ),
        ),
        ("Who may ask for how much", ("eligible_kinds", "minimum", "maximum", "match_rule", "volunteer_rate", "capital_allowed")),
        (
            "What bidders read and answer",
            ("guidance", "terms", "required_files", "expression_words", "question_version", "return_version"),
        ),
    )

    class Meta:
        model = Round
        fields = [name for name in DETAILS if name not in MOMENTS]
        widgets = {
            "route": Radios(hints={route: way.hint for route, way in ROUTES.items()}),
            "tier": Radios(hints=TIER_HINTS),
            "category": Radios,
            "match_rule": Radios,
            "guidance": forms.Textarea(attrs={"rows": 10}),
            "terms": forms.Textarea(attrs={"rows": 6}),
        }
        labels = {
            "category": "Category of the grants",
            "tier_reason": "Reason for the small tier",
            "rolling": "Bids are decided as they arrive, until the money runs out",
            "match_rule": "Match funding",
            "guidance": "Guidance for bidders",
            "terms": "Terms that bidders accept",
            "question_version": "Questions of the bid",
            "return_version": "Questions of the return",
        }
        help_texts = {
            "category": "Every grant falls into one of three categories (report to the Police and Crime Panel, September 2018, 6.19)",
            "tier_reason": "Only if you choose the small tier",
            "rolling": "Tick this for a round without a closing date",
            "guidance": "Optional. What the round is for, in plain words",
            "terms": "Optional. Shown beside the declaration when a bid is submitted",
            "question_version": "They are frozen when the round is published",
            "return_version": "They are frozen when the round is published",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The error summary goes down the fields: in the order of the page.
        self.order_fields([name for _, names in self.SECTIONS for name in names])
        today = on_date(clock.today())
        self.fields["category"].choices = [*Category.choices, ("", "Each bidder says which")]  # type: ignore[attr-defined]
        offer(self, "plan", Plan.objects.filter(today | Q(pk=self.instance.plan_id)))
        offer(self, "legal_power", LegalPower.objects.filter(today | Q(pk=self.instance.legal_power_id)))
        versions = QuestionSetVersion.objects.select_related("question_set")
        for name, purpose in (("question_version", QuestionSet.Purpose.BID), ("return_version", QuestionSet.Purpose.RETURN)):
            now = Q(pk=getattr(self.instance, f"{name}_id"))
            offer(self, name, versions.filter(Q(question_set__purpose=purpose) | now))
        if self.instance.pk:
            for kept, name in MOMENTS.items():
                date, time = local_parts(getattr(self.instance, kept))
                self.initial.update({f"{name}_on": date} | ({f"{name}_time": time} if time else {}))

    def sections(self) -> list[tuple[str, list[Any]]]:
        """Headings with their fields, for the page."""
        shown = [(heading, [self[name] for name in names if name in self.fields]) for heading, names in self.SECTIONS]
        return [(heading, fields) for heading, fields in shown if fields]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["opens_at"] = clean_moment(self, "opens_on", "opens_time")
        cleaned["questions_until"] = clean_moment(self, "questions_on", "questions_time")
        if cleaned.get("questions_on") and cleaned.get("questions_time", "") is None:
            self.add_error("questions_time", "Enter the last time for questions")
        self._clean_closing(cleaned)
        self._clean_expressions(cleaned)
        return cleaned

    def _clean_closing(self, cleaned: dict[str, Any]) -> None:
        cleaned["closes_at"] = None
        if cleaned.get("rolling"):
            if cleaned.get("closes_on"):
                self.add_error("closes_on", "Leave the closing date empty, or do not tick that bids are decided as they arrive")
            return
        for name, words in (("closes_on", "Enter the closing date"), ("closes_time", "Enter the closing time")):
            if name in cleaned and cleaned[name] is None:
                self.add_error(name, words)
        cleaned["closes_at"] = clean_moment(self, "closes_on", "closes_time")
        if cleaned["opens_at"] and cleaned["closes_at"] and cleaned["closes_at"] <= cleaned["opens_at"]:
            self.add_error("closes_on", "The closing time must be after the opening time")

    def _clean_expressions(self, cleaned: dict[str, Any]) -> None:
        """They close between the opening and the closing; other rounds have no such date."""
        cleaned["expressions_until"] = None
        expressed = cleaned.get("route", self.instance.route) == Route.EXPRESSION
        if "expressions_on" not in self.fields or "expressions_on" in self.errors:
            return
        if not expressed:
            if cleaned["expressions_on"]:
                self.add_error("expressions_on", "Leave this date empty, or choose expression of interest first")
            return
        if cleaned["expressions_on"] is None:
            self.add_error("expressions_on", "Enter the last date for expressions of interest")
        elif cleaned.get("expressions_time", "") is None:
            self.add_error("expressions_time", "Enter the last time for expressions of interest")
        until = cleaned["expressions_until"] = clean_moment(self, "expressions_on", "expressions_time")
        opens, closes = cleaned["opens_at"] or self.instance.opens_at, cleaned["closes_at"]
        if until and opens and until <= opens:
            self.add_error("expressions_on", "Expressions of interest must close after the opening time")
        elif until and closes and until >= closes:
            self.add_error("expressions_on", "Expressions of interest must close before the closing time for bids")

    def clean_expression_words(self) -> int:
        words: int | None = self.cleaned_data["expression_words"]
        return EXPRESSION_WORDS if words is None else words

    def details(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in DETAILS}


class NewRoundForm(RoundForm):
    """The fund and the year besides: they make the reference, so they stay."""

    fund = forms.ModelChoiceField(Fund.objects.all())
    year = forms.TypedChoiceField(label="Financial year", coerce=int, help_text="The first year the money is for")

    SECTIONS: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = (
        ("Where the money comes from", ("fund", "year")),
        *RoundForm.SECTIONS,
    )
    nouns: ClassVar = {**RoundForm.nouns, "fund": "the fund", "year": "the financial year"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        this = clock.financial_year(clock.today())
        self.fields["year"].choices = [(year, clock.year_label(year)) for year in range(this - 1, this + 4)]  # type: ignore[attr-defined]
        self.fields["year"].initial = this


class ChangeForm(HouseForm):
    """Why a published round changes; the rows beside it say what."""

    reason = forms.CharField(
        label="Reason for the change",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Sent to everybody with a draft or an undecided bid, and shown on the round's page",
    )
    nouns: ClassVar = {"reason": "the reason for the change"}


class PublishedRoundForm(RoundForm):
    """What of a published round can still change, with the reason."""

    reason = ChangeForm.base_fields["reason"]
    nouns: ClassVar = {**RoundForm.nouns, **ChangeForm.nouns}

    SECTIONS: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = (*RoundForm.SECTIONS, ("Why it changes", ("reason",)))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        gone = {*FROZEN, "tier_reason"}
        if self.instance.opens_at <= clock.arrived():
            gone |= {"opens_on", "opens_time"}
        if self.instance.rolling:
            gone |= {"closes_on", "closes_time"}
        if not self.instance.way.expressed:
            gone |= {"expressions_on", "expressions_time"}
        for name in gone:
            del self.fields[name]

    def details(self) -> dict[str, Any]:
        moments = {kept for kept, name in MOMENTS.items() if f"{name}_on" in self.fields}
        return {name: self.cleaned_data[name] for name in DETAILS if name in self.fields or name in moments}


def copied(source: Round) -> dict[str, Any]:
    """What a copy's form starts with: everything but the dates, and no plan or power that is no longer in force."""
    today = clock.today()
    values = {name: getattr(source, name) for name in DETAILS if name not in MOMENTS}
    for name in ("plan", "legal_power"):
        row = values[name]
        values[name] = row.pk if row.starts <= today and (row.ends is None or row.ends >= today) else None
    values |= {name: getattr(source, f"{name}_id") for name in ("question_version", "return_version", "fund")}
    years = [budget.year for budget in source.budgets.all()]
    times = {f"{name}_time": local_parts(getattr(source, kept))[1] for kept, name in MOMENTS.items()}
    return values | {"year": years[0] + 1 if years else None} | {name: time for name, time in times.items() if time}


class ExtensionForm(HouseForm):
    """A later closing time for one bidder of this round."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label="Bidder")
    closes_on = DateField(label="New closing date")
    closes_time = TimeField(label="New closing time", help_text=TIME_HINT, initial="12 noon")
    reason = forms.CharField(label="Reason", max_length=300, help_text="Kept in the round's history")
    nouns: ClassVar = {"organisation": "the bidder", "reason": "the reason"}

    def __init__(self, *args: Any, case: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        offer(self, "organisation", may_bid(case))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        closes = cleaned["closes_at"] = clean_moment(self, "closes_on", "closes_time")
        if closes is None:
            return cleaned
        if self.case.closes_at and closes <= self.case.closes_at:
            self.add_error("closes_on", "The new closing time must be later than the round's own")
        elif closes <= clock.now():
            self.add_error("closes_on", "The new closing time must be still to come")
        return cleaned
