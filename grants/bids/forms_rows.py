"""The rows of a bid: budget lines, measures and milestones, each a plain form that knows its row's lasting key."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.forms import formset_factory
from django.forms.formsets import DELETION_FIELD_NAME

from casework.forms import DateField, HouseForm, HouseFormSet, PoundsField
from casework.forms.draft import DraftForm, KeepsUnfinished
from casework.templatetags.ui import gov_date
from grants.bids.completeness import CAPITAL_SENTENCE, MATCH_SENTENCE, amount_sentence, short, sum_sentence
from grants.bids.models import Bid
from grants.bids.shapes import LineCategory, Spending
from partnerships.plans.models import Aggregation, Direction, MeasureDefinition

MOST_ROWS = 60
POST = ("employer", "full_time_equivalent", "post_starts", "on_costs")
"""What a budget line says of a post."""


class RowForm(KeepsUnfinished, HouseForm):
    """A row of a bid. `key` is the row's lasting key; empty for a new one."""

    version = None  # type: ignore[assignment]
    key = forms.CharField(required=False, widget=forms.HiddenInput, max_length=36)
    mark_optional = False

    def __init__(self, *args: Any, bid: Bid, strict: bool, saved_keys: Collection[str] = (), **kwargs: Any) -> None:
        self.bid, self.strict, self.saved_keys = bid, strict, saved_keys
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            # Also an empty row: sent twice, as by a button and by a save while typing, it is one row.
            self.initial["key"] = self.initial.get("key") or str(uuid.uuid4())

    @property
    def changed_data(self) -> list[str]:
        """A row that has a key and nothing else is empty."""
        return [name for name in super().changed_data if name != "key"]

    def late_error(self, field: str | None, sentence: str) -> None:
        if self.strict:
            self.add_error(field, sentence)

    def full_clean(self) -> None:
        """A new row has its key from the beginning, finished or not, so that it is known again when others save too."""
        super().full_clean()
        kept = self.unfinished or getattr(self, "cleaned_data", None)
        if kept:
            kept["key"] = kept.get("key") or str(uuid.uuid4())


class RowSet(HouseFormSet):
    """Rows with at least one when the page is to be complete; rows left empty or removed do not count."""

    none_sentence = ""
    may_be_empty = False

    def __init__(self, *args: Any, strict: bool = True, **kwargs: Any) -> None:
        self.strict = strict
        super().__init__(*args, **kwargs)

    def rows(self) -> list[dict[str, Any]]:
        """What is to be kept, in order."""
        kept = []
        for form in self.forms:
            if form.cleaned_data and not self._should_delete_form(form):  # type: ignore[attr-defined]
                kept.append({name: value for name, value in form.cleaned_data.items() if name != DELETION_FIELD_NAME})
        return kept

    def unfinished(self) -> list[dict[str, Any]]:
        """What is to be kept as it was typed, with its place on the page."""
        return [{"place": place, "typed": form.unfinished} for place, form in enumerate(self.forms) if form.unfinished]

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        """A row that was never saved and is empty again does not count, wherever it stands on the page."""
        form = super()._construct_form(i, **kwargs)
        if form.is_bound and form["key"].data not in form.saved_keys:
            form.empty_permitted = True
        return form

    def clean(self) -> None:
        unread = not self.management_form.is_valid()
        if self.strict and not self.may_be_empty and not unread and not any(self.errors) and not self.rows():
            raise forms.ValidationError(self.none_sentence)


class FigureField(forms.DecimalField):
    """A count or a percentage; 1,200 may be written with its comma. A plain box: spin buttons change a figure by accident."""

    def __init__(self, **kwargs: Any) -> None:
        box = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(**{"max_digits": 12, "decimal_places": 2, "min_value": 0, "widget": box, **kwargs})

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", "").replace(" ", "") if isinstance(value, str) else value)


class SpendingField(forms.ChoiceField):
    """Revenue unless told: a row in which nothing else was entered is empty."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(initial, data or initial)


class LineForm(RowForm):
    """A budget line. Empty amounts are £0; the boxes of a post are for staff."""

    category = forms.ChoiceField(choices=[("", "Select a category"), *LineCategory.choices])
    description = forms.CharField(max_length=140, label="What it is for")
    spending = SpendingField(choices=Spending.choices, initial=Spending.REVENUE, required=False, label="Revenue or capital")
    asked = PoundsField(required=False, label="Asked for")
    match_cash = PoundsField(required=False, label="Match in cash")
    match_in_kind = PoundsField(required=False, label="Match in kind")
    volunteer_hours = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=999_999,
        label="Volunteer hours",
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    funder = forms.CharField(max_length=100, required=False, label="Who gives the match")
    confirmed = forms.BooleanField(required=False, label="The match is confirmed")
    employer = forms.CharField(max_length=100, required=False, label="Employer of the post")
    full_time_equivalent = FigureField(
        required=False, max_value=99, label="Full-time equivalent", help_text="1 is full time, 0.5 is half time"
    )
    post_starts = DateField(required=False, label="Start of the post")
    on_costs = PoundsField(required=False, label="Of which on-costs", help_text="Employer’s national insurance and pension")
    nouns = {"category": "a category", "description": "what the line is for", "funder": "who gives the match"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rate = self.bid.round.volunteer_rate
        if rate is None:
            del self.fields["volunteer_hours"]
        else:
            words = f"At {short(rate)} an hour; match in kind is worked out from them"
            self.fields["volunteer_hours"].help_text = words

    @property
    def plain_fields(self) -> list[Any]:
        return [field for field in self.visible_fields() if field.name not in POST]

    @property
    def post_fields(self) -> list[Any]:
        return [field for field in self.visible_fields() if field.name in POST]

    @property
    def is_post(self) -> bool:
        """Whether the boxes of a post have something to show."""
        filled = any(any(value) if isinstance(value, list) else value for value in (self[name].value() for name in POST))
        return self["category"].value() == LineCategory.STAFF or filled or any(field.errors for field in self.post_fields)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in ("asked", "match_cash", "match_in_kind"):
            if name in cleaned and cleaned[name] is None:
                cleaned[name] = Decimal("0.00")
        cleaned["spending"] = cleaned.get("spending") or Spending.REVENUE
        if cleaned.get("volunteer_hours"):
            cleaned["match_in_kind"] = cleaned["volunteer_hours"] * self.bid.round.volunteer_rate
        self._check_capital(cleaned)
        if cleaned.get("match_cash") and not cleaned.get("funder"):
            self.late_error("funder", "Enter who gives the match")
        self._check_post(cleaned)
        return cleaned

    def _check_capital(self, cleaned: dict[str, Any]) -> None:
        """Capital items are capital, whatever was selected beside them."""
        if cleaned.get("category") == LineCategory.CAPITAL:
            cleaned["spending"] = Spending.CAPITAL
        if cleaned["spending"] == Spending.CAPITAL and not self.bid.round.capital_allowed:
            named = "category" if cleaned.get("category") == LineCategory.CAPITAL else "spending"
            self.late_error(named, CAPITAL_SENTENCE)

    def _check_post(self, cleaned: dict[str, Any]) -> None:
        cost = sum(cleaned.get(name) or 0 for name in ("asked", "match_cash", "match_in_kind"))
        if cleaned.get("on_costs") and cleaned["on_costs"] > cost:
            self.late_error("on_costs", "The on-costs must be the same as or less than what the line costs")
        if cleaned.get("post_starts") and self.bid.ends and cleaned["post_starts"] > self.bid.ends:
            words = f"The start of the post must be the same as or before {gov_date(self.bid.ends)}, when the project ends"
            self.late_error("post_starts", words)


class LineSet(RowSet):
    legend = "Budget lines"
    hint = "Give every cost of the project a line, also what others pay for or provide. Leave an amount empty for £0."
    row_noun = "Line"
    add_label = "Add another line"
    none_sentence = "Add at least one budget line"

    def clean(self) -> None:
        super().clean()
        rows = [] if any(self.errors) else self.rows()
        matched = any(row["match_cash"] or row["match_in_kind"] for row in rows)
        if self.strict and rows and not matched and self.forms[0].bid.round.match_rule == "required":
            raise forms.ValidationError(MATCH_SENTENCE)


class BudgetForm(DraftForm):
    """The amount requested, which the lines must add up to; the same amount as in the details."""

    amount_requested = PoundsField(label="Amount requested", more_than_zero=True)
    nouns = {"amount_requested": "the amount requested"}

    def __init__(self, *args: Any, bid: Bid, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bid = bid
        self.fields["amount_requested"].help_text = "As in your details. Changing it here changes it there too."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        amount = cleaned.get("amount_requested")
        if amount is not None and (sentence := amount_sentence(self.bid.round, amount)):
            self.late_error("amount_requested", sentence)
        return cleaned

    def check_sum(self, rows: list[dict[str, Any]]) -> bool:
        """Say at the amount when a budget that is to be complete does not add up; whether it may be saved."""
        amount = self.cleaned_data.get("amount_requested")
        if amount is not None and rows and (sentence := sum_sentence(sum(row["asked"] for row in rows), amount)):
            self.late_error("amount_requested", sentence)
        return not self.errors


OWN_MEASURE = "None: I propose a new one"


class MeasureForm(RowForm):
    """A measure from the plan's library, or one that the bidder proposes."""

    definition = forms.ModelChoiceField(
        MeasureDefinition.objects.none(), required=False, empty_label=OWN_MEASURE, label="From the plan's library"
    )
    name = forms.CharField(max_length=200, required=False, label="Or propose a new measure")
    unit = forms.CharField(max_length=60, required=False, label="A new one is counted in")
    direction = forms.ChoiceField(choices=Direction.choices, initial=Direction.UP, required=False, label="Which way is better")
    aggregation = forms.ChoiceField(
        choices=Aggregation.choices, initial=Aggregation.TOTAL, required=False, label="How it is counted"
    )
    baseline = FigureField(required=False)
    baseline_of = FigureField(required=False, label="Baseline is out of")
    target = FigureField()
    target_of = FigureField(required=False, label="Target is out of")
    nouns = {"name": "the new measure", "unit": "what it is counted in", "target": "the target"}

    def __init__(self, *args: Any, library: list[tuple[Any, str]], definitions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["definition"]
        field.queryset = definitions
        field.choices = library

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        known = cleaned.get("definition")
        if known is None and "definition" not in self.errors:
            if not cleaned.get("name"):
                self.gap("name", "Select a measure from the library or propose a new one")
            if not cleaned.get("unit"):
                self.gap("unit", "Enter what it is counted in")
        cleaned["direction"] = cleaned.get("direction") or Direction.UP
        cleaned["aggregation"] = cleaned.get("aggregation") or Aggregation.TOTAL
        self._check_rate(cleaned, known.aggregation if known is not None else cleaned["aggregation"])
        return cleaned

    def _check_rate(self, cleaned: dict[str, Any], aggregation: str) -> None:
        """A rate needs the number it is out of; without one, a percentage of nobody knows whom is all there is."""
        if aggregation != Aggregation.RATE:
            cleaned["baseline_of"] = cleaned["target_of"] = None
            return
        for name in ("baseline", "target"):
            value, out_of = cleaned.get(name), cleaned.get(f"{name}_of")
            if value is None or f"{name}_of" in self.errors:
                continue
            if not out_of:
                self.gap(f"{name}_of", f"Enter the number that the {name} is out of")
            elif value > out_of:
                self.add_error(name, f"{name.capitalize()} must be the same as or less than the number it is out of")


class MeasureSet(RowSet):
    legend = "Measures"
    hint = (
        "The baseline is where it stands now; leave it empty if nobody knows. The target is what you will reach by the end date. "
        "Fill in the “out of” boxes for rates only, such as 64 out of 80 young people."
    )
    row_noun = "Measure"
    add_label = "Add another measure"
    none_sentence = "Add at least one measure with its target"


class MilestoneForm(RowForm):
    """Something that will have happened by a date within the project."""

    title = forms.CharField(max_length=200, label="What will have happened")
    due = DateField(label="By when")
    nouns = {"title": "what will have happened", "due": "the date"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        due, bid = cleaned.get("due"), self.bid
        if due and bid.starts and due < bid.starts:
            self.late_error("due", f"The date must be the same as or after {gov_date(bid.starts)}, when the project starts")
        elif due and bid.ends and due > bid.ends:
            self.late_error("due", f"The date must be the same as or before {gov_date(bid.ends)}, when the project ends")
        return cleaned


class MilestoneSet(RowSet):
    legend = "Milestones"
    row_noun = "Milestone"
    add_label = "Add another milestone"
    none_sentence = "Add at least one milestone"


def row_factory(form: type[RowForm], rows: type[RowSet]) -> Any:
    """The rows of a page; a page takes MOST_ROWS of them."""
    return formset_factory(
        form, formset=rows, can_delete=True, extra=0, absolute_max=MOST_ROWS, max_num=MOST_ROWS, validate_max=True
    )


LineFormSet = row_factory(LineForm, LineSet)
MeasureFormSet = row_factory(MeasureForm, MeasureSet)
MilestoneFormSet = row_factory(MilestoneForm, MilestoneSet)


def library_for(bid: Bid) -> Any:
    """The measures of the round's plan that are still in use, and those that the bid uses already."""
    in_use = Q(outcome__theme__plan=bid.round.plan_id, ends=None)
    found = MeasureDefinition.objects.filter(in_use | Q(pk__in=bid.measures.values("definition")))
    return found.select_related("outcome__theme").order_by("outcome__theme__order", "outcome__order", "name", "pk")


def grouped(definitions: Any) -> list[tuple[Any, Any]]:
    """The library as options under their themes, read once for all rows."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for definition in definitions:
        groups.setdefault(definition.outcome.theme.name, []).append((definition.pk, f"{definition.name} ({definition.unit})"))
    return [("", OWN_MEASURE), *groups.items()]
