"""The edit pages of a bid's rows, from its budget to its risks: added, changed and removed without JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from casework.forms import HouseForm
from casework.unfinished import unfinished_in, unfinished_sentence
from grants.bids.budgets import asked_in, budget_table, budget_totals
from grants.bids.completeness import sum_sentence
from grants.bids.content import budget_lines
from grants.bids.forms_parts import PartnerFormSet, RiskFormSet
from grants.bids.forms_rows import BudgetForm, LineFormSet, MeasureFormSet, MilestoneFormSet, grouped, library_for
from grants.bids.models import Bid
from grants.bids.partners import standings
from grants.bids.services import LINE, MEASURE, MILESTONE, save_lines, save_measures, save_milestones
from grants.bids.services_parts import PARTNER, RISK, save_partners, save_risks
from grants.bids.views.base import SectionPage


class RowsPage(SectionPage):
    """Rows by their lasting key. A page without rows starts with some empty ones, any other with one."""

    formset: Any = None
    prefix = ""
    row_key = ""
    columns: Sequence[str] = ()
    blank_rows = 2

    def rows_of(self, case: Bid) -> Any:
        raise NotImplementedError

    def main_form(self, case: Bid, data: Any) -> Any:
        return HouseForm(data, initial={"version": self.version_now})

    def row_options(self, case: Bid) -> dict[str, Any]:
        return {}

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        options = {"bid": case, "strict": self.strict, **self.row_options(case)}
        if data is not None:
            options["saved_keys"] = {str(key) for key in self.rows_of(case).values_list(self.row_key, flat=True)}
        initial = [] if data is not None else self._shown(case)
        formset = self.formset(data, initial=initial, prefix=self.prefix, form_kwargs=options, strict=self.strict)
        formset.extra = 0 if initial else self.blank_rows
        return [self.main_form(case, data), formset]

    def _shown(self, case: Bid) -> list[dict[str, Any]]:
        """The rows as saved, with those that are not finished as they were typed."""
        rows = [self._initial(row) for row in self.rows_of(case)]
        for half in unfinished_in(case).get(self.key, []):
            keys = [row["key"] for row in rows]
            typed = {**half["typed"], "unfinished": True}
            if typed["key"] in keys:
                rows[keys.index(typed["key"])] = typed
            else:
                rows.insert(half["place"], typed)
        self.not_finished = [f"{self.formset.row_noun} {number}" for number, row in enumerate(rows, 1) if "unfinished" in row]
        return rows

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        outer = super().context(case, forms)
        sentence = unfinished_sentence(getattr(self, "not_finished", ()))
        return {**outer, "warnings": [*outer["warnings"], *filter(None, [sentence])]}

    def _initial(self, row: Any) -> dict[str, Any]:
        values = {name: getattr(row, name) for name in self.columns}
        return {**values, "key": str(getattr(row, self.row_key))}

    def new_keys(self, case: Bid, shown: list[Any]) -> dict[str, str]:
        """New rows stand in the same order on the open page and in what was judged."""
        typed = self.get_forms(case, self.request.POST)[1]
        fresh = [form.prefix for form in typed.forms if not form["key"].value() and not form["DELETE"].value()]
        judged = [form for form in shown[1].forms if not form["key"].value()]
        kept = {prefix: form.unfinished or form.cleaned_data for prefix, form in zip(fresh, judged, strict=True)}
        return {f"{prefix}-key": row["key"] for prefix, row in kept.items() if row}

    def given(self, forms: list[Any]) -> list[dict[str, Any]]:
        """The rows to keep, their lasting key under its own name."""
        return [{**row, self.row_key: row.pop("key")} for row in forms[1].rows()]


class BudgetPage(RowsPage):
    key, title = "budget", "Budget"
    template_name = "grants/bid_budget.html"
    formset, prefix, row_key, columns = LineFormSet, "lines", "line_key", LINE
    blank_rows = 3

    def rows_of(self, case: Bid) -> Any:
        return case.lines.order_by("order", "pk")

    def main_form(self, case: Bid, data: Any) -> Any:
        initial = {"version": self.version_now, "amount_requested": case.amount_requested}
        return BudgetForm(data, initial=initial, bid=case, strict=self.strict)

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        forms = super().get_forms(case, data, files)
        if data is not None and "add_row" not in data and all([part.is_valid() for part in forms]):
            forms[0].check_sum(forms[1].rows())
        return forms

    def store(self, case: Bid, forms: list[Any]) -> Any:
        return save_lines(
            bid=case,
            by=self.request.user,
            version=forms[0].version,
            rows=self.given(forms),
            half=forms[1].unfinished(),
            amount_requested=forms[0].cleaned_data["amount_requested"],
        )

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        """The totals as saved, and a sentence when they do not agree with what is asked for."""
        lines = budget_lines(case)
        amount = case.amount_requested
        apart = sum_sentence(asked_in(lines), amount) if lines and amount is not None else ""
        shown = [f"{apart}."] if apart and not forms[0].is_bound else []
        outer = super().context(case, forms)
        tables = [budget_table(lines), *budget_totals(lines)] if lines else []
        return {**outer, "warnings": [*outer["warnings"], *shown], "tables": tables}


FIGURES = ("baseline", "baseline_of", "target", "target_of")


class MeasuresPage(RowsPage):
    key, title = "measures", "Measures"
    with_lessons = True
    intro = (
        "Choose measures from the plan's library where they fit, so that grants count the same thing in the same way. "
        "A measure that you propose is marked as new wherever the bid is read."
    )
    formset, prefix, row_key, columns = MeasureFormSet, "measures", "measure_key", MEASURE
    blank_rows = 1

    def rows_of(self, case: Bid) -> Any:
        return case.measures.order_by("order", "pk")

    def _initial(self, row: Any) -> dict[str, Any]:
        """A measure from the library says its name there, not once more."""
        values = super()._initial(row)
        values |= {name: f"{values[name].normalize():f}" for name in FIGURES if values[name] is not None}
        if row.definition_id:
            values |= {"definition": row.definition_id, "name": "", "unit": ""}
        return values

    def row_options(self, case: Bid) -> dict[str, Any]:
        definitions = library_for(case)
        return {"definitions": definitions, "library": grouped(definitions)}

    def store(self, case: Bid, forms: list[Any]) -> Any:
        rows, half = self.given(forms), forms[1].unfinished()
        return save_measures(bid=case, by=self.request.user, version=forms[0].version, rows=rows, half=half)


class MilestonesPage(RowsPage):
    key, title = "milestones", "Milestones"
    formset, prefix, row_key, columns = MilestoneFormSet, "milestones", "milestone_key", MILESTONE
    blank_rows = 3

    def rows_of(self, case: Bid) -> Any:
        return case.milestones.order_by("due", "order", "pk")

    def store(self, case: Bid, forms: list[Any]) -> Any:
        rows, half = self.given(forms), forms[1].unfinished()
        return save_milestones(bid=case, by=self.request.user, version=forms[0].version, rows=rows, half=half)


class PartnersPage(RowsPage):
    key, title = "partners", "Partners"
    template_name = "grants/bid_partners.html"
    formset, prefix, row_key, columns = PartnerFormSet, "partners", "partner_key", PARTNER

    def rows_of(self, case: Bid) -> Any:
        return case.partners.order_by("order", "pk")

    def store(self, case: Bid, forms: list[Any]) -> Any:
        rows, half = self.given(forms), forms[1].unfinished()
        return save_partners(bid=case, by=self.request.user, version=forms[0].version, rows=rows, half=half)

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        """How far the partners as saved have confirmed what they bring."""
        return {**super().context(case, forms), "partners": standings(case), "ask_url": f"{case.get_absolute_url()}partners/ask/"}


class RisksPage(RowsPage):
    key, title = "risks", "Risks"
    with_lessons = True
    formset, prefix, row_key, columns = RiskFormSet, "risks", "risk_key", RISK

    def rows_of(self, case: Bid) -> Any:
        return case.risks.order_by("order", "pk")

    def store(self, case: Bid, forms: list[Any]) -> Any:
        rows, half = self.given(forms), forms[1].unfinished()
        return save_risks(bid=case, by=self.request.user, version=forms[0].version, rows=rows, half=half)
