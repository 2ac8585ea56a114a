"""The whole way of a small grant through the pages: from its one page to the report accepted, with everybody on their own page."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from casework import clock
from casework.outbox import Message
from casework.workflow import Refused, perform
from grants.decisions.at_once import decide_at_once
from grants.funds.ledger import Posting, differences, fund_year, post
from grants.models import Agreement, Award, Bid, Decision, LedgerEntry
from monitoring.models import Return
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants.bid_world import pdf, world
from tests.grants.test_small_request import SMALL, typed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
REFERENCE = "CDR-2026-001"


@pytest.fixture
def place():
    made = world(**SMALL)
    f.delegation(commissioning_officer="5000")
    by = f.officer(Role.CHIEF_FINANCE_OFFICER)
    post([Posting(fund_year(made.round.fund, 2026), "budget", Decimal("2000"))], cause="budget", key="budget", by=by)
    return made


def send(client: Any, path: str, **data: Any) -> Any:
    """Open a page and send its form, as one person's click."""
    page = client.get(path)
    assert page.status_code == 200, (path, page.status_code)
    version = page.context["form"].initial.get("version")
    answer = client.post(path, {"version": "" if version is None else version, **data})
    assert answer.status_code == 302, (path, answer.status_code, [str(form.errors) for form in [answer.context["form"]]])
    return answer


def assessed(round_: Any, *, gate: str = "pass", score: str = "3") -> dict[str, str]:
    sent = {f"gate_{row.pk}": gate for row in round_.gates.all()} | {"no_interest": "on"}
    for row in round_.criteria.all():
        sent |= {f"score_{row.pk}": score, f"why_{row.pk}": "A clear need and a fair price."}
    return sent


def written(place: Any, sign_in: Any) -> Bid:
    """Begun, written on its page and submitted."""
    browser = sign_in(place.coordinator)
    send(browser, "/bids/new/", round=place.round.reference, applicant=place.partnership.pk, title="Chess in the park")
    send(browser, f"/bids/{REFERENCE}/request/", **typed(place))
    bid = Bid.objects.get()
    sign_in(place.signatory).post(f"/bids/{REFERENCE}/submit/", {"version": bid.version, "declaration": "on", "terms": "on"})
    return Bid.objects.get()


def test_from_one_page_to_the_report_accepted(place, sign_in):
    bid = written(place, sign_in)
    one, two = sign_in(place.officer), sign_in(second := f.officer(name="Ursula Officer"))
    send(one, f"/bids/{REFERENCE}/begin-assessment/")
    assert f"/assessments/at-once/{REFERENCE}/" in one.get("/").content.decode()
    assert "Assess it now" in one.get(bid.get_absolute_url()).content.decode()
    send(one, f"/assessments/at-once/{REFERENCE}/", **assessed(place.round))
    assert Bid.objects.get().state == "assessed"
    assert one.get(f"/decisions/at-once/{REFERENCE}/").status_code == 409
    assert f"/decisions/at-once/{REFERENCE}/" in two.get("/").content.decode()
    assert "Decide this request" in two.get(bid.get_absolute_url()).content.decode()
    send(two, f"/decisions/at-once/{REFERENCE}/", outcome="full", reason="Young people have nowhere to go.", no_interest="on")
    decision, award = Decision.objects.get(), Award.objects.get()
    assert (decision.state, decision.decided_by, decision.decided_as, decision.recommended_by) == (
        "made",
        second,
        "Commissioning officer",
        None,
    )
    assert (award.amount, award.told_at) == (Decimal("900"), clock.now())
    entries = LedgerEntry.objects.filter(cause=decision.reference, account__kind="grant_year")
    assert [(entry.kind, entry.amount) for entry in entries] == [("committed", Decimal("900"))]
    letter = Agreement.objects.get()
    assert (letter.state, letter.amount, letter.accept_by) == ("issued", Decimal("900"), dt.date(2026, 11, 11))
    sent = {message.name: message.body for message in Message.objects.filter(to__in=[place.coordinator, place.signatory])}
    assert "The offer letter comes with a message of its own" in sent["award-outcome"]
    assert "The offer letter for “Chess in the park”" in sent["agreement_issued"]
    assert "offer_ready" not in sent
    send(sign_in(place.signatory), f"{letter.get_absolute_url()}accept/", declaration="on")
    paid(place, sign_in)
    reported(place, sign_in)
    send(one, f"{decision.get_absolute_url()}publish/")
    assert "Chess in the park" in one.get(f"/register/{REFERENCE}/").content.decode()
    assert list(differences()) == []


def paid(place: Any, sign_in: Any) -> None:
    """Once, by three people."""
    payment = Agreement.objects.get().instalments.get()
    first, second = f.officer(Role.FINANCE_OFFICER), f.officer(Role.FINANCE_OFFICER)
    send(sign_in(first), f"{payment.get_absolute_url()}prepare/")
    send(sign_in(f.officer(Role.CHIEF_FINANCE_OFFICER)), f"{payment.get_absolute_url()}approve/")
    when = {"paid_on_day": "14", "paid_on_month": "10", "paid_on_year": "2026"}
    send(sign_in(second), f"{payment.get_absolute_url()}pay/", bacs_reference="BACS1", **when)
    assert [entry.amount for entry in LedgerEntry.objects.filter(kind="paid", account__kind="grant_year")] == [Decimal("900")]


def reported(place: Any, sign_in: Any) -> None:
    """One end report, with a receipt; prepared and certified by two people, accepted by an officer."""
    report = Return.objects.get()
    path, browser = report.get_absolute_url(), sign_in(place.coordinator)
    perform(report, "open", by=place.officer, reason="The project ended early")
    line, measure = report.lines.get(), report.measures.get()
    send(browser, f"{path}spend/", **{f"row-{line.pk}-actual": "900", f"row-{line.pk}-forecast": "900"})
    send(browser, f"{path}measures/", **{f"row-{measure.pk}-value": "44"})
    send(browser, f"{path}narrative/", **{"project-sent": "1", "project-q-progress": "They came."})
    send(browser, f"{path}attachments/", kind="Receipt", upload=pdf("receipt.pdf"))
    send(browser, f"{path}prepare/")
    certifier = f.member(place.council, Role.FINANCE_SIGNATORY)
    send(sign_in(certifier), f"{path}submit/", certified="on", declaration="on")
    send(sign_in(place.officer), f"{path}accept/", rag="green", comment="")
    assert Return.objects.get().state == "accepted"


def test_a_failed_gate_ends_it_without_scores(place, sign_in):
    written(place, sign_in)
    browser = sign_in(place.officer)
    send(browser, f"/bids/{REFERENCE}/begin-assessment/")
    given = assessed(place.round, gate="fail", score="")
    path = f"/assessments/at-once/{REFERENCE}/"
    refused = browser.post(path, given)
    assert refused.status_code == 422
    gate = place.round.gates.get()
    assert f'href="#id_reason_{gate.pk}"' in refused.content.decode()
    send(browser, path, **given, **{f"reason_{gate.pk}": "No partnership is behind it."})
    assert Bid.objects.get().state == "ineligible"


def test_what_is_missing_is_said_at_each_field(place, sign_in):
    written(place, sign_in)
    browser = sign_in(place.officer)
    send(browser, f"/bids/{REFERENCE}/begin-assessment/")
    criterion = place.round.criteria.first()
    given = assessed(place.round) | {f"why_{criterion.pk}": " ", "no_interest": ""}
    page = browser.post(f"/assessments/at-once/{REFERENCE}/", given).content.decode()
    assert f'href="#id_why_{criterion.pk}"' in page
    assert "Confirm that you have no interest" in page
    send(browser, f"/assessments/at-once/{REFERENCE}/", **assessed(place.round))
    other = sign_in(f.officer())
    assert "The assessment gave it 9 of 12 points." in other.get(f"/decisions/at-once/{REFERENCE}/").content.decode()
    page = other.post(f"/decisions/at-once/{REFERENCE}/", {"outcome": "part", "amount": "900", "reason": "Less."})
    assert page.status_code == 422
    text = page.content.decode()
    assert "The amount must be more than £0 and less than the £900.00 asked for" in text
    assert "Confirm that you have no interest" in text
    assert not Decision.objects.exists()


def decidable(place: Any, **values: Any) -> Bid:
    given = {"round": place.round, "applicant": place.partnership, "accountable_body": place.council}
    return f.BidFactory(assessed=True, **(given | {"amount_requested": Decimal("900")} | values))


def test_who_may_not_decide_at_once(place):
    bid, officer = decidable(place), f.officer()
    f.AssessmentFactory(bid=bid, assessor=officer, state="scored", declared_at=clock.now(), scored_at=clock.now())
    with pytest.raises(Refused, match=r"You assessed .*, so somebody else must decide"):
        decide_at_once(bid=bid, outcome="full", amount=Decimal("900"), reason="Good.", by=officer)
    own = f.officer()
    f.MembershipFactory(person=own, organisation=place.partnership, role=Role.VIEWER)
    with pytest.raises(Refused, match="You serve a body"):
        decide_at_once(bid=bid, outcome="full", amount=Decimal("900"), reason="Good.", by=own)
    dear = decidable(place, amount_requested=Decimal("5001"))
    with pytest.raises(Refused, match="lets a commissioning officer decide awards of up to £5,000"):
        decide_at_once(bid=dear, outcome="full", amount=Decimal("5001"), reason="Good.", by=f.officer())
    standard = f.BidFactory(assessed=True)
    with pytest.raises(Refused, match="recommended by one person and made by another"):
        decide_at_once(bid=standard, outcome="full", amount=Decimal("12000"), reason="Good.", by=f.officer())
    assert not Decision.objects.exists()


def test_the_budget_is_asked_as_always(place):
    bids = [decidable(place, amount_requested=Decimal("1200")) for _ in range(2)]
    decide_at_once(bid=bids[0], outcome="full", amount=Decimal("1200"), reason="Good.", by=f.officer())
    with pytest.raises(Refused, match="budget"):
        decide_at_once(bid=bids[1], outcome="full", amount=Decimal("1200"), reason="Good.", by=f.officer())
    assert Bid.objects.get(pk=bids[1].pk).state == "assessed"
    declined = decide_at_once(bid=bids[1], outcome="decline", reason="The money is spent.", by=f.officer())
    assert (declined.state, Bid.objects.get(pk=bids[1].pk).state) == ("made", "declined")


def test_a_draft_of_the_standard_tier_is_recommended_first(place, sign_in):
    decision = f.DecisionFactory()
    f.AwardFactory(decision=decision, bid=f.BidFactory(assessed=True, round=decision.round))
    with pytest.raises(Refused, match="Recommend the decision first"):
        perform(decision, "make", by=f.officer(Role.COMMISSIONER), interests="None", decided_as="Commissioner")
    page = sign_in(f.officer(Role.COMMISSIONER)).get(decision.get_absolute_url()).content.decode()
    assert "Recommend the decision first" not in page
