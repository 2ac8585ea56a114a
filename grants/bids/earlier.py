"""Files of the same body's earlier bids, to be attached again without finding and uploading them anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from casework.documents.models import Document, documents_of, documents_on
from casework.documents.services import attach_copy
from casework.workflow import Refused
from grants.bids.models import Bid
from grants.bids.models_received import KEPT_FILES
from grants.bids.services import editing_section
from questionnaires.files import KIND as ANSWER

MOST = 60


def earlier_files(bid: Bid, user: Any) -> list[tuple[Document, str]]:
    """What hangs on other bids of the same applicant that this person sees, newest first, with the bid's reference.

    The same content once; nothing that this bid has already, that answers a question, that a sender sent or signed, or that nobody
    may open.
    """
    others = dict(
        Bid.objects.visible_to(user).filter(applicant=bid.applicant_id).exclude(pk=bid.pk).values_list("pk", "reference")
    )
    seen = set(documents_of(bid).values_list("sha256", flat=True))
    offered = []
    for document in (
        documents_on(Bid)
        .filter(object_id__in=list(others))
        .exclude(kind__in=[ANSWER, *KEPT_FILES])
        .order_by("-at", "-pk")[: MOST * 5]
    ):
        if document.sha256 not in seen and document.may_be_opened:
            seen.add(document.sha256)
            offered.append((document, others[document.object_id]))
    return offered[:MOST]


def attach_again(*, bid: Bid, documents: Sequence[Document], by: Any, version: int | None = None) -> list[Document]:
    """A copy of each with the bid, under the kind that it had. Only what is offered to this person can be asked for."""
    with editing_section(bid, "attachments", "changed the attachments", by, version) as locked:
        offered = {document.pk for document, _ in earlier_files(locked, by)}
        if not {document.pk for document in documents} <= offered:
            raise Refused("One of these files is no longer there. Choose again from the list.")
        return [attach_copy(locked, document, by=by) for document in documents]
