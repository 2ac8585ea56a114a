"""Writing a bid: beginning one and saving its sections. Submitting is a transition."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from casework import clock
from casework.documents.models import Document
from casework.documents.services import attach, remove
from casework.spine import next_reference, open_file
from casework.unfinished import keep_unfinished
from casework.workflow import NotPermitted, Refused, Stale, editing, record, unit
from casework.workflow.perform import differences, values_of
from grants.bids.completeness import SUMMARY_KEY
from grants.bids.models import Bid, BidLine, BidMeasure, BidMilestone
from grants.bids.models_parts import BidSection, section_of, version_of
from grants.bids.models_received import KEPT_FILES
from grants.bids.opened import closed_sentence
from grants.bids.states import EDITABLE, BidState
from grants.rounds.models import Round
from grants.rounds.queries import closes_for, who_may_bid
from partnerships.organisations.models import Area, Organisation
from partnerships.organisations.roles import Role
from partnerships.organisations.standing import standing_of
from partnerships.plans.models import Outcome
from questionnaires import engine
from questionnaires.files import AnswerFiles, not_an_answer
from questionnaires.models import Response, Section

Row = Mapping[str, Any]
DETAILS = (
    "title", "summary", "category", "change", "starts", "ends", "accountable_body", "delivery_body", "amount_requested",
    "when_money_ends", "interests",
)  # fmt: skip
AIMS = ("places", "priority", "principle", "delivery_group")
LINE = (
    "category", "description", "spending", "asked", "match_cash", "match_in_kind", "volunteer_hours", "funder", "confirmed",
    "employer", "full_time_equivalent", "post_starts", "on_costs",
)  # fmt: skip
MEASURE = (
    "definition", "name", "unit", "direction", "aggregation", "baseline", "baseline_of", "target", "target_of",
)  # fmt: skip
MILESTONE = ("title", "due")
NOT_NOW = "This round takes no bids now, so a bid cannot be begun."


def create_bid(*, round: Round, applicant: Organisation, title: str, by: Any) -> Bid:
    """Begin a bid for a body that this person coordinates, while the round takes bids from it.

    Raises NotPermitted, or ValidationError at `applicant` or `title`, or Refused when the round takes none.
    """
    if not standing_of(by).holds(applicant.pk, Role.COORDINATOR):
        raise NotPermitted(f"Bids of {applicant} are written by its coordinators.")
    if not round.way.open:
        raise Refused(round.way.invites)
    if not round.admits(applicant):
        raise ValidationError({"applicant": f"{applicant} may not bid in this round. It is open to {who_may_bid(round)}"})
    if not round.takes_bids(until=closes_for(round, applicant)):
        raise Refused(NOT_NOW)
    return new_bid(round=round, applicant=applicant, title=title, by=by)


def new_bid(*, round: Round, applicant: Organisation, title: str, by: Any, **begun_with: Any) -> Bid:
    """The draft with its reference, file and empty answers. The caller has seen to who may begin it."""
    with unit():
        reference = next_reference(round.reference)
        writer = begun_with.pop("prepared_by", by)
        begun = Bid.objects.filter(
            round=round, applicant=applicant, title=title, prepared_by=writer, state=BidState.DRAFT
        ).first()
        if begun is not None:
            words = f"You have already begun a bid with this title: {begun.reference}. Go on with it or enter another title"
            raise ValidationError({"title": words})
        bid = Bid(
            reference=reference,
            file=open_file(reference),
            created_at=clock.now(),
            round=round,
            applicant=applicant,
            accountable_body=applicant.usual_accountable_body,
            delivery_body=applicant,
            title=title,
            category=round.category,
            response=Response.objects.create(version=round.question_version),
            prepared_by=writer,
            **begun_with,
        )
        bid.full_clean(exclude=["state"])
        bid.save()
        record(bid, "began the bid", by=by, changes={"round": round.pk, "applicant": applicant.pk})
    return bid


@contextmanager
def editing_section(bid: Bid, key: str, verb: str, by: Any, version: int | None) -> Iterator[Bid]:
    """Change one section. `version` is the section's own: people in different sections do not meet.

    The bid's own words when it can no longer be changed; a sentence, because the page keeps what was typed beside it.
    """
    now = Bid.objects.select_related("round").get(pk=bid.pk)
    if now.state not in EDITABLE and standing_of(by).holds(bid.applicant_id, Role.COORDINATOR):
        raise Refused(f"{now.as_it_stands(by)}, so nothing was saved. Copy what you typed if you need it.")
    if sentence := closed_sentence(now, key):
        raise Refused(sentence)
    with editing(bid, by=by, permission="grants.change_bid", verb=verb) as locked:
        saved = section_of(locked, key)
        if version is not None and version != version_of(saved):
            raise Stale(who=str(saved.saved_by) if saved else "somebody", at=saved.saved_at if saved else None)
        yield locked
        _count(locked, key, saved, by)


def _count(bid: Bid, key: str, saved: BidSection | None, by: Any) -> None:
    """The section's next version, with who made it."""
    row = saved or BidSection(bid=bid, key=key)
    row.version, row.saved_by, row.saved_at = row.version + 1, by, clock.now()
    row.save()


def save_details(*, bid: Bid, by: Any, version: int | None = None, **details: Any) -> Bid:
    """Change what DETAILS names; other names are a programmer's mistake."""
    if unknown := set(details) - set(DETAILS):
        raise TypeError(f"A bid has no detail {sorted(unknown)}.")
    with editing_section(bid, "details", "changed the details", by, version) as locked:
        for name, value in details.items():
            setattr(locked, name, value)
    return locked


def save_outcomes(
    *, bid: Bid, by: Any, outcomes: Iterable[Outcome], areas: Iterable[Area], version: int | None = None, **aims: Any
) -> Bid:
    """Which outcomes of the round's plan the bid serves, and where; what AIMS names may come along."""
    if unknown := set(aims) - set(AIMS):
        raise TypeError(f"A bid has no aim {sorted(unknown)}.")
    chosen = list(outcomes)
    if any(outcome.theme.plan_id != bid.round.plan_id for outcome in chosen):
        raise ValidationError({"outcomes": "Select outcomes of the plan that this round serves"})
    with editing_section(bid, "outcomes", "changed the outcomes and areas", by, version) as locked:
        locked.outcomes.set(chosen)
        locked.areas.set(areas)
        for name, value in aims.items():
            setattr(locked, name, value)
    return locked


def save_answers(*, bid: Bid, section: Section, values: engine.Values, by: Any, version: int | None = None) -> Bid:
    """Keep one section's answers. The answer to a question for the summary is the bid's summary too."""
    with editing_section(bid, f"questions/{section.key}", "changed the answers", by, version) as locked:
        changed = engine.save_answers(locked.response, section, values, files=AnswerFiles(locked, by))
        if isinstance(values, Mapping) and SUMMARY_KEY in values:
            locked.summary = str(values[SUMMARY_KEY] or "")[:4000]
        if changed:
            record(locked, "changed the answers", by=by, changes={"answers": changed})
    return locked


def save_lines(
    *, bid: Bid, rows: Sequence[Row], by: Any, half: Sequence[Row] = (), version: int | None = None, **details: Any
) -> Bid:
    """Set the budget lines in their order; a row with the `line_key` of a present line changes it. `amount_requested` may come along.

    They need not add up yet: that is asked for when the bid is submitted. `half` are the rows to keep as typed, here and below.
    """
    if unknown := set(details) - {"amount_requested"}:
        raise TypeError(f"The budget has no {sorted(unknown)}.")
    with editing_section(bid, "budget", "changed the budget", by, version) as locked:
        for name, value in details.items():
            setattr(locked, name, value)
        set_rows(locked, BidLine, "line_key", LINE, rows, "a budget line", by, half)
        keep_unfinished(locked, "budget", half)
    return locked


def save_measures(*, bid: Bid, rows: Sequence[Row], by: Any, half: Sequence[Row] = (), version: int | None = None) -> Bid:
    """Set the measures. One from the library takes its name, unit, direction and way of adding up from there."""
    with editing_section(bid, "measures", "changed the measures", by, version) as locked:
        set_rows(locked, BidMeasure, "measure_key", MEASURE, [_from_library(row) for row in rows], "a measure", by, half)
        keep_unfinished(locked, "measures", half)
    return locked


def _from_library(row: Row) -> Row:
    known = row.get("definition")
    if known is None:
        return row
    copied = ("name", "unit", "direction", "aggregation")
    return {**row, **{name: getattr(known, name) for name in copied}}


def save_milestones(*, bid: Bid, rows: Sequence[Row], by: Any, half: Sequence[Row] = (), version: int | None = None) -> Bid:
    """Set what will have happened by when."""
    with editing_section(bid, "milestones", "changed the milestones", by, version) as locked:
        set_rows(locked, BidMilestone, "milestone_key", MILESTONE, rows, "a milestone", by, half)
        keep_unfinished(locked, "milestones", half)
    return locked


def set_rows(
    bid: Bid,
    model: type[models.Model],
    key: str,
    columns: Sequence[str],
    rows: Sequence[Row],
    noun: str,
    by: Any,
    half: Sequence[Row],
) -> None:
    """Make the bid's rows these, in this order. A row keeps its key for life; a key that is another bid's makes a new one.

    A row whose change is not finished yet stays as it was saved.
    """
    present = {str(getattr(row, key)): row for row in model._default_manager.filter(bid=bid)}
    for order, given in enumerate(rows):
        row = present.pop(str(given.get(key) or ""), None) or model(bid=bid, **{key: _free_key(model, key, given.get(key))})
        before = values_of(row) if row.pk else {}
        for name in columns:
            if name in given:
                setattr(row, name, given[name])
        row.order = order  # type: ignore[attr-defined]
        row.full_clean()
        row.save()
        if changes := differences(before, values_of(row)):
            record(row, f"{'changed' if before else 'added'} {noun}", by=by, changes=changes, file=bid.file)
    unfinished = {str(row["typed"].get("key") or "") for row in half}
    for gone in (row for kept_key, row in present.items() if kept_key not in unfinished):
        record(gone, f"removed {noun}", by=by, changes=differences({}, values_of(gone)), file=bid.file)
        gone.delete()


def _free_key(model: type[models.Model], name: str, wanted: Any) -> uuid.UUID:
    """The key that a page gave to its new row, unless it is none or another row's."""
    try:
        key = uuid.UUID(str(wanted or ""))
    except ValueError:
        return uuid.uuid4()
    return uuid.uuid4() if model._default_manager.filter(**{name: key}).exists() else key


def attach_file(*, bid: Bid, upload: Any, kind: str, by: Any, version: int | None = None) -> Document:
    """Add a file to the bid. Raises ValidationError when the file is not acceptable."""
    with editing_section(bid, "attachments", "changed the attachments", by, version) as locked:
        return attach(locked, upload, kind=kind, by=by)


def remove_file(*, bid: Bid, document: Document, by: Any, version: int | None = None) -> None:
    """Take a file off the bid; what was submitted keeps its fingerprint."""
    not_an_answer(document)
    if document.kind in KEPT_FILES:
        raise Refused(f"“{document.name}” is what the office received, so it stays with the bid.")
    with editing_section(bid, "attachments", "changed the attachments", by, version):
        remove(document, by=by)
