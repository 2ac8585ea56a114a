"""What follows from deciding: each bid's own step, the ledger, the notice, and what other pages show."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import F

from casework import clock
from casework.money import ZERO, sum_pounds
from casework.registry import LifeStep, Panel, life_step, panel
from casework.snapshots import take_snapshot
from casework.workflow import Move, Refused, after, perform, record, require
from grants.bids.models import Bid
from grants.bids.states import NOT_ASSESSED, TOLD, BidState
from grants.decisions import diligence, rolling, work  # noqa: F401 - work registers what waits for whom
from grants.decisions.at_once import may_decide_at_once
from grants.decisions.awards import awards_add_up, elsewhere, lapsed_award, latest_in_force
from grants.decisions.letters import tell, tell_not_taken_up, tell_withdrawn
from grants.decisions.models import Award, AwardCondition, AwardYear, Decision
from grants.decisions.notice import notice_of
from grants.decisions.states import IN_FORCE, LIVE, DecisionState
from grants.funds.ledger import Kind, Posting, grant_year, lock_accounts, post
from grants.funds.models import Account, LedgerEntry
from grants.rounds.models import Round
from partnerships.organisations.standing import standing_of

Outcome = Award.Outcome


def bidders_told(decision: Decision) -> list[str]:
    untold = [award.bid.reference for award in decision.all_awards() if award.told_at is None]
    return [f"Tell the bidders first: {', '.join(untold)}"] if untold else []


def not_recommended(bid: Bid) -> list[str]:
    recommended = (award.decision for award in awards_about(bid) if award.decision.state == DecisionState.RECOMMENDED)
    return [f"{bid.reference} is recommended in {decision.reference}. Take that back to draft first." for decision in recommended]


def awards_about(bid: Bid) -> list[Award]:
    """The awards of decisions that stand or are being written, the latest first, each with its `terms`, the conditions; one query an
    object, `perform` reads its own."""
    kept: list[Award] | None = bid.__dict__.get("_awards")
    if kept is None:
        kept = bid.__dict__["_awards"] = _with_terms(bid)
    return kept


def _with_terms(bid: Bid) -> list[Award]:
    """An award comes in one row for each of its conditions, and in one where it has none."""
    columns = {"term": "pk", "term_text": "text", "term_when": "when", "term_due": "due"}
    rows: Any = Award.objects.filter(bid=bid).exclude(decision__state=DecisionState.WITHDRAWN).select_related("decision", "bid")
    found: dict[int, Any] = {}
    for row in rows.annotate(**{name: F(f"conditions__{column}") for name, column in columns.items()}).order_by("-pk", "term"):
        award = found.setdefault(row.pk, row)
        award.terms = [*getattr(award, "terms", ()), *_term_of(row)]
    return list(found.values())


def _term_of(row: Any) -> list[AwardCondition]:
    if row.term is None:
        return []
    return [AwardCondition(pk=row.term, award_id=row.pk, when=row.term_when, text=row.term_text, due=row.term_due)]


def no_awards(round_: Round) -> list[str]:
    live = Decision.objects.filter(round=round_, state__in=LIVE).order_by("pk").first()
    return [f"{live.reference} is {live.get_state_display().lower()}. Withdraw it first."] if live else []  # type: ignore[attr-defined]


require(Decision, "recommend", "awards_add_up", awards_add_up)
require(Decision, "make", "awards_add_up", awards_add_up)
require(Decision, "publish", "bidders_told", bidders_told)
diligence.register()
require(Bid, "reopen_assessment", "not_recommended", not_recommended)
require(Round, "cancel", "no_awards", no_awards)


def _lock_bids(awards: list[Award]) -> list[Award]:
    """The awards in the order of their bids' keys, with the bids locked: two decisions never wait for each other in a ring."""
    keys = [award.bid_id for award in awards]
    list(Bid.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk"))
    return sorted(awards, key=lambda award: award.bid_id)


@after(Decision, "recommend")
def claim_bids(move: Move) -> None:
    """Of two people who recommend on the same bid at the same moment the second waits for the lock, looks again and is refused."""
    _lock_bids(move.case.all_awards())
    if refused := elsewhere(move.case):
        raise Refused(*refused)


@after(Decision, "make")
def decide_bids(move: Move) -> None:
    """Each bid takes its own step, and the notice is frozen as it was made."""
    awards = _lock_bids(move.case.all_awards())
    if refused := elsewhere(move.case):
        raise Refused(*refused)
    for award in awards:
        _decide(award, move.by)
    take_snapshot(move.case, notice_of(move.case), by=move.by, declaration=move.case.interests)


def _decide(award: Award, by: Any) -> None:
    if award.funded:
        perform(award.bid, "award", by=by, amount=award.amount, outcome_reason=award.reason)
    else:
        step = "put_on_reserve" if award.outcome == Outcome.RESERVE else "decline"
        perform(award.bid, step, by=by, outcome_reason=award.reason)


@after(Decision, "make", last=True)
def commit(move: Move) -> None:
    """Commit each award year. The fund-years are locked before grant accounts are made under them: a new row holds its parent's
    key, and two who both held it could never lock the parent."""
    decision, by = move.case, move.by
    years = _award_years(decision)
    parents = lock_accounts({year.account_id for _, year in years})
    wanted: dict[int, Decimal] = {}
    for _, year in years:
        wanted[year.account_id] = wanted.get(year.account_id, ZERO) + year.amount
    postings = [
        Posting(grant_year(award.bid.file, parents[year.account_id]), Kind.COMMITTED, year.amount)  # type: ignore[arg-type]
        for award, year in years
    ]
    if decision.over_budget_reason and by.has_perm("grants.over_allocate", decision):
        postings = [*_allowances(parents, wanted), *postings]
    post(postings, cause=decision.reference, key=f"decision:{decision.pk}:v{decision.version}", by=by)


def _award_years(decision: Decision) -> list[tuple[Award, AwardYear]]:
    """What the decision takes from which year, in the order of its bids' keys; nothing for an award that was not taken up."""
    awards = sorted(decision.all_awards(), key=lambda award: award.bid_id)
    lapsed = _lapsed(decision)
    return [(award, year) for award in awards if award.funded and award.bid_id not in lapsed for year in award.years.all()]


def _lapsed(decision: Decision) -> set[int]:
    """Its bids whose award was not taken up, read again: that may have been recorded while this waited for a bid's lock."""
    bids = Bid.objects.filter(awards__decision=decision, lapsed_at__isnull=False)
    return set(bids.values_list("pk", flat=True))


def _allowances(parents: dict[int, Account], wanted: dict[int, Decimal]) -> Iterator[Posting]:
    """Exactly what the commitments pass the budget by, and what was allowed above it before."""
    for key, amount in sorted(wanted.items()):
        account = parents[key]
        over = account.committed + amount - account.budget - account.allowance
        if over > 0:
            yield Posting(account, Kind.ALLOWANCE, over)


@after(Decision, "tell")
def send_letters(move: Move) -> None:
    """Every letter that has not gone; whoever was told before is not told again."""
    waiting = move.case.awards.filter(told_at=None)
    awards = list(waiting.select_related("bid__file", "decision").prefetch_related("conditions").order_by("pk"))
    moment = clock.now()
    current = _still_so(awards)
    Bid.objects.filter(pk__in=current).update(told_at=moment, known_as="", known_reason="")
    for award in awards:
        award.told_at = moment
        award.save(update_fields=["told_at"])
        tell(award)
        record(award, "told the bidder", by=move.by, changes={"bid": award.bid_id}, file=award.bid.file)
        if award.bid_id in current:
            record(award.bid, TOLD, by=move.by)


def _still_so(awards: list[Award]) -> list[int]:
    """The bids whose outcome is still what these awards say, locked in key order: telling of a place on the reserve list must not
    give away the later decision that took it up."""
    bids = Bid.objects.select_for_update(of=("self",)).filter(awards__in=awards).order_by("pk")
    latest = {bid.pk: latest_in_force(bid) for bid in bids}
    return [award.bid_id for award in awards if latest[award.bid_id] == award]


@after(Decision, "withdraw")
def undo_bids(move: Move) -> None:
    """Bids go back to assessed, or to the reserve list they came from."""
    if move.source != DecisionState.MADE:
        return
    awards = _lock_bids(move.case.all_awards())
    _refuse_decided_since(move.case, awards)
    lapsed = _lapsed(move.case)
    for award in awards:
        if award.bid_id not in lapsed:
            _undo(award, move)
            tell_withdrawn(award)


def _refuse_decided_since(decision: Decision, awards: list[Award]) -> None:
    bids = [award.bid_id for award in awards]
    later = Award.objects.filter(bid__in=bids, decision__state__in=IN_FORCE, decision__decided_at__gt=decision.decided_at)
    refused = [
        f"{award.bid.reference} has since been decided by {award.decision.reference}. Withdraw that first."
        for award in later.exclude(decision=decision).select_related("bid", "decision").order_by("pk")
    ]
    if refused:
        raise Refused(*refused)


def _undo(award: Award, move: Move) -> None:
    bid = Bid.objects.get(pk=award.bid_id)
    if bid.state not in {BidState.AWARDED, BidState.RESERVE, BidState.DECLINED}:
        return
    perform(bid, "undo_decision", by=move.by, reason=move.reason)
    held = latest_in_force(bid, outcome=Outcome.RESERVE)
    if held is not None:
        perform(bid, "put_on_reserve", by=move.by, outcome_reason=held.reason)
        if held.told_at is not None:
            Bid.objects.filter(pk=bid.pk).update(told_at=held.told_at, known_as="", known_reason="")


@after(Decision, "withdraw", last=True)
def release(move: Move) -> None:
    """What was committed is taken back by new entries: the opposite of every entry the decision made on grant accounts, and of what
    it was allowed above budgets."""
    if move.source != DecisionState.MADE:
        return
    decision, by = move.case, move.by
    years = _award_years(decision)
    parents = lock_accounts({year.account_id for _, year in years})
    postings = [
        Posting(grant_year(award.bid.file, parents[year.account_id]), Kind.COMMITTED, -year.amount)  # type: ignore[arg-type]
        for award, year in years
    ]
    allowed = LedgerEntry.objects.filter(cause=decision.reference, kind=Kind.ALLOWANCE, account__in=list(parents))
    postings += [Posting(parents[entry.account_id], Kind.ALLOWANCE, -entry.amount) for entry in allowed]
    post(postings, cause=decision.reference, key=f"decision:{decision.pk}:v{decision.version}", by=by)


@after(Bid, "lapse")
def tell_bidder_of_lapse(move: Move) -> None:
    tell_not_taken_up(lapsed_award(move.case), reason=move.reason)


@after(Bid, "lapse", last=True)
def release_award(move: Move) -> None:
    """What was committed for one award is taken back by new entries in the years it came from, and with it what its decision was
    allowed above the budget and no longer needs."""
    award = lapsed_award(move.case)
    years = {year.account_id: year.amount for year in award.years.all()}
    parents = lock_accounts(years)
    postings = []
    for key, amount in sorted(years.items()):
        postings.append(Posting(grant_year(award.bid.file, parents[key]), Kind.COMMITTED, -amount))  # type: ignore[arg-type]
        postings.append(Posting(parents[key], Kind.ALLOWANCE, -min(amount, _allowed(award.decision, parents[key]))))
    post(postings, cause=award.decision.reference, key=f"lapsed:{award.pk}", by=move.by)


def _allowed(decision: Decision, account: Account) -> Decimal:
    """What a decision was allowed above a year's budget, less what was given back since."""
    entries = LedgerEntry.objects.filter(cause=decision.reference, kind=Kind.ALLOWANCE, account=account)
    return entries.aggregate(sum=sum_pounds("amount"))["sum"]


@after(Decision, "publish")
def freeze_notice(move: Move) -> None:
    """The notice as it was published, with what was held back from it."""
    take_snapshot(move.case, notice_of(move.case), by=move.by, declaration=move.case.interests)


def is_caseworker(user: Any) -> bool:
    return standing_of(user).is_caseworker


def known_decisions(user: Any) -> Any:
    """The office knows of all; a bidder that there is one, once its outcome was told."""
    if is_caseworker(user):
        return Decision.objects.all()
    return Decision.objects.filter(state__in=IN_FORCE).exclude(awards__told_at=None)


life_step(
    LifeStep(
        40,
        "Decision",
        Decision,
        done=frozenset(IN_FORCE),
        stopped=frozenset({DecisionState.WITHDRAWN}),
        path="awards__bid__file",
        shown_to=is_caseworker,
        among=known_decisions,
    )
)


@panel(Bid)
def outcome_panel(bid: Bid, user: Any) -> Panel | None:
    """The outcome on the bid's page: to the office from the draft on, to the bidder once they were told."""
    office = is_caseworker(user)
    if bid.state in NOT_ASSESSED:
        return None
    awards = awards_about(bid)
    if not office:
        awards = [award for award in awards if award.told_at is not None and award.decision.state in IN_FORCE]
    decide = f"/decisions/at-once/{bid.reference}/" if not awards and may_decide_at_once(bid, user) else ""
    context = {"awards": awards, "office": office, "decide_url": decide}
    return Panel("Decision", "grants/decision_panel.html", context) if awards or decide else None


rolling.register()
