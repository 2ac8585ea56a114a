"""What follows from this room's transitions, and what the room tells the pages of others."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from casework import clock
from casework.jobs.kinds import job_kind
from casework.outbox import queue, queue_to_address
from casework.registry import LifeStep, life_step, panel, register_readers, share_history, work_provider
from casework.reminders import reminder_source
from casework.snapshots import Snapshot, snapshots_of, take_snapshot
from casework.templatetags.ui import gov_moment
from casework.workflow import SYSTEM, Move, after, require
from grants.bids import affected, comments, holding, invited, reminding, timing, work
from grants.bids.completeness import problems
from grants.bids.content import content
from grants.bids.forms_details import declaration
from grants.bids.forms_received import sender_declares
from grants.bids.messages import messages_panel
from grants.bids.models import Bid
from grants.bids.models_parts import BidReturn
from grants.bids.opened import titles
from grants.bids.papers import PAPERS
from grants.bids.partners import partners_panel
from grants.bids.ranking import ranking_panel
from grants.bids.readers import only_readers
from grants.bids.received import confirmed_as_it_stands
from grants.bids.received_shown import received_bids_to_confirm, received_panel
from grants.bids.sections import every_section
from grants.bids.states import HAVE_BEEN_SUBMITTED, WITH_OFFICE, BidState
from grants.rounds.models import Round
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_with

UNSETTLED = [*WITH_OFFICE, BidState.RETURNED]


def coordinators(bid: Bid) -> list[Any]:
    return list(people_with(Role.COORDINATOR, [bid.applicant_id]))


def signatories(bid: Bid) -> list[Any]:
    return list(people_with(Role.SIGNATORY, [bid.accountable_body_id])) if bid.accountable_body_id else []


def about_bid(case: Any) -> Bid | None:
    """The bid that a case is or descends from; None for rounds, bodies and whatever else stands by itself."""
    found = case if isinstance(case, Bid) else getattr(case, "bid", None)
    return found if isinstance(found, Bid) else None


def officers() -> list[Any]:
    return list(people_with(Role.COMMISSIONING_OFFICER))


@after(Bid, "submit")
def freeze_and_tell(move: Move) -> None:
    """The text as submitted, with the words that were confirmed, is the next version; its fingerprint is the receipt."""
    _freeze_and_tell(move.case, by=move.by, words=declaration(move.case), to=[move.by])


def _freeze_and_tell(bid: Bid, *, by: Any, words: str, to: list[Any]) -> Snapshot:
    confirmed = f"{words}. We accept the terms of this round.\n\n{bid.round.terms}".strip()
    version = take_snapshot(bid, content(bid), by=by, declaration=confirmed)
    cause = f"submitted:{version.number}"
    queue("bid_receipt", to=[*to, *coordinators(bid)], about=bid, cause=cause, version=version)
    queue("bid_arrived", to=officers(), about=bid, cause=cause, version=version)
    return version


@after(Bid, "confirm_received")
def freeze_as_confirmed(move: Move) -> None:
    """The same for a bid whose sender has no account: the version is nobody's here, and says whose word it stands on."""
    bid, received = move.case, move.case.received
    said = received.confirmations.filter(answer="confirmed").latest("pk")
    how = "by the link that was e-mailed to them" if said.signed_id is None else "in a signed document, which is attached"
    words = f"{said.name} confirmed on {gov_moment(said.answered_at)} {how}: {sender_declares(bid)}"
    version = _freeze_and_tell(bid, by=SYSTEM, words=words, to=[])
    if received.sender_email:
        queue_to_address(
            "sender_receipt",
            address=received.sender_email,
            about=bid,
            cause=f"submitted:{version.number}",
            secret_link=settings.BASE_URL + bid.round.get_absolute_url(),
            version=version,
            received=received,
        )


@after(Bid, "return_for_changes")
def open_and_tell(move: Move) -> None:
    """The named sections are open for changes; the coordinators and signatories read which and why."""
    bid, sections = move.case, list(move.data.get("sections", ()))
    if strangers := set(sections) - {key for key, _ in every_section(bid)}:
        raise ValueError(f"{bid.reference} has no sections {sorted(strangers)}.")
    BidReturn.objects.create(bid=bid, sections=sections, reason=move.reason.strip(), by=move.by, at=clock.now())
    people = [*coordinators(bid), *signatories(bid)]
    named = titles(bid, sections)
    told = {"about": bid, "cause": f"returned:{bid.version}", "reason": move.reason, "sections": named}
    queue("bid_returned", to=people, **told)
    if bid.received_at is not None and bid.received.sender_email:
        link = settings.BASE_URL + bid.round.get_absolute_url()
        sender = bid.received
        queue_to_address("sender_returned", address=sender.sender_email, secret_link=link, received=sender, **told)


@after(Bid, "recall")
@after(Bid, "withdraw")
def tell_taken_back(move: Move) -> None:
    """Only what had reached the office is news to it; the other half of the bidders learns of a withdrawal as well."""
    bid = move.case
    if snapshots_of(bid).exists():
        queue(
            "bid_taken_back",
            to=officers(),
            about=bid,
            cause=f"taken_back:{bid.version}",
            withdrawn=bid.state == BidState.WITHDRAWN,
        )


def complete(bid: Bid) -> list[str]:
    return [problem.sentence for problem in problems(bid)]


def states_in(case: Round) -> list[tuple[str, Any]]:
    """Of each of a round's bids its state and when the office received it, read once for all that a page or a step asks of this object."""
    if not hasattr(case, "states_of_bids"):
        case.states_of_bids = list(Bid.objects.filter(round=case).values_list("state", "received_at"))  # type: ignore[attr-defined]
    return case.states_of_bids  # type: ignore[attr-defined,no-any-return]


def nobody_has_begun(case: Round) -> list[str]:
    number = len(states_in(case))
    if not number:
        return []
    begun = "1 bid has" if number == 1 else f"{number} bids have"
    return [f"{begun} been begun in this round, so it can no longer be taken back. Cancel it instead, with a reason."]


def all_decided(case: Round) -> list[str]:
    """A draft that was never submitted asks for nothing, unless the office entered it: it came in time and must not be lost."""
    number = sum(state in UNSETTLED for state, _ in states_in(case))
    entered = sum(state == BidState.DRAFT and received is not None for state, received in states_in(case))
    found = []
    if number:
        found.append(
            f"{'1 bid is' if number == 1 else f'{number} bids are'} not decided yet. Decide each before you settle the round."
        )
    if entered:
        bids = "1 bid that you entered is" if entered == 1 else f"{entered} bids that you entered are"
        found.append(f"{bids} not confirmed by the sender yet. Have each confirmed, or withdraw it with the reason.")
    return found


require(Bid, "submit", "complete", complete)
require(Bid, "submit", "in_time", timing.submit_in_time)
require(Bid, "confirm_received", "complete", complete)
require(Bid, "confirm_received", "in_time", timing.submit_in_time)
require(Bid, "confirm_received", "confirmed", confirmed_as_it_stands)
require(Bid, "recall", "in_time", timing.recall_in_time)
require(Bid, "bring_back", "in_time", timing.bring_back_in_time)
require(Round, "unpublish", "no_bids", nobody_has_begun)
require(Round, "settle", "all_bids_decided", all_decided)

job_kind(PAPERS)
life_step(
    LifeStep(
        order=20,
        name="Bid",
        model=Bid,
        done=frozenset(HAVE_BEEN_SUBMITTED),
        stopped=frozenset({BidState.WITHDRAWN}),
    )
)
share_history(Bid)
register_readers(lambda about, people: only_readers(bid, people) if (bid := about_bid(about)) is not None else people)
panel(Bid)(received_panel)
panel(Bid)(partners_panel)
panel(Bid)(messages_panel)
panel(Bid)(comments.comment_panel)
panel(Bid)(ranking_panel)
work_provider(comments.comments_to_write)
work_provider(received_bids_to_confirm)
after(Bid, "begin_assessment")(comments.ask_lead)
affected.register()
invited.register()
work.register()
holding.register()
reminder_source(reminding.drafts_to_remind)
