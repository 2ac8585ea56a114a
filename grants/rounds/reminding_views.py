"""The page on which the office says when bidders are reminded."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from casework.forms import HouseForm
from casework.views import FormPage
from casework.workflow import NotPermitted
from grants.rounds.reminding import FURTHEST, days_in_use, in_words, set_reminder_days


class DaysField(forms.CharField):
    """Whole numbers with commas between them."""

    widget = forms.TextInput(attrs={"class": "govuk-input--width-20", "autocomplete": "off"})

    def clean(self, value: Any) -> list[int]:
        parts = [part for part in re.split(r"[\s,;]+", super().clean(value)) if part]
        if not parts or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
            raise ValidationError("Enter whole numbers with commas between them, like 14, 7, 2, 0")
        days = [int(part) for part in parts]
        if max(days) > FURTHEST:
            raise ValidationError(f"Each number of days must be {FURTHEST} or fewer")
        if len(set(days)) < len(days):
            raise ValidationError("Enter each number of days once")
        return days


class DaysForm(HouseForm):
    days = DaysField(
        label="Days before the closing day",
        max_length=100,
        help_text="Numbers with commas between them. 0 is the morning of the closing day, or of the day before if it closes before 9am.",
        error_messages={"required": "Enter at least one number of days"},
    )


class ReminderDays(FormPage):
    title = "When bidders are reminded"
    intro = (
        "Everybody who can work on a draft gets an email at 7am on these days, with all of their drafts in it. "
        "A bidder with an extension is reminded by their own closing time."
    )
    done = "Reminders go out on the days you gave."

    def check(self, case: Any) -> None:
        if not self.request.user.has_perm("grants.manage_reminders"):
            raise NotPermitted("Only a commissioning officer or an administrator changes when bidders are reminded.")

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        return [DaysForm(data, initial={"days": ", ".join(str(day) for day in days_in_use())})]

    def save(self, case: Any, forms: list[Any]) -> Any:
        return set_reminder_days(days=forms[0].cleaned_data["days"], by=self.request.user)

    def success_url(self, case: Any, result: Any) -> str:
        return "/rounds/reminders/"

    def cancel_url(self, case: Any) -> str:
        return "/rounds/"

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {"back_url": "/rounds/", "intro": f"{self.intro} At present: {in_words(days_in_use())}."}
