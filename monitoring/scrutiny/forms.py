"""What the office says about a return."""

from __future__ import annotations

from django import forms

from casework.forms import HouseForm, Radios
from monitoring.returns.models import Return


class QuestionForm(HouseForm):
    """A question to the partnership, sent by e-mail and shown on the return."""

    reason = forms.CharField(
        label="Your question",
        help_text="Ask for one thing at a time, and say what would answer it.",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class AcceptForm(HouseForm):
    """How the grant is doing, and why."""

    rag = forms.ChoiceField(
        label="How is this grant doing?",
        choices=Return.Rag.choices,
        widget=Radios(
            hints={
                Return.Rag.GREEN: "Spending, targets and milestones are as agreed.",
                Return.Rag.AMBER: "Something is behind, and there is a plan that can put it right.",
                Return.Rag.RED: "Something is behind that threatens the outcome or the money.",
            }
        ),
        error_messages={"required": "Select how this grant is doing"},
    )
    rag_comment = forms.CharField(
        label="Comment",
        help_text="The partnership sees this.",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class WaiverForm(HouseForm):
    """Why the return is not asked for."""

    reason = forms.CharField(label="Reason for the waiver", max_length=500, widget=forms.Textarea(attrs={"rows": 4}))
