"""What the pages of a decision have in common."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404

from casework.money import total
from casework.views import FormPage
from grants.assessment.queries import as_read
from grants.decisions.models import Award, Decision
from grants.decisions.states import DecisionState

WITH_ROUND = ("round__fund", "round__plan", "legal_power", "recommended_by", "decided_by")
S = DecisionState


class OnDecision:
    """Loads a decision with what its pages show, for callers that are CaseMixin pages."""

    model = Decision
    request: Any

    def cases(self) -> Any:
        return super().cases().select_related(*WITH_ROUND)  # type: ignore[misc]

    def get_case(self) -> Any:
        case = super().get_case()  # type: ignore[misc]
        case.all_awards(reader=self.request.user)
        return case


class OnAward(FormPage):
    """A form on one award of a decision, found by its bid's reference."""

    def award(self, case: Decision) -> Award:
        return get_object_or_404(
            Award.objects.filter(decision=case).select_related("decision__round", "bid__file"), bid__reference=self.kwargs["bid"]
        )

    def context(self, case: Decision, forms: list[Any]) -> dict[str, Any]:
        return {"award": self.award(case)}


def table_of(decision: Decision, user: Any, *, untold: bool = False) -> dict[str, Any]:
    """What the table of awards takes: the best scored first, as far as this person may know, and what they add up to."""
    awards = as_read(award for award in decision.all_awards(reader=user) if not (untold and award.told_at))
    return {
        "awards": sorted(awards, key=lambda award: (-(award.points or 0), award.bid.reference)),  # type: ignore[attr-defined]
        "totals": {
            "requested": total([award.bid.amount_requested for award in awards]),
            "awarded": total([award.amount for award in awards]),
        },
    }
