"""All bids of a round in one table: what each reader finds in it, its filters, totals and saved views."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from casework import clock
from casework.audit.models import AuditEntry
from casework.saved_views import SavedView
from casework.snapshots import take_snapshot
from casework.workflow import unit
from grants.assessment.models import GateResult, ModeratedScore, Moderation
from grants.bids.content import content
from grants.bids.models import Bid
from grants.bids.ranking import Meeting, rank_bids
from partnerships.organisations.roles import Role
from tests import factories as f
from tests.grants.bid_world import World, complete_bid, world
from tests.pages import opened

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def handed_in(place: World, state: str = "assessing", **values: Any) -> Bid:
    """A bid whose text was frozen when it was submitted."""
    given = {"state": state, "submitted_at": clock.now(), "submitted_by": place.signatory}
    return frozen(place, complete_bid(place, **(given | values)))


def frozen(place: World, bid: Bid) -> Bid:
    with unit():
        take_snapshot(bid, content(bid), by=place.signatory)
    return bid


def scored(bid: Bid, *scores: int) -> None:
    kept = Moderation.objects.create(bid=bid, reason="Agreed.", by=f.UserFactory(), at=clock.now())
    for criterion, score in zip(bid.round.criteria.all(), scores, strict=True):
        ModeratedScore.objects.create(moderation=kept, criterion=criterion, score=score)


def gate(bid: Bid, *, passed: bool) -> None:
    for each in bid.round.gates.all():
        reason = "" if passed else "No terms of reference."
        GateResult.objects.create(bid=bid, gate=each, passed=passed, reason=reason, by=f.UserFactory(), at=clock.now())


def shown(page: Any) -> dict[str, list[str]]:
    """The table as a reader sees it, by reference."""
    names = ["requested", "match", "gates", "left", "points", "rank", "state"]
    rows = page.context["table"].paginated_rows
    words = {row.record.bid.reference: [str(row.get_cell(name)) for name in names] for row in rows}
    return {
        key: [word.partition(">")[2].partition("<")[0] if "<" in word else word for word in row] for key, row in words.items()
    }


def test_the_table_says_of_each_bid_what_an_officer_asks(sign_in: Any) -> None:
    place = world()
    first, second = handed_in(place, state="assessed", reference="CDR-2026-001"), handed_in(place, reference="CDR-2026-002")
    sealed = handed_in(place, state="submitted", reference="CDR-2026-003")
    complete_bid(place, reference="CDR-2026-004")
    gate(first, passed=True)
    scored(first, 3, 2)
    gate(second, passed=False)
    f.AssessmentFactory(bid=second)
    f.AssessmentFactory(bid=second, state="scored", declared_at=clock.now(), scored_at=clock.now())
    page = sign_in(place.officer).get("/rounds/CDR-2026/bids/")
    assert shown(page) == {
        "CDR-2026-001": ["£12,000.00", "£2,000.00", "Passed", "Nobody assigned", "8 of 12", "1", "Assessed"],
        "CDR-2026-002": ["£12,000.00", "£2,000.00", "Failed", "1 of 2", "–", "–", "Being assessed"],
        # Not opened yet: its title, its bodies and its amount alone.
        sealed.reference: ["£12,000.00", "–", "Not recorded", "Nobody assigned", "–", "–", "Submitted"],
    }
    words = page.content.decode()
    assert "CDR-2026-004" not in words
    assert "£2,000 of the match is not confirmed yet." in words
    assert page.context["totals"]["totals"] == ["All 3 bids", Decimal("36000.00"), Decimal("4000.00"), Decimal("0.00")]


def test_the_bidders_own_order_is_shown_and_sorts(sign_in: Any) -> None:
    place = world()
    bids = [handed_in(place, reference=f"CDR-2026-00{number}") for number in (1, 2)]
    sealed = handed_in(place, state="submitted", reference="CDR-2026-003")
    returned = handed_in(place, state="returned", reference="CDR-2026-004")
    complete_bid(place, reference="CDR-2026-005", state="withdrawn")
    chair = f.member(place.partnership, Role.CHAIR)
    for order in ([*bids, sealed, returned], [bids[1], bids[0], sealed, returned]):
        meeting = Meeting(clock.today(), "Minute 14")
        keys = [bid.pk for bid in order]
        rank_bids(round=place.round, organisation=place.partnership, order=keys, meeting=meeting, by=chair, reason="Agreed again")
    client = sign_in(place.officer)

    def places(query: str) -> list[tuple[str, str]]:
        table = client.get(f"/rounds/CDR-2026/bids/?{query}").context["table"]
        return [(row.record.bid.reference[-3:], str(row.get_cell("place"))) for row in table.paginated_rows]

    assert places("sort=place")[-2:] == [("002", "1 of 4"), ("001", "2 of 4")]
    assert places("sort=-place")[:2] == [("001", "2 of 4"), ("002", "1 of 4")]
    assert dict(places("")) == {"001": "2 of 4", "002": "1 of 4", "003": "–", "004": "–", "005": "–"}


def test_an_interest_hides_the_assessment_and_answers_no_filter(sign_in: Any) -> None:
    place = world()
    theirs, other = handed_in(place, state="assessed"), handed_in(place, state="assessed", applicant=f.OrganisationFactory())
    for bid in (theirs, other):
        gate(bid, passed=True)
    scored(theirs, 4, 4)
    scored(other, 1, 1)
    f.MembershipFactory(organisation=place.partnership, role=Role.VIEWER, person=place.officer)
    client = sign_in(place.officer)
    found = shown(client.get("/rounds/CDR-2026/bids/"))
    assert found[theirs.reference][2:6] == ["Not shown to you", "Not shown to you", "–", "–"]
    assert found[other.reference][2:6] == ["Passed", "Nobody assigned", "3 of 12", "1"]
    assert list(shown(client.get("/rounds/CDR-2026/bids/?gates=passed"))) == [other.reference]
    assert list(shown(client.get("/rounds/CDR-2026/bids/?assessors=none"))) == [other.reference]


def test_filters_leave_rank_and_add_up_what_is_shown(sign_in: Any) -> None:
    place = world()
    best, worst = handed_in(place, state="assessed", title="Best"), handed_in(place, state="assessed", title="Worst")
    scored(best, 4, 4)
    scored(worst, 0, 1)
    client = sign_in(place.officer)
    page = client.get("/rounds/CDR-2026/bids/?q=worst")
    assert shown(page)[worst.reference][5] == "2"
    assert page.context["totals"]["totals"][0] == "1 bid"
    order = list(shown(client.get("/rounds/CDR-2026/bids/?sort=-points")))
    assert order == [best.reference, worst.reference]
    empty = client.get("/rounds/CDR-2026/bids/?q=nothing")
    assert "No bids match" in empty.content.decode()


def test_eight_queries_however_many_bids(sign_in: Any) -> None:
    place = world()
    handed_in(place)
    client = sign_in(place.officer)
    opened(client, "/rounds/CDR-2026/bids/", queries=8)
    for number in range(59):
        given = {"applicant": place.partnership, "accountable_body": place.council, "prepared_by": place.coordinator}
        bid = f.BidFactory(assessing=True, round=place.round, submitted_by=place.signatory, parts=False, **given)
        scored(bid, number % 5, 1)
    assert "CDR-2026" in opened(client, "/rounds/CDR-2026/bids/?sort=-points&gates=open", queries=8)


def test_a_view_is_named_shared_and_deleted(sign_in: Any) -> None:
    place = world()
    officer, colleague = sign_in(place.officer), sign_in(f.officer(Role.AUDITOR))
    base = "/rounds/CDR-2026/bids/"
    page = officer.get(f"{base}?gates=failed&page=1&q=").content.decode()
    assert f'href="{base}views/new/?gates=failed"' in page
    assert officer.post(f"{base}views/new/?gates=failed", {"name": ""}).status_code == 422
    done = officer.post(f"{base}views/new/?gates=failed", {"name": "Failed gates"})
    assert (done.status_code, done["Location"]) == (302, f"{base}?gates=failed")
    assert "Failed gates" in officer.get(base).content.decode()
    assert "Failed gates" not in colleague.get(base).content.decode()
    again = officer.post(f"{base}views/new/?state=assessed", {"name": "Failed gates"})
    assert "You already have a view with this name" in again.content.decode()
    officer.post(f"{base}views/new/?state=assessed", {"name": "To decide", "shared": "on"})
    assert "To decide" in colleague.get(base).content.decode()
    assert officer.get(f"{base}views/new/").status_code == 409
    shared = SavedView.objects.get(name="To decide")
    assert colleague.post(f"{base}views/{shared.pk}/delete/").status_code == 404
    assert "Everybody in the office loses this view." in officer.get(f"{base}views/{shared.pk}/delete/").content.decode()
    officer.post(f"{base}views/{shared.pk}/delete/")
    assert [view.name for view in SavedView.objects.all()] == ["Failed gates"]
    acts = AuditEntry.objects.filter(verb__endswith="a view of a list").values_list("verb", flat=True)
    assert sorted(acts) == ["deleted a view of a list", "saved a view of a list", "saved a view of a list"]


def test_the_way_there_is_on_the_rounds_page_for_those_who_have_it(sign_in: Any) -> None:
    place = world()
    assert "/rounds/CDR-2026/bids/" in sign_in(place.officer).get("/rounds/CDR-2026/").content.decode()
    for person in (place.coordinator, f.officer(Role.ASSESSOR)):
        client = sign_in(person)
        assert "/rounds/CDR-2026/bids/" not in client.get("/rounds/CDR-2026/").content.decode()
        assert client.get("/rounds/CDR-2026/bids/").status_code == 404
