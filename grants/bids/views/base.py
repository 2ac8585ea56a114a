"""What the pages that change a bid have in common."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from casework import clock
from casework.forms import keep_typed, with_added_row
from casework.registry import Lesson, lessons_on
from casework.templatetags.ui import gov_moment
from casework.views import FormPage
from casework.workflow import NotPermitted, Refused
from grants.bids.completeness import problems
from grants.bids.models import Bid
from grants.bids.opened import closed_sentence, opened
from grants.bids.queries import closing_of, with_closing
from grants.bids.sections import following, has_section
from grants.bids.states import EDITABLE, BidState
from grants.bids.timing import submit_in_time
from grants.bids.views.together import LATER, Together
from questionnaires.files import sends_files

LAST_DAY = dt.timedelta(hours=24)


class BidForm(FormPage):
    """A page on which a coordinator changes the bid."""

    model = Bid
    template_name = "grants/bid_section.html"
    key = ""
    done = "Saved."

    def cases(self) -> QuerySet[Bid]:
        return with_closing(super().cases())

    def check(self, case: Bid) -> None:
        """Only the applicant's coordinators. Somebody whose bid was submitted meanwhile keeps what they typed: the service refuses it."""
        if not self.request.user.has_perm("grants.write_bid", case):
            typed = case.received_at is not None and case.state == BidState.DRAFT
            who = "the office, as it was received" if typed else f"the coordinators of {case.applicant}"
            raise NotPermitted(f"{case.reference} is written by {who}.")
        if not has_section(case, self.key):
            raise Http404
        if case.state not in EDITABLE and self.request.method != "POST":
            raise Refused(f"{case.reference} is {case.get_state_display().lower()}, so it cannot be changed now.")
        if self.request.method != "POST" and (sentence := closed_sentence(case, self.key)):
            raise Refused(sentence)

    def cancel_url(self, case: Any) -> str:
        return ""


class SectionPage(Together, BidForm):
    """A section: "Save and continue" judges it as finished, "Save and come back later" keeps what is there.

    Subclasses name `key` and `title`, and give the forms for (case, data, strict) and `store`.
    """

    submit_label = "Save and continue"
    with_lessons = False
    """Whether what earlier grants on the bid's outcomes learned stands beside the form."""

    @property
    def done(self) -> str:  # type: ignore[override]
        return "" if self.autosaved else "Saved."

    @property
    def strict(self) -> bool:
        return LATER not in self.request.POST and not self.autosaved

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if sends_files(request):
            self._take_files()
        if "add_row" in request.POST:
            return self.add_row(request)
        return self.keep_together()

    def _take_files(self) -> None:
        """A browser sends a file once, so those in rows are taken before anything can send the page back."""
        case = self.get_case()
        if self._refusal(case) is None and case.state in EDITABLE and not closed_sentence(case, self.key):
            self.take_files(case)

    def take_files(self, case: Bid) -> None:
        """Pages that ask for files in rows take them here (questionnaires.files.hold_uploads)."""

    def add_row(self, request: HttpRequest) -> HttpResponse:
        """The page again with an empty row more; nothing is judged or saved yet."""
        case = self.get_case()
        refusal = self._refusal(case)
        if refusal is not None:
            return refusal
        prefix = request.POST["add_row"]
        data = with_added_row(request.POST, prefix)
        data[f"{prefix}-{int(str(data[f'{prefix}-TOTAL_FORMS'])) - 1}-key"] = str(uuid.uuid4())
        shown = self.get_forms(case, data, request.FILES)
        for part in shown:
            keep_typed(part)
        return self.show(case, shown)

    def success_url(self, case: Any, result: Any) -> str:
        if self.autosaved:
            return ""
        self.say_what_stands(case)
        if self.has_joined:
            return self.request.get_full_path()
        if not self.strict:
            return case.get_absolute_url()
        if self.request.GET.get("from") == "check":
            return f"{case.get_absolute_url()}check/"
        return f"{case.get_absolute_url()}{following(case, self.key, opened(case))}"

    def say_what_stands(self, case: Bid) -> None:
        """What was saved and cannot stand yet, and that the round has closed."""
        for problem in problems(case) if not self.strict else ():
            if problem.section == self.key and problem.wrong:
                messages.warning(self.request, f"{problem.sentence}.")
        if late := submit_in_time(case) if case.state == BidState.DRAFT else []:
            messages.warning(self.request, " ".join(late))

    def save(self, case: Any, forms: list[Any]) -> Any:
        try:
            return self.store(case, forms)
        except ValidationError as error:
            raise _named(error) from error

    def store(self, case: Bid, forms: list[Any]) -> Any:
        """Save through a service."""
        raise NotImplementedError

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        late = submit_in_time(case) if case.state == BidState.DRAFT else []
        return {
            "back_url": case.get_absolute_url(),
            **self.together_context(case, forms),
            "warnings": late,
            "closing": "" if late else closing_soon(case),
            "caption": f"{case.reference} · {case.title}",
            "with_later": True,
            "lessons": self.lessons(case) if self.with_lessons else [],
        }

    def lessons(self, case: Bid) -> list[Lesson]:
        return lessons_on(case.outcomes.values("key"), self.request.user, without=case.pk)


def closing_soon(case: Bid) -> str:
    """On the last day, when the round closes: nobody should learn of it from a refusal."""
    closes = closing_of(case) if case.state == BidState.DRAFT and case.received_at is None else None
    if closes is None or closes - clock.now() > LAST_DAY:
        return ""
    return f"The round closes on {gov_moment(closes)}. Save often; a signatory must submit the bid before then."


def _named(error: ValidationError) -> ValidationError:
    """A row's own errors have no field on the page: they are said at the top."""
    return error if not hasattr(error, "error_dict") else ValidationError(error.message_dict)
