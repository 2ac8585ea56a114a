"""A round's own page, and the same page as a bidder will see it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required, login_required
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

from casework import clock
from casework.registry import panels_for
from casework.views import CaseMixin, CasePage, Next, refused_page
from casework.workflow import NotPermitted, Refused, options
from casework.workflow.options import Option
from grants.rounds import parts
from grants.rounds.expressing import bodies_that_may_express, takes_expressions
from grants.rounds.models import Round
from grants.rounds.models_parts import RoundBidder, RoundChange, RoundExtension
from grants.rounds.queries import bodies_that_may_start, closes_for
from grants.rounds.states import RoundState
from grants.rounds.versions import FROZEN
from grants.rounds.ways import Route
from questionnaires.engine import Item, questions_of
from questionnaires.forms import SectionForm, sections_in

BEGUN_AT = {
    Route.DIRECT: ("Enter a direct award", "/bids/direct/"),
    Route.CONTINUATION: ("Name a grant to continue", "/agreements/continue/"),
}
"""Pages of higher rooms on which the office begins a bid."""


@method_decorator(login_not_required, name="dispatch")
class RoundPage(CasePage):
    """What bidders see; officers besides have links that change a draft, and what stands against publishing it."""

    model = Round
    template_name = "grants/round_page.html"
    with_documents = False
    with_notes = False

    def cases(self) -> QuerySet[Round]:
        joined = super().cases().select_related("fund", "plan", "legal_power", "question_version", "return_version")
        # Most rounds have neither, and a page has only so many queries.
        hanging = {"has_changes": RoundChange, "has_extensions": RoundExtension}
        there = {name: Exists(model._default_manager.filter(round=OuterRef("pk"))) for name, model in hanging.items()}
        return joined.annotate(**there).prefetch_related(
            "budgets", "gates", "criteria", Prefetch("bidders", RoundBidder.objects.select_related("organisation"))
        )

    def reader(self) -> Any:
        """Whose page it is."""
        return self.request.user

    def link(self, case: Round, place: str) -> str:
        """Where a part of a draft is changed, for those who may."""
        return case.get_absolute_url() + place if self.reader().has_perm("grants.change_round", case) else ""

    def steps(self, case: Round) -> list[Any]:
        """They come with what is next."""
        return []

    def summary(self, case: Round) -> list[dict[str, Any]]:
        return parts.summary(case, lambda place: self.link(case, place))

    def money(self, case: Round) -> Any:
        return parts.money(case)

    def panels(self, case: Round) -> list[Any]:
        asked = questions_of(case.question_version)
        own = parts.panels(case, list(asked), lambda place: self.link(case, place))
        changes = []
        if case.has_changes:  # type: ignore[attr-defined]
            changes = parts.changes(case, officer=self.reader().has_perm("grants.manage_round"))
        return [*changes, *own, *panels_for(case, self.reader())]

    def extra(self, case: Round) -> dict[str, Any]:
        officer = self.reader().has_perm("grants.manage_round")
        return {
            "officer": officer,
            "may_remind": self.reader().has_perm("grants.manage_reminders") and not case.rolling,
            "may_amend": self.reader().has_perm("grants.amend_round", case),
            "may_extend": self.reader().has_perm("grants.extend_round", case) and not case.rolling,
            "may_enter": officer and case.way.open and case.state == RoundState.PUBLISHED and case.opens_at <= clock.arrived(),
            "extensions": _extensions(case) if officer and case.has_extensions else [],  # type: ignore[attr-defined]
            "tasks": parts.tasks(case) if self.link(case, "") else None,
            "next": self.next(case),
        }

    def next(self, case: Round) -> Next:
        """The button for bidders comes before the office's steps."""
        bodies = bodies_that_may_start(case, self.reader())
        until = closes_for(case, bodies[0]) if len(bodies) == 1 and not case.takes_bids() else None
        words = parts.sentence(case, may_change=bool(self.link(case, "")), closes=until)
        start = self.express(case) if case.way.expressed else self.start(case, bool(bodies))
        return Next(words, [*start, *self.begin(case), *options(case, self.reader())])

    def start(self, case: Round, may: bool) -> list[Option]:
        return self.offered("a bid", f"/bids/new/?round={case.reference}", may, case.takes_bids() and case.way.open)

    def express(self, case: Round) -> list[Option]:
        """Where bodies first say what they have in mind."""
        may = bool(bodies_that_may_express(case, self.reader()))
        return self.offered(
            "an expression of interest", f"/expressions/new/?round={case.reference}", may, takes_expressions(case)
        )

    def offered(self, what: str, place: str, may: bool, open_now: bool) -> list[Option]:
        """The button for those who may; a visitor signs in first."""
        if may:
            return [Option("start", f"Start {what}", place, True, (), False)]
        if self.request.user.is_authenticated or not open_now:
            return []
        address = f"/accounts/login/?{urlencode({'next': place})}"
        return [Option("start", f"Sign in to start {what}", address, True, (), False)]

    def begin(self, case: Round) -> list[Option]:
        """Where the office begins the bids of a round without competition."""
        if case.route not in BEGUN_AT or not case.takes_bids() or not self.reader().has_perm("grants.manage_round"):
            return []
        label, place = BEGUN_AT[Route(case.route)]
        return [Option("begin", label, f"{place}{case.reference}/", True, (), False)]


class RoundChanging(CaseMixin, TemplateView):
    """Where each part of a published round changes, what stays, and whom a change reaches."""

    model = Round
    template_name = "grants/round_changing.html"
    places = (
        ("edit/", "Title, dates, amounts, kinds of bidder, guidance and terms"),
        ("budgets/", "What is available in each year"),
        ("bidders/", "Bodies that may bid by name"),
        ("gates/", "Gates, until a bid has been submitted"),
        ("criteria/", "Scored criteria, until a bid has been submitted"),
    )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.case = self.get_case()
        if not request.user.has_perm("grants.manage_round"):
            return refused_page(request, self.case, NotPermitted("Rounds are run by commissioning officers."))
        if not request.user.has_perm("grants.amend_round", self.case):
            return refused_page(request, self.case, Refused("Only a published round is changed here."))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        fixed = ["The fund and the round's reference", *FROZEN.values()]
        panels = panels_for(RoundChange(round=self.case), self.request.user)
        own = {"case": self.case, "title": "Change the published round", "places": self.places, "fixed": fixed, "panels": panels}
        return super().get_context_data(**kwargs) | own


def _extensions(case: Round) -> Any:
    return case.extensions.select_related("organisation").order_by("organisation__name")


@method_decorator(login_required, name="dispatch")
class RoundPreview(RoundPage):
    """A round as somebody without a role reads it, and its form with nothing in it; officers look before they publish."""

    template_name = "grants/round_preview.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm("grants.manage_round"):
            return refused_page(request, self.get_case(), NotPermitted("Rounds are run by commissioning officers."))
        return super().get(request, *args, **kwargs)

    def reader(self) -> Any:
        return AnonymousUser()

    def timeline(self, case: Round) -> list[Any]:
        return []

    def next(self, case: Round) -> Next:
        return Next(parts.sentence_when_published(case), [])

    def extra(self, case: Round) -> dict[str, Any]:
        items = [Item(question, None) for question in questions_of(case.question_version)]
        sections = [(title, _empty_form(items, key)) for key, title in sections_in(items).items()]
        return super().extra(case) | {"sections": sections}


def _empty_form(items: list[Item], key: str) -> list[Any]:
    """A section's boxes, which take nothing here."""
    form = SectionForm(items=items, section_key=key)
    for field in form.fields.values():
        field.disabled = True
    return form.visible_fields()
