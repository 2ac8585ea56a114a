"""Reading a bid: its page, the check page before submission, what was submitted, and the receipt."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.generic import TemplateView

from casework.audit.chain import entries_of
from casework.audit.models import AuditEntry
from casework.forms.words import lower_first
from casework.history import in_runs, visible_entries
from casework.history import told as history
from casework.registry import StepView
from casework.snapshots import snapshots_of
from casework.views import HISTORY_ON_PAGE, CaseMixin, CasePage, Next, listed_documents, refused_page
from casework.workflow import Option, Refused
from grants.bids import sentences
from grants.bids.advice import advice
from grants.bids.comments import with_comment
from grants.bids.completeness import Problem, problems, sheet_of
from grants.bids.confidence import confidence_of, with_named
from grants.bids.content import content, files, told
from grants.bids.forms_details import SubmitForm
from grants.bids.models import Bid
from grants.bids.opened import asked_changes, closed_sections, is_open, opened
from grants.bids.queries import closing_of, with_facts
from grants.bids.ranking import with_meeting
from grants.bids.readers import found_by
from grants.bids.received_shown import ask_option, objection, received_words
from grants.bids.sealing import SEALED, is_sealed, on_bidders_side
from grants.bids.sections import COMPLETED, OPTIONAL, Task, tasks
from grants.bids.states import EDITABLE, HAVE_BEEN_SUBMITTED, TOLD
from grants.bids.timing import submit_in_time
from partnerships.organisations.standing import standing_of

DECIDING = ("award", "put_on_reserve", "decline")
UNDOING = "undo_decision"
MANY = 4
"""From so many missing things on, the page points to its task list instead of naming each beside the button."""


class Sealed(CaseMixin):
    """A page with the bid's text: the office is told to open the bid first."""

    model = Bid

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except Refused as error:
            return refused_page(request, self.get_case(), error)


class BidPage(CasePage):
    """A draft as a task list for the bidder; anything else as it was submitted."""

    model = Bid
    template_name = "grants/bid_page.html"
    with_documents = False

    def cases(self) -> QuerySet[Bid]:
        return with_meeting(with_comment(with_named(with_facts(super().cases()))))

    def get_case(self) -> Any:
        case = super().get_case()
        found_by(self.request.user, case)
        return case

    def summary(self, case: Any) -> list[dict[str, Any]]:
        rows = [
            {"label": "Round", "value": str(case.round.title)},
            {"label": "Applicant", "value": case.applicant.name},
            {"label": "Accountable body", "value": case.accountable_body.name if case.accountable_body else ""},
            {"label": "Amount requested", "value": case.amount_requested},
        ]
        if case.state in EDITABLE and case.received_at is None:
            rows.insert(1, {"label": "Closes", "value": closing_of(case) or "As bids arrive, until the money runs out"})
        if case.received_at is not None:
            rows.insert(1, {"label": "How it came", "value": received_words(case)})
        if case.begun_by_office:
            before = f": {case.continues.reference}" if case.continues is not None else ""
            rows.append({"label": "How money is given", "value": f"{case.round.get_route_display()}{before}"})
            rows.append({"label": case.round.way.why, "value": case.route_reason})
        if case.amount_awarded is not None:
            rows.append({"label": "Amount awarded", "value": case.amount_awarded})
        if case.outcome_reason:
            rows.append({"label": "Reason given", "value": case.outcome_reason})
        return rows

    def steps(self, case: Any) -> Sequence[Option]:
        """A grant that is in force is ended; that its award can no longer lapse need not stand on the page for years."""
        return [option for option in super().steps(case) if option.allowed or option.name != "lapse"]

    def timeline(self, case: Any) -> list[Any]:
        entries = visible_entries(entries_of(obj=case), self.request.user)
        if not standing_of(self.request.user).is_caseworker:
            entries = entries.exclude(number__in=_never_told(entries))
        return history(in_runs(entries, HISTORY_ON_PAGE))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        case, user = context["case"], self.request.user
        if case.outcome_hidden:
            context["lifeline"] = _as_known(context["lifeline"], str(case.get_state_display()))
        versions = list(snapshots_of(case).select_related("by"))
        sealed = is_sealed(user, case)
        crumbs = [{"label": "Bids", "url": "/bids/"}]
        context["confidence"] = confidence_of(case, user)
        context |= {"caption": case.round.reference, "versions": versions[::-1], "crumbs": crumbs, "sealed": sealed}
        if case.state in EDITABLE and on_bidders_side(user, case):
            return context | self._draft(case, context)
        shown = versions[-1] if versions and not sealed else None
        return context | {
            "next": Next(sentences.next_sentence(case, user, []), context["next"].options),
            "blocks": told(shown.data) if shown else [],
            "attachments": files(shown.data) if shown else [],
            "shown": shown,
            "read_url": "" if shown or sealed or case.state in EDITABLE else f"{case.get_absolute_url()}check/",
        }

    def _draft(self, case: Any, context: dict[str, Any]) -> dict[str, Any]:
        user = self.request.user
        found = problems(case)
        may_edit = user.has_perm("grants.change_bid", case)
        documents = listed_documents(case)
        open_now = opened(case, found)
        rows = tasks(case, sheet_of(case), found, files=len(documents), may_edit=may_edit, opened=open_now)
        return {
            "documents": documents,
            "asked": asked_changes(case),
            "objected": objection(case),
            "documents_url": f"{case.get_absolute_url()}attachments/" if may_edit and is_open("attachments", open_now) else "",
            "tasks": rows,
            "completed": sum(1 for row in rows if row.status == COMPLETED),
            "to_complete": sum(1 for row in rows if row.status != OPTIONAL),
            "check_url": f"{case.get_absolute_url()}check/",
            "worksheet_url": f"{case.get_absolute_url()}worksheet/" if may_edit and not case.round.asks.one_page else "",
            "late": submit_in_time(case),
            "next": Next(
                sentences.next_sentence(case, user, found),
                [
                    *ask_option(case, user, found),
                    *_with_onward(_shortened(context["next"].options, found), case, rows, may_edit=may_edit),
                ],
            ),
        }


def _never_told(entries: QuerySet[AuditEntry]) -> list[int]:
    """The entries of decisions that the bidder was not told of, and of those that were undone before they were told."""
    hidden: list[int] = []
    waiting: list[int] = []
    steps = entries.filter(verb__in=[*DECIDING, UNDOING, TOLD]).order_by("number")
    for number, verb in steps.values_list("number", "verb"):
        if verb in DECIDING:
            waiting.append(number)
            continue
        if verb == UNDOING and waiting:
            hidden += [*waiting, number]
        waiting = []
    return [*hidden, *waiting]


def _as_known(steps: Sequence[StepView], state: str) -> list[StepView]:
    """The life line before the bidder is told: decisions and what follows show of themselves only what the bidder may know."""
    return [dataclasses.replace(step, state_label=state) if step.name == "Bid" else step for step in steps]


def _with_onward(found: Sequence[Option], case: Bid, rows: Sequence[Task], *, may_edit: bool) -> list[Option]:
    """The button that most people want: the next unfinished section, or the whole bid to read."""
    check = f"{case.get_absolute_url()}check/"
    unfinished = next((row for row in rows if row.status not in (COMPLETED, OPTIONAL)), None)
    if may_edit and unfinished is not None and unfinished.url:
        onward = Option("continue", f"Continue with {lower_first(unfinished.title)}", unfinished.url, True, (), False)
    else:
        onward = Option("check", "Check your answers" if may_edit else "Read the whole bid", check, True, (), False)
    submit = [option for option in found if option.name == "submit"]
    return [*submit, onward, *(option for option in found if option.name != "submit")]


def _shortened(found: Sequence[Option], missing: Sequence[Problem]) -> list[Option]:
    """Twenty sentences beside a button help nobody: the task list below says them better."""
    if len(missing) < MANY:
        return list(found)
    words = {problem.sentence for problem in missing}
    sections = len({problem.section for problem in missing})
    pointer = f"{sections} section{'' if sections == 1 else 's'} of the bid are not finished: see the list below"
    return [
        dataclasses.replace(option, why=[pointer, *(why for why in option.why if why not in words)])
        if words.intersection(option.why)
        else option
        for option in found
    ]


class CheckPage(Sealed, TemplateView):
    """The whole bid on one page before it is submitted, with what is still missing and a Change link to each part; prints."""

    template_name = "grants/bid_check.html"

    def cases(self) -> QuerySet[Bid]:
        return with_facts(super().cases())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case, user = self.get_case(), self.request.user
        if case.state in EDITABLE and not on_bidders_side(user, case):
            raise Http404
        data = content(case, sheet_of(case))
        if is_sealed(user, case):
            raise Refused(*SEALED)
        editable = case.state in EDITABLE
        found = problems(case) if editable else []
        may_edit = user.has_perm("grants.change_bid", case)
        late = submit_in_time(case) if editable else []
        ready = editable and not found and not late
        submit_url = f"{case.get_absolute_url()}submit/" if ready and user.has_perm("grants.submit_bid", case) else ""
        on_page = submit_url and case.round.asks.one_page
        submit_form = SubmitForm(None, case=case, initial={"version": case.version}) if on_page else None
        return super().get_context_data(**kwargs) | {
            "case": case,
            "reference": case.reference,
            "blocks": told(data),
            "attachments": files(data),
            "problems": found,
            "advice": advice(data, case.get_absolute_url()) if editable else [],
            "may_edit": may_edit,
            "closed": closed_sections(case, opened(case, found)) if may_edit else (),
            "late": late,
            "submit_url": submit_url,
            "submit_form": submit_form,
            "who": sentences.waits_for_signatory(case) if ready else "",
        }


class SubmittedPage(CaseMixin, TemplateView):
    """The receipt: it was done, under this reference, and what happens next."""

    model = Bid
    template_name = "grants/bid_submitted.html"

    def cases(self) -> QuerySet[Bid]:
        return super().cases().filter(state__in=HAVE_BEEN_SUBMITTED).select_related("round", "submitted_by", "accountable_body")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        case = self.get_case()
        receipt = snapshots_of(case).last()
        return super().get_context_data(**kwargs) | {"case": case, "reference": case.reference, "receipt": receipt}
