"""What a bidder was told last they go on reading, until they are told of the next decision."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook

from casework.workflow import perform
from grants.decisions import services
from grants.decisions.services import Given
from grants.models import Bid
from partnerships.organisations.roles import Role
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
GATE, LATER, RESERVED = "Terms: none were sent.", "The gate was failed.", "Good, but the money is gone."


@pytest.fixture
def people():
    return f.officer(), f.officer(Role.COMMISSIONER)


def made(bid, people, outcome, amount=0, reason=LATER):
    officer, commissioner = people
    decision = services.create_decision(round=bid.round, title="Grants", by=officer)
    services.save_details(decision=decision, values={"reasons": "Less crime."}, by=officer)
    services.save_awards(decision=decision, awards=[Given(bid, outcome, amount, reason)], by=officer)
    perform(decision, "recommend", by=officer)
    return services.make_decision(decision=decision, interests="None", by=commissioner).case


def begun(known, people):
    """A bid whose bidder knows it as this, and the words of the next decision on it."""
    bid = f.BidFactory(assessed=True)
    f.fund_account(bid.round.fund)
    if known == "ineligible":
        Bid.objects.filter(pk=bid.pk).update(state="ineligible", outcome_reason=GATE)
        return bid, ("decline", 0)
    if known == "reserve":
        services.tell_bidders(decision=made(bid, people, "reserve", reason=RESERVED), by=people[0])
    return bid, ("part", 9000)


def read(client, bid):
    """Everything the bidder can read of it: page, list, each filter, each order, Excel."""
    addresses = ["/bids/", *(f"/bids/?state={state}" for state in ("assessed", "ineligible", "reserve", "awarded", "declined"))]
    addresses += [f"/bids/?sort={column}" for column in ("state", "-state", "amount_awarded", "-amount_awarded")]
    pages = [client.get(address).text for address in (f"/bids/{bid.reference}/", *addresses)]
    book = load_workbook(BytesIO(b"".join(client.get("/bids/?export=xlsx").streaming_content)))
    return [words_of(page) for page in pages], list(book.worksheets[0].values)


def words_of(page):
    """The text, and what the life line marks as done or current."""
    marked = re.sub(r'<li class="(house-lifeline[^"]*)"[^>]*>', r"\n\1\n", page)
    marked = re.sub(r"<[^>]+>", "\n", marked)
    return [line.strip() for line in marked.splitlines() if line.strip()]


@pytest.mark.parametrize(("known", "words"), [("assessed", ""), ("ineligible", GATE), ("reserve", RESERVED)])
def test_nothing_that_the_bidder_reads_changes_before_they_are_told(people, sign_in, known, words):
    bid, (outcome, amount) = begun(known, people)
    for state in ("assessed", "ineligible"):
        f.BidFactory(round=bid.round, applicant=bid.applicant, accountable_body=bid.accountable_body, assessed=True, state=state)
    client = sign_in(f.member(bid.applicant))
    before = read(client, bid)
    assert words in " ".join(before[0][0])
    decision = made(bid, people, outcome, amount)
    assert read(client, bid) == before
    perform(decision, "withdraw", by=people[0], reason="The wrong paper.")
    assert read(client, bid) == before
    again = made(bid, people, outcome, amount)
    assert read(client, bid) == before
    services.tell_bidders(decision=again, by=people[0])
    page = client.get(f"/bids/{bid.reference}/").text
    assert LATER in page
    assert ("Declined" if outcome == "decline" else "Awarded") in page
    assert bid.reference in client.get(f"/bids/?state={'declined' if outcome == 'decline' else 'awarded'}").text


def test_the_office_reads_what_was_decided(people, sign_in):
    bid, _ = begun("ineligible", people)
    made(bid, people, "decline")
    assert bid.reference in sign_in(people[0]).get("/bids/?state=declined").text
    assert "Declined" in sign_in(people[0]).get(f"/bids/{bid.reference}/").text


def test_an_assessment_that_is_opened_again_is_no_secret(people, sign_in):
    bid, _ = begun("ineligible", people)
    perform(made(bid, people, "decline"), "withdraw", by=people[0], reason="The wrong paper.")
    perform(Bid.objects.get(pk=bid.pk), "reopen_assessment", by=people[0], reason="A gate was misread.")
    assert Bid.objects.visible_to(f.member(bid.applicant)).get(pk=bid.pk).state == "assessing"
