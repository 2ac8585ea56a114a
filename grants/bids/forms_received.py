"""Forms about bids that came on paper or by e-mail: how one was received, its sender's answer, and a signed confirmation."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings

from casework import clock
from casework.documents.checks import TYPES, check_upload
from casework.forms import DateField, HouseForm, Radios
from grants.bids.models import Bid
from grants.bids.models_received import BidReceived, SenderConfirmation
from grants.bids.received import Receipt
from grants.rounds.times import TimeField, comes_twice, moment
from partnerships.organisations.models import Organisation

Answer = SenderConfirmation.Answer
FIRST, SECOND = "first", "second"


def file_hint() -> str:
    return f"{TYPES[:1].upper()}{TYPES[1:]} file, smaller than {settings.UPLOAD_LIMIT_MB}MB."


class ReceiptForm(HouseForm):
    """How a bid came, when, and from whom. Which of two equal times it was is asked on the night on which the clocks go back."""

    how = forms.ChoiceField(choices=BidReceived.How.choices, widget=Radios, label="How was it received?")
    received_on = DateField(label="Date received", help_text="The day on which it reached the office, for example 3 12 2026")
    received_time = TimeField(
        label="Time received",
        help_text="UK time, for example 11:40am. Of an e-mail, the time at which it arrived. This moment counts for closing.",
    )
    which = forms.ChoiceField(
        choices=[(FIRST, "The first time, before the clocks went back"), (SECOND, "The second time, after they had gone back")],
        widget=Radios,
        label="Which of the two was it?",
        help_text="The clocks went back that night, so this time came twice.",
    )
    sender_name = forms.CharField(
        max_length=100, label="Who sent it?", help_text="The full name of the person who signed or sent it"
    )
    sender_role = forms.CharField(max_length=100, label="What are they in the body?", help_text="For example, chair or treasurer")
    sender_email = forms.EmailField(
        required=False,
        label="What is their e-mail address?",
        help_text="They are asked there to confirm what you enter. Without one, attach a confirmation that they signed.",
    )
    original = forms.FileField(label="The original", max_length=150)
    nouns = {
        "how": "how it was received",
        "received_on": "the day on which it was received",
        "received_time": "the time at which it was received",
        "which": "which of the two times it was",
        "sender_name": "who sent it",
        "sender_role": "what they are in the body",
        "sender_email": "an e-mail address",
        "original": "the original",
    }

    def __init__(self, data: Any = None, files: Any = None, *, kept: str = "", **kwargs: Any) -> None:
        super().__init__(data, files, **kwargs)
        own: Any = self.fields["original"]
        own.help_text = f"What was sent, as a scan, a picture or the file itself. {file_hint()}"
        if kept:
            own.required, own.label = False, "A better copy of the original"
            own.help_text = f"Leave this empty to keep “{kept}”. {file_hint()}"
        if not self._twice():
            del self.fields["which"]

    def _twice(self) -> bool:
        """Whether the clocks went back over the time that was typed, or that stands there now."""
        try:
            day, time = (self.fields[name].clean(self._typed(name)) for name in ("received_on", "received_time"))
        except forms.ValidationError:
            return False
        return bool(day and time) and comes_twice(day, time)

    def _typed(self, name: str) -> Any:
        if not self.is_bound:
            value = self.initial.get(name)
            return (
                [str(part) for part in (value.day, value.month, value.year)]
                if isinstance(value, dt.date)
                else self.fields[name].prepare_value(value)
            )
        return self.fields[name].widget.value_from_datadict(self.data, self.files, self.add_prefix(name))

    def clean_original(self) -> Any:
        upload = self.cleaned_data["original"]
        if upload:
            check_upload(upload)
        return upload

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        day, time, which = (cleaned.get(name) for name in ("received_on", "received_time", "which"))
        if day is None or time is None or ("which" in self.fields and not which):
            return cleaned
        try:
            cleaned["at"] = moment(day, time, second=which == SECOND)
        except ValueError as error:
            self.add_error("received_time", f"Time received {error}")
            return cleaned
        if cleaned["at"] > clock.arrived():
            self.add_error("received_time", "When it was received must be in the past")
        return cleaned

    def receipt(self) -> Receipt:
        names = ("how", "at", "sender_name", "sender_role", "sender_email")
        return Receipt(**{name: self.cleaned_data[name] for name in names})


class EnterForm(ReceiptForm):
    """Which body sent it and what for, and how it came: enough to begin."""

    applicant = forms.ModelChoiceField(Organisation.objects.none(), empty_label="Select a body", label="Which body is bidding?")
    title = forms.CharField(max_length=140, label="What is the project called?", help_text="As the original calls it")
    field_order = ["version", "applicant", "title"]
    nouns = {**ReceiptForm.nouns, "applicant": "the body that is bidding", "title": "a title"}

    def __init__(self, *args: Any, bodies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["applicant"].queryset = bodies  # type: ignore[attr-defined]


def sender_declares(bid: Bid) -> str:
    body = bid.accountable_body or bid.applicant
    return f"This is what I sent. What it says is right as far as I know, and I am authorised to submit it for {body}"


class SenderAnswerForm(HouseForm):
    """What the sender says of the bid as it was typed. `seen` is the fingerprint of the text that was shown."""

    version = None  # type: ignore[assignment]
    mark_optional = False
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    answer = forms.ChoiceField(
        choices=[(Answer.CONFIRMED, "Yes, this is what I sent"), (Answer.WRONG, "No, something is wrong")],
        widget=Radios,
        label="Is this what you sent?",
    )
    name = forms.CharField(max_length=100, required=False, label="If it is, your full name")
    declaration = forms.BooleanField(required=False)
    terms = forms.BooleanField(required=False, label="We accept the terms of this round")
    said = forms.CharField(
        max_length=2000,
        required=False,
        label="If something is wrong, what is it?",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The office reads these words, puts it right and sends you a new link.",
    )
    nouns = {"answer": "whether this is what you sent", "said": "what is wrong", "name": "your full name"}
    needed = {
        Answer.CONFIRMED: {
            "name": "Enter your full name",
            "declaration": "Confirm that this is what you sent and that you may submit it",
            "terms": "Accept the terms to submit the bid",
        },
        Answer.WRONG: {"said": "Enter what is wrong"},
    }

    def __init__(self, *args: Any, bid: Bid, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["declaration"].label = sender_declares(bid)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for field, sentence in self.needed.get(cleaned.get("answer", ""), {}).items():
            if not cleaned.get(field) and field not in self.errors:
                self.add_error(field, sentence)
        return cleaned

    def read_again(self, seen: str) -> None:
        """The text was changed since it was shown: what was typed is kept, and what was ticked is asked again of the new text."""
        self.data = self.data.copy()
        self.data["seen"] = seen
        for agreed in ("answer", "declaration", "terms"):
            self.data.pop(agreed, None)
        self.add_error(None, "The office changed the bid after you opened this page. Read it again before you answer")


class SignedForm(HouseForm):
    """A confirmation on paper: who signed it, and the document."""

    name = forms.CharField(max_length=100, label="Who signed it?", help_text="Their full name")
    signed = forms.FileField(label="The signed confirmation", max_length=150)
    agrees = forms.BooleanField(
        label="It says that the bid, as it is entered here, is what they sent, and it accepts the terms of the round",
        error_messages={"required": "Confirm what the document says, or ask the sender for another one"},
    )
    nouns = {"name": "who signed it", "signed": "the signed confirmation"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signed"].help_text = file_hint()

    def clean_signed(self) -> Any:
        upload = self.cleaned_data["signed"]
        check_upload(upload)
        return upload
