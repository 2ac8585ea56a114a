"""The forms of a bid's first pages: beginning one, its details, its outcomes and areas, its files, and its declaration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from casework import clock
from casework.documents.checks import TYPES, check_upload
from casework.forms import Checkboxes, DateField, HouseForm, PoundsField, Radios, SeveralField, WordLimitedField
from casework.forms.draft import DraftForm
from casework.templatetags.ui import gov_date
from grants.bids.completeness import amount_sentence, end_sentence, short, start_sentence
from grants.bids.models import Bid, Category
from grants.bids.sections import every_section
from grants.rounds.files import KINDS, LABELS
from grants.rounds.models import Round
from partnerships.organisations.models import Area, Organisation, on_date
from partnerships.plans.models import Outcome

K = Organisation.Kind
LEGAL_BODIES = [K.COUNCIL, K.POLICE, K.FIRE, K.PROBATION, K.HEALTH, K.VOLUNTARY, K.OTHER]
"""Kinds that can sign for money. A partnership, group or board usually is no legal body."""
SUMMARY_WORDS = 250


class NewBidForm(HouseForm):
    """Which round, for whom, and a title: enough to begin and to have a reference."""

    round = forms.ModelChoiceField(
        Round.objects.none(), widget=Radios, empty_label=None, to_field_name="reference", label="Which round is the bid for?"
    )
    applicant = forms.ModelChoiceField(
        Organisation.objects.none(), widget=Radios, empty_label=None, label="Which body is bidding?"
    )
    title = forms.CharField(
        max_length=140, label="What is the project called?", help_text="You can change the title until the bid is submitted."
    )
    earlier = forms.ModelChoiceField(
        Bid.objects.none(),
        required=False,
        empty_label="None: begin with an empty bid",
        to_field_name="reference",
        label="Do you want to copy an earlier bid?",
        help_text="Its words, lines and measures are taken along where they fit; its files are not. You can change everything.",
    )
    nouns = {"round": "the round", "applicant": "the body that is bidding", "title": "a title"}

    def __init__(self, *args: Any, rounds: Any, bodies: Any, earlier: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["earlier"]
        choice.queryset = earlier
        choice.label_from_instance = lambda bid: f"{bid.reference} {bid.title}"
        if not earlier:
            del self.fields["earlier"]
        self.fields["round"].queryset = rounds  # type: ignore[attr-defined]
        self.fields["applicant"].queryset = bodies  # type: ignore[attr-defined]


def _bodies(*kinds: str, kept: int | None, without: tuple[str, ...] = ()) -> Any:
    """Bodies of today of some kinds, and the one that is chosen already whatever became of it."""
    today = Q(on_date(clock.today())) & (Q(kind__in=kinds) if kinds else ~Q(kind__in=without))
    return Organisation.objects.filter(today | Q(pk=kept))


class DetailsForm(DraftForm):
    """What the bid is, who answers for it, when and how much."""

    title = forms.CharField(max_length=140)
    summary = WordLimitedField(
        max_words=SUMMARY_WORDS,
        rows=6,
        help_text="Say what you will do, for whom and where. If a grant is awarded this text is published.",
    )
    category = forms.ChoiceField(choices=Category.choices, widget=Radios, label="Which category does it fall into?")
    change = forms.ChoiceField(
        choices=Bid.Change.choices, widget=Radios, label="Is this a project or a change to a mainstream service?"
    )
    accountable_body = forms.ModelChoiceField(
        Organisation.objects.none(),
        empty_label="Select a body",
        help_text="The legal body that submits the bid, signs for the grant and is paid.",
    )
    delivery_body = forms.ModelChoiceField(
        Organisation.objects.none(), required=False, empty_label="Not known yet", label="Who will do the work?"
    )
    starts = DateField(label="Start date", help_text="For example, 1 4 2027")
    ends = DateField(label="End date", help_text="For example, 31 3 2028")
    amount_requested = PoundsField(label="Amount requested", more_than_zero=True)
    when_money_ends = WordLimitedField(
        max_words=150,
        rows=4,
        required=False,
        label="What happens when the money ends?",
        help_text="What stays, and who pays for it.",
    )
    interests = WordLimitedField(
        max_words=100,
        rows=3,
        required=False,
        label="Does anybody in the project serve the office, or did they lately?",
        help_text="Name each serving or recent officer or member of staff of the Commissioner, and their part in the project.",
    )
    always = frozenset({"title"})
    nouns = {
        "title": "a title",
        "summary": "a summary",
        "category": "the category",
        "change": "whether this is a project or a change to a mainstream service",
        "accountable_body": "the accountable body",
        "starts": "the start date",
        "ends": "the end date",
        "amount_requested": "the amount requested",
    }

    def __init__(self, *args: Any, bid: Bid, with_summary: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bid = bid
        if not with_summary:
            del self.fields["summary"]
        if bid.round.category:  # every grant of this round falls into it, so nobody is asked
            del self.fields["category"]
        bodies = {
            "accountable_body": _bodies(*LEGAL_BODIES, kept=bid.accountable_body_id),
            "delivery_body": _bodies(kept=bid.delivery_body_id, without=(K.OFFICE, K.BOARD)),
        }
        for name, choices in bodies.items():
            self.fields[name].queryset = choices  # type: ignore[attr-defined]
        least, most = short(bid.round.minimum), short(bid.round.maximum)
        self.fields["amount_requested"].help_text = f"Between {least} and {most}. The asked column of the budget adds up to it."

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


class OutcomesForm(DraftForm):
    """What the bid serves, and where."""

    outcomes = SeveralField(
        Outcome.objects.none(),
        widget=Checkboxes,
        label="Which outcomes of the plan will it serve?",
        help_text="Select all that apply.",
    )
    areas = SeveralField(
        Area.objects.none(), widget=Checkboxes, label="Where will the work happen?", help_text="Select all that apply."
    )
    places = forms.CharField(
        max_length=300, required=False, label="Which wards or towns?", help_text="For example, Ramsey and Yaxley"
    )
    priority = forms.CharField(
        max_length=300, required=False, label="Which priority of the countywide agreement or of your own plan does it serve?"
    )
    principle = forms.ChoiceField(
        choices=[*Bid.Principle.choices, ("", "None of them")],
        required=False,
        widget=Radios,
        label="Which principle of the countywide partnership does it follow?",
    )
    delivery_group = forms.ModelChoiceField(
        Organisation.objects.none(), required=False, empty_label="None", label="Which Delivery Group’s strategy does it serve?"
    )
    nouns = {
        "outcomes": "at least one outcome",
        "areas": "at least one area",
        "places": "the wards or towns",
        "priority": "the priority",
    }

    def __init__(self, *args: Any, bid: Bid, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = (
            Outcome.objects.filter(theme__plan=bid.round.plan).select_related("theme").order_by("theme__order", "order", "pk")
        )
        field: Any = self.fields["outcomes"]
        field.queryset = chosen
        field.label_from_instance = lambda outcome: f"{outcome.theme.name}: {outcome.name}"
        groups = Q(kind=K.DELIVERY_GROUP) & on_date(clock.today()) | Q(pk=bid.delivery_group_id)
        found: Any = {"delivery_group": Organisation.objects.filter(groups), "areas": Area.objects.order_by("name")}
        for name, rows in found.items():
            choice: Any = self.fields[name]
            choice.queryset = rows
            # Read once: the form is judged and drawn by the same list.
            choice.choices = [*([("", "None")] if name == "delivery_group" else []), *((row.pk, str(row)) for row in rows)]


class AttachmentForm(HouseForm):
    """One file and what it is."""

    kind = forms.ChoiceField(
        choices=list(LABELS.items()), widget=Radios(hints={kind.key: kind.hint for kind in KINDS}), label="What is it?"
    )
    file = forms.FileField(label="Choose a file", help_text="", max_length=150)
    nouns = {"kind": "what the file is", "file": "a file"}

    def __init__(self, *args: Any, limit_mb: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = f"{TYPES[:1].upper()}{TYPES[1:]} file, smaller than {limit_mb}MB."

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        check_upload(upload)
        return upload


class EarlierFilesForm(HouseForm):
    """Which files of earlier bids to attach again."""

    documents = forms.MultipleChoiceField(
        widget=Checkboxes, label="Which files do you want to attach?", help_text="Select all that apply."
    )
    nouns = {"documents": "at least one file"}

    def __init__(self, *args: Any, offered: Sequence[tuple[Any, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["documents"]
        field.choices = [(str(document.pk), document.name) for document, _ in offered]
        field.widget.hints = {
            str(document.pk): f"{LABELS.get(document.kind, document.kind)}, from {reference}, added {gov_date(document.at)}"
            for document, reference in offered
        }


class ReturnForm(HouseForm):
    """What the bidder is to change, and why."""

    sections = forms.MultipleChoiceField(
        widget=Checkboxes,
        label="Which sections may they change?",
        help_text="Select all that apply. Every other section stays as it was submitted.",
    )
    reason = forms.CharField(
        label="What should they change, and why?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="The coordinators and signatories read these words.",
    )
    nouns = {"sections": "at least one section", "reason": "what they should change, and why"}
    needs_case = True

    def __init__(self, *args: Any, case: Bid, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sections"].choices = every_section(case)  # type: ignore[attr-defined]


class SubmitForm(HouseForm):
    """The signatory's declaration. The words that were confirmed are kept with the snapshot."""

    declaration = forms.BooleanField(
        error_messages={"required": "Confirm that the bid is right and that you may submit it for the accountable body"}
    )
    terms = forms.BooleanField(
        label="We accept the terms of this round", error_messages={"required": "Accept the terms to submit the bid"}
    )
    needs_case = True

    def __init__(self, *args: Any, case: Bid, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["declaration"].label = declaration(case)

    def clean_declaration(self) -> bool:
        if not self.cleaned_data["declaration"]:
            raise ValidationError(self.fields["declaration"].error_messages["required"])
        return True


def declaration(bid: Bid) -> str:
    """What the signatory confirms."""
    body = bid.accountable_body.name if bid.accountable_body is not None else "the accountable body"
    return f"What this bid says is right as far as I know, and I am authorised to submit it for {body}"
