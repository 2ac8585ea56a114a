"""What is done to a round besides its transitions: making it, changing a draft, giving one bidder more time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from casework import clock
from casework.outbox import queue
from casework.spine import next_number
from casework.workflow import NotPermitted, Refused, editing, perform, record, unit
from casework.workflow.perform import differences, lock, values_of
from grants.funds.models import Fund
from grants.rounds.models import Round
from grants.rounds.models_parts import RoundBidder, RoundBudget, RoundCriterion, RoundExtension, RoundGate
from grants.rounds.states import RoundState
from grants.rounds.versions import content
from partnerships.organisations.models import Organisation
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import people_with

DETAILS = (
    "title",
    "plan",
    "legal_power",
    "category",
    "route",
    "tier",
    "tier_reason",
    "question_version",
    "return_version",
    "opens_at",
    "closes_at",
    "questions_until",
    "expressions_until",
    "expression_words",
    "rolling",
    "minimum",
    "maximum",
    "match_rule",
    "volunteer_rate",
    "capital_allowed",
    "eligible_kinds",
    "required_files",
    "guidance",
    "terms",
)
CRITERION = ("name", "guidance", "maximum", "weight", "threshold")
FIRST_YEAR, LAST_YEAR = 2000, 2098


def create_round(*, fund: Fund, year: int, by: Any, **details: Any) -> Round:
    """Make a draft round for a fund and the financial year that begins in `year`; `details` are those of DETAILS.

    Its reference is CDR-2026, of a second one in the same year CDR-2026B. A reference is never given twice.
    """
    if not by.has_perm("grants.manage_round"):
        raise NotPermitted("Rounds are made by commissioning officers.")
    _check_year(year)
    _check_names(details)
    with unit():
        case = Round(fund=fund, reference=_next_round_reference(fund, year), created_at=clock.now())
        _refuse_second(fund, details)
        _set_details(case, details)
        case.full_clean(exclude=["state"])
        case.save()
        record(case, "created the round", by=by, changes={"fund": fund.pk, "year": year})
    return case


def _refuse_second(fund: Fund, details: Mapping[str, Any]) -> None:
    """A second click makes no second round. Asked with the counter locked, so that two at once are one after the other."""
    begun = Round.objects.filter(fund=fund, state=RoundState.DRAFT, title=details.get("title")).first()
    if begun is not None:
        words = f"There is already a draft with this title: {begun.reference}. Go on with it or enter another title"
        raise ValidationError({"title": words})


def _next_round_reference(fund: Fund, year: int) -> str:
    """The counter is the round's own: under "CDR-2026" alone its bids are numbered."""
    number = next_number(f"round {fund.code}-{year}")
    return f"{fund.code}-{year}{'' if number == 1 else _letters(number)}"


def _letters(number: int) -> str:
    """2 → B, 26 → Z, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def edit_round(*, case: Round, by: Any, version: int | None = None, reason: str = "", **details: Any) -> Round:
    """Change a round's details; names beside DETAILS are a programmer's mistake. A published round's change needs its reason."""
    _check_names(details)
    return _change(case, "changed the round's details", by, version, reason, details=details)


def _change(
    case: Round,
    verb: str,
    by: Any,
    version: int | None,
    reason: str,
    *,
    write: Callable[[Round], None] = lambda locked: None,
    details: Mapping[str, Any] = MappingProxyType({}),
) -> Round:
    """Change a draft in place, or a published round by its next version, which says whom it affects.

    `details` are set on the round; `write` changes its rows.
    """
    with unit():
        locked = lock(case)
        if locked.state == RoundState.PUBLISHED:
            told = {"details": details, "write": write, "before": content(locked)}
            return perform(case, "amend", by=by, version=version, reason=reason, **told).case
        with editing(case, by=by, permission="grants.change_round", verb=verb, version=version) as draft:
            _set_details(draft, details)
            write(draft)
    return draft


def _set_details(case: Round, details: Mapping[str, Any]) -> None:
    for name, value in details.items():
        setattr(case, name, value)


def _check_names(details: Mapping[str, Any]) -> None:
    if unknown := set(details) - set(DETAILS):
        raise TypeError(f"A round has no detail {sorted(unknown)}.")


def replace_budgets(
    *, case: Round, amounts: Mapping[int, Decimal], by: Any, version: int | None = None, reason: str = ""
) -> Round:
    """Say what the round may award from each financial year of its fund: {2026: £155,000}."""
    for year in amounts:
        _check_year(year)

    def write(locked: Round) -> None:
        kept = {budget.year: budget for budget in locked.budgets.all()}
        for year, amount in sorted(amounts.items()):
            budget = kept.pop(year, None) or RoundBudget(round=locked)
            _put(budget, {"year": year, "amount": amount}, "an available amount", by)
        for gone in kept.values():
            _remove(gone, "an available amount", by)

    return _change(case, "changed what is available", by, version, reason, write=write)


def replace_bidders(
    *, case: Round, bodies: Sequence[Organisation], by: Any, version: int | None = None, reason: str = ""
) -> Round:
    """Name the bodies that may bid besides those whose kind may; the same body twice counts once."""

    def write(locked: Round) -> None:
        kept = {bidder.organisation_id: bidder for bidder in locked.bidders.all()}
        for body in dict.fromkeys(bodies):
            bidder = kept.pop(body.pk, None) or RoundBidder(round=locked)
            _put(bidder, {"organisation": body}, "a named bidder", by)
        for gone in kept.values():
            _remove(gone, "a named bidder", by)

    return _change(case, "changed who may bid by name", by, version, reason, write=write)


def replace_gates(*, case: Round, texts: Sequence[str], by: Any, version: int | None = None, reason: str = "") -> Round:
    """Set the pass-or-fail questions, in their order."""
    rows = [{"text": text} for text in texts]
    return _change(
        case, "changed the gates", by, version, reason, write=lambda locked: _replace(locked, RoundGate, rows, "a gate", by)
    )


def replace_criteria(
    *, case: Round, rows: Sequence[Mapping[str, Any]], by: Any, version: int | None = None, reason: str = ""
) -> Round:
    """Set the scored criteria, in their order; a row has name, guidance, maximum, weight and threshold (None for none)."""

    def write(locked: Round) -> None:
        _replace(locked, RoundCriterion, rows, "a criterion", by)

    return _change(case, "changed the criteria", by, version, reason, write=write)


def copy_round(*, source: Round, fund: Fund, year: int, by: Any, **details: Any) -> Round:
    """A draft with the rows of an earlier round: its budgets moved to `year`, gates, criteria, and named bodies that there still are.

    Its moments come with `details`: nothing dated is kept.
    """
    with unit():
        case = create_round(fund=fund, year=year, by=by, **details)
        budgets = list(source.budgets.all())
        moved = {year + budget.year - budgets[0].year: budget.amount for budget in budgets}
        replace_budgets(case=case, amounts=moved, by=by)
        current = Organisation.objects.current().filter(pk__in=source.bidders.values("organisation"))
        replace_bidders(case=case, bodies=list(current.order_by("name", "pk")), by=by)
        replace_gates(case=case, texts=[gate.text for gate in source.gates.all()], by=by)
        rows = [{name: getattr(criterion, name) for name in CRITERION} for criterion in source.criteria.all()]
        copied = replace_criteria(case=case, rows=rows, by=by)
        record(copied, "copied an earlier round", by=by, changes={"source": source.pk})
    return copied


def _replace(case: Round, model: type[models.Model], rows: Sequence[Mapping[str, Any]], noun: str, by: Any) -> None:
    """Rewrite the rows in place, so that what stays keeps its key and only what changed is audited."""
    old = list(model._default_manager.filter(round=case))
    for order, row in enumerate(rows):
        target = old[order] if order < len(old) else model(round=case)
        _put(target, {**row, "order": order}, noun, by)
    for gone in old[len(rows) :]:
        _remove(gone, noun, by)


def _remove(gone: models.Model, noun: str, by: Any) -> None:
    record(gone, f"removed {noun}", by=by, changes=values_of(gone))
    gone.delete()


def _put(target: models.Model, row: Mapping[str, Any], noun: str, by: Any) -> None:
    before = values_of(target) if target.pk else {}
    for name, value in row.items():
        setattr(target, name, value)
    changes = differences(before, values_of(target))
    if not changes:
        return
    verb = f"changed {noun}" if target.pk else f"added {noun}"
    target.full_clean()
    target.save()
    record(target, verb, by=by, changes=changes)


def extend(
    *, case: Round, organisation: Organisation, closes_at: dt.datetime, reason: str, by: Any, version: int | None = None
) -> RoundExtension:
    """Give one bidder a later closing time, or change the one it has; everybody else keeps the round's."""
    with editing(case, by=by, permission="grants.extend_round", verb="extended closing for a bidder", version=version) as locked:
        _check_extension(locked, organisation, closes_at)
        kept = locked.extensions.filter(organisation=organisation).first()
        extension = kept or RoundExtension(round=locked, organisation=organisation)
        row = {"closes_at": closes_at, "reason": reason.strip(), "by": by, "at": clock.now()}
        _put(extension, row, "an extension", by)
        people = people_with(Role.COORDINATOR, [organisation.pk])
        cause = f"extension:{locked.version + 1}"
        queue(
            "round_extended",
            to=people,
            about=locked,
            cause=cause,
            organisation=organisation,
            until=closes_at,
            reason=row["reason"],
        )
    return extension


def _check_extension(case: Round, organisation: Organisation, closes_at: dt.datetime) -> None:
    if case.rolling or case.closes_at is None:
        raise Refused("Bids to this round are decided as they arrive, so it has no closing time to extend.")
    if not case.admits(organisation):
        raise Refused(f"{organisation} is not one of those who may bid in this round.")
    if closes_at <= max(case.closes_at, clock.now()):
        raise Refused("Enter a closing time that is still to come and later than the round's own.")


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused(f"Enter a financial year between {clock.year_label(FIRST_YEAR)} and {clock.year_label(LAST_YEAR)}.")
