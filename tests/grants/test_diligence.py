"""Due diligence: recorded with evidence, carried over until it runs out, never seen by the bidder, and in the way of an award where the
round wants it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from casework import clock
from casework.audit.models import AuditEntry
from casework.documents.models import documents_on
from casework.workflow import Refused, perform
from grants.assessment.diligence import name_checks, record_check, standings_of
from grants.assessment.diligence_models import CheckKind, DueCheck
from grants.assessment.diligence_sheet import sheet
from grants.decisions.models import Decision
from partnerships.models import Identifier
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants.bid_world import World, complete_bid, pdf, world
from tests.pages import errors_on, opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
SECRET = "Accounts two years late, ask again."


def handed_in(place: World, **values: Any) -> Any:
    return complete_bid(place, state="assessing", submitted_at=clock.now(), submitted_by=place.signatory, **values)


def tags(bid: Any) -> dict[str, str]:
    return {row.kind.value: row.tag[0] for row in standings_of(bid)}


def done(bid: Any, by: Any, kind: str, **values: Any) -> DueCheck:
    return record_check(bid=bid, kind=kind, outcome="done", on=clock.today(), kept="Finance folder", by=by, **values)


def test_recording_a_check_with_its_evidence_from_the_page(sign_in: Any) -> None:
    place = world()
    bid = handed_in(place)
    client, path = sign_in(place.officer), f"/bids/{bid.reference}/checks/accounts/"
    day = {"on_day": "13", "on_month": "10", "on_year": "2026"}
    assert errors_on(client.post(path, {})) == ["Select the result of the check", "Enter the date of the check"]
    assert errors_on(client.post(path, day | {"outcome": "done"})) == ["Enter where the evidence is kept, or attach it"]
    why = "Enter what was found, or why the check is not needed"
    assert errors_on(client.post(path, day | {"outcome": "problem", "found": " "})) == [why]
    until = {"valid_until_day": "1", "valid_until_month": "1", "valid_until_year": "2020"}
    assert len(errors_on(client.post(path, day | until | {"outcome": "done", "kept": "x"}))) == 1
    sent = client.post(path, day | {"outcome": "done", "found": SECRET, "upload": pdf("accounts.pdf")})
    assert (sent.status_code, sent["Location"]) == (302, f"/bids/{bid.reference}/checks/")
    page = opened(client, f"/bids/{bid.reference}/checks/", queries=15)
    assert "13 October 2026, Olive Officer" in page
    assert SECRET in page
    assert "accounts.pdf" in page
    entry = AuditEntry.objects.get(verb="recorded a due-diligence check")
    assert entry.changes == {"kind": "accounts", "outcome": "done"}
    assert tags(bid)["accounts"] == "Done"
    assert client.post("/bids/x/checks/nonsense/").status_code == 404


def test_the_bidder_learns_nothing_of_it_anywhere(sign_in: Any) -> None:
    place = world()
    bid = handed_in(place)
    check = done(bid, place.officer, "accounts", found=SECRET, upload=pdf("accounts.pdf"))
    evidence = documents_on(DueCheck).get(object_id=check.pk)
    assert SECRET in opened(sign_in(place.officer), f"/bids/{bid.reference}/checks/")
    serves = f.officer(Role.COMMISSIONING_OFFICER)
    f.MembershipFactory(organisation=place.council, role=Role.VIEWER, person=serves)
    for person in (place.coordinator, place.signatory, f.member(place.council, Role.FINANCE_SIGNATORY), serves):
        client = sign_in(person)
        assert client.get(f"/bids/{bid.reference}/checks/").status_code == 404
        assert client.get(f"/bids/{bid.reference}/checks.pdf").status_code == 404
        assert client.get(evidence.get_absolute_url()).status_code == 404
        page = client.get(f"/bids/{bid.reference}/").content.decode()
        assert "Due diligence" not in page
        assert "due-diligence" not in page or person is serves


def test_a_check_is_carried_over_until_it_runs_out_unless_it_is_of_one_bid() -> None:
    place = world()
    first, second, other = handed_in(place), handed_in(place, title="Second"), handed_in(place, accountable_body=None)
    done(first, place.officer, "insurance", valid_until=dt.date(2026, 10, 14))
    done(first, place.officer, "interests")
    assert [(tags(bid)["insurance"], tags(bid)["interests"]) for bid in (first, second, other)] == [
        ("Done", "Done"),
        ("Done", "Not done yet"),
        ("Not done yet", "Not done yet"),
    ]
    with clock.at(dt.date(2026, 10, 15)):
        assert tags(second)["insurance"] == "Has run out"
        record_check(bid=second, kind="insurance", outcome="problem", on=clock.today(), found="Lapsed.", by=place.officer)
        assert tags(first)["insurance"] == "There is a problem"


def test_the_sheet_says_what_the_template_asks(sign_in: Any) -> None:
    place = world()
    place.council.postcode = "PE29 3TN"
    place.council.save()
    Identifier.objects.create(organisation=place.council, scheme="GB-COH", value="01234567")
    bid, other = handed_in(place), handed_in(place, title="Again")
    complete_bid(place, title="A draft")
    assert sheet(bid, place.officer) == [
        ("Application number", bid.reference),
        ("Organisation name", "Huntingdonshire District Council"),
        ("Address street", ""),
        ("Address town", ""),
        ("Address county", ""),
        ("Address postcode", "PE29 3TN"),
        ("Application amount", "£12,000.00"),
        ("Charity Commission registration number", ""),
        ("Companies House registration number", "01234567"),
        ("Similarities to other applications", f"{other.reference} Again"),
    ]
    paper = sign_in(place.officer).get(f"/bids/{bid.reference}/checks.pdf")
    assert (paper["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")


def recommended() -> Decision:
    decision: Decision = f.DecisionFactory(state="recommended", recommended_by=f.officer())
    f.AwardFactory(decision=decision, bid=f.BidFactory(assessed=True, round=decision.round))
    return Decision.objects.get()


def test_a_round_may_want_checks_done_before_an_award(sign_in: Any) -> None:
    decision = recommended()
    bid, officer, maker = decision.all_awards()[0].bid, f.officer(), f.officer(Role.COMMISSIONER)
    assert "must be done" not in opened(sign_in(maker), decision.get_absolute_url(), queries=15)
    page = opened(sign_in(maker), f"{decision.get_absolute_url()}make/")
    assert f"{bid.reference}: 8 due-diligence checks are open: Legal status" in page
    client = sign_in(officer)
    assert client.post(f"/rounds/{bid.round.reference}/checks/", {"kinds": ["bank-details"]}).status_code == 302
    words = f"Before {bid.reference} is awarded these checks must be done: {CheckKind.BANK.label} (not done yet)."
    step = {"interests": "None.", "decided_as": "Commissioner"}
    with pytest.raises(Refused) as refused:
        perform(decision, "make", by=maker, **step)
    assert refused.value.sentences == (words,)
    done(bid, officer, "bank-details")
    assert perform(decision, "make", by=maker, **step).case.state == "made"


def test_a_round_wants_what_it_last_said() -> None:
    place = world()
    name_checks(round=place.round, kinds=["accounts", "insurance"], by=place.officer)
    name_checks(round=place.round, kinds=["accounts"], by=place.officer)
    name_checks(round=place.round, kinds=["accounts"], by=place.officer)
    place.round.refresh_from_db()
    assert place.round.wanted_checks == ["accounts"]
    acts = AuditEntry.objects.filter(verb="set the checks before an award").order_by("number")
    assert [entry.changes["checks"] for entry in acts] == [["accounts", "insurance"], ["accounts"]]
