"""After a part award the partner fits the project to it; the office agrees; the agreement is made from what was agreed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from casework.outbox import Message
from casework.snapshots import snapshots_of
from casework.workflow import NotPermitted, Refused, Stale, perform
from grants.agreements.making import make_agreement, make_offers, still_draft, withdraw_all
from grants.agreements.services import save_details, save_lines, save_milestones, save_targets
from grants.agreements.work import waiting
from grants.decisions.services import tell_bidders
from grants.models import Agreement, Award, Offer
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants import granted as g

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def amounts_of(case):
    return [str(line.amount) for line in case.lines.all()]


def place(grant, first: str, second: str, **kwargs):
    """Give the two lines these amounts, as the coordinator."""
    keys = [line.pk for line in grant.offer.lines.all()]
    amounts = dict(zip(keys, [Decimal(first), Decimal(second)], strict=True))
    save_lines(offer=grant.offer, amounts=amounts, by=kwargs.pop("by", grant.coordinator), **kwargs)


def test_a_part_award_is_shared_among_the_lines_in_proportion():
    grant = g.offered()
    assert amounts_of(grant.offer) == ["6750.00", "2250.00"]
    assert grant.offer.reference == f"{grant.bid.reference}-O"
    assert [line.line_key for line in grant.offer.lines.all()] == [line.line_key for line in grant.bid.lines.all()]
    assert [row.measure_key for row in grant.offer.measures.all()] == [row.measure_key for row in grant.bid.measures.all()]
    assert [row.milestone_key for row in grant.offer.milestones.all()] == [
        row.milestone_key for row in grant.bid.milestones.all()
    ]


def test_an_award_that_does_not_divide_is_shared_to_the_penny():
    assert amounts_of(g.offered(amount="1000.01").offer) == ["750.01", "250.00"]


def test_only_funded_grants_get_an_offer():
    grant = g.awarded()
    decision = grant.award.decision
    others = [f.BidFactory(submitted=True, round=grant.bid.round) for _ in range(3)]
    Award.objects.create(decision=decision, bid=others[0], outcome="decline", reason="No.")
    Award.objects.create(decision=decision, bid=others[1], outcome="reserve", reason="Later.")
    kind = {"kind": "contribution", "kind_reason": "A wider contract"}
    Award.objects.create(decision=decision, bid=others[2], outcome="full", amount=100, reason="Yes.", **kind)
    assert [offer.award for offer in make_offers(decision=decision, by=decision.decided_by)] == [grant.award]
    assert make_offers(decision=decision, by=decision.decided_by) == []


def test_lines_may_be_saved_before_they_add_up_but_not_sent():
    grant = g.offered()
    place(grant, "6000", "2000")
    assert amounts_of(grant.offer) == ["6000.00", "2000.00"]
    with pytest.raises(Refused, match="must add up to the award"):
        perform(grant.offer, "propose", by=grant.coordinator)
    place(grant, "6000", "3000")
    assert perform(grant.offer, "propose", by=grant.coordinator).case.state == "proposed"


def test_agreeing_makes_the_draft_agreement_from_what_was_proposed():
    grant = g.offered(conditions=("Send the safeguarding policy",))
    place(grant, "5000", "4000")
    measure = grant.offer.measures.first()
    save_targets(offer=grant.offer, targets={measure.pk: {"target": Decimal("60")}}, by=grant.coordinator)
    rows = [{"title": "Begin", "due": dt.date(2026, 11, 1)}]
    save_milestones(offer=grant.offer, rows=rows, by=grant.coordinator)
    details = {"starts": dt.date(2026, 10, 15), "ends": dt.date(2027, 2, 28), "comment": "Fewer sessions."}
    save_details(offer=grant.offer, by=grant.coordinator, **details)
    perform(grant.offer, "propose", by=grant.coordinator)
    perform(grant.offer, "agree", by=grant.officer)
    agreement = grant.agreement
    assert (agreement.reference, agreement.state, agreement.amount) == (f"{grant.bid.reference}-A", "draft", Decimal("9000.00"))
    assert (agreement.starts, agreement.ends) == (dt.date(2026, 10, 15), dt.date(2027, 2, 28))
    assert amounts_of(agreement) == ["5000.00", "4000.00"]
    assert [line.line_key for line in agreement.lines.all()] == [line.line_key for line in grant.bid.lines.all()]
    assert agreement.measures.first().target == 60
    assert [row.title for row in agreement.milestones.all()] == ["Begin"]
    assert [(o.text, o.kind, o.before_payment) for o in agreement.obligations.all()] == [
        ("Send the safeguarding policy", "condition", True)
    ]
    assert [snapshot.number for snapshot in snapshots_of(grant.offer)] == [1, 2]


def test_a_query_comes_back_and_a_second_agreement_is_the_same_one_brought_up_to_date():
    grant = g.agreed()
    perform(grant.offer, "reopen", by=grant.officer, reason="The second line is too small.")
    place(grant, "4000", "5000")
    perform(grant.offer, "propose", by=grant.coordinator)
    with pytest.raises(Refused, match="Enter a reason"):
        perform(grant.offer, "query", by=grant.officer)
    perform(grant.offer, "query", by=grant.officer, reason="Say what the sessions cost.")
    told = Message.objects.filter(name="offer_queried", to=grant.coordinator)
    assert "Say what the sessions cost." in told.last().body
    perform(grant.offer, "propose", by=grant.coordinator)
    first = grant.agreement.pk
    perform(grant.offer, "agree", by=grant.officer)
    assert grant.agreement.pk == first
    assert amounts_of(grant.agreement) == ["4000.00", "5000.00"]
    assert [str(one.amount) for one in grant.agreement.instalments.all()] == ["4500.00", "4500.00"]


def test_an_offer_cannot_be_reopened_after_its_agreement_is_issued():
    grant = g.issued()
    with pytest.raises(Refused, match="take it back to draft first"):
        perform(grant.offer, "reopen", by=grant.officer, reason="A change.")


def test_only_the_coordinator_changes_it_and_only_before_it_is_sent():
    grant = g.offered()
    with pytest.raises(NotPermitted):
        place(grant, "1", "2", by=grant.officer)
    stale = grant.offer.version
    place(grant, "6000", "3000")
    with pytest.raises(Stale):
        place(grant, "6000", "3000", version=stale)
    perform(grant.offer, "propose", by=grant.coordinator)
    with pytest.raises(NotPermitted):
        place(grant, "9000", "0")


def test_withdrawing_the_decision_keeps_the_words_and_the_next_offer_has_another_reference():
    grant = g.agreed()
    decision, by = grant.award.decision, grant.award.decision.decided_by
    withdraw_all(decision=decision, by=by, reason="Found unlawful.")
    assert (grant.offer.state, grant.agreement.state) == ("withdrawn", "withdrawn")
    assert grant.agreement.instalments.count() == 0
    again = Award.objects.create(
        decision=f.DecisionFactory(made=True, round=grant.bid.round), bid=grant.bid, outcome="part", amount=8000, reason="Again."
    )
    (offer,) = make_offers(decision=again.decision, by=by)
    assert offer.reference == f"{grant.bid.reference}-O2"
    assert [str(line.amount) for line in offer.lines.all()] == ["6000.00", "2000.00"]


def test_a_decision_whose_agreement_was_issued_is_not_withdrawn():
    grant = g.issued()
    with pytest.raises(Refused, match="has been issued"):
        perform(grant.award.decision, "withdraw", by=grant.officer, reason="Unlawful.")


class TestPages:
    def test_the_bidder_sees_nothing_before_being_told(self, sign_in):
        grant = g.offered()
        Award.objects.update(told_at=None)
        assert sign_in(grant.coordinator).get(f"/offers/{grant.offer.reference}/").status_code == 404
        assert sign_in(grant.officer).get(f"/offers/{grant.offer.reference}/").status_code == 200

    @pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SIGNATORY, Role.VIEWER])
    def test_people_of_another_partnership_find_nothing(self, sign_in, role):
        grant = g.offered()
        stranger = f.member(f.OrganisationFactory(), role)
        for page in ("", "lines/", "targets/", "milestones/", "details/", "propose/"):
            assert sign_in(stranger).get(f"/offers/{grant.offer.reference}/{page}").status_code == 404

    def test_the_page_says_how_far_the_lines_are_from_the_award(self, sign_in):
        grant = g.offered()
        client, url = sign_in(grant.coordinator), f"/offers/{grant.offer.reference}/"
        keys = [f"line_{line.pk}" for line in grant.offer.lines.all()]
        response = client.post(f"{url}lines/", {keys[0]: "6,000", keys[1]: "2000", "version": grant.offer.version}, follow=True)
        assert "£1,000.00 still to be placed" in response.text
        assert "Not yet: Send to the office" in response.text

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ("-5", "must be £0 or more"),
            ("1.005", "must be in pounds and whole pence"),
            ("99999999999", "must be £999,999,999.99 or less"),
            ("lots", "must be an amount of money"),
            ("", "Enter an amount for Sessions, 0 if there is none"),
            ("1\x00000", ""),
        ],
    )
    def test_bad_amounts_get_a_sentence_and_keep_what_was_typed(self, sign_in, typed, sentence):
        grant = g.offered()
        keys = [f"line_{line.pk}" for line in grant.offer.lines.all()]
        data = {keys[0]: "6000", keys[1]: typed, "version": grant.offer.version}
        response = sign_in(grant.coordinator).post(f"/offers/{grant.offer.reference}/lines/", data)
        assert response.status_code == (422 if sentence else 302)
        if sentence:
            assert sentence in response.text
            assert f'value="{typed}"' in response.text or not typed
            assert f'href="#id_{keys[1]}"' in response.text
            assert amounts_of(grant.offer) == ["6750.00", "2250.00"]

    def test_targets_milestones_and_dates_are_changed_on_their_pages(self, sign_in):
        grant = g.offered()
        client, url = sign_in(grant.coordinator), f"/offers/{grant.offer.reference}/"
        one, rate = grant.offer.measures.all()
        data = {f"target_{one.pk}": "55", f"target_{rate.pk}": "40", f"target_of_{rate.pk}": "0", "version": grant.offer.version}
        response = client.post(f"{url}targets/", data)
        assert response.status_code == 422
        assert "must be more than 0" in response.text
        data[f"target_of_{rate.pk}"] = "50"
        assert client.post(f"{url}targets/", data).status_code == 302
        assert [(str(row.target), str(row.target_of)) for row in grant.offer.measures.all()] == [
            ("55.00", "None"),
            ("40.00", "50.00"),
        ]
        dates = {"starts_day": "31", "starts_month": "2", "starts_year": "2026", "ends_day": "31", "ends_month": "3"}
        response = client.post(f"{url}details/", {**dates, "ends_year": "2027", "version": grant.offer.version})
        assert response.status_code == 422
        assert "must be a real date" in response.text
        milestone = grant.offer.milestones.get()
        rows = {"milestones-TOTAL_FORMS": "2", "milestones-INITIAL_FORMS": "1", "version": grant.offer.version}
        for index, (key, title, day) in enumerate([(milestone.pk, "Begin", "1"), ("", "Finish", "2")]):
            rows |= {f"milestones-{index}-milestone": key, f"milestones-{index}-title": title}
            rows |= {f"milestones-{index}-due_day": day, f"milestones-{index}-due_month": "2"}
            rows |= {f"milestones-{index}-due_year": "2027"}
        assert client.post(f"{url}milestones/", rows).status_code == 302
        assert [(row.title, row.due.day) for row in grant.offer.milestones.all()] == [("Begin", 1), ("Finish", 2)]
        assert grant.offer.milestones.get(title="Begin").milestone_key == milestone.milestone_key

    def test_a_second_click_changes_nothing_more(self, sign_in):
        grant = g.offered()
        client, data = sign_in(grant.coordinator), {"version": grant.offer.version}
        url = f"/offers/{grant.offer.reference}/propose/"
        assert client.post(url, data).status_code == 302
        response = client.post(url, data, follow=True)
        assert "This was already done." in response.text
        assert snapshots_of(grant.offer).count() == 1

    @pytest.mark.parametrize("who", ["coordinator", "officer"])
    def test_the_page_costs_fifteen_queries_at_most(self, sign_in, who):
        grant = g.agreed()
        client, url = sign_in(getattr(grant, who)), f"/offers/{grant.offer.reference}/"
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        assert len(queries) <= 15
        assert not [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_what_waits_for_whom():
    grant = g.offered()
    assert [item.reference for item in waiting(grant.coordinator)] == [grant.offer.reference]
    assert list(waiting(grant.officer)) == []
    perform(grant.offer, "propose", by=grant.coordinator)
    assert list(waiting(grant.coordinator)) == []
    assert [item.reference for item in waiting(grant.officer)] == [grant.offer.reference]
    assert Offer.objects.count() == 1
    assert not Agreement.objects.exists()


def test_the_coordinator_hears_of_the_offer_once_the_bidder_is_told():
    grant = g.offered()
    Award.objects.update(told_at=None)
    assert not Message.objects.filter(name="offer_ready").exists()
    tell_bidders(decision=grant.award.decision, by=grant.officer)
    message = Message.objects.get(name="offer_ready")
    assert message.to == grant.coordinator
    assert f"/offers/{grant.offer.reference}/" in message.body


class TestIssuedMeanwhile:
    """What the requirement read a moment before is looked at again under the agreement's lock."""

    def test_a_decision_is_not_withdrawn(self):
        grant = g.issued()
        with pytest.raises(Refused, match="has been issued: take it back to draft first"):
            withdraw_all(decision=grant.award.decision, by=grant.officer, reason="Late.")
        with pytest.raises(Refused, match="has been issued: take it back to draft first"):
            still_draft(grant.offer)
        with pytest.raises(Refused, match="has been issued: take it back to draft first"):
            make_agreement(offer=grant.offer, by=grant.officer)
