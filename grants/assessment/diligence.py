"""Recording due-diligence checks, where a bid stands with them, and the sheet that goes to those who look into bodies."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from casework import clock
from casework.documents.models import Document, documents_on
from casework.documents.services import attach
from casework.workflow import NotPermitted, lock, record, unit
from grants.assessment.diligence_models import OF_ONE_BID, CheckKind, DueCheck
from grants.bids.models import Bid
from grants.rounds.models import Round
from partnerships.organisations.models import Organisation


@dataclass(frozen=True)
class Standing:
    """Where a bid stands with one kind of check."""

    kind: CheckKind
    check: DueCheck | None
    wanted: bool
    """The round wants it done before an award."""
    documents: Sequence[Document] = ()

    @property
    def has_run_out(self) -> bool:
        until = self.check.valid_until if self.check is not None else None
        return until is not None and until < clock.today()

    @property
    def settled(self) -> bool:
        return self.check is not None and self.check.outcome != DueCheck.Outcome.PROBLEM and not self.has_run_out

    @property
    def tag(self) -> tuple[str, str]:
        if self.check is None:
            return "Not done yet", "grey"
        if self.check.outcome == DueCheck.Outcome.PROBLEM:
            return "There is a problem", "red"
        if self.check.outcome == DueCheck.Outcome.NOT_NEEDED:
            return "Not needed", "grey"
        return ("Has run out", "yellow") if self.has_run_out else ("Done", "green")


def checked_body(bid: Bid) -> Organisation:
    """Whom the checks are about: who signs and is paid, and the applicant while nobody is named for that."""
    return bid.accountable_body or bid.applicant


def standings(bids: Sequence[Bid]) -> dict[int, list[Standing]]:
    """Every kind of check for each bid, by its key: one query, however many bids, where their rounds are read."""
    bodies = {bid.pk: bid.accountable_body_id or bid.applicant_id for bid in bids}
    of_bodies = Q(organisation__in=set(bodies.values()))
    newest: dict[tuple[int, int | None, str], DueCheck] = {}
    for check in DueCheck.objects.filter(of_bodies).select_related("by").order_by("on", "pk"):
        newest[check.organisation_id, check.bid_id if check.kind in OF_ONE_BID else None, check.kind] = check
    return {
        bid.pk: [
            Standing(
                kind, newest.get((bodies[bid.pk], bid.pk if kind in OF_ONE_BID else None, kind)), kind in bid.round.wanted_checks
            )
            for kind in CheckKind
        ]
        for bid in bids
    }


def standings_of(bid: Bid) -> list[Standing]:
    """One bid's, with the evidence: one query more."""
    found = standings([bid])[bid.pk]
    keys = [row.check.pk for row in found if row.check is not None]
    files: dict[int, list[Document]] = defaultdict(list)
    for document in documents_on(DueCheck).filter(object_id__in=keys) if keys else ():
        files[document.object_id].append(document)
    return [Standing(row.kind, row.check, row.wanted, files[row.check.pk] if row.check else ()) for row in found]


def record_check(
    *, bid: Bid, kind: str, outcome: str, on: dt.date, by: Any, valid_until: dt.date | None = None, found: str = "", kept: str = "",
    upload: Any = None,
) -> DueCheck:  # fmt: skip
    """Record what was looked into. What is done names its evidence: a file, or where it is kept (ValidationError by the form)."""
    if not by.has_perm("grants.check_bidder", bid):
        raise NotPermitted(f"You do not have the role to check the body that {bid.reference} is for.")
    with unit():
        check = DueCheck(
            organisation=checked_body(bid), bid=bid, kind=kind, outcome=outcome, on=on, valid_until=valid_until, found=found.strip(),
            kept=kept.strip(), by=by, at=clock.now(),
        )  # fmt: skip
        check.full_clean()
        check.save()
        record(check, "recorded a due-diligence check", by=by, changes={"kind": kind, "outcome": outcome}, file=bid.file)
        if upload is not None:
            attach(check, upload, kind="evidence", by=by)
    return check


def name_checks(*, round: Round, kinds: Iterable[str], by: Any) -> None:
    """Which checks must be done before an award of this round; naming them again changes nothing."""
    if not by.has_perm("grants.manage_round", round):
        raise NotPermitted("Rounds are run by commissioning officers.")
    chosen = [kind.value for kind in CheckKind if kind in set(kinds)]
    with unit():
        locked = lock(round)
        if locked.wanted_checks != chosen:
            locked.wanted_checks = chosen
            locked.save(update_fields=["wanted_checks"])
            record(locked, "set the checks before an award", by=by, changes={"checks": chosen})


def open_words(found: Sequence[Standing]) -> str:
    """The checks that are not settled, in one sentence's words; "" when all are."""
    return "; ".join(f"{row.kind.label} ({row.tag[0].lower()})" for row in found if not row.settled)
