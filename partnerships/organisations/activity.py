"""Whether subsidy control applies to what a body is given: what the office found, on a page of its own.

The Subsidy Control Act 2022, section 7, calls whoever offers goods or services on a market an enterprise, whatever its legal form: a
council's leisure company may be one, and a charity that only gives help away is none.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404
from django.shortcuts import get_object_or_404

from casework.forms import HouseForm, Radios
from casework.views import FormPage
from casework.workflow import NotPermitted, record, unit
from partnerships.organisations.models import Organisation

PERMISSION = "partnerships.classify_body"
BY_KIND, YES, NO = "by_kind", "yes", "no"
FOUND: dict[str, bool | None] = {YES: True, NO: False, BY_KIND: None}


def set_economic_activity(*, organisation: Organisation, found: bool | None, by: Any) -> Organisation:
    """Keep what the office found; None leaves it to the kind of body. The same again changes nothing."""
    if not by.has_perm(PERMISSION, organisation):
        raise NotPermitted("Only an administrator or a commissioning officer who does not serve this body says this of it.")
    with unit():
        row: Organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
        before = row.economic_activity
        if before is not found:
            row.economic_activity = found
            row.save(update_fields=["economic_activity"])
            record(row, "set whether subsidy control applies", by=by, changes={"economic_activity": [before, found]})
    return row


def activity_words(body: Organisation) -> str:
    """ "Applies, as the office found" on the body's page."""
    applies = "Applies" if body.is_enterprise else "Does not apply"
    return f"{applies}, by its kind" if body.economic_activity is None else f"{applies}, as the office found"


class ActivityForm(HouseForm):
    found = forms.ChoiceField(
        label="Does it carry on an economic activity?",
        help_text=(
            "It does when it offers goods or services on a market, also as a charity and without profit. "
            "A public body that carries out its own functions does not."
        ),
        widget=Radios(
            hints={
                YES: "Subsidy control applies. A signatory confirms what the body has received before an agreement is issued.",
                NO: "Subsidy control does not apply, so nothing is asked.",
            }
        ),
        error_messages={"required": "Select whether it carries on an economic activity"},
    )
    nouns = {"found": "whether it carries on an economic activity"}

    def __init__(self, *args: Any, body: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = "yes" if body.kind in Organisation.ENTERPRISES else "no"
        kind = f"Nobody has looked yet: for a body of the kind “{body.get_kind_display()}” it is {usual}"
        self.fields["found"].choices = [(YES, "Yes"), (NO, "No"), (BY_KIND, kind)]  # type: ignore[attr-defined]


class ActivityPage(FormPage):
    """For administrators and commissioning officers; nobody else learns that it is there."""

    model: Any = Organisation
    title = "Subsidy control"
    done = "Saved. It counts for every award whose agreement is not issued yet."

    def get_case(self) -> Organisation:
        body = get_object_or_404(Organisation.objects.visible_to(self.request.user), key=self.kwargs["key"])
        if not self.request.user.has_perm(PERMISSION, body):
            raise Http404
        return body

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        kept = next(name for name, found in FOUND.items() if found is case.economic_activity)
        return [ActivityForm(data, body=case, initial={"found": kept})]

    def save(self, case: Any, forms: list[Any]) -> Organisation:
        return set_economic_activity(organisation=case, found=FOUND[forms[0].cleaned_data["found"]], by=self.request.user)

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {"caption": case.name, "back_url": case.get_absolute_url()}
