"""Continuing a named grant: a bid for the new year with what was agreed, because a review would destabilise the work.

A named existing grant was continued during a review for that reason (report to the Police and Crime Panel, September 2018, 6.17).
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from casework import clock
from casework.workflow import Refused, record, unit
from grants.agreements.models import Agreement
from grants.agreements.states import SIGNED
from grants.bids.begun import begin_for_body
from grants.bids.copying import fill_from_grant
from grants.bids.models import Bid
from grants.bids.states import BidState
from grants.rounds.models import Round


def continuable(round: Round) -> QuerySet[Agreement]:
    """Grants of earlier rounds that both sides signed and that are not yet continued in this round.

    A confidential one is not among them: its bid would begin in the open. Its coordinator copies it, and the copy is confidential.
    """
    begun = Bid.objects.filter(round=round, continues__isnull=False).exclude(state=BidState.WITHDRAWN)
    found = Agreement.objects.filter(state__in=SIGNED, award__bid__is_confidential=False).exclude(award__bid__round=round)
    return found.exclude(award__bid__in=begun.values("continues")).select_related("award__bid__applicant").order_by("reference")


def continue_grant(*, agreement: Agreement, round: Round, reason: str, by: Any) -> Bid:
    """Begin its bid for the first year of this round's money, with the agreed lines, targets and milestones moved to that year.

    The partner confirms or changes them; then a signatory submits, and the Commissioner decides as on any bid.
    """
    source = agreement.bid
    with unit():
        Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
        if not continuable(round).filter(pk=agreement.pk).exists():
            raise Refused(f"{agreement} is already continued in {round.reference}, or was never in force.")
        bid = begin_for_body(round=round, applicant=source.applicant, title=source.title, reason=reason, by=by, continues=source)
        budget = round.budgets.order_by("year").first()
        year = budget.year if budget is not None else clock.financial_year(clock.today())
        years = year - clock.financial_year(agreement.starts)
        fill_from_grant(bid=bid, source=source, grant=agreement, years=years, by=by)
        record(bid, "continued a grant", by=by, changes={"agreement": agreement.pk})
    return Bid.objects.get(pk=bid.pk)
