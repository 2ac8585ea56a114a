"""The pages of assessing. None of them exists for a bidder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.utils.html import format_html

from casework import clock
from casework.registry import Panel
from casework.views import CasePage, FormPage, ListPage, TransitionPage
from casework.workflow import NotPermitted, Option, Refused, options
from grants.assessment import services
from grants.assessment.effects import SIGHT
from grants.assessment.forms import AssignForm, GatesForm, InterestsForm, ModerationForm, ScoresForm, unassigned
from grants.assessment.models import Assessment, with_interest
from grants.assessment.queries import picture_of, with_points
from grants.assessment.reading import bid_text, side_by_side
from grants.assessment.states import AssessmentState
from grants.assessment.tables import EXPORT, AssessmentFilter, AssessmentTable
from grants.bids.models import Bid
from grants.bids.states import BidState
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of

WITH_BID = ("bid__round", "bid__applicant", "bid__accountable_body", "bid__delivery_body", "assessor", "file")
TIME_TO_SCORE = dt.timedelta(days=14)


class AssessmentList(ListPage):
    model = Assessment
    table_class = AssessmentTable
    filterset_class = AssessmentFilter
    title = "Assessments"
    noun = "assessments"
    export_columns = EXPORT

    def get_queryset(self) -> Any:
        """Nobody outside assessing has such a page: 404, not an empty list."""
        user = self.request.user
        if not standing_of(user).in_office(*SIGHT, Role.ASSESSOR):
            raise Http404
        rows = Assessment.objects.visible_to(user).select_related("bid__applicant", "assessor")
        return with_points(rows, user).order_by("due", "pk")


class AssessmentPage(CasePage):
    """One assessor's work: where it stands, the gates, their scores, and others' once their own are in."""

    model = Assessment
    with_documents = False
    with_notes = False

    def cases(self) -> Any:
        return super().cases().select_related(*WITH_BID)

    def title(self, case: Assessment) -> str:
        return f"Assessment of {case.bid.title}"

    def sentence(self, case: Assessment) -> str:
        mine = case.assessor_id == self.request.user.pk
        who = "You" if mine else str(case.assessor)
        if case.state == AssessmentState.CONFLICTED:
            return f"{who} declared a conflict of interest and {'do' if mine else 'does'} not score this bid."
        if case.state == AssessmentState.SCORED:
            return f"{who} scored this bid. An officer records the agreed scores when every assessor is done."
        by = f"by {case.due.day} {case.due:%B %Y}"
        if case.declared_at is None:
            return f"{who} must declare interests, then score this bid {by}."
        if not picture_of(case.bid).gates_passed:
            return f"The gates must be recorded before scoring. Scores are due {by}."
        return f"{who} must score every criterion with a reason and submit the scores {by}."

    def steps(self, case: Assessment) -> Sequence[Option]:
        """The next form first; the transitions follow. A step that its form already takes has no second button."""
        user = self.request.user
        moves = [option for option in options(case, user) if option.name != "declare_conflict"]
        if case.state != AssessmentState.ASSIGNED or not user.has_perm("grants.score_assessment", case):
            return moves
        base = case.get_absolute_url()
        if case.declared_at is None:
            return [Option("interests", "Declare your interests", f"{base}interests/", True, (), False)]
        conflict = Option("declare_conflict", "Declare a conflict of interest", f"{base}declare-conflict/", True, (), True)
        picture = picture_of(case.bid)
        if not picture.gates_passed:
            return [Option("gates", "Record the gates", f"{base}gates/", True, (), False), conflict]
        ready = all(option.allowed for option in moves)
        score = Option("scores", "Change your scores" if ready else "Score the bid", f"{base}scores/", True, (), False)
        return [*moves, score, conflict] if ready else [score, *moves, conflict]

    def summary(self, case: Assessment) -> list[dict[str, Any]]:
        bid = case.bid
        link = format_html('<a class="govuk-link" href="{}">{} {}</a>', bid.get_absolute_url(), bid.reference, bid.title)
        return [
            {"label": "Bid", "value": link},
            {"label": "Applicant", "value": bid.applicant.name},
            {"label": "Accountable body", "value": str(bid.accountable_body or "")},
            {"label": "Amount requested", "value": bid.amount_requested},
            {"label": "Assessor", "value": str(case.assessor)},
            {"label": "Due", "value": case.due},
            {"label": "No interest declared", "value": case.declared_at or "Not yet"},
            {"label": "Scores submitted", "value": case.scored_at or "Not yet"},
        ]

    def panels(self, case: Assessment) -> list[Panel]:
        picture, user = picture_of(case.bid), self.request.user
        shown = case in picture.shown_to(user)
        scores = {"case": case, "picture": picture, "table": side_by_side(picture, user), "shown": shown}
        if picture.kept_from(user):
            return super().panels(case)
        own = [
            Panel("Gates", "grants/assessment_gates.html", {"gates": picture.gates}),
            Panel("Scores", "grants/assessment_scores_table.html", scores),
        ]
        return own + super().panels(case)


class OnAssessment(FormPage):
    """A form of the assigned assessor's own, with the bid's text beside it."""

    model = Assessment
    template_name = "grants/assessment_form.html"
    done = "Saved."

    def cases(self) -> Any:
        return super().cases().select_related(*WITH_BID)

    def check(self, case: Assessment) -> None:
        if not self.request.user.has_perm("grants.score_assessment", case):
            raise NotPermitted("Only the assessor scores a bid.")
        if self.request.method == "GET" and case.state != AssessmentState.ASSIGNED:
            raise Refused(f"{case.reference} is {case.get_state_display().lower()}, so this can no longer be done.")

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        return {"text": bid_text(case.bid)}


class InterestsPage(OnAssessment):
    title = "Declare your interests"
    submit_label = "Save declaration"
    template_name = "grants/assessment_interests.html"

    def get_forms(self, case: Assessment, data: Any = None, files: Any = None) -> list[Any]:
        return [InterestsForm(data, initial={"version": case.version})]

    def save(self, case: Assessment, forms: list[Any]) -> Any:
        form, user = forms[0], self.request.user
        if form.cleaned_data["interest"] == InterestsForm.NONE:
            return services.declare_no_interest(assessment=case, by=user, version=form.version)
        reason = form.cleaned_data["reason"]
        return services.declare_conflict(assessment=case, reason=reason, by=user, version=form.version)

    def context(self, case: Any, forms: list[Any]) -> dict[str, Any]:
        bid = case.bid
        named = (("Applicant", bid.applicant), ("Accountable body", bid.accountable_body), ("Delivered by", bid.delivery_body))
        bodies = [{"label": label, "value": str(body or "")} for label, body in named]
        return {"bodies": [{"label": "Bid", "value": str(bid)}, *bodies]}


class GatesOfAssessment(OnAssessment):
    """The gates, recorded by the assessor."""

    title = "Record the gates"
    submit_label = "Save gates"

    def check(self, case: Assessment) -> None:
        super().check(case)
        if case.declared_at is None:
            raise Refused("Declare your interests before you record the gates")

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        return [GatesForm(data, picture=picture_of(case.bid))]

    def save(self, case: Any, forms: list[Any]) -> Any:
        bid = services.record_gates(bid=case.bid, results=forms[0].results(), by=self.request.user)
        if bid.state == BidState.INELIGIBLE:
            self.done = f"A gate is failed, so {bid.reference} is not eligible."
        return bid


class ScoresPage(OnAssessment):
    title = "Score the bid"
    submit_label = "Save scores"
    done = "Your scores are saved. They count when you submit them."

    def check(self, case: Assessment) -> None:
        super().check(case)
        if case.declared_at is None:
            raise Refused("Declare your interests before you score")
        if not picture_of(case.bid).gates_passed:
            raise Refused("Record the gates before you score")

    def get_forms(self, case: Assessment, data: Any = None, files: Any = None) -> list[Any]:
        return [ScoresForm(data, initial={"version": case.version}, assessment=case, picture=picture_of(case.bid))]

    def save(self, case: Assessment, forms: list[Any]) -> Any:
        form = forms[0]
        return services.save_scores(
            assessment=case,
            scores=form.scores(),
            comment=form.cleaned_data["comment"],
            by=self.request.user,
            version=form.version,
        )


class OnBid(FormPage):
    """A form of an officer's about the assessment of a bid; out of the sight of everybody else."""

    model = Bid
    reads_scores = False

    def cases(self) -> Any:
        user = self.request.user
        if not standing_of(user).in_office(*SIGHT):
            return Bid.objects.none()
        bids = Bid.objects.visible_to(user).select_related("round", "applicant", "accountable_body", "file")
        return bids.exclude(with_interest(user)) if self.reads_scores else bids

    def check(self, case: Bid) -> None:
        if not self.request.user.has_perm("grants.handle_bid", case):
            raise NotPermitted(f"You do not have the role for this step of {case.reference}.")
        if case.state not in {BidState.SUBMITTED, BidState.ASSESSING}:
            raise Refused(f"{case.reference} is {case.get_state_display().lower()}, so this can no longer be done.")


class AssignPage(OnBid):
    title = "Assign an assessor"
    submit_label = "Assign"
    done = "The assessor is assigned and told."

    def check(self, case: Bid) -> None:
        super().check(case)
        if self.request.method == "GET" and not unassigned(case).exists():
            raise Refused(f"Every assessor of the office is assigned to {case.reference} already.")

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        return [AssignForm(data, initial={"due": clock.today() + TIME_TO_SCORE}, bid=case)]

    def save(self, case: Bid, forms: list[Any]) -> Any:
        given = forms[0].cleaned_data
        return services.assign(bid=case, assessor=given["assessor"], due=given["due"], by=self.request.user)


class GatesOfBid(OnBid):
    """The gates, recorded by an officer."""

    reads_scores = True
    title = "Record the gates"
    submit_label = "Save gates"
    template_name = "grants/assessment_form.html"

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        return [GatesForm(data, picture=picture_of(case))]

    def save(self, case: Bid, forms: list[Any]) -> Any:
        return services.record_gates(bid=case, results=forms[0].results(), by=self.request.user)

    def context(self, case: Bid, forms: list[Any]) -> dict[str, Any]:
        return {"text": bid_text(case)}


class ModeratePage(OnBid):
    reads_scores = True
    title = "Record the moderated scores"
    submit_label = "Save moderated scores"
    template_name = "grants/assessment_moderate.html"
    done = "The moderated scores are saved."

    def check(self, case: Bid) -> None:
        super().check(case)
        picture = picture_of(case)
        if refused := [*services.not_ready(picture), *services.hidden_from(picture, self.request.user)]:
            raise Refused(*refused)

    def get_forms(self, case: Bid, data: Any = None, files: Any = None) -> list[Any]:
        return [ModerationForm(data, picture=picture_of(case))]

    def save(self, case: Bid, forms: list[Any]) -> Any:
        form = forms[0]
        given = {"scores": form.scores(), "reason": form.cleaned_data["reason"]}
        return services.moderate(bid=case, by=self.request.user, version=form.version, **given)

    def context(self, case: Bid, forms: list[Any]) -> dict[str, Any]:
        return {"table": side_by_side(picture_of(case), self.request.user)}


class AssessmentTransition(TransitionPage):
    model = Assessment
    effects = {
        "submit_scores": ["Your scores and reasons are kept as they are and shown to the officers who run the round."],
        "declare_conflict": ["You step aside: your scores on this bid do not count.", "An officer can assign somebody else."],
        "reopen": ["The assessor can change their scores and submits them again."],
    }

    def cases(self) -> Any:
        return super().cases().select_related("bid__round", "assessor", "file")
