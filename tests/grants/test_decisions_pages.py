"""The pages of deciding: forms that keep what was typed, the confirm page, letters, notice, sight and cost."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from casework.audit.models import AuditEntry
from casework.registry import lifeline, panels_for
from casework.workflow import perform
from grants.bids.models import Bid
from grants.decisions import services
from grants.decisions.models import Award, Decision, PublicationHold
from grants.decisions.services import Given
from grants.funds.ledger import Posting, fund_year, post
from partnerships.organisations.roles import Role
from tests import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def officer():
    return f.officer()


@pytest.fixture
def commissioner():
    return f.officer(Role.COMMISSIONER)


@pytest.fixture
def round_(officer):
    made = f.RoundFactory()
    post([Posting(fund_year(made.fund, 2026), "budget", Decimal("155000"))], cause="budget", key="budget", by=officer)
    return made


@pytest.fixture
def bid(round_):
    return f.BidFactory(assessed=True, round=round_)


@pytest.fixture
def decision(round_, officer, bid):
    made = services.create_decision(round=round_, title="Grants of the year", by=officer)
    services.save_details(decision=made, values={"reasons": "Less crime."}, by=officer)
    services.save_awards(decision=made, awards=[Given(bid, "part", Decimal("9000"), "Training is funded elsewhere.")], by=officer)
    return Decision.objects.get(pk=made.pk)


def recommended(decision, officer):
    return perform(decision, "recommend", by=officer).case


def made(decision, officer, commissioner):
    recommended(decision, officer)
    return services.make_decision(decision=decision, interests="None", by=commissioner).case


def paths(decision, bid):
    base = decision.get_absolute_url()
    own = ("details/", "awards/", f"awards/{bid.reference}/", f"awards/{bid.reference}/hold/", "tell/", "notice/", "recommend/")
    return ["/decisions/", "/decisions/new/", base, *(f"{base}{part}" for part in own)]


def test_a_bidder_has_none_of_these_pages(decision, bid, officer, commissioner, sign_in):
    made(decision, officer, commissioner)
    for person in (f.member(bid.applicant), f.member(bid.accountable_body, Role.SIGNATORY), f.officer(Role.ADMINISTRATOR)):
        client = sign_in(person)
        assert {path: client.get(path).status_code for path in paths(decision, bid)} == dict.fromkeys(paths(decision, bid), 404)
        assert client.post(f"{decision.get_absolute_url()}withdraw/", {"reason": "Mine."}).status_code == 404


def test_who_reads_and_who_writes(decision, bid, sign_in):
    base = decision.get_absolute_url()
    for role in (Role.AUDITOR, Role.COMMISSIONER, Role.FINANCE_OFFICER):
        client = sign_in(f.officer(role))
        assert client.get(base).status_code == 200
        for path in ("/decisions/new/", f"{base}awards/", f"{base}details/", f"{base}awards/{bid.reference}/"):
            assert client.get(path).status_code == 403, (role, path)


def test_writing_a_decision_for_a_round(round_, bid, officer, sign_in):
    client = sign_in(officer)
    page = client.get(f"/decisions/new/?round={round_.reference}").content.decode()
    assert f'<option value="{round_.pk}" selected>' in page
    assert "Enter title" in client.post("/decisions/new/", {"round": round_.pk, "title": ""}).content.decode()
    answer = client.post("/decisions/new/", {"round": round_.pk, "title": "Grants"})
    assert answer.headers["Location"] == "/decisions/D-2026-001/awards/"


def test_wrong_awards_are_named_at_the_field_and_kept(decision, bid, officer, sign_in):
    client, path = sign_in(officer), f"{decision.get_absolute_url()}awards/"
    name = f"bid{bid.pk}"
    for amount, words in (
        ("12000", "the amount must be more than £0 and less than the £12,000.00 asked for"),
        ("-5", "must be £0 or more"),
        ("9000.005", "must be in pounds and whole pence"),
        ("lots", "must be an amount of money"),
    ):
        sent = {"version": decision.version, f"{name}-outcome": "part", f"{name}-amount": amount, f"{name}-reason": "Because."}
        answer = client.post(path, sent)
        page = answer.content.decode()
        assert answer.status_code == 422, amount
        assert words in page, amount
        assert f'value="{amount}"' in page
        assert f'href="#id_{name}-amount"' in page
    silent = client.post(path, {"version": decision.version, f"{name}-outcome": "decline", f"{name}-reason": " "})
    assert f"{bid.reference}: enter the reason given to the bidder" in silent.content.decode()
    assert Award.objects.get().amount == Decimal("9000.00")


def test_awards_saved_from_the_page(decision, bid, round_, officer, sign_in):
    other = f.BidFactory(assessed=True, round=round_)
    client, path = sign_in(officer), f"{decision.get_absolute_url()}awards/"
    sent = {
        "version": decision.version,
        f"bid{bid.pk}-outcome": "full",
        f"bid{bid.pk}-reason": "Very good.",
        f"bid{other.pk}-outcome": "reserve",
        f"bid{other.pk}-reason": "Good.",
    }
    assert client.post(path, sent).status_code == 302
    assert {(award.bid_id, award.outcome, award.amount) for award in Award.objects.all()} == {
        (bid.pk, "full", Decimal("12000.00")),
        (other.pk, "reserve", Decimal("0.00")),
    }
    stale = client.post(path, sent | {f"bid{bid.pk}-reason": "Kept words"})
    assert stale.status_code == 409
    assert "Kept words" in stale.content.decode()


def test_conditions_and_route_from_the_page(decision, bid, officer, sign_in):
    client, path = sign_in(officer), f"{decision.get_absolute_url()}awards/{bid.reference}/"
    rows = {"conditions-TOTAL_FORMS": "1", "conditions-INITIAL_FORMS": "0"}
    first = {"conditions-0-when": "at_event", "conditions-0-text": "The post is filled"}
    sent = {"version": decision.version, "kind": "contribution", "kind_reason": "", "year_2026": "8000"} | rows | first
    wrong = client.post(path, sent).content.decode()
    for words in ("Enter why this is a contribution and not a grant", "enter the date by which this must be met"):
        assert words in wrong
    grown = client.post(path, sent | {"add_row": "conditions"}).content.decode()
    assert "conditions-1-text" in grown
    assert "The post is filled" in grown
    due = {"conditions-0-due_day": "1", "conditions-0-due_month": "12", "conditions-0-due_year": "2026"}
    split = client.post(path, sent | due | {"kind_reason": "Shared service"})
    assert "The financial years must add up to the award of £9,000.00" in split.content.decode()
    assert client.post(path, sent | due | {"kind_reason": "Shared service", "year_2026": "9000"}).status_code == 302
    award = Award.objects.get()
    assert (award.kind, award.conditions.get().text) == ("contribution", "The post is filled")
    page = client.get(decision.get_absolute_url()).content.decode()
    assert "The post is filled (by a date, 1 December 2026)" in page


def test_the_confirm_page_shows_what_is_decided_and_the_refusal_why_not(decision, bid, officer, commissioner, sign_in):
    recommended(decision, officer)
    f.delegation(chief_executive="5000")
    path = f"{decision.get_absolute_url()}make/"
    page = sign_in(commissioner).get(path).content.decode()
    for words in (bid.reference, "£9,000.00", "£12,000.00", "Training is funded elsewhere.", "Nobody outside the office is told"):
        assert words in page
    refused = sign_in(f.officer(Role.CHIEF_EXECUTIVE)).get(path)
    assert refused.status_code == 409
    assert "lets a chief executive decide awards of up to £5,000" in refused.content.decode()
    posted = sign_in(f.officer(Role.CHIEF_EXECUTIVE)).post(path, {"interests": "None", "version": 5})
    assert posted.status_code in {409, 422}
    assert Bid.objects.get().state == "assessed"


def test_making_needs_the_declaration_and_a_second_click_is_harmless(decision, bid, officer, commissioner, sign_in):
    ready = recommended(decision, officer)
    client, path = sign_in(commissioner), f"{decision.get_absolute_url()}make/"
    bare = client.post(path, {"version": ready.version, "interests": " ", "meeting": "Board, paper 6"})
    assert bare.status_code == 422
    assert "Enter your declaration of interests, or “None”" in bare.content.decode()
    sent = {"version": ready.version, "interests": "None", "meeting": "Board, paper 6"}
    assert client.post(path, sent).status_code == 302
    again = client.post(path, sent, follow=True)
    assert "This was already done." in again.content.decode()
    case = Decision.objects.get()
    assert (case.state, case.meeting, case.interests) == ("made", "Board, paper 6", "None")


def test_passing_the_budget_is_asked_of_the_commissioner_only_when_it_happens(round_, officer, commissioner, sign_in):
    bids = [f.BidFactory(assessed=True, round=round_, amount_requested=Decimal("90000")) for _ in range(2)]
    made_ = services.create_decision(round=round_, title="Two", by=officer)
    services.save_details(decision=made_, values={"reasons": "Less crime."}, by=officer)
    awards = [Given(bid, "full", Decimal("90000"), "Good.") for bid in bids]
    services.save_awards(decision=made_, awards=awards, by=officer)
    ready = recommended(made_, officer)
    client, path = sign_in(commissioner), f"{ready.get_absolute_url()}make/"
    assert "Reason for awarding above the budget" in client.get(path).content.decode()
    assert "−£25,000.00" in client.get(path).content.decode()
    sent = {"version": ready.version, "interests": "None"}
    assert "Enter reason for awarding above the budget" in client.post(path, sent).content.decode()
    assert client.post(path, sent | {"over_budget_reason": "Underspend is expected."}).status_code == 302
    assert Decision.objects.get(pk=ready.pk).over_budget_reason == "Underspend is expected."


def test_telling_publishing_and_the_notice(decision, bid, officer, commissioner, sign_in):
    done = made(decision, officer, commissioner)
    client, base = sign_in(officer), decision.get_absolute_url()
    assert f"Tell the bidders first: {bid.reference}" in client.get(base).content.decode()
    first = client.post(f"{base}tell/", {"version": done.version}, follow=True)
    assert "1 bidder is told." in first.content.decode()
    again = client.post(f"{base}tell/", {"version": done.version}, follow=True)
    assert "Every bidder was already told." in again.content.decode()
    version = Decision.objects.get().version
    assert client.post(f"{base}publish/", {"version": version}).status_code == 302
    notice = client.get(f"{base}notice/").content.decode()
    for words in ("Less crime.", "Award in part", "£9,000.00", "Training is funded elsewhere.", "Version 2"):
        assert words in notice


def test_holding_back_and_lifting(decision, bid, officer, commissioner, sign_in):
    made(decision, officer, commissioner)
    base = f"{decision.get_absolute_url()}awards/{bid.reference}/hold/"
    assert sign_in(officer).post(base, {"part": "place", "ground": "A refuge."}).status_code == 403
    client = sign_in(commissioner)
    assert "Select what is held back" in client.post(base, {"ground": "A refuge."}).content.decode()
    assert client.post(base, {"part": "place", "ground": "A refuge."}).status_code == 302
    hold = PublicationHold.objects.get()
    assert "Held back from publication" in client.get(decision.get_absolute_url()).content.decode()
    assert client.post(f"{base}{hold.pk}/lift/", {}).status_code == 302
    assert "Held back from publication" not in client.get(decision.get_absolute_url()).content.decode()


def test_the_bidder_reads_the_outcome_once_told(decision, bid, officer, commissioner):
    bidder = f.member(bid.applicant)

    def panels(user):
        return [panel.title for panel in panels_for(Bid.objects.get(pk=bid.pk), user) if panel.title == "Decision"]

    def step(user):
        found = next(found for found in lifeline(bid.file, user) if found.name == "Decision")
        return found.state_label, found.status, found.url

    assert (panels(bidder), panels(officer)) == ([], ["Decision"])
    assert (step(bidder)[0], step(officer)[0]) == ("", "Draft")
    done = made(decision, officer, commissioner)
    assert panels(bidder) == []
    assert (step(bidder)[0], step(bidder)[1] == "done") == ("", False)
    services.tell_bidders(decision=done, by=officer)
    assert panels(bidder) == ["Decision"]
    assert step(bidder) == ("", "done", "")
    assert step(officer) == ("Made", "done", decision.get_absolute_url())


def test_the_list_filters_and_exports_the_same_rows(decision, officer, sign_in):
    f.DecisionFactory()
    client = sign_in(officer)
    answer = client.get("/decisions/?q=grants+of+the+year&export=xlsx")
    rows = list(load_workbook(BytesIO(b"".join(answer.streaming_content))).active.iter_rows(values_only=True))
    assert [(row[0], row[4], row[5]) for row in rows[1:]] == [("D-2026-001", 1, 9000)]
    assert "£9,000.00" in client.get("/decisions/").content.decode()


def test_the_list_costs_the_same_at_any_length(officer, sign_in):
    client, counts = sign_in(officer), []
    for wanted in (1, 60):
        while Decision.objects.count() < wanted:
            f.DecisionFactory()
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/decisions/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_a_page_costs_the_same_with_many_awards_and_writes_nothing(decision, round_, officer, commissioner, sign_in):
    before = AuditEntry.objects.count()
    counts = []
    for extra in (0, 12):
        others = [Given(f.BidFactory(assessed=True, round=round_), "decline", reason="No.") for _ in range(extra)]
        if others:
            kept = [Given(award.bid, award.outcome, award.amount, award.reason) for award in decision.awards.all()]
            services.save_awards(decision=decision, awards=kept + others, by=officer)
            perform(decision, "recommend", by=officer)
            before = AuditEntry.objects.count()
        for person in (officer, commissioner):
            client = sign_in(person)
            client.get("/decisions/")
            with CaptureQueriesContext(connection) as queries:
                assert client.get(decision.get_absolute_url()).status_code == 200
            counts.append(len(queries))
            assert not [query for query in queries if query["sql"].split()[0] in {"INSERT", "UPDATE", "DELETE"}]
    assert max(counts) <= 15, counts
    assert AuditEntry.objects.count() == before


def test_a_budget_that_went_elsewhere_meanwhile_is_asked_about_on_the_refused_form(
    decision, bid, round_, officer, commissioner, sign_in, monkeypatch
):
    ready, make = recommended(decision, officer), services.make_decision

    def too_late(**given):
        """Between the form's check and the step somebody else takes the money."""
        monkeypatch.setattr(services, "make_decision", make)
        account = fund_year(round_.fund, 2026)
        post([Posting(account, "budget", Decimal("8000") - account.budget)], cause="cut", key="cut", by=officer)
        return make(**given)

    monkeypatch.setattr(services, "make_decision", too_late)
    client, path = sign_in(commissioner), f"{ready.get_absolute_url()}make/"
    assert 'name="over_budget_reason"' not in client.get(path).text
    sent = {"version": ready.version, "interests": "I know the chair.", "meeting": "Board, paper 6"}
    refused = client.post(path, sent)
    assert refused.status_code == 422
    for words in ("more than the budget", 'name="over_budget_reason"', "I know the chair.", "Board, paper 6"):
        assert words in refused.text, words
    assert client.post(path, sent | {"over_budget_reason": "Underspend is expected."}).status_code == 302
    case = Decision.objects.get()
    assert (case.state, case.over_budget_reason, case.interests) == ("made", "Underspend is expected.", "I know the chair.")


def test_what_is_published_as_written_is_said_only_where_something_is_held_back(decision, bid, officer, commissioner, sign_in):
    words, base = "leave out of them what you withhold", decision.get_absolute_url()
    award = Award.objects.get()
    writing = (f"{base}details/", f"{base}awards/{bid.reference}/", f"{base}recommend/")
    assert words in sign_in(commissioner).get(f"{base}awards/{bid.reference}/hold/").text
    for path in writing:
        assert words not in sign_in(officer).get(path).text, path
    hold = services.hold_publication(award=award, part="place", ground="A refuge.", by=commissioner)
    for path in writing:
        assert words in sign_in(officer).get(path).text, path
    recommended(Decision.objects.get(), officer)
    assert words in sign_in(commissioner).get(f"{base}make/").text
    services.lift_hold(hold=hold, by=commissioner)
    assert words not in sign_in(commissioner).get(f"{base}make/").text
