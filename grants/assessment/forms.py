"""The forms of assessing. What a criterion or a gate is called comes from the round's own rows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.models import User
from casework import clock
from casework.forms import DateField, HouseForm, Radios
from grants.assessment.models import Assessment, Moderation
from grants.assessment.queries import Picture
from grants.assessment.services import Judged, Scored, roles_that_assess
from grants.bids.models import Bid
from grants.rounds.models_parts import RoundCriterion
from partnerships.organisations.standing import people_with


def unassigned(bid: Bid) -> QuerySet[User]:
    """Those of the office who may assess this bid and are not assigned to it yet."""
    typist = [bid.received.entered_by_id] if bid.received_at is not None else []
    able = User.objects.filter(pk__in=[person.pk for role in roles_that_assess(bid) for person in people_with(role)])
    return able.exclude(pk__in=bid.assessments.values("assessor")).exclude(pk__in=typist)


class AssignForm(HouseForm):
    """Who assesses a bid and by when."""

    nouns = {"assessor": "an assessor", "due": "a due date"}

    assessor = forms.ModelChoiceField(User.objects.none(), widget=Radios, empty_label=None)
    due = DateField(label="Due date", help_text="For example, 27 3 2027", not_before=clock.today)

    def __init__(self, *args: Any, bid: Bid, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assessor"].queryset = unassigned(bid)  # type: ignore[attr-defined]


class InterestsForm(HouseForm):
    """No interest, or one with its reason."""

    mark_optional = False
    NONE, SOME = "none", "some"
    interest = forms.ChoiceField(
        label="Do you have an interest in this bid?",
        help_text="An interest is anything that could make somebody doubt that you judge it fairly: you work with or for one of "
        "the bodies, somebody close to you does, or you helped to write it.",
        choices=[(NONE, "No, I have no interest in this bid"), (SOME, "Yes, I have an interest and should not assess it")],
        widget=Radios,
        error_messages={"required": "Select whether you have an interest in this bid"},
    )
    reason = forms.CharField(
        label="What is your interest?",
        help_text="Only needed if you answered yes.",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("interest") == self.SOME and not given.get("reason", "").strip():
            self.add_error("reason", "Enter what your interest is")
        return given


class GatesForm(HouseForm):
    """Pass or fail at each gate of the round; a failed one needs its reason."""

    mark_optional = False

    def __init__(self, *args: Any, picture: Picture, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gates = [view.gate for view in picture.gates]
        for view in picture.gates:
            name = f"gate_{view.gate.pk}"
            self.fields[name] = forms.ChoiceField(
                label=view.gate.text,
                choices=[("pass", "Pass"), ("fail", "Fail")],
                widget=Radios,
                error_messages={"required": f"Select pass or fail for “{view.gate.text}”"},
            )
            self.fields[f"reason_{view.gate.pk}"] = forms.CharField(
                label="If it fails, the reason given to the bidder",
                max_length=500,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
            if view.passed is not None:
                self.initial.update({name: "pass" if view.passed else "fail", f"reason_{view.gate.pk}": view.reason})

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for gate in self.gates:
            if given.get(f"gate_{gate.pk}") == "fail" and not given.get(f"reason_{gate.pk}", "").strip():
                self.add_error(f"reason_{gate.pk}", f"Enter the reason “{gate.text}” is failed")
        return given

    def results(self) -> list[Judged]:
        given = self.cleaned_data
        return [
            Judged(
                gate.pk,
                given[f"gate_{gate.pk}"] == "pass",
                "" if given[f"gate_{gate.pk}"] == "pass" else given[f"reason_{gate.pk}"],
            )
            for gate in self.gates
        ]


def score_field(criterion: RoundCriterion, *, label: str, required: bool) -> forms.TypedChoiceField:
    """A choice from 0 to the criterion's maximum; nothing chosen is None, never 0."""
    choices = [("", "Not scored yet")] + [(str(n), f"{n} out of {criterion.maximum}") for n in range(criterion.maximum + 1)]
    counts = f"Counts {criterion.weight} times." if criterion.weight > 1 else ""
    least = f"At least {criterion.threshold} is needed." if criterion.threshold is not None else ""
    return forms.TypedChoiceField(
        label=label,
        help_text=" ".join(filter(None, (criterion.guidance, counts, least))),
        choices=choices,
        coerce=int,
        empty_value=None,
        required=required,
        error_messages={"required": f"Select a score for “{criterion.name}”"},
    )


class ScoresForm(HouseForm):
    """An assessor's draft: anything may be left for later."""

    mark_optional = False

    def __init__(self, *args: Any, assessment: Assessment, picture: Picture, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = picture.criteria
        for criterion in self.criteria:
            kept = picture.scores.get((assessment.pk, criterion.pk))
            self.fields[f"score_{criterion.pk}"] = score_field(criterion, label=criterion.name, required=False)
            self.fields[f"reason_{criterion.pk}"] = forms.CharField(
                label=f"Reason for your score on “{criterion.name}”",
                max_length=2000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 4}),
            )
            if kept is not None:
                self.initial.update({f"score_{criterion.pk}": kept.score, f"reason_{criterion.pk}": kept.reason})
        self.fields["comment"] = forms.CharField(
            label="Overall comment (optional)", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4})
        )
        self.initial["comment"] = assessment.comment

    def scores(self) -> list[Scored]:
        given = self.cleaned_data
        return [Scored(row.pk, given[f"score_{row.pk}"], given[f"reason_{row.pk}"]) for row in self.criteria]


class AtOnceForm(GatesForm):
    """Everything an only assessor says of a bid: no interest, every gate, and each score with its reason."""

    def __init__(self, *args: Any, picture: Picture, **kwargs: Any) -> None:
        super().__init__(*args, picture=picture, **kwargs)
        self.criteria = picture.criteria
        for criterion in self.criteria:
            self.fields[f"score_{criterion.pk}"] = score_field(criterion, label=criterion.name, required=False)
            self.fields[f"why_{criterion.pk}"] = forms.CharField(
                label=f"Reason for your score on “{criterion.name}”",
                max_length=2000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        self.fields["no_interest"] = forms.BooleanField(
            label="I have no interest in this bid or in any of its bodies",
            error_messages={"required": "Confirm that you have no interest, or give the bid to somebody else"},
        )

    def clean(self) -> dict[str, Any]:
        """A bid that fails a gate is not scored."""
        given = super().clean() or {}
        if any(given.get(f"gate_{gate.pk}") == "fail" for gate in self.gates):
            return given
        for row in self.criteria:
            if given.get(f"score_{row.pk}") is None:
                self.add_error(f"score_{row.pk}", f"Select a score for “{row.name}”")
            if not given.get(f"why_{row.pk}", "").strip():
                self.add_error(f"why_{row.pk}", f"Enter a reason for your score on “{row.name}”")
        return given

    def scores(self) -> list[Scored]:
        given = self.cleaned_data
        return [Scored(row.pk, given[f"score_{row.pk}"], given[f"why_{row.pk}"]) for row in self.criteria]


class ModerationForm(HouseForm):
    """The agreed score on every criterion, and why."""

    def __init__(self, *args: Any, picture: Picture, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bid, self.criteria = picture.bid, picture.criteria
        for criterion in self.criteria:
            self.fields[f"score_{criterion.pk}"] = score_field(criterion, label=criterion.name, required=True)
            self.initial[f"score_{criterion.pk}"] = picture.agreed.get(criterion.pk)
        self.fields["reason"] = forms.CharField(
            label="Why these scores were agreed",
            help_text="Say how the assessors' differences were settled.",
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 5}),
            error_messages={"required": "Enter why these scores were agreed"},
        )
        kept = picture.moderation
        self.initial.update({"reason": kept.reason if kept else "", "version": kept.version if kept else 0})

    def refresh_version(self, version: int) -> None:
        """The page's version is the moderation's own, not the bid's."""
        kept = Moderation.objects.filter(bid=self.bid).first()
        super().refresh_version(kept.version if kept else 0)

    def scores(self) -> dict[int, int]:
        return {row.pk: self.cleaned_data[f"score_{row.pk}"] for row in self.criteria}
