"""The rows of a round: amounts by year, gates, scored criteria."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Q

from casework import clock
from casework.forms import HouseForm, HouseFormSet, PoundsField
from grants.rounds.models import Round
from grants.rounds.queries import BIDDER_KINDS
from grants.rounds.services import CRITERION
from partnerships.organisations.models import Organisation, on_date

MOST_ROWS = 40


class Row(HouseForm):
    """A line of a formset; the page's own form carries the version for all of them."""

    version = None  # type: ignore[assignment]
    mark_optional = False


class BudgetRow(Row):
    year = forms.TypedChoiceField(label="Financial year", coerce=int)
    amount = PoundsField(label="Available", more_than_zero=True)

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Select a year"), *((year, clock.year_label(year)) for year in years)]
        self.fields["year"].choices = choices  # type: ignore[attr-defined]


class BidderRow(Row):
    organisation = forms.ModelChoiceField(Organisation.objects.none(), label="Body", empty_label="Select a body")
    nouns: ClassVar = {"organisation": "a body"}

    def __init__(self, *args: Any, bodies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = bodies  # type: ignore[attr-defined]


class GateRow(Row):
    text = forms.CharField(label="Gate", max_length=300, help_text="A question that is passed or failed")


class CriterionRow(Row):
    name = forms.CharField(label="Criterion", max_length=140)
    guidance = forms.CharField(
        label="What assessors look for",
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Optional",
    )
    weight = forms.IntegerField(min_value=1, max_value=20, initial=1, help_text="The score is multiplied by it")
    maximum = forms.IntegerField(label="Highest score", min_value=1, max_value=100, initial=4)
    threshold = forms.IntegerField(
        label="Lowest score that passes", min_value=0, max_value=100, required=False, help_text="Optional"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("weight", "maximum", "threshold"):
            self.fields[name].widget = forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-3"})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        lowest, highest = cleaned.get("threshold"), cleaned.get("maximum")
        if lowest is not None and highest is not None and lowest > highest:
            self.add_error("threshold", "Lowest score that passes must be the same as or less than the highest score")
        return cleaned


class Rows(HouseFormSet):
    """Rows with something in them, in their order, without those that are to be removed."""

    def kept(self) -> list[dict[str, Any]]:
        """What was entered; an added line that was left empty counts for nothing."""
        rows = [form.cleaned_data for form in self.forms if form not in self.deleted_forms]
        return [{name: value for name, value in row.items() if name != "DELETE"} for row in rows if any(row.values())]


class BudgetRows(Rows):
    row_noun = "Year"
    add_label = "Add another year"

    def clean(self) -> None:
        seen: set[int] = set()
        for form in self.forms:
            year = getattr(form, "cleaned_data", {}).get("year")
            if year is None or form in self.deleted_forms:
                continue
            if year in seen:
                form.add_error("year", f"{clock.year_label(year)} is entered twice: put its amount on one line")
            seen.add(year)


class BidderRows(Rows):
    row_noun = "Body"
    add_label = "Add another body"


class GateRows(Rows):
    row_noun = "Gate"
    add_label = "Add another gate"


class CriterionRows(Rows):
    row_noun = "Criterion"
    add_label = "Add another criterion"


def _factory(row: type[Row], rows: type[Rows]) -> Any:
    def of_size(blank: int) -> Any:
        return forms.formset_factory(
            row, formset=rows, extra=blank, max_num=MOST_ROWS, absolute_max=MOST_ROWS * 2, validate_max=True, can_delete=True
        )

    return of_size


def _rows(make: Any, initial: list[dict[str, Any]], data: Any, **kwargs: Any) -> Rows:
    """One empty row to begin with; afterwards a row is asked for with the button.

    What was sent is not compared with the rows as they are now: somebody else may have changed them, which the version tells.
    """
    shown = initial if data is None else None
    return make(0 if initial else 1)(data, initial=shown, prefix="rows", **kwargs)


def budget_rows(case: Round, data: Any = None) -> Rows:
    initial = [{"year": budget.year, "amount": budget.amount} for budget in case.budgets.all()]
    first = min([clock.financial_year(clock.local_date(case.opens_at)), *(row["year"] for row in initial)])
    years = sorted({*range(first - 1, first + 5), *(row["year"] for row in initial)})
    return _rows(_factory(BudgetRow, BudgetRows), initial, data, form_kwargs={"years": years})


def bidder_rows(case: Round, data: Any = None) -> Rows:
    initial = [{"organisation": bidder.organisation_id} for bidder in case.bidders.all()]
    kept = Q(pk__in=[row["organisation"] for row in initial])
    bodies = Organisation.objects.filter((on_date(clock.today()) & Q(kind__in=BIDDER_KINDS)) | kept).order_by("name", "pk")
    return _rows(_factory(BidderRow, BidderRows), initial, data, form_kwargs={"bodies": bodies})


def gate_rows(case: Round, data: Any = None) -> Rows:
    return _rows(_factory(GateRow, GateRows), [{"text": gate.text} for gate in case.gates.all()], data)


def criterion_rows(case: Round, data: Any = None) -> Rows:
    initial = [{name: getattr(criterion, name) for name in CRITERION} for criterion in case.criteria.all()]
    return _rows(_factory(CriterionRow, CriterionRows), initial, data)
