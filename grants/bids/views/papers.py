"""Asking for all attachments of a round."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType

from casework.forms import HouseForm
from casework.jobs.models import Job
from casework.jobs.services import ask_for
from casework.views import FormPage
from casework.workflow import NotPermitted, Refused
from grants.bids.papers import PAPERS, bids_of
from grants.bids.states import BidState
from grants.rounds.models import Round


class PapersPage(FormPage):
    """What will be in the zip, the button that has it made, and what one has asked for before."""

    model = Round
    template_name = "grants/round_papers.html"
    title = "All attachments as one zip"
    submit_label = "Make the zip"
    done = ""

    def check(self, case: Round) -> None:
        if not self.request.user.has_perm("grants.take_papers", case):
            raise NotPermitted("All attachments of a round are for commissioning officers.")
        self.bids = bids_of(case, self.request.user)
        if not self.bids:
            raise Refused("No bid has been submitted in this round, so there are no attachments to take along.")

    def get_forms(self, case: Any, data: Any = None, files: Any = None) -> list[Any]:
        return [HouseForm(data)]

    def save(self, case: Round, forms: list[Any]) -> Job:
        return ask_for(kind=PAPERS, about=case, by=self.request.user)

    def success_url(self, case: Any, result: Job) -> str:
        return result.get_absolute_url()

    def context(self, case: Round, forms: list[Any]) -> dict[str, Any]:
        sealed = sum(bid.state == BidState.SUBMITTED for bid in self.bids)
        kind = ContentType.objects.get_for_model(case)
        own = Job.objects.visible_to(self.request.user).filter(kind=PAPERS.key, content_type=kind, object_id=case.pk)
        return {"back_url": case.get_absolute_url(), "bids": len(self.bids), "sealed": sealed, "earlier": own[:5]}
