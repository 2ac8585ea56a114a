"""The one page of an expression of interest, and the office's answers."""

from __future__ import annotations

from typing import Any

from django import forms

from casework.forms import Checkboxes, DateField, HouseForm, PoundsField, Radios, SeveralField, WordLimitedField
from casework.forms.draft import DraftForm
from casework.money import pounds
from grants.expressions.content import amount_sentence
from grants.expressions.models import Expression
from grants.rounds.models import Round
from partnerships.organisations.models import Area, Organisation
from partnerships.plans.models import Outcome


class NewExpressionForm(HouseForm):
    """Which round, for whom, and a title: enough to begin and to have a reference."""

    round = forms.ModelChoiceField(
        Round.objects.none(), widget=Radios, empty_label=None, to_field_name="reference", label="Which round is it for?"
    )
    applicant = forms.ModelChoiceField(
        Organisation.objects.none(), widget=Radios, empty_label=None, label="Which body has it in mind?"
    )
    title = forms.CharField(
        max_length=140, label="What would you call it?", help_text="The project's name. You can change it until you submit"
    )
    nouns = {"round": "the round", "applicant": "the body that has it in mind", "title": "what you would call it"}

    def __init__(self, *args: Any, rounds: Any, bodies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["round"].queryset = rounds  # type: ignore[attr-defined]
        self.fields["applicant"].queryset = bodies  # type: ignore[attr-defined]


class ExpressionForm(DraftForm):
    """What a body has in mind; rough figures, because nothing is promised by it."""

    title = forms.CharField(max_length=140, label="What would you call it?")
    summary = WordLimitedField(max_words=1, rows=8, label="What would you do?")
    outcomes = SeveralField(Outcome.objects.none(), widget=Checkboxes, label="Which outcomes of the plan would it serve?")
    areas = SeveralField(Area.objects.none(), widget=Checkboxes, label="Where would it happen?")
    amount = PoundsField(label="Roughly how much would you ask for?", more_than_zero=True)
    starts = DateField(label="Roughly when would it start?", help_text="For example, 1 4 2027")
    lead = forms.CharField(max_length=140, label="Who would lead it?", help_text="A person or a team, with their organisation")
    partners = forms.CharField(
        max_length=500,
        required=False,
        label="Which partners do you have in mind?",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="They need not have agreed yet",
    )
    always = frozenset({"title"})
    nouns = {
        "title": "what you would call it",
        "summary": "what you would do",
        "outcomes": "at least one outcome",
        "areas": "at least one area",
        "amount": "roughly how much you would ask for",
        "starts": "roughly when it would start",
        "lead": "who would lead it",
        "partners": "which partners you have in mind",
    }

    def __init__(self, *args: Any, case: Expression, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case, around = case, case.round
        told: Any = self.fields["summary"]
        told.max_words = around.expression_words
        told.help_text = f"What, for whom, and what would change. {around.expression_words:,} words or fewer"
        outcomes: Any = self.fields["outcomes"]
        chosen = Outcome.objects.filter(theme__plan=around.plan_id).select_related("theme")
        outcomes.queryset = chosen.order_by("theme__order", "order", "pk")
        outcomes.label_from_instance = lambda outcome: f"{outcome.theme.name}: {outcome.name}"
        self.fields["areas"].queryset = Area.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["amount"].help_text = f"A rough figure between {pounds(around.minimum)} and {pounds(around.maximum)}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        amount = cleaned.get("amount")
        if amount is not None and (sentence := amount_sentence(self.case.round, amount)):
            self.late_error("amount", sentence)
        return cleaned


class InviteForm(HouseForm):
    answer = forms.CharField(
        label="What should the bid take into account?",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The body reads it with the invitation",
    )


class TurnDownForm(HouseForm):
    reason = forms.CharField(
        label="Why is the body not invited?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="The body reads it. Say what would have to be different",
    )
    nouns = {"reason": "why the body is not invited"}
